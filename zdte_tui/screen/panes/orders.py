"""Pane 8: every order of the session, working ones first, and what the gate denied, each with its reason."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len

from engine.calendar import clock_text
from engine.types import Price
from engine.view import OrderRow, OrdersView, View
from zdte_tui.screen.clean import clean
from zdte_tui.screen.grid import Cell, Column, Line, Row, slot_width
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes import why
from zdte_tui.screen.panes.flow import flow
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import age, price, wrap

COLUMNS = (
    Column("time", "time", 8, justify="left", drop=6),
    Column("trade", "#", 4, drop=5),
    Column("side", "side", 5, justify="left", drop=3),
    Column("legs", "legs", 24, justify="left", stretch=4),
    Column("filled", "filled", 6, drop=1, flash=True),
    Column("limit", "limit", 8, drop=2, flash=True),
    Column("mid", "mid", 8, drop=8),
    Column("average", "fill", 8, drop=4),
    Column("state", "state", 12, justify="left", flash=True),
    Column("who", "who", 11, justify="left", drop=7),
    Column("age", "age", 6, drop=9),
    Column("order", "order id", 20, justify="left", drop=11),
    Column("reason", "why", 24, justify="left", drop=10, stretch=FLEXIBLE),
)
WORDS: dict[str, str] = {
    "new": "new",
    "denied": "DENIED",
    "pending": "to be sent",
    "sent": "sent",
    "unknown": "UNKNOWN",
    "accepted": "working",
    "partially_filled": "part filled",
    "filled": "filled",
    "pending_cancel": "cancelling",
    "cancelled": "cancelled",
    "rejected": "REJECTED",
    "expired": "expired",
}
"""Every state of an order, in words."""
_LOUD = {"denied": "warn", "unknown": "alarm", "rejected": "alarm", "filled": "strong"}
LINES = 3
"""Lines a reason takes at most."""


def content(view: View, width: int) -> Content:
    """The blotter of ``view``. A row's key is the client order id, ``denied.N`` of a denied intent; lines in which a
    reason goes on have it as their parent. Prices say ``cr`` (received) or ``db`` (paid)."""
    found = view.orders
    if found is None or not found.rows:
        return Content(title="orders", rows=(), message=why.orders(view))
    room = slot_width(COLUMNS, width, "reason")
    rows = tuple(line for row in found.rows for line in _rows(row, view.header.now, width, room))
    return Content(title=_title(found), rows=rows, bottom=_bottom(found, width))


def _title(found: OrdersView) -> str:
    return f"orders  {found.working} working" if found.working else "orders"


def _rows(row: OrderRow, now: int, width: int, room: int) -> list[Row]:
    reason = clean(row.reason) or "-"
    walked = f"walked {row.walked} x; " if row.walked > 1 else ""
    lines = _cut(wrap(walked + reason, room if room else width - 5))
    head = (*_cells(row, now), (lines[0] if room else "", _reason_style(row)))
    found = [Row(row.key, head, trade=row.trade_id)]
    blank: Line = (("", "text"),) * (len(COLUMNS) - 1)
    for n, line in enumerate(lines[1:] if room else lines):
        if room:
            cells: Line = (*blank, (line, _reason_style(row)))
        else:
            cells = ((f"     {line}", _reason_style(row)),)
        found.append(Row(f"{row.key}.{n}", cells, not room, row.key, row.trade_id))
    return found


def _cells(row: OrderRow, now: int) -> Line:
    plain = "text" if row.working else "dim"
    state = _LOUD.get(row.status, "text" if row.working else "dim")
    return (
        (clock_text(row.ts), "dim"),
        (f"#{row.trade_id}" if row.trade_id else "-", plain),
        (row.kind, plain),
        (row.legs, "strong" if row.working else "text"),
        (f"{row.filled}/{row.quantity}", "warn" if 0 < row.filled < row.quantity else plain),
        _limit(row),
        _net(row.mid, "dim"),
        _net(row.average, "text") if row.average is not None else ("-", "dim"),
        (WORDS.get(row.status, row.status.replace("_", " ")), state),
        (row.who, "strong" if row.who == "person" else plain),
        (age((max(now, row.ts) if row.working else row.moved) - row.ts), "dim"),
        (row.key if not row.key.startswith("denied.") else "-", "dim"),
    )


def _limit(row: OrderRow) -> Cell:
    if row.limit is None:
        return (f"st {price(row.trigger)}", "text") if row.trigger is not None else ("market", "text")
    return _net(row.limit, "text")


def _net(net: Price | None, style: str) -> Cell:
    """``1.40 cr``, ``0.35 db``: what is received or paid a package."""
    if net is None:
        return ("n/a", "dim")
    return (f"{price(abs(net))}{'db' if net > 0 else 'cr'}", style)


def _cut(lines: list[str]) -> list[str]:
    if len(lines) <= LINES:
        return lines
    kept = lines[:LINES]
    return [*kept[:-1], f"{kept[-1].rstrip('.')} …" if cell_len(kept[-1]) > 2 else "…"]


def _reason_style(row: OrderRow) -> str:
    return "warn" if row.status in ("denied", "rejected", "unknown") else "dim"


def _bottom(found: OrdersView, width: int) -> tuple[Row, ...]:
    items: list[Line] = [
        ((f"{found.working} working", "strong" if found.working else "dim"),),
        ((f"{found.filled} filled", "dim"),),
        ((f"{found.denied} denied", "warn" if found.denied else "dim"),),
    ]
    if found.left_out:
        items.append(((f"{found.left_out} older ones are in the journal", "dim"),))
    items.append((("cr received, db paid, a package", "dim"),))
    return tuple(Row(f"bottom{n}", line, span=True) for n, line in enumerate(flow(items, width)))


class OrdersPane(Pane):
    """The blotter. The key of the selected row, or of its parent, is the client order id that trading keys act on."""

    NAME = "orders"
    PARTS: ClassVar[tuple[str, ...]] = ("orders",)
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS

    @classmethod
    def part(cls, view: View) -> object:
        """The blotter; while an order works, the second, for its age; and what the empty pane says."""
        found = view.orders
        working = found is not None and found.working
        return found, view.header.now // 1_000_000_000 if working else 0, why.orders(view)

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)
