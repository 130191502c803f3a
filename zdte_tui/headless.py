"""A session without a screen: readable lines on stderr, JSON lines on stdout, a clean stop on SIGTERM and SIGINT."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, BinaryIO

from engine.processes.collecting import collect_seldom
from zdte_tui.exits import BUG, CANNOT_CREATE, OK, RISK_HALT
from zdte_tui.leaving import say_left_open
from zdte_tui.reach import close_control, open_control
from zdte_tui.results import result_line
from zdte_tui.terminal import TerminalWatch, let_go
from zdte_tui.unattended import Unattended
from zdte_tui.watching import Watching

if TYPE_CHECKING:
    from engine.alerts import Alert
    from engine.config import Config
    from engine.events import Tick
    from engine.session.compose import Composed


_REPORTED = ("paper", "shadow", "live")


class LinePrinter:
    """Tells every tick: a line a record on stderr, and with ``as_json`` an object a record on stdout; alerts too.

    ``problem`` says why standard output could not be written to its end, or is empty.
    The first object says what the session is and whose data it plays; every object carries the session's name. With
    real money every line begins with that word and the account: ``LIVE *6789``.
    """

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._session = ""
        self._mode = ""
        self.problem = ""
        self._out: BinaryIO | None = sys.stdout.buffer if as_json else None

    def introduce(self, composed: Composed) -> None:
        """Before the first tick: what is played."""
        from engine.journal.export import header_line

        self._session = composed.name
        if composed.banner:
            from zdte_tui.screen.skins.mode import account_mode, skin

            mine = skin(composed.banner)
            print(f"zdte-tui: {mine.frame(composed.banner)}", file=sys.stderr)
            self._mode = f"{account_mode(composed.banner)} " if mine.name == "live" else ""
        print(f"zdte-tui: {composed.greeting}", file=sys.stderr)
        print(f"zdte-tui: data: {composed.label}", file=sys.stderr)
        self._write(header_line(composed.name, composed.info))

    def __call__(self, tick: Tick) -> None:
        """Tell what an event led to."""
        from engine.calendar import clock_text
        from engine.journal.export import record_line
        from engine.view.lines import as_told, line_of

        if self._as_json:
            for record in tick.records:
                self._write(record_line(self._session, record))
        for record in as_told(tick.records):
            line = line_of(record)
            if line is not None:
                told = f"{clock_text(record.ts)} {line.level:<7} {line.source:<12} {line.text}"
                print(f"{self._mode}{told}", file=sys.stderr)

    def alert(self, alert: Alert) -> None:
        """Tell of an alert."""
        from engine.calendar import clock_text
        from engine.journal.export import alert_line

        self._write(alert_line(self._session, alert))
        print(f"{self._mode}{clock_text(alert.ts)} {alert.level:<7} {'ALERT':<12} {alert.text}", file=sys.stderr)

    def _write(self, line: bytes) -> None:
        """One line to stdout. A reader that has gone is no reason to stop trading, or to stop the lines on stderr."""
        if self._out is None:
            return
        try:
            self._out.write(line)
            self._out.flush()
        except OSError as error:
            self._out = None
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if not isinstance(error, BrokenPipeError):
                self.problem = f"standard output cannot be written: {error.strerror}; the session goes on without it"
                print(f"zdte-tui: {self.problem}", file=sys.stderr)


def run_headless(composed: Composed, printer: LinePrinter, config: Config) -> int:
    """Play a session to its end or to a signal; 0 where it ended well, 3 where an account's day ended locked.

    Where the terminal it was started from is lost, it does what ``[terminal]`` says, and goes on.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        composed.runner.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    printer.introduce(composed)
    composed.runner.alerts.told = printer.alert
    outcome, lost, control = "failed", "", open_control(composed)
    if control.problem:
        print(f"zdte-tui: {control.problem}", file=sys.stderr)
    watching = Watching(composed, config)
    for line in watching.told:
        print(f"zdte-tui: {line}", file=sys.stderr)
    keeper = Unattended(composed, control.seats, config.terminal, ends=True)

    def hung_up(why: str) -> None:
        let_go(watch.terminals)
        keeper.lost(why)

    watch = TerminalWatch(hung_up, composed.runner.stop)
    watch.start()
    keeper.begin()
    try:
        collect_seldom()
        outcome = composed.runner.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        watch.close()
        keeper.close()
        watching.close(outcome)
        close_control(control, composed, outcome)
        lost = _close(composed)
    if outcome == "failed":
        from zdte_tui.logs import log_file

        print(f"zdte-tui: {composed.runner.error}; the traceback is in {log_file()}", file=sys.stderr)
        say_left_open(composed)
        return BUG
    locked = composed.runner.locked if composed.for_account else ""
    if locked:
        print(f"zdte-tui: the day is LOCKED: {locked}", file=sys.stderr)
    if outcome == "unwritten" or lost:
        print(f"zdte-tui: {lost or composed.runner.error}", file=sys.stderr)
        say_left_open(composed)
        return RISK_HALT if locked else CANNOT_CREATE
    for line in composed.aftermath:
        print(f"zdte-tui: {line}", file=sys.stderr)
    if composed.runner.mode in _REPORTED and outcome == "completed":
        _report(composed)
    print(f"zdte-tui: session {composed.name} {outcome}: {result_line(composed)}", file=sys.stderr)
    say_left_open(composed)
    return RISK_HALT if locked else CANNOT_CREATE if printer.problem else OK


def _report(composed: Composed) -> None:
    """What the day came to, on stderr."""
    from engine.journal import JournalError, JournalReader
    from engine.session.day_report import read_report
    from zdte_tui.report_text import text

    try:
        with JournalReader(composed.writer.path) as reader:
            lines = text(read_report(reader, reader.session(composed.runner.session)))
    except JournalError as error:
        lines = [f"zdte-tui: the report of the day cannot be read: {error}"]
    print(*lines, sep="\n", file=sys.stderr)


def _close(composed: Composed) -> str:
    """Close the journal; what of the session it could not take up, or empty."""
    from engine.journal import JournalError

    try:
        composed.close()
    except JournalError as error:
        return str(error)
    return ""
