"""The app: pulls views at a steady rate, keeps the kill switch in reach, and outlives a dead engine."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Protocol

from textual.actions import ActionParseResult
from textual.dom import DOMNode
from textual.screen import Screen

from engine.types import KILL_LEVELS, KillLevel
from engine.view import Port, View
from zdte_tui.exits import CONFIG, CommandError
from zdte_tui.screen.actions import bindings, perform
from zdte_tui.screen.actions.keymap import DEFAULT, Keymap, KeymapError, load_keymap
from zdte_tui.screen.backlog import behind
from zdte_tui.screen.desk import Desk
from zdte_tui.screen.dialogs import Confirm, Kill
from zdte_tui.screen.dressed import DressedApp
from zdte_tui.screen.history import History, history_file
from zdte_tui.screen.layout.memory import Memory, memory_file
from zdte_tui.screen.manners import Manners
from zdte_tui.screen.panes import why
from zdte_tui.screen.remembering import remember
from zdte_tui.screen.seat import Told
from zdte_tui.screen.skins import themes
from zdte_tui.screen.skins.mode import account_mode
from zdte_tui.screen.skins.spelling import ascii_because
from zdte_tui.screen.workstation import Workstation

CONFIRM_SECONDS = 5.0
EAGER_HZ = 50.0
"""How often the screen looks for a view until the first chain is shown, for at most ``EAGER_SECONDS`` of views."""
EAGER_SECONDS = 3.0

QUESTIONS: dict[KillLevel, str] = {
    "pause": "PAUSE: no new entries?",
    "cancel": "CANCEL every working entry, and no new ones?",
    "flatten": "FLATTEN: close every open trade now?",
    "lock": "LOCK: close every open trade now, and lock the day?",
}
NO_WAY_BACK = "no key lifts a lock, it stands until the exchange's date changes"


class Opening(Protocol):
    """A session that is opened behind the screen.

    Attributes:
        stage: what is being done, in words; empty once the session runs.
        theme, refresh_hz, manners: of the configuration; empty and None until it is read.
        failed: there will be no session, and the screen is to end.
    """

    @property
    def stage(self) -> str:
        """What is being done."""
        ...

    @property
    def theme(self) -> str:
        """Of the configuration."""
        ...

    @property
    def refresh_hz(self) -> float | None:
        """Of the configuration."""
        ...

    @property
    def manners(self) -> Manners | None:
        """Of the configuration."""
        ...

    @property
    def failed(self) -> bool:
        """Whether there will be no session."""
        ...

    def begin(self) -> None:
        """The screen is painted."""
        ...


class WorkstationApp(DressedApp, inherit_bindings=False):
    """The workstation over a Port.

    Args:
        refresh_hz: how often the screen looks for a newer view.
        theme: any of ``known_themes``; ``ValueError`` names them for another.
        log_path: where the log of the program lies, named when the engine dies.
        confirm_seconds: how long ``y`` confirms.
        opening: what is begun after the first paint, and comes with its own theme and rate; None where the session
            runs already.
        keymap: the keys in force.

    Attributes:
        attached: whether the session is in another process, which goes on when this screen is left.
        detached: whether the screen was left for the session to go on without one.
    """

    CSS_PATH = "workstation.tcss"
    TITLE = "zdte-tui"
    BINDINGS = bindings("app")
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    AUTO_FOCUS = ""

    def __init__(
        self,
        port: Port,
        refresh_hz: float = 5,
        theme: str = "textual-dark",
        log_path: str = "",
        confirm_seconds: float = CONFIRM_SECONDS,
        opening: Opening | None = None,
        keymap: Keymap = DEFAULT,
    ) -> None:
        super().__init__()
        if theme not in self.available_themes:
            raise ValueError(f"unknown theme {theme!r} in ui.theme; known: {', '.join(sorted(self.available_themes))}")
        self.theme = theme
        self.port, self.refresh_hz, self.log_path, self.confirm_seconds = port, refresh_hz, log_path, confirm_seconds
        self.keymap = keymap
        self.set_keymap(keymap.for_textual)
        self.desk = Desk(port)
        self.workstation = Workstation(self.desk)
        self._seen: tuple[object, ...] | None = None
        self._opening = opening
        self._eager_until = math.inf
        self._told = Told()
        self._running_on: asyncio.AbstractEventLoop | None = None
        self.attached = False
        self.detached = False

    def get_default_screen(self) -> Screen[None]:
        """Textual: the main screen."""
        return self.workstation

    def on_mount(self) -> None:
        """Textual: start pulling; leave in order on SIGTERM."""
        self._running_on = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            # Not the loop's own way of hearing signals: it takes the wake-up pipe, which the terminal's watch has.
            signal.signal(signal.SIGTERM, lambda *_: self.end_soon())
        if self._opening is None:
            self.call_after_refresh(self.pull)
            self.set_interval(1 / self.refresh_hz, self.pull)
            return
        self.workstation.bars.stage = self._opening.stage  # it is not composed yet
        self.call_after_refresh(self._opening.begin)
        self._eager = self.set_interval(1 / EAGER_HZ, self._open)

    def _open(self) -> None:
        """While the session is being opened, and until its first chain is shown."""
        opening, now = self._opening, monotonic()
        assert opening is not None
        if opening.failed:
            self.exit()
            return
        if opening.theme:
            self.dress(opening.theme)
        if opening.manners is not None:
            self.behave(opening.manners)
        self.workstation.bars.tell_stage(opening.stage)
        self.pull()
        view = self.desk.view
        if view is None:
            return
        self._eager_until = min(self._eager_until, now + EAGER_SECONDS)
        if not why.chain(view) or view.error or now >= self._eager_until:
            self._eager.stop()
            self.set_interval(1 / (opening.refresh_hz or self.refresh_hz), self.pull)

    def pull(self) -> None:
        """Show the newest view, unless it is shown already or the terminal is behind."""
        if not (self.is_running and self.workstation.is_mounted):
            return  # a busy machine: a tick of the rate comes before the screen has its widgets, or when they go
        if behind(self):
            self.workstation.still.skipped()
            return
        try:
            view = self.port.view()
        except Exception as error:  # whatever broke, the screen stays and says so
            self.workstation.show_error(self._died(f"cannot read the engine: {error}"), dead=True)
            return
        if view is None:
            return
        self.workstation.bars.tell_still()
        seen = _identity(view)
        if seen != self._seen:
            self._seen = seen
            self.workstation.show(view)
            self.workstation.show_error(self._died(view.error) if view.error else view.alarm, bool(view.error))
            if news := self._told.news(view.seat):
                self.workstation.say(news)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Textual: run what a key is bound to; the workstation takes note of it for its tour."""
        ran = await super().run_action(action, default_namespace, namespaces)
        if ran and isinstance(action, str):
            self.workstation.noticed(_name(action))
        return ran

    def action_act(self, id: str) -> None:  # noqa: A002 - the field's name
        """An action with a function of its own."""
        perform(id, self)

    def detach(self) -> None:
        """Leave the screen for the session to go on without one."""
        self.detached = True
        self.exit()

    def end_soon(self) -> bool:
        """Leave the screen; from any thread. False where it has not begun."""
        if self._running_on is None or self._running_on.is_closed():
            return False
        self._running_on.call_soon_threadsafe(self.exit)
        return True

    def _died(self, text: str) -> str:
        if self.attached and self.desk.view is not None and not self.desk.view.error:
            return f"NOT CONNECTED: {text.rstrip('.')}. Nothing below is live, and no key trades."
        where = f" The log is {self.log_path}." if self.log_path else ""
        return f"ENGINE STOPPED: {text.rstrip('.')}.{where} Nothing below is live, and no key trades."

    def action_flatten(self) -> None:
        """Close everything, after y; its question takes the place of any other."""
        self.cancelled_question()
        self._kill("flatten", self._estimate())

    def action_kill(self, level: KillLevel | None = None) -> None:
        """The kill switch: a level chosen, then confirmed by y; a level that was typed is only confirmed. It takes the
        place of any question."""
        self.cancelled_question()
        if isinstance(self.screen, Kill):
            self.screen.dismiss(None)
            return
        estimate = self._estimate()
        if level is not None:
            self._kill(level, estimate)
            return
        view = self.desk.view
        standing = "unknown" if view is None else f"{view.header.state} {view.header.state_text}".strip()
        if self._whose:
            standing += f", {self._whose}"

        def choose(chosen: KillLevel | None) -> None:
            if chosen is not None:
                self._kill(chosen, estimate)

        self.push_screen(Kill(estimate, standing), choose)

    def _kill(self, level: KillLevel, estimate: str) -> None:
        """Ask for y."""
        detail = estimate if level in ("flatten", "lock") else KILL_LEVELS[level]
        more = f"; {NO_WAY_BACK}" if level == "lock" else ""

        def act() -> str:
            if self.workstation.dead:
                raise RuntimeError("the engine has stopped. Act at the broker")
            return self.desk.kill(level)

        whose = f"{self._whose}: " if self._whose else ""
        self.workstation.order(level, QUESTIONS[level], whose + detail + more, act)

    @property
    def _whose(self) -> str:
        """``LIVE *6789``; empty where nobody's account is traded."""
        view = self.desk.view
        return "" if view is None else account_mode(view.header.banner)

    def _estimate(self) -> str:
        try:
            return self.port.flatten_estimate().text
        except Exception as error:  # the kill switch does not depend on its estimate
            return f"What it costs is unknown: {error}"

    def action_leave(self) -> None:
        """Quit; with trades open, after y."""
        if self.cancelled_question():
            return
        view = self.desk.view
        trades = view.positions.open_trades if view is not None and not view.error and not self.attached else 0
        if trades == 0:
            self.exit()
            return
        many = "1 trade" if trades == 1 else f"{trades} trades"
        words = (
            "Stops held by the engine (e) end with this program; the trades stay open, and the next start goes on here."
            " With :detach the session goes on without a screen."
        )
        if view is not None and view.progress.practice is not None:
            words = (
                "A practice session that is left is over, its trades with it. `zdte-tui compare` shows what it came to."
            )
        self.workstation.ask("quit", f"Quit with {many} open?", words, self._leave)

    def _leave(self) -> str:
        self.exit()
        return "leaving"

    def cancelled_question(self) -> bool:
        """While a question is open, every key but y cancels it, those too that work anywhere; F and K then ask."""
        if isinstance(self.screen, Confirm):
            self.screen.close("cancelled")
            return True
        return False


def _name(call: str) -> str:
    """The action that a call is of: ``screen.flatten``, ``act('ticket')``."""
    name, _, parameter = call.partition("(")
    name = name.rpartition(".")[2]
    return parameter.strip("')") if name == "act" else name


def _identity(view: View) -> tuple[object, ...]:
    """What tells two views apart: looking elsewhere changes no version, nor do alarms, other viewers and what is worked
    out beside the session."""
    problems = (view.alarm, view.error)
    return view.version, view.asked, view.progress, view.header, view.alerts, problems, view.seat, view.comparison


def known_themes() -> list[str]:
    """Names that ``[ui] theme`` may have."""
    return themes.names()


def run_workstation(
    port: Port,
    theme: str,
    log_path: str,
    opening: Opening,
    made: Callable[[WorkstationApp], None] = lambda _: None,
) -> int:
    """Open the screen, then the session; run until the user leaves or there is no session to be had.

    0, or Textual's code where the screen itself failed. A ``theme`` that is not known is not used: what is
    wrong with it is told by whoever reads the configuration. ``made`` is given the app before it runs. Raises
    ``CommandError`` for a keymap that cannot be used.
    """
    try:
        keymap = load_keymap()
    except KeymapError as error:
        raise CommandError(str(error), CONFIG) from error
    app = WorkstationApp(port, log_path=log_path, opening=opening, keymap=keymap)
    app.workstation.history = History(history_file())
    if theme in app.available_themes:
        app.dress(themes.fitting(theme, os.environ))
    app.behave(Manners(ascii=bool(ascii_because("auto", os.environ, sys.stdout.encoding))))
    remember(app, Memory(memory_file()))
    made(app)
    app.run()
    return app.return_code or 0
