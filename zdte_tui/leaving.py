"""The last words about what a session leaves open: where it is, who watches it now, how to go on."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.session.compose import Composed
    from engine.session.left_open import LeftOpen

_SHOWN = 8


def leaving_lines(composed: Composed, words: Sequence[str] | None = None) -> list[str]:
    """A line each; none where nothing is left open, or where no market went on without the session.

    Args:
        words: the command line that began it, without the program's name; this process's own if not given.
    """
    if composed.holds == "here":
        return []
    left = composed.runner.left_open
    if not left:
        return []
    begun = list(sys.argv[1:] if words is None else words)
    again = shlex.join(["zdte-tui", *(word for word in begun if word != "--fresh")])
    is_over = composed.runner.day_is_over
    if composed.holds == "with the session":
        return [
            *_trades(left, "open"),
            "it is gone with the rehearsal's exchange, which ended with the session: nothing is held any more",
        ]
    if composed.holds == "in the journal":
        goes_on = "the day is over" if is_over else f"today this goes on with it: {again}"
        return [*_trades(left, "open, SIMULATED"), f"it stands in the journal; {goes_on}"]
    rests = _count(left.stops, "stop order rests", "stop orders rest")
    works = _count(left.orders, "order works there and may yet be filled", "orders work there and may yet be filled")
    there = "; ".join(part for part in (rests and f"{rests} there", works) if part)
    lines = _trades(left, f"STILL OPEN AT THE BROKER, {composed.banner}")
    if left.trades:
        lines.append("NOBODY WATCHES IT NOW: stops, exits and the closing before the cutoff were this session's")
    if there:
        lines.append(f"at the broker: {there}")
    if is_over:
        lines.append("the day is over: `zdte-tui account` shows what Alpaca has of it")
    else:
        lines.append(f"today this goes on with it: {again}; or close it at Alpaca")
    return lines


def say_left_open(composed: Composed) -> None:
    """Say it on stderr, last, where it is seen."""
    for line in leaving_lines(composed):
        print(f"zdte-tui: {line}", file=sys.stderr)


def _trades(left: LeftOpen, what: str) -> list[str]:
    more = len(left.trades) - _SHOWN
    return [f"{what}: {each}" for each in left.trades[:_SHOWN]] + ([f"and {more} more"] if more > 0 else [])


def _count(many: int, one: str, several: str) -> str:
    return "" if not many else f"1 {one}" if many == 1 else f"{many} {several}"
