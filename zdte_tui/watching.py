"""Has a session watched from outside, as ``[health]`` and ``[push]`` say: opened before it runs, closed after it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.alerts import Alert
    from engine.config import Config
    from engine.events import Tick
    from engine.session.compose import Composed
    from engine.view import View
    from engine.watch.address import Address
    from engine.watch.heartbeat import Heartbeat
    from engine.watch.look import Look
    from engine.watch.messages import Teller
    from engine.watch.pulse import Pulse
    from engine.watch.push import Push
    from engine.watch.room import Health
    from engine.watch.secrets import Addresses
    from engine.watch.systemd import Service

LAST_WORDS = 4.0
"""Seconds a session's end waits for messages that are still to be sent."""
_AT_A_BROKER = ("paper", "shadow", "live")


class Watching:
    """What watches one session. What cannot be had is told and left out; the session goes on without it.

    Attributes:
        told: lines a person should see, such as why a port could not be had.
    """

    def __init__(self, composed: Composed, config: Config) -> None:
        self.told: list[str] = []
        self._composed = composed
        self._config = config
        self._began = composed.runner.turned
        self._look: Look | None = None
        self._health: Health | None = None
        self._push: Push | None = None
        self._teller: Teller | None = None
        self._pulse: Pulse | None = None
        self._heartbeat: Heartbeat | None = None
        self._service: Service | None = None
        self._guarded("systemd is not told of this session", self._tell_systemd)
        if mode_of(composed) in config.push.modes:
            self._guarded("nobody is told of what cannot wait", self._tell_people)
        if config.health.port:
            self._guarded("health is not served", self._serve)

    def note(self) -> None:
        """Have what a person should see stand in the session's log, where there is no other place for it; of a replay,
        in the program's log alone: its record does not depend on who watched."""
        from engine.view import CommandRequest

        for line in self.told:
            logging.getLogger(__name__).error("%s", line)
            if self._composed.for_account:
                self._composed.runner.send(CommandRequest("note", text=line), actor="engine")

    def close(self, outcome: str) -> None:
        """The session has ended; how."""
        for part in (self._service, self._heartbeat, self._pulse, self._health):
            if part is not None:
                self._guarded("a watch did not end", part.close)
        self._guarded("the session's end was not told", lambda: self._tell_end(outcome))
        if self._look is not None:
            self._composed.runner.let_go(self._look.reader)

    def _guarded(self, what: str, act: Callable[[], None]) -> None:
        """What watches a session never keeps it from beginning, nor from ending."""
        try:
            act()
        except Exception as error:
            logging.getLogger(__name__).exception("%s", what)
            self.told.append(f"{what}: {type(error).__name__}; see the log")

    def _tell_end(self, outcome: str) -> None:
        if self._push is not None and self._teller is not None:
            self._push.tell(self._teller.said("session", f"session {outcome or 'ended'}", self._last_words()))
            self._push.close(LAST_WORDS)

    # --- health

    def _serve(self) -> None:
        from engine.watch.room import Health
        from engine.watch.vitals import Vitals

        composed, vitals = self._composed, Vitals()
        composed.runner.watch(vitals.hear)
        self._health = Health(
            self._look_at_it(),
            vitals,
            self._config.health.port,
            self._config.health.silent_seconds,
            about_session(composed),
            simulated=is_simulated(composed),
            queues=self._queues,
            more=self._more,
        )
        if self._health.problem:
            self.told.append(self._health.problem)

    def _queues(self) -> dict[str, int]:
        found = {"inbox": self._composed.runner.waiting, "journal": self._composed.writer.waiting}
        return found if self._push is None else found | {"push": self._push.waiting}

    def _more(self) -> dict[str, float]:
        figures = getattr(self._composed.runner.feed, "figures", {})  # what a feed counts is its own matter
        found = {f"feed_{name}": float(value) for name, value in figures.items() if _is_figure(name, value)}
        if self._push is not None:
            found |= {
                "push_sent": self._push.sent,
                "push_failed": self._push.failed,
                "push_dropped": self._push.dropped,
            }
        if self._heartbeat is not None:
            found |= {"heartbeats": self._heartbeat.beats, "heartbeats_missed": self._heartbeat.missed}
        return found

    # --- systemd

    def _tell_systemd(self) -> None:
        import os

        if not os.environ.get("NOTIFY_SOCKET"):
            return
        from engine.watch.systemd import Notifier, Service

        look, runner = self._look_at_it(), self._composed.runner
        self._service = Service(
            Notifier(),
            started=lambda: runner.turned > self._began,
            alive=lambda: look.alive(self._config.health.silent_seconds),
            status=lambda: status_line(self._composed, look.reader.newest()),
        )

    # --- messages and the heartbeat

    def _tell_people(self) -> None:
        from engine.watch.secrets import SecretsError, find_addresses

        try:
            found = find_addresses()
        except SecretsError as error:
            self.told.append(f"nobody is told of what cannot wait: {error}")
            return
        if found.urls:
            self._open_push(found)
        if found.beat:
            from engine.watch.heartbeat import Heartbeat

            look, silent = self._look_at_it(), self._config.health.silent_seconds
            seconds = self._config.push.heartbeat_seconds
            self._heartbeat = Heartbeat(found.beat, seconds, lambda: self._has_begun and look.alive(silent))

    @property
    def _has_begun(self) -> bool:
        return self._composed.runner.turned > self._began

    def _open_push(self, found: Addresses) -> None:
        from engine.watch.limiter import Limiter
        from engine.watch.messages import Teller
        from engine.watch.pulse import Pulse
        from engine.watch.push import Push

        composed, settings, look = self._composed, self._config.push, self._look_at_it()
        teller = self._teller = Teller(settings.levels, settings.quiet)
        limiter = Limiter(settings.repeat_minutes * 60, settings.most_an_hour)
        push = self._push = Push(heading(composed), lambda: _opened(found), limiter, lambda: holds(look.fresh()[0]))
        self._pulse = Pulse(
            look, self._config.health.silent_seconds, lambda why: push.tell(teller.said("problem", "engine", why))
        )
        before = composed.runner.alerts.told

        def alerted(alert: Alert) -> None:
            push.tell(teller.of_alert(alert))
            if before is not None:
                before(alert)

        def heard(tick: Tick, _took: float, _late: int) -> None:
            for record in tick.records:
                push.tell(teller.of_record(record))

        composed.runner.alerts.told = alerted
        composed.runner.watch(heard)
        push.tell(teller.said("session", *self._first_words()))

    def _first_words(self) -> tuple[str, str]:
        from engine.journal import JournalError, JournalReader

        composed = self._composed
        about = f"{composed.name}, {', '.join(composed.info.roots)}, data: {composed.label}"
        try:
            with JournalReader(composed.writer.path) as reader:
                runs = len(reader.runs(composed.runner.session))
        except JournalError:
            runs = 0
        if runs > 1:
            return "session goes on after a restart", f"run {runs} of {about}"
        return "session begun", about

    def _last_words(self) -> str:
        from engine.journal import JournalError, JournalReader
        from engine.types import dollars_text

        composed = self._composed
        try:
            with JournalReader(composed.writer.path) as reader:
                found = reader.summary(composed.runner.session)
        except JournalError as error:
            return f"{composed.name}: what it came to cannot be read: {error}"
        over = found.trades - found.open
        words = [f"{found.open} STILL OPEN"] if found.open else []
        words += [f"{over} over, {dollars_text(found.pnl, sign=True)} net"] if over else []
        words += [composed.runner.error] if composed.runner.error else []
        return f"{composed.name}: {'; '.join(words) or 'no trades'}"

    def _look_at_it(self) -> Look:
        from engine.watch.look import Look

        if self._look is None:
            self._look = Look(self._composed.runner, self._composed.runner.reader)
        return self._look


def _opened(found: Addresses) -> list[Address]:
    from engine.watch.address import Address

    return [Address(number, url) for number, url in enumerate(found.urls, 1)]


def _is_figure(name: str, value: object) -> bool:
    return name.isascii() and name.isidentifier() and isinstance(value, int | float)


def holds(view: View | None) -> bool:
    """Whether something is held; what is not known might be."""
    return view is None or view.positions.contracts > 0


def mode_of(composed: Composed) -> str:
    """Which kind of session, a word of ``[push] modes``."""
    from engine.session.rehearsal import ACCOUNT

    if composed.info.account == ACCOUNT:
        return "rehearse"
    return composed.runner.mode if composed.for_account else "replay"


def is_simulated(composed: Composed) -> bool:
    """Whether no market shows what it trades on, or no broker fills it."""
    return _invented(composed) or mode_of(composed) not in ("paper", "live")


def heading(composed: Composed) -> str:
    """Whose session it is, before everything that is told of it: real money, paper or SIMULATED, and the account."""
    from zdte_tui.screen.skins.mode import mode_words, skin

    banner = composed.banner
    if mode_of(composed) not in _AT_A_BROKER or not banner:
        return f"zdte-tui SIMULATED {composed.info.account}"
    kind = " ".join(mode_words(banner))
    kind += ", REAL MONEY" if skin(banner).name == "live" else ""
    kind += ", market SIMULATED" if _invented(composed) and "SIMULATED" not in kind else ""
    return f"zdte-tui {kind}, account {composed.info.account}"


def _invented(composed: Composed) -> bool:
    return any(source.origin == "simulated" for source in composed.info.provenance)


def status_line(composed: Composed, view: View | None) -> str:
    """How it stands, in a line for systemd."""
    from engine.types import dollars_text

    if view is None:
        return f"{heading(composed)}: being opened"
    head = view.header
    pnl = "n/a" if head.day_pnl is None else dollars_text(head.day_pnl, sign=True)
    problem = view.error or view.alarm
    return f"{heading(composed)}: {head.state}, feed {head.feed}, day {pnl}, {view.positions.open_trades} open" + (
        f"; {problem}" if problem else ""
    )


def about_session(composed: Composed) -> dict[str, str]:
    """The labels by which a session is told from others."""
    info = composed.info
    return {
        "session": composed.name,
        "account": info.account,
        "mode": mode_of(composed),
        "day": info.day.isoformat(),
        "roots": " ".join(info.roots),
        "data": composed.label,
        "version": info.code_version,
        "config": info.config_hash[:12],
    }
