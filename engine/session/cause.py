"""Which later datum something depends on: fewer and fewer are changed, as long as it still comes out otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from engine.calendar import clock_text
from engine.events import AnyEvent, ChainBatch, Listing
from engine.session.perturbation import Alteration
from engine.tape import FIELDS
from engine.types import MISSING

T = TypeVar("T")


class _Datum(NamedTuple):
    symbol: str
    field: str
    known: int
    value: int


def datum_of(change: Alteration, differs: Callable[[Alteration], bool], events: Sequence[AnyEvent]) -> str:
    """The datum in words; a kind of data where it is not one alone.

    Args:
        change: under which something before its instant came out otherwise.
        differs: whether it does under another change.
        events: of the day as it is.
    """
    nothing = change._replace(values=False, closes=False, rows=False, times=False)
    values = nothing._replace(values=True)
    if differs(values):
        return _value(values, differs, _later(events, change.after))
    if differs(nothing._replace(closes=True)):
        return "the official close, known only after the close"
    if differs(nothing._replace(rows=True)):
        return "whether later data come at all, not their values"
    if differs(nothing._replace(times=True)):
        return "when later data come, not their values"
    return "several kinds of later data together"


def _later(events: Sequence[AnyEvent], after: int) -> list[_Datum]:
    """Every value known after an instant, in order."""
    symbols: list[str] = []
    found: list[_Datum] = []
    for event in events:
        if isinstance(event, Listing):
            symbols += [instrument.symbol for instrument in event.instruments]
        if not isinstance(event, ChainBatch) or event.ts_known <= after:
            continue
        for field in FIELDS:
            column = getattr(event, field)
            rows = [] if column is None else np.flatnonzero(column != MISSING).tolist()
            found += [_Datum(symbols[int(event.idx[n])], field, event.ts_known, int(column[n])) for n in rows]
    return found


def _value(change: Alteration, differs: Callable[[Alteration], bool], data: list[_Datum]) -> str:
    """Narrow down instants, then instruments, then fields."""
    times = _narrowed(
        sorted({each.known for each in data}), lambda some: differs(change._replace(span=(some[0], some[-1])))
    )
    change = change._replace(span=(times[0], times[-1]))
    data = [each for each in data if times[0] <= each.known <= times[-1]]
    symbols = _narrowed(
        list(dict.fromkeys(each.symbol for each in data)),
        lambda some: differs(change._replace(symbols=frozenset(some))),
    )
    change = change._replace(symbols=frozenset(symbols))
    data = [each for each in data if each.symbol in change.symbols] if change.symbols else data
    fields = _narrowed(
        list(dict.fromkeys(each.field for each in data)), lambda some: differs(change._replace(fields=frozenset(some)))
    )
    data = [each for each in data if each.field in fields]
    if len(data) == 1:
        (one,) = data
        return f"{one.symbol} {one.field}, {one.value / 10_000:,.2f}, known at {clock_text(one.known)}"
    span = clock_text(times[0]) + (f" to {clock_text(times[-1])}" if len(times) > 1 else "")
    which = symbols[0] if len(symbols) == 1 else f"{len(symbols)} instruments"
    return f"{which} {', '.join(fields)}, known at {span}"


def _narrowed(items: list[T], differs: Callable[[list[T]], bool]) -> list[T]:
    """A run of the items, as short as halving finds it, that still makes the difference."""
    while len(items) > 1:
        half = len(items) // 2
        part = next((part for part in (items[:half], items[half:]) if differs(part)), None)
        if part is None:
            break
        items = part
    return items
