"""A session without a screen: readable lines on stderr, JSON lines on stdout, a clean stop on SIGTERM and SIGINT."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from zdte_tui.exits import BUG, OK

if TYPE_CHECKING:
    from engine.events import Tick
    from engine.session.compose import Composed


def line_printer(as_json: bool) -> Callable[[Tick], None]:
    """What to do with every tick: a line a record on stderr, and with ``as_json`` an object a record on stdout."""
    from engine.calendar import clock_text
    from engine.journal.export import record_line
    from engine.view.lines import line_of

    def show(tick: Tick) -> None:
        for record in tick.records:
            if as_json:
                sys.stdout.buffer.write(record_line("", record))
            line = line_of(record)
            if line is not None:
                print(f"{clock_text(record.ts)} {line.level:<7} {line.source:<12} {line.text}", file=sys.stderr)
        if tick.records and as_json:
            sys.stdout.buffer.flush()

    return show


def run_headless(composed: Composed) -> int:
    """Play a session to its end or to a signal; 0 where it ended well."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        composed.runner.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    print(f"zdte-tui: {composed.greeting}", file=sys.stderr)
    try:
        outcome = composed.runner.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        composed.close()
    if outcome == "failed":
        from zdte_tui.logs import log_file

        print(f"zdte-tui: {composed.runner.error}; the traceback is in {log_file()}", file=sys.stderr)
        return BUG
    print(f"zdte-tui: session {outcome}", file=sys.stderr)
    return OK
