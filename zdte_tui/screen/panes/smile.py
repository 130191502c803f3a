"""Pane 7: the smile of the chain's expiry, quote by quote beside its fit, and the distribution it implies.

RR25 and BF25 are the risk reversal and the butterfly of the 25-delta call and put, in vol points.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

from engine.types import strike_text
from engine.view import SmilePoint, SmileView, View
from zdte_tui.screen.grid import Cell, Column, Line, Row, slot_width
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes import why
from zdte_tui.screen.panes.flow import flow
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import bar, number, percent

COLUMNS = (
    Column("strike", "strike", 8),
    Column("market", "IV %", 6, stretch=2),
    Column("model", "fit %", 6, stretch=2),
    Column("off", "off", 5, drop=1, stretch=2),
    Column("above", "above %", 7, drop=2, stretch=2),
    Column("density", "%/point", 7, drop=3, stretch=2),
    Column("bar", "where it may end", 6, justify="left", drop=4, stretch=FLEXIBLE),
)


def content(view: View, width: int) -> Content:
    """The smile of ``view``; keys are strikes in price units."""
    smile = view.smile
    if smile is None:
        return Content(title="smile", rows=(), message=why.smile(view))
    title = f"smile  {smile.root} {smile.expiry}"
    about = (smile.root, smile.expiry)
    if smile.why_empty:
        return Content(title=title, rows=(), message=why.smile(view), about=about)
    highest = max((point.density for point in smile.points if point.density is not None), default=0.0)
    wide = slot_width(COLUMNS, width, "bar")
    return Content(
        title=title,
        rows=tuple(_row(point, point.strike == smile.atm_strike, highest, wide) for point in smile.points),
        bottom=_bottom(smile, width),
        follow=None if smile.atm_strike is None else str(smile.atm_strike),
        about=about,
    )


@lru_cache(maxsize=2048)
def _row(point: SmilePoint, atm: bool, highest: float, wide: int) -> Row:
    strike = strike_text(point.strike)
    off = None if point.market is None or point.model is None else point.market - point.model
    chance = None if point.density is None else 100 * point.density
    drawn = bar((point.density or 0.0) / highest, wide).rstrip("-") if highest > 0 else ""
    return Row(
        str(point.strike),
        (
            (f">{strike}<", "atm") if atm else (strike, "strong"),
            _cell(percent(point.market)),
            _cell(percent(point.model)),
            _cell(_points(off)),
            _cell(percent(point.above)),
            _cell(number(chance, 3)),
            (drawn, "done"),
        ),
    )


def _cell(text: str) -> Cell:
    return text, "dim" if text == "n/a" else "text"


def _bottom(smile: SmileView, width: int) -> tuple[Row, ...]:
    """Volatilities in percent, their differences in vol points; what is read most comes first."""
    items: list[Line] = [
        _item("ATM", percent(smile.atm), after="%"),
        _item("RR25", _points(smile.risk_reversal)),
        _item("BF25", _points(smile.butterfly)),
        _item("move", number(smile.move), before="±"),
    ]
    if smile.arbitrage:
        items.append(((f"not free of arbitrage: {smile.arbitrage}", "warn"),))
    if smile.outliers:
        items.append(((f"{smile.outliers} of {smile.quotes} quotes lie aside", "warn"),))
    items += [
        _item("1 sd", number(smile.deviation), before="±"),
        _item("skew", _points(smile.skew), after=" per 1% of strike"),
        _item("IV", number(None if smile.iv_tick is None else 100 * smile.iv_tick, 2), before="±", after=" (tick)"),
        _item("quotes off the fit by", number(None if smile.error is None else 100 * smile.error, 2)),
    ]
    return tuple(Row(f"bottom{n}", line, span=True) for n, line in enumerate(flow(items, width)))


def _points(difference: float | None) -> str:
    return number(None if difference is None else 100 * difference, 2, sign=True)


def _item(label: str, value: str, before: str = "", after: str = "") -> Line:
    return ((f"{label} ", "dim"), (value if value == "n/a" else f"{before}{value}{after}", "text"))


class SmilePane(Pane):
    """The smile; follows the money."""

    NAME = "smile"
    PARTS: ClassVar[tuple[str, ...]] = ("smile",)
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS

    @classmethod
    def part(cls, view: View) -> object:
        """The smile, and what the empty pane says."""
        return view.smile, why.smile(view)

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)
