"""Pane 2: trades and their sides, what closing costs, where the stops are and who holds them."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len

from engine.types import SCALE, Money, Price
from engine.view import PositionRow, PositionsView, View
from zdte_tui.screen.clean import clean
from zdte_tui.screen.grid import Cell, Column, Line, Row, slot_width
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes import why
from zdte_tui.screen.panes.flow import flow
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import money, number, percent, pnl_style, price, wrap

_NUMBERS = (
    Column("trade", "trade / side", 17, justify="left", stretch=6),
    Column("filled", "filled", 6, drop=5, flash=True),
    Column("entry", "credit", 7, drop=8),
    Column("cost", "cost", 7, drop=2),
    Column("stop", "stop at", 9, drop=3, flash=True),
    Column("distance", "dist", 6, drop=6),
    Column("pnl_mid", "P&L mid", 10, flash=True),
    Column("pnl_now", "P&L now", 10, drop=7, flash=True),
    Column("breakeven", "to b/e", 6, drop=9),
    Column("touch", "touch", 5, drop=10),
    Column("itm", "ITM", 4, drop=11),
)
CLOSED = "closed"
"""The note of a side that is; the engine's word."""
COLUMNS = (*_NUMBERS, Column("note", "status", 16, justify="left", drop=12, stretch=FLEXIBLE))


def content(view: View, width: int) -> Content:
    """The book of ``view``; keys are trade, level and label. Notes have a column where all of them fit in it whole,
    else lines of their own."""
    book = view.positions
    title = f"positions  {book.open_trades} open" if book.open_trades else "positions"
    if book.stops_doubt:
        title += f"  stops UNRELIABLE: {book.stops_doubt}"
    if not book.rows:
        return Content(title=title, rows=(), bottom=_bottom(book, width), message=why.positions(view))
    room = slot_width(COLUMNS, width, "note")
    notes = ["" if _closed(row) else row.note for row in book.rows]
    beside = all(cell_len(clean(note)) <= room for note in notes)
    rows: list[Row] = []
    above = ""
    for row, note in zip(book.rows, notes, strict=True):
        key = f"{row.trade_id}.{row.level}.{row.label}"
        above = above if row.level == "side" else key
        cells = (*_cells(row, book.stops_doubt), (note if beside else "", _note_style(row)))
        rows.append(Row(key, cells, parent="" if above == key else above, trade=row.trade_id))
        if note and not beside:
            lines = wrap(note, width - 5)
            rows += [
                Row(f"{key}.{n}", ((f"     {line}", _note_style(row)),), True, key, row.trade_id)
                for n, line in enumerate(lines)
            ]
    return Content(title=title, rows=tuple(rows), bottom=_bottom(book, width))


def _cells(row: PositionRow, doubt: str) -> Line:
    name = f"  {row.label}" if row.level == "side" else row.label
    closed = _closed(row)
    quiet = row.level == "settled" or closed
    plain = "dim" if quiet else "text"
    return (
        (name, plain if row.level != "trade" else "strong"),
        (f"{row.filled}/{row.wanted}", plain if row.filled == row.wanted or closed else "warn"),
        ("-", "dim") if closed and row.entry is None else (price(row.entry), plain),
        (CLOSED if closed else "-", "dim") if quiet and row.cost is None else (price(row.cost), plain),
        _stop(row, doubt),
        ("-", "dim") if row.stop_at is None else (price(row.distance), _near(row.distance)),
        _result(row, row.pnl_mid),
        _result(row, row.pnl_now),
        _breakeven(row),
        _chance(row, row.touch),
        _chance(row, row.itm),
    )


def _closed(row: PositionRow) -> bool:
    """Whether nothing of a side is held any more: that stands in place of what closing costs, not in a line below."""
    return row.level == "side" and not row.filled and row.note == CLOSED


def _result(row: PositionRow, amount: Money | None) -> Cell:
    """A side's result is part of its trade's: a dash where it is not told apart, not a missing number."""
    if amount is None and row.level == "side":
        return ("-", "dim")
    return (money(amount, sign=True), pnl_style(amount))


def _stop(row: PositionRow, doubt: str) -> Cell:
    """``2.35 e``; a dash where no stop is meant at this level, never where one is missing. ``2.35 e?`` where the quotes
    that the engine judges it by are not the market's."""
    if row.stop_holder == "UNARMED":
        return ("UNARMED", "alarm")
    if row.stop_at is None:
        return ("n/a", "warn") if row.stop_holder else ("-", "dim")
    doubtful = doubt and "e" in row.stop_holder
    return (f"{price(row.stop_at)} {row.stop_holder}{'?' if doubtful else ''}".rstrip(), "warn" if doubtful else "text")


def _breakeven(row: PositionRow) -> Cell:
    """Points to the nearest breakeven; a dash where the row is no trade that holds something."""
    if row.level != "trade" or not row.filled:
        return ("-", "dim")
    return (number(None if row.breakeven is None else row.breakeven / SCALE, 1, sign=True), _near(row.breakeven))


def _chance(row: PositionRow, chance: float | None) -> Cell:
    """``24%``; a dash where the row is about no short, ``n/a`` where the chance of one is not known."""
    if not row.has_short:
        return ("-", "dim")
    text = percent(chance, 0)
    return (text, "dim") if chance is None else (f"{text}%", "text")


def _near(distance: Price | None) -> str:
    return "text" if distance is None or distance > 0 else "alarm"


def _note_style(row: PositionRow) -> str:
    return "warn" if any(word in row.note for word in ("PROVISIONAL", "unknown", "assigned")) else "dim"


def _bottom(book: PositionsView, width: int) -> tuple[Row, ...]:
    loss = money(-book.worst_loss) if book.worst_loss else money(0)
    items: list[Line] = [(("worst loss of the book ", "dim"), (loss, "strong"))]
    if book.open_trades:
        of = f" of {money(book.equity, places=0)}" if book.equity is not None else ""
        items.append((("margin ", "dim"), (money(book.margin, places=0), "text"), (of, "dim")))
        items.append((("closing all now costs ", "dim"), (money(book.flatten_cost), "text")))
    return tuple(Row(f"bottom{n}", line, span=True) for n, line in enumerate(flow(items, width)))


class PositionsPane(Pane):
    """The book."""

    NAME = "positions"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS

    @classmethod
    def part(cls, view: View) -> object:
        """The book, and what the empty pane says."""
        return view.positions, "" if view.positions.rows else why.positions(view)

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)
