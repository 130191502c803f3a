"""The chart: the underlying over the day, what of the book lies on it, and where it is expected to end."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar, NamedTuple

from engine.calendar import clock_text
from engine.types import SCALE, Price, strike_text
from engine.view import ChartStop, ChartStrike, ChartView, Cone, View
from zdte_tui.screen.actions import bindings
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
from zdte_tui.screen.text import number, price

MINUTE = 60_000_000_000
ZOOMS: tuple[tuple[str, int], ...] = (("day", 0), ("2 h", 120 * MINUTE), ("30 min", 30 * MINUTE))
"""What a window is called, and how long it is; 0 is the whole session."""
AHEAD = 0.25
"""The part of a window that lies after now, for the cone."""
REACH = (0.6, 0.4, 0.4)
"""A strike or a stop is drawn as long as it lies no farther outside of the prices than this part of their range, by
zoom."""
GAP = 3 * MINUTE
"""Between two points farther apart nothing is drawn: nobody knows what was there."""
_MARKS = {"entry": ("opened", "gain"), "exit": ("closed", "mark"), "stop": ("cut", "loss")}


class Window(NamedTuple):
    """The times that are shown, ns UTC."""

    start: int
    end: int


class ChartPane(DrawnPane):
    """The chart.

    Attributes:
        zoom: which of ``ZOOMS``. at: the instant under the cursor, ns UTC; None follows the newest.
    """

    NAME = "chart"
    PARTS: ClassVar[tuple[str, ...]] = ("chart",)
    BINDINGS = bindings("grid", "chart")

    def __init__(self) -> None:
        super().__init__()
        self.zoom = 0
        self.at: int | None = None

    @classmethod
    def part(cls, view: View) -> object:
        """The chart, and what the empty pane says."""
        return view.chart, why.chart(view)

    def state(self) -> object:
        """The zoom and the cursor."""
        return self.zoom, self.at

    def drawing(self, view: View, width: int, height: int) -> Drawing:
        """See ``draw_chart``."""
        if view.chart is None or not view.chart.times:
            return Drawing("chart", message=why.chart(view))
        return draw_chart(view.chart, width, height, self.glyphs, self.zoom, self.at)

    # --- what its keys do

    def zoom_by(self, steps: int) -> None:
        """Closer, or farther away."""
        self.zoom = max(0, min(self.zoom + steps, len(ZOOMS) - 1))
        self.redraw()

    def move(self, steps: int) -> None:
        """Move the cursor by so many columns of the drawing; it stays on the points that are known."""
        shown = None if self._view is None else self._view.chart
        if shown is None or not shown.times:
            return
        start, end = window(shown, self.zoom, self.at)
        column = max(MINUTE, (end - start) // max(1, self.size.width))
        wanted = (shown.times[-1] if self.at is None else self.at) + steps * column
        self.at = shown.times[nearest(shown, max(shown.times[0], min(wanted, shown.times[-1])))]
        self.redraw()

    def action_follow(self) -> None:
        """Back to the newest price, and the whole day."""
        self.at, self.zoom = None, 0
        self.redraw()


def window(shown: ChartView, zoom: int, at: int | None) -> Window:
    """The times shown at a zoom: around the cursor where there is one, else up to a quarter of it after now."""
    length = ZOOMS[zoom][1]
    if not length or length >= shown.close - shown.open:
        return Window(shown.open, max(shown.close, shown.times[-1] if shown.times else 0))
    end = at + length // 2 if at is not None else shown.now + int(length * AHEAD)
    start = max(shown.open, min(end, max(shown.close, shown.now)) - length)
    return Window(start, start + length)


def nearest(shown: ChartView, at: int) -> int:
    """The place of the point nearest to an instant."""
    right = bisect_left(shown.times, at)
    around = [place for place in (right - 1, right) if 0 <= place < len(shown.times)]
    return min(around, key=lambda place: abs(shown.times[place] - at))


def draw_chart(shown: ChartView, width: int, height: int, glyphs: Glyphs, zoom: int, at: int | None) -> Drawing:
    """The chart in ``width`` times ``height`` cells, with a cursor at the instant ``at``."""
    seen = window(shown, zoom, at)
    below = _below(shown, seen, zoom, width, glyphs)[: max(0, (height - 6) // 3)]
    above = flow(_read(shown, at), width)[: max(1, height // 6)]
    room = height - len(above) - len(below)
    title = f"chart  {shown.symbol}  {ZOOMS[zoom][0]}   + - zoom   left right read"
    if room < 3:
        return Drawing(title, tuple((*above, *below)[:height]))
    return Drawing(
        title, (*above, *plot(_figure(shown, seen, zoom, at, width, room, glyphs), width, room, glyphs), *below)
    )


# --- what is drawn


def _figure(
    shown: ChartView, seen: Window, zoom: int, at: int | None, width: int, height: int, glyphs: Glyphs
) -> Figure:
    low, high = _range(shown, seen, zoom)
    strikes, stops = _within(shown, low, high, zoom)
    cones = [each for each in (shown.opening, shown.cone) if each is not None]
    far = [each.strike / SCALE for each in strikes] + [each.price / SCALE for each in stops]
    low, high = span([low, high, *far], margin=0.02 if far else 0.0) or (low, high)
    figure = Figure(
        x=(float(seen.start), float(seen.end)),
        y=(low, high),
        y_ticks=amount_ticks(low, high, max(2, height // 3)),
        levels=tuple(_levels(shown, strikes, stops, width, glyphs)),
        curves=(
            *(curve for each in cones for curve in _cone_curves(each, seen, 4 if each is shown.opening else 2)),
            Curve(_line(shown.times, shown.average), "warn", every=2),
            Curve(_line(shown.times, shown.prices), "strong"),
        ),
        markers=tuple(_markers(shown, width, glyphs)),
        upright=_uprights(shown, at),
    )
    columns = plot_room(figure, width, height).columns
    return replace(figure, x_ticks=time_ticks(seen.start, seen.end, columns))


def _range(shown: ChartView, seen: Window, zoom: int) -> tuple[float, float]:
    """The prices in sight and the cone; over the whole day the opening's cone too: it would flatten a closer look."""
    prices = [
        value / SCALE for ts, value in zip(shown.times, shown.prices, strict=True) if seen.start <= ts <= seen.end
    ]
    cones = [each for each in ((None if zoom else shown.opening), shown.cone) if each is not None]
    edges = [value for each in cones for _, low, high in _sides(each, seen) for value in (low, high)]
    return span([*prices, *edges], least=1.0) or _around(shown)


def _around(shown: ChartView) -> tuple[float, float]:
    middle = shown.prices[-1] / SCALE
    return middle * 0.999, middle * 1.001


def _line(times: Iterable[int], values: Iterable[Price | None]) -> tuple[tuple[float, float | None], ...]:
    """Points in dollars, with a gap where minutes are missing."""
    found: list[tuple[float, float | None]] = []
    last: int | None = None
    for ts, value in zip(times, values, strict=True):
        if last is not None and ts - last > GAP:
            found.append((float(ts - 1), None))
        found.append((float(ts), None if value is None else value / SCALE))
        last = ts
    return tuple(found)


def _sides(cone: Cone, seen: Window) -> list[tuple[float, float, float]]:
    """Time, low and high of a cone, where it is in sight."""
    length = cone.end - cone.start
    start, end = max(cone.start, seen.start), min(cone.end, seen.end)
    if length <= 0 or end <= start:
        return []
    found = []
    for n in range(41):
        ts = start + (end - start) * n / 40
        wide = cone.move * math.sqrt((ts - cone.start) / length)
        found.append((ts, cone.centre / SCALE - wide, cone.centre / SCALE + wide))
    return found


def _cone_curves(cone: Cone, seen: Window, every: int) -> tuple[Curve, Curve]:
    sides = _sides(cone, seen)
    style = "dim" if every > 2 else "done"
    return Curve([(ts, low) for ts, low, _ in sides], style, every), Curve(
        [(ts, high) for ts, _, high in sides], style, every
    )


def _within(shown: ChartView, low: float, high: float, zoom: int) -> tuple[list[ChartStrike], list[ChartStop]]:
    """The strikes and stops that are near enough to be drawn."""
    more = REACH[zoom] * (high - low)
    return (
        [each for each in shown.strikes if low - more <= each.strike / SCALE <= high + more],
        [each for each in shown.stops if low - more <= each.price / SCALE <= high + more],
    )


def _levels(
    shown: ChartView, strikes: list[ChartStrike], stops: list[ChartStop], width: int, glyphs: Glyphs
) -> list[Level]:
    """The right margin, the most important first."""
    wide = width >= 70
    found = []
    if shown.spot is not None:
        found.append(Level(shown.spot / SCALE, f"{signs(glyphs).spot}{price(shown.spot)}", "strong", line=False))
    for strike in strikes:
        many = f" x{strike.quantity}" if wide and strike.quantity > 1 else ""
        found.append(Level(strike.strike / SCALE, f"S {strike_text(strike.strike)}{strike.right}{many}", "short"))
    for stop in stops:
        words = f"stop #{stop.trade_id} {stop.label}" if wide else f"stop #{stop.trade_id}"
        found.append(Level(stop.price / SCALE, words, "loss"))
    last = shown.average[-1] if shown.average else None
    if last is not None:
        found.append(Level(last / SCALE, shown.average_kind, "warn", line=False))
    return found


def _markers(shown: ChartView, width: int, glyphs: Glyphs) -> list[Marker]:
    found = []
    for mark in shown.marks:
        name, style = _MARKS[mark.kind]
        text = f"#{mark.trade_id}" if width >= 90 else ""
        where = None if mark.price is None else mark.price / SCALE
        found.append(Marker(float(mark.ts), where, getattr(signs(glyphs), name), style, text))
    return found


def _uprights(shown: ChartView, at: int | None) -> tuple[tuple[float, str], ...]:
    now = (float(shown.now), "dim")
    return (now,) if at is None else (now, (float(at), "atm"))


# --- what is written


def _read(shown: ChartView, at: int | None) -> list[Line]:
    """The values at the cursor, or the newest."""
    place = len(shown.times) - 1 if at is None else nearest(shown, at)
    ts, value, mean = shown.times[place], shown.prices[place], shown.average[place]
    move = value - shown.prices[0]
    items: list[Line] = [
        ((f"{clock_text(ts)} ", "dim" if at is None else "atm"), (price(value), "strong")),
        (
            (f"since {clock_text(shown.times[0], seconds=False)} ", "dim"),
            (number(move / SCALE, sign=True), "gain" if move > 0 else "loss" if move else "text"),
        ),
        ((f"{shown.average_kind} ", "dim"), (price(mean), "text")),
    ]
    if at is None:
        items.append((("high ", "dim"), (price(shown.high), "text"), ("  low ", "dim"), (price(shown.low), "text")))
        if shown.cone is not None:
            items.append((("by the close ", "dim"), (f"±{number(shown.cone.move)}", "text")))
    else:
        items += [_nearest_short(shown, value)] if shown.strikes else []
        items += [((f"#{mark.trade_id} {mark.kind}", "mark"),) for mark in shown.marks if abs(mark.ts - ts) <= MINUTE]
    return items


def _nearest_short(shown: ChartView, value: Price) -> Line:
    near = min(shown.strikes, key=lambda each: abs(each.strike - value))
    away = near.strike - value if near.right == "C" else value - near.strike
    words = f"S {strike_text(near.strike)}{near.right} "
    return ((words, "dim"), (number(away / SCALE, sign=True), "text" if away > 0 else "loss"), (" pts", "dim"))


def _below(shown: ChartView, seen: Window, zoom: int, width: int, glyphs: Glyphs) -> list[Line]:
    """What the signs mean, what lies outside of the drawing, and what is not known."""
    used = signs(glyphs)
    kinds = {mark.kind for mark in shown.marks}
    items: list[Line] = []
    if shown.average_why:
        items.append(((f"no VWAP: {shown.average_why}", "dim"),))
    if shown.since is not None and shown.since > shown.open + 2 * MINUTE:
        items.append(((f"known from {clock_text(shown.since, seconds=False)} on", "warn"),))
    items += [
        ((f"{getattr(used, _MARKS[kind][0])} ", _MARKS[kind][1]), (kind, "dim")) for kind in _MARKS if kind in kinds
    ]
    if shown.opening is not None:
        at = clock_text(shown.opening.start, seconds=False)
        items.append(((f"cones: now, and ±{number(shown.opening.move)} as of {at}", "dim"),))
    if shown.stops:
        items.append((("stops: where each would fire now, volatilities as they are", "dim"),))
    outside = _outside(shown, seen, zoom)
    if outside:
        items.append(((f"outside: {', '.join(outside)}", "dim"),))
    items.append((("one point a minute", "dim"),))
    return flow(items, width)


def _outside(shown: ChartView, seen: Window, zoom: int) -> list[str]:
    strikes, stops = _within(shown, *_range(shown, seen, zoom), zoom)
    return [f"S {strike_text(each.strike)}{each.right}" for each in shown.strikes if each not in strikes] + [
        f"stop #{each.trade_id} at {price(each.price)}" for each in shown.stops if each not in stops
    ]
