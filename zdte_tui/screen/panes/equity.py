"""The equity curve: the day's P&L minute by minute, its figures, and how far the daily loss limit is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from engine.types import SCALE, Money
from engine.view import EquityView, ProgressView, View
from zdte_tui.screen.draw import (
    Curve,
    Figure,
    Glyphs,
    Level,
    Marker,
    amount_ticks,
    plot,
    plot_room,
    signs,
    span,
    time_ticks,
)
from zdte_tui.screen.grid import Line
from zdte_tui.screen.panes import why
from zdte_tui.screen.panes.drawn import Drawing, DrawnPane
from zdte_tui.screen.panes.flow import flow
from zdte_tui.screen.text import money, number, pnl_style

MINUTE = 60_000_000_000
GAP = 3 * MINUTE
"""A stretch without a mark is drawn where nothing was held, for then the P&L stood still."""
STYLES = ("key", "mark", "short", "long", "gain")
"""Of the strategies' curves, by turns; their names stand at their ends."""
_MARKS = {"entry": ("opened", "gain"), "exit": ("closed", "mark"), "stop": ("cut", "loss")}


class EquityPane(DrawnPane):
    """The equity curve."""

    NAME = "equity"
    PARTS: ClassVar[tuple[str, ...]] = ("equity",)

    @classmethod
    def part(cls, view: View) -> object:
        """The curve, the session's hours, and what the empty pane says."""
        return view.equity, view.progress.open, view.progress.end, why.equity(view)

    def drawing(self, view: View, width: int, height: int) -> Drawing:
        """See ``draw_equity``."""
        if view.equity is None or not view.equity.times:
            return Drawing("equity", message=why.equity(view))
        return draw_equity(view.equity, view.progress, width, height, self.glyphs)


def draw_equity(shown: EquityView, progress: ProgressView, width: int, height: int, glyphs: Glyphs) -> Drawing:
    """The curve in ``width`` times ``height`` cells."""
    day = shown.mid[-1]
    title = f"equity  day {money(day, sign=True)}" + ("  PROVISIONAL" if shown.provisional else "")
    below = _figures(shown, width, glyphs)
    below = below[: max(1, height // 3)]
    room = height - len(below)
    if room < 3:
        return Drawing(title, tuple(below[:height]))
    return Drawing(title, (*plot(_figure(shown, progress, width, room, glyphs), width, room, glyphs), *below))


def _figure(shown: EquityView, progress: ProgressView, width: int, height: int, glyphs: Glyphs) -> Figure:
    values = [_dollars(value) for value in (*shown.mid, *shown.now, *shown.realised) if value is not None]
    low, high = span([*values, 0.0], least=10.0) or (-10.0, 10.0)
    limit = -shown.limit / SCALE
    near = low - limit <= high - low  # no farther below than the curve is high: else it would flatten the curve
    if near and limit < low:
        low, high = span([limit, high], margin=0.03) or (low, high)
    start, end = min(progress.open, shown.times[0]), max(progress.close, shown.times[-1])
    figure = Figure(
        x=(float(start), float(end)),
        y=(low, high),
        y_ticks=amount_ticks(low, high, max(2, height // 3), sign=True),
        levels=tuple(_levels(shown, near, width)),
        curves=(
            *(
                Curve(_line(shown.times, each.pnl), STYLES[n % len(STYLES)], every=2)
                for n, each in enumerate(shown.strategies)
            ),
            Curve(_line(shown.times, shown.realised), "done", every=3),
            Curve(_line(shown.times, shown.now), "dim", every=2),
            Curve(_line(shown.times, shown.mid), "strong"),
        ),
        markers=tuple(_markers(shown, width, glyphs)),
        upright=((float(shown.times[-1]), "dim"),),
    )
    columns = plot_room(figure, width, height).columns
    return replace(figure, x_ticks=time_ticks(start, end, columns))


def _levels(shown: EquityView, near: bool, width: int) -> list[Level]:
    """The right margin, the most important first."""
    found = [Level(0.0, "0", "dim")]
    if near:
        found.append(Level(-shown.limit / SCALE, f"limit {_short(-shown.limit)}", "loss"))
    ends = (("mid", shown.mid[-1], "strong"), ("now", shown.now[-1], "dim"), ("real", shown.realised[-1], "done"))
    found += [
        Level(value / SCALE, f"{name} {_short(value)}", style, line=False)
        for name, value, style in ends
        if value is not None
    ]
    if shown.high > 0:
        found.append(Level(shown.high / SCALE, f"high {_short(shown.high)}", "gain", line=False))
    for n, each in enumerate(shown.strategies):
        value = each.pnl[-1]
        if value is not None:
            name = each.name if width >= 90 else each.name[:8]
            found.append(Level(value / SCALE, name, STYLES[n % len(STYLES)], line=False))
    return found


def _line(times: Sequence[int], values: Sequence[Money | None]) -> tuple[tuple[float, float | None], ...]:
    """Points in dollars. Across a stretch without points the value stood still, and steps at its end."""
    found: list[tuple[float, float | None]] = []
    last: tuple[int, float | None] | None = None
    for ts, value in zip(times, values, strict=True):
        shown = _dollars(value)
        if last is not None and ts - last[0] > GAP:
            found.append((float(ts), last[1]))
        found.append((float(ts), shown))
        last = (ts, shown)
    return tuple(found)


def _dollars(value: Money | None) -> float | None:
    return None if value is None else value / SCALE


def _markers(shown: EquityView, width: int, glyphs: Glyphs) -> list[Marker]:
    """At the lower edge, so that they never hide the curve."""
    found = []
    for mark in shown.marks:
        name, style = _MARKS[mark.kind]
        text = f"#{mark.trade_id}" if width >= 90 else ""
        found.append(Marker(float(mark.ts), None, getattr(signs(glyphs), name), style, text))
    return found


def _short(value: Money) -> str:
    return number(value / SCALE, 0, sign=True)


def _figures(shown: EquityView, width: int, glyphs: Glyphs) -> list[Line]:
    """Below the curve, the most important first."""
    day, used = shown.mid[-1], None
    if day is not None and shown.limit:
        used = max(0, -day) / shown.limit
    items: list[Line] = [
        (("now, liquidated ", "dim"), _result(shown.now[-1])),
        (("realised ", "dim"), _result(shown.realised[-1])),
        (("max drawdown ", "dim"), (money(-shown.drawdown) if shown.drawdown else money(0), "text")),
        (("high ", "dim"), (money(shown.high, sign=True) if shown.high else money(0), "text")),
        (
            ("loss limit ", "dim"),
            (money(-shown.limit), "text"),
            (f" {number(None if used is None else 100 * used, 0)}% used", "warn" if used and used >= 0.8 else "dim"),
        ),
        (("minute best ", "dim"), _result(shown.best), ("  worst ", "dim"), _result(shown.worst)),
        _trades(shown),
        (("fees ", "dim"), (money(shown.fees), "text")),
    ]
    items += [
        ((f"{each.name} ", STYLES[n % len(STYLES)]), _result(each.pnl[-1])) for n, each in enumerate(shown.strategies)
    ]
    kinds = {mark.kind for mark in shown.marks}
    items += [
        ((f"{getattr(signs(glyphs), _MARKS[kind][0])} ", _MARKS[kind][1]), (kind, "dim"))
        for kind in _MARKS
        if kind in kinds
    ]
    return flow(items, width)


def _trades(shown: EquityView) -> Line:
    """``3 trades over: 2 won, 1 lost, 67%   1 open``; a rate needs a trade that is over."""
    if not shown.closed:
        return ((f"{shown.open} open, none over: no win rate yet", "dim"),)
    rate = number(100 * shown.won / shown.closed, 0)
    words = f"{shown.closed} over: {shown.won} won, {shown.lost} lost, {rate}%"
    return ((words, "text"), (f"  {shown.open} open", "dim"))


def _result(value: Money | None) -> tuple[str, str]:
    return money(value, sign=True) if value else money(value), pnl_style(value)
