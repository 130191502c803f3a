"""The term structure: volatility and expected move of each listed expiry, and the VIX family beside it."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from engine.view import TermRow, TermView, View, VixRow
from zdte_tui.screen.grid import Cell, Column, Line, Row, slot_width
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes.flow import flow
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import age, bar, number, percent, price

COLUMNS = (
    Column("expiry", "expiry", 12, justify="left"),
    Column("days", "days", 6),
    Column("iv", "IV %", 6, stretch=2),
    Column("move", "move", 8, stretch=2),
    Column("forward", "forward", 9, drop=2),
    Column("strikes", "strikes", 7, drop=3),
    Column("bar", "volatility", 6, justify="left", drop=4, stretch=FLEXIBLE),
)


def content(view: View, width: int) -> Content:
    """The term structure of ``view``; keys are expiries."""
    found = view.term
    if found is None:
        return Content(title="term", rows=(), message="The term structure is being worked out.")
    title = f"term structure  {found.root}"
    if found.why_empty:
        words = f"{found.why_empty[:1].upper()}{found.why_empty[1:]}."
        return Content(title=title, rows=(), bottom=_bottom(found, width), message=words, about=found.root)
    largest = max((row.iv for row in found.rows if row.iv is not None), default=0.0)
    room = slot_width(COLUMNS, width, "bar")
    return Content(
        title=title,
        rows=tuple(_row(row, found.looked_at, largest, room) for row in found.rows),
        bottom=_bottom(found, width),
        follow=str(found.looked_at),
        about=found.root,
    )


def _row(row: TermRow, looked_at: dt.date | None, largest: float, room: int) -> Row:
    drawn = bar((row.iv or 0.0) / largest, room).rstrip("-") if largest > 0 else ""
    here = row.expiry == looked_at
    return Row(
        str(row.expiry),
        (
            (f"{'>' if here else ' '}{row.expiry}", "atm" if here else "strong"),
            (number(row.days, 2 if row.days < 10 else 0), "text"),
            _cell(percent(row.iv)),
            _cell("n/a" if row.move is None else f"±{number(row.move, 1)}"),
            _cell(number(row.forward, 1)),
            (str(row.strikes), "dim"),
            (drawn, "done"),
        ),
    )


def _cell(text: str) -> Cell:
    return text, "dim" if text == "n/a" else "text"


def _bottom(found: TermView, width: int) -> tuple[Row, ...]:
    items: list[Line] = [*map(_vix, found.vix)] or [(("no index of volatility is known here", "dim"),)]
    slope = _slope(found.vix)
    if slope is not None:
        # Backwardation is what warns: the near month costs more than the far one.
        words = "backwardation" if slope > 1 else "contango"
        items.append((("VIX/VIX3M ", "dim"), (f"{slope:.2f} {words}", "warn" if slope > 1 else "text")))
    if found.more:
        items.append(((f"{found.more} later expiries are not shown", "dim"),))
    items.append((("volatility at the money, by calendar time: a session's hours count as the night's do", "dim"),))
    return tuple(Row(f"bottom{n}", line, span=True) for n, line in enumerate(flow(items, width)))


def _vix(row: VixRow) -> Line:
    when = row.source if row.age is None else f"{age(row.age)} old"
    return ((f"{row.symbol} ", "dim"), (price(row.value), "text"), (f" ({when})", "dim"))


def _slope(rows: tuple[VixRow, ...]) -> float | None:
    """The VIX over the three-month one; None unless both are known."""
    known = {row.symbol: row.value for row in rows if row.value}
    near, far = known.get("VIX"), known.get("VIX3M")
    return None if near is None or far is None else near / far


class TermPane(Pane):
    """The term structure; follows the chain's expiry."""

    NAME = "term"
    PARTS: ClassVar[tuple[str, ...]] = ("term",)
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS

    @classmethod
    def part(cls, view: View) -> object:
        """The term structure."""
        return view.term

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)
