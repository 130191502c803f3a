"""A session on the screen: the workstation on this thread, the session opened and run on threads of its own."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING

from zdte_tui.custody import Custody, under_custody
from zdte_tui.exits import BUG, CANNOT_CREATE, CONFIG, OK, RISK_HALT, USAGE, CommandError
from zdte_tui.opening import Opening
from zdte_tui.terminal import TerminalWatch, forget_streams, heard_in_the_pipe, let_go

if TYPE_CHECKING:
    from engine.config import Config
    from engine.session.compose import Composed
    from zdte_tui.screen.app import WorkstationApp

LOCAL_FPS, REMOTE_FPS = "120", "15"
"""Looks a second at whether there is something to paint. What a key did waits for the next one; where nothing changed,
nothing is painted, however often it is looked."""
SWITCH_SECONDS = 0.001
"""For as long at most the screen's thread keeps the interpreter from the engine's. Python's own 5 ms add up: an event
that is taken up waits after each write to the journal and each call that lets the other thread in."""
HUNG_UP = 128 + signal.SIGHUP
AGAIN_SECONDS = 0.1
STUCK_SECONDS = 10.0
"""For as long a screen whose terminal is gone may take to end; then the session goes on beside it."""

log = logging.getLogger(__name__)


def play_on_screen(args: argparse.Namespace, read: Callable[[], Config], compose: Callable[[Config], Composed]) -> int:
    """Open a session behind the screen and show it until the person leaves.

    Nothing heavy is imported before the first paint. What is wrong with the configuration, the day or the journal ends
    the screen again and is told as without one. Where the terminal is lost, or left with ``:detach``, an open session
    goes on without it.

    Args:
        args: as parsed; of them only the hint at a theme is used here.
        read: reads and validates the configuration. compose: makes the session.
    """
    require_terminal(read)
    custody = under_custody()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.disable()  # until the session is open: nothing of what is imported by then is ever garbage
    from zdte_tui.theme import likely_profile, likely_theme

    prepare_frames(likely_profile(args))
    from zdte_tui.logs import log_file
    from zdte_tui.screen.app import run_workstation

    opening = Opening(lambda: with_known_theme(read()), compose)
    ending = _Ending(opening, custody)
    ending.watch.start()
    code = BUG  # until the screen says otherwise
    try:
        code = run_workstation(opening, likely_theme(args), str(log_file()), opening, ending.shown)
    except OSError:
        if not ending.terminal_is_gone:
            raise
    finally:
        ending.screen_has_ended()
        goes_on = ending.goes_on
        if not goes_on:
            outcome = opening.end()
    if goes_on:
        return ending.go_on()
    if ending.watch.why:
        ending.leave_at_once(HUNG_UP)
    if opening.error is not None:
        raise opening.error
    return _told(opening, code, outcome)


def require_terminal(read: Callable[[], object]) -> None:
    """Raises ``CommandError`` where there is none; goes by the size of the one there is."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        read()  # what is wrong with the configuration is the better news
        raise CommandError("the workstation needs a terminal; without one, run it with --no-ui", USAGE)
    if os.environ.get("TERM") == "dumb":
        raise CommandError(
            "TERM=dumb names a terminal that cannot show the workstation: export TERM=xterm-256color if it can, "
            "or run it with --no-ui",
            USAGE,
        )
    _believe_the_window()


def _believe_the_window() -> None:
    """A terminal that knows its size is believed, not a COLUMNS and LINES that some shell exported and never renews."""
    with suppress(OSError):
        if not all(os.get_terminal_size(sys.stdout.fileno())):
            return
        for name in ("COLUMNS", "LINES"):
            os.environ.pop(name, None)


def prepare_frames(profile: str) -> None:
    """How often is painted at most, by the profile; Textual reads that when it is imported."""
    from zdte_tui.screen.manners import is_remote

    os.environ.setdefault("TEXTUAL_FPS", REMOTE_FPS if is_remote(profile, os.environ) else LOCAL_FPS)


class _Ending:
    """How the screen of a session ends: left by a person, left for the session to go on, or lost with its terminal."""

    def __init__(self, opening: Opening, custody: Custody) -> None:
        self._opening = opening
        self._custody = custody
        self._app: WorkstationApp | None = None
        self._screen_over = threading.Event()
        self._going_on = threading.Lock()
        self.watch = TerminalWatch(self._lost, self._stop, lambda: custody.orphaned)

    def shown(self, app: WorkstationApp) -> None:
        """The screen is about to run."""
        self._app = app

    def screen_has_ended(self) -> None:
        """Nobody draws any more."""
        self._screen_over.set()

    @property
    def terminal_is_gone(self) -> bool:
        """Whether the screen failed because there is no terminal any more; what is noticed late is waited for."""
        return bool(self.watch.why) or self.watch.gone()

    @property
    def goes_on(self) -> bool:
        """Whether there is a session that is to go on without the screen."""
        detached = self._app is not None and self._app.detached
        return self._opening.composed is not None and (detached or self.terminal_is_gone)

    def _lost(self, _why: str) -> None:
        """The terminal is gone, which its watch tells: nothing may wait for it any more, and the screen ends."""
        let_go(self.watch.terminals)
        from zdte_tui.screen.letting_go import end

        until = time.monotonic() + STUCK_SECONDS
        while not self._screen_over.is_set():
            if self._app is not None:
                end(self._app)
            self._screen_over.wait(AGAIN_SECONDS)
            if time.monotonic() > until:
                from zdte_tui.logs import stacks

                log.error("the screen of the lost terminal does not end\n%s", stacks())
                threading.Thread(target=self.go_on, name="beside the screen").start()
                return

    def _stop(self) -> None:
        """A session that goes on without a screen is ended from outside."""
        composed = self._opening.composed
        if composed is not None:
            composed.runner.stop()

    def go_on(self) -> int:
        """Play the session to its end without the terminal; does not return, for nobody waits for this process.

        On the thread of the screen; where that does not come back from it, on another.
        """
        if not self._going_on.acquire(blocking=False):
            threading.Event().wait()
        opening = self._opening
        composed, control, config = opening.composed, opening.control, opening.config
        if composed is None:
            self.leave_at_once(HUNG_UP)
        assert composed is not None
        assert control is not None
        assert config is not None
        from zdte_tui.leaving import leaving_lines
        from zdte_tui.unattended import Unattended

        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, heard_in_the_pipe)
        keeper = Unattended(composed, control.seats, config.terminal)
        if self.watch.why:
            forget_streams(self.watch.terminals)  # Textual put back those it had found
            self._custody.let_go(HUNG_UP)
            keeper.lost(self.watch.why)
        else:
            print(f"zdte-tui: {composed.name} goes on without a screen, as process {os.getpid()}", file=sys.stderr)
            print("zdte-tui: `zdte-tui attach` brings it back, `zdte-tui kill flatten` closes all", file=sys.stderr)
            sys.stderr.flush()
            self.watch.leave()
            let_go(self.watch.terminals)
            self._custody.let_go(OK)
            keeper.left()
        opening.leave_screen()
        keeper.begin()
        while not opening.wait(0.5):
            pass  # a signal is heard between two waits
        keeper.close()
        outcome = opening.end()
        locked = composed.runner.locked if composed.for_account else ""
        log.warning(
            "session %s %s, without a screen%s", composed.name, outcome, f"; LOCKED: {locked}" if locked else ""
        )
        for line in leaving_lines(composed):
            log.warning("%s", line)
        failed = {"failed": BUG, "unwritten": CANNOT_CREATE}.get(outcome, OK)
        self.leave_at_once(RISK_HALT if locked and failed != BUG else failed)
        return failed

    @staticmethod
    def leave_at_once(code: int) -> None:
        """End the process: a thread that is stuck in a write to the lost terminal would keep it from ending."""
        logging.shutdown()
        os._exit(code)


def with_known_theme(config: Config) -> Config:
    """``config``, or a ``CommandError`` that names the nearest theme there is."""
    from zdte_tui.screen.app import known_themes

    themes = known_themes()
    if config.ui.theme not in themes:
        near = get_close_matches(config.ui.theme, themes, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise CommandError(
            f"config: ui.theme: unknown theme {config.ui.theme!r}{hint}; known: {', '.join(themes)}", CONFIG
        )
    return config


def _told(opening: Opening, code: int, outcome: str) -> int:
    """The last lines, after the screen, and the exit code."""
    from zdte_tui.leaving import say_left_open
    from zdte_tui.logs import log_file
    from zdte_tui.results import result_line

    if code:
        print(f"zdte-tui: the screen failed with code {code}; see {log_file()}", file=sys.stderr)
        return BUG
    composed = opening.composed
    if composed is None:
        print("zdte-tui: left before the session was open", file=sys.stderr)
        return OK
    if outcome == "failed":
        print(f"zdte-tui: {composed.runner.error}; the traceback is in {log_file()}", file=sys.stderr)
        say_left_open(composed)
        return BUG
    if outcome == "unwritten":
        print(f"zdte-tui: {composed.runner.error}", file=sys.stderr)
        say_left_open(composed)
        return CANNOT_CREATE
    print(f"zdte-tui: {composed.greeting}", file=sys.stderr)
    for line in composed.aftermath:
        print(f"zdte-tui: {line}", file=sys.stderr)
    print(f"zdte-tui: session {composed.name} {outcome or 'still ending'}: {result_line(composed)}", file=sys.stderr)
    say_left_open(composed)
    return OK
