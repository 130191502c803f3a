"""Gamma exposure by strike: who would have to hedge how much, where the walls are, where it would turn.

Calls count as positive and puts as negative: customers are taken to have sold calls and bought puts, which nobody
publishes. Open interest is counted once a day, overnight.
"""

from __future__ import annotations

from typing import ClassVar

from engine.types import SCALE, strike_text
from engine.view import GammaRow, GammaView, View
from zdte_tui.screen.actions import bindings
from zdte_tui.screen.grid import Column, Line, Row, slot_width
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes.flow import flow
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import number, pnl_style

COLUMNS = (
    Column("strike", "strike", 8),
    Column("puts", "puts $", 8, drop=2, stretch=2),
    Column("calls", "calls $", 8, drop=2, stretch=2),
    Column("net", "net $", 8, stretch=2),
    Column("bar", "puts | calls, dollars a 1% move", 9, justify="left", drop=3, stretch=FLEXIBLE),
    Column("mark", "", 6, justify="left", drop=1),
)


def content(view: View, width: int) -> Content:
    """The exposure of ``view``; keys are strikes in price units."""
    found = view.gamma
    if found is None:
        return Content(title="gamma", rows=(), message="Gamma exposure is being worked out.")
    many = "all expiries" if len(found.expiries) > 1 else str(found.expiries[0]) if found.expiries else ""
    title = f"gamma exposure  {found.root} {many}".rstrip()
    about = (found.root, found.expiries)
    if found.why_empty:
        words = f"{found.why_empty[:1].upper()}{found.why_empty[1:]}."
        return Content(title=title, rows=(), message=f"{words} e shows the next expiry.", about=about)
    largest = max(max(row.calls, -row.puts) for row in found.rows)
    room = slot_width(COLUMNS, width, "bar")
    rows = tuple(_row(row, found, largest, room) for row in found.rows if row.calls or row.puts)
    return Content(title=title, rows=rows, bottom=_bottom(found, width), follow=_middle(found), about=about)


def _middle(found: GammaView) -> str | None:
    """The strike nearest the money that has a row."""
    atm = found.atm
    strikes = [row.strike for row in found.rows if row.calls or row.puts]
    return None if atm is None or not strikes else str(min(strikes, key=lambda strike: abs(strike - atm)))


def _row(row: GammaRow, found: GammaView, largest: float, room: int) -> Row:
    atm = row.strike == found.atm
    strike = strike_text(row.strike)
    net = row.calls + row.puts
    return Row(
        str(row.strike),
        (
            (f">{strike}<", "atm") if atm else (strike, "strong"),
            (dollars(row.puts), "text"),
            (dollars(row.calls), "text"),
            (dollars(net, sign=True), pnl_style(net)),
            (two_sided(-row.puts / largest, row.calls / largest, room), "done"),
            (_mark(row, found), "mark"),
        ),
    )


def two_sided(left: float, right: float, width: int) -> str:
    """``   ##|####  ``: parts of a whole, each in its half of ``width`` cells."""
    half = (width - 1) // 2
    if half < 1:
        return ""
    return f"{'#' * round(left * half):>{half}}|{'#' * round(right * half):<{half}}"


def _mark(row: GammaRow, found: GammaView) -> str:
    """C wall, P wall: where the exposure of calls and puts is largest."""
    words = [name for name, wall in (("C", found.call_wall), ("P", found.put_wall)) if wall == row.strike / SCALE]
    return f"{'+'.join(words)} wall" if words else ""


def dollars(value: float | None, sign: bool = False) -> str:
    """``1.2B``, ``-340M``: three digits are all that open interest of last night is good for."""
    if value is None:
        return "n/a"
    size = abs(value)
    for unit, name in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if size >= 0.9995 * unit:
            text = f"{size / unit:.3g}{name}" if size < 999.5 * unit else f"{size / unit:.0f}{name}"
            break
    else:
        text = f"{size:.0f}"
    return f"{'-' if value < 0 else '+' if sign and value > 0 else ''}{text}"


def _bottom(found: GammaView, width: int) -> tuple[Row, ...]:
    items: list[Line] = [
        (("net ", "dim"), (dollars(found.net, sign=True), pnl_style(found.net))),
        (("calls ", "dim"), (dollars(found.calls), "text")),
        (("puts ", "dim"), (dollars(found.puts), "text")),
        (
            ("walls C ", "dim"),
            (number(found.call_wall, 0), "text"),
            (" P ", "dim"),
            (number(found.put_wall, 0), "text"),
        ),
        (("zero-gamma ", "dim"), (number(found.zero_gamma, 0), "text")),
        (("spot ", "dim"), (number(found.spot), "text")),
    ]
    if found.unpriced:
        items.append(
            ((f"{found.unpriced:,} of {found.priced + found.unpriced:,} contracts left out: no volatility", "warn"),)
        )
    items.append((("calls +, puts -, by last night's open interest: a convention; u all expiries", "dim"),))
    return tuple(Row(f"bottom{n}", line, span=True) for n, line in enumerate(flow(items, width)))


class GammaPane(Pane):
    """Gamma exposure; follows the money."""

    NAME = "gamma"
    PARTS: ClassVar[tuple[str, ...]] = ("gamma",)
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS
    BINDINGS = bindings("grid", "gamma")

    def __init__(self) -> None:
        super().__init__()
        self.all_expiries = False

    @property
    def parts(self) -> tuple[str, ...]:
        """Of one expiry, or of all."""
        return (*self.PARTS, "gamma_all") if self.all_expiries else self.PARTS

    @classmethod
    def part(cls, view: View) -> object:
        """The exposure."""
        return view.gamma

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)
