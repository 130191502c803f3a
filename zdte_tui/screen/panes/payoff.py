"""The risk graph: P&L over spots today, at a chosen time and at expiry, with a spot and a volatility to move."""

from __future__ import annotations

from bisect import bisect_left
from typing import ClassVar

from msgspec.structs import replace

from engine.calendar import clock_text
from engine.view import PayoffRequest, PayoffView, View
from zdte_tui.screen.actions import bindings
from zdte_tui.screen.draw import Curve, Figure, Glyphs, Level, Marker, amount_ticks, plot, span
from zdte_tui.screen.grid import Line
from zdte_tui.screen.panes.drawn import Drawing, DrawnPane
from zdte_tui.screen.panes.flow import flow
from zdte_tui.screen.text import number, pnl_style

STEP = 0.0005
"""How far one press moves the spot, as a fraction of it: three points of SPX."""
SHOCK = 1.0
MINUTES = 15
LEAST = 5
"""Lines that a drawing needs to tell anything."""
KEYS = ("left right spot", "up down vol", "- + time", "u what", "0 as it is")


class PayoffPane(DrawnPane):
    """The risk graph of the book, a strategy, a trade or the ticket.

    Attributes:
        at: the spot under the cursor, dollars; None follows the market.
        asked: what the session was asked to work out.
    """

    NAME = "payoff"
    PARTS: ClassVar[tuple[str, ...]] = ("payoff",)
    BINDINGS = bindings("grid", "payoff")

    def __init__(self) -> None:
        super().__init__()
        self.at: float | None = None
        self.asked = PayoffRequest()

    @classmethod
    def part(cls, view: View) -> object:
        """The risk graph."""
        return view.payoff

    def state(self) -> object:
        """The cursor."""
        return self.at

    def drawing(self, view: View, width: int, height: int) -> Drawing:
        """See ``draw_payoff``."""
        return draw_payoff(view.payoff, self.at, width, height, self.glyphs)

    # --- what its keys do

    def move_spot(self, steps: int) -> None:
        """Move the cursor; it stays on the drawing."""
        shown = None if self._view is None else self._view.payoff
        if shown is None or not shown.spots or shown.spot is None:
            return
        now = shown.spot if self.at is None else self.at
        self.at = max(shown.spots[0], min(now + steps * STEP * shown.spot, shown.spots[-1]))
        self.redraw()

    def ask(self, request: PayoffRequest) -> PayoffRequest:
        """Ask the session for another graph; what is asked for."""
        self.asked = request
        return request

    def shocked(self, steps: int) -> PayoffRequest:
        """With other volatilities."""
        return self.ask(replace(self.asked, shock=max(-50.0, min(self.asked.shock + steps * SHOCK, 100.0))))

    def later(self, steps: int) -> PayoffRequest:
        """At another chosen time, not before now."""
        return self.ask(replace(self.asked, ahead=max(0, min(self.asked.ahead + steps * MINUTES * 60, 7 * 86_400))))

    def turned(self) -> PayoffRequest:
        """Of the next thing there is to draw."""
        shown = None if self._view is None else self._view.payoff
        choices = () if shown is None else shown.choices
        what = [replace(request, ahead=self.asked.ahead, shock=self.asked.shock) for _, request in choices]
        at = what.index(self.asked) if self.asked in what else -1
        return self.ask(what[(at + 1) % len(what)] if what else PayoffRequest())

    def reset(self) -> PayoffRequest:
        """The market's own spot and volatility, and the usual time; of what is drawn already."""
        self.at = None
        self.redraw()
        usual = PayoffRequest()
        return self.ask(replace(self.asked, ahead=usual.ahead, shock=usual.shock))


def draw_payoff(shown: PayoffView | None, at: float | None, width: int, height: int, glyphs: Glyphs) -> Drawing:
    """The graph in ``width`` times ``height`` cells, read at the spot ``at`` (dollars; None: where the market is)."""
    if shown is None:
        return Drawing("payoff", message="The risk graph is being worked out.")
    title = f"payoff  {shown.root} {shown.subject}" + (f"  vol {shown.shock:+g} vp" if shown.shock else "")
    if shown.why_empty and not shown.spots:
        return Drawing(title, message=f"{shown.why_empty[:1].upper()}{shown.why_empty[1:]}.")
    spot = shown.spot if at is None else at
    assert spot is not None
    above, below = _above(shown, spot, width), _below(shown, width)
    # Words give way to the drawing where there is little height, the keys first.
    shorter = (below, _below(shown, width, 3), _below(shown, width, 1))
    below = next((lines for lines in shorter if height - len(above) - len(lines) >= LEAST), ())
    room = height - len(above) - len(below)
    if room < LEAST:
        return Drawing(title, above[:height])
    figure = _figure(shown, spot, width, room)
    return Drawing(title, (*above, *plot(figure, width, room, glyphs), *below))


def _figure(shown: PayoffView, spot: float, width: int, height: int) -> Figure:
    curves = [Curve(_points(shown, shown.expiry), "strong")]
    if shown.chosen is not None:
        curves.append(Curve(_points(shown, shown.chosen), "mark", every=3))
    if shown.now is not None:
        curves.append(Curve(_points(shown, shown.now), "done"))
    values = [y for curve in (shown.now, shown.chosen, shown.expiry) for y in curve or ()]
    low, high = span([*values, 0.0], least=1.0) or (-1.0, 1.0)
    x = (shown.spots[0], shown.spots[-1])
    markers = [
        Marker(strike, None, "S" if quantity < 0 else "L", "short" if quantity < 0 else "long")
        for strike, quantity in shown.strikes
    ]
    upright = [(edge, "dim") for edge in (shown.low, shown.high) if edge is not None]
    upright.append((spot, "atm"))
    return Figure(
        x=x,
        y=(low, high),
        x_ticks=amount_ticks(*x, max(1, width // 12)),
        y_ticks=amount_ticks(low, high, max(2, height // 3), sign=True),
        levels=(Level(0.0, "0", "dim"),),
        curves=tuple(curves),
        markers=tuple(markers),
        upright=tuple(upright),
    )


def _points(shown: PayoffView, curve: tuple[float, ...]) -> tuple[tuple[float, float], ...]:
    return tuple(zip(shown.spots, curve, strict=True))


def read(shown: PayoffView, curve: tuple[float, ...] | None, spot: float) -> float | None:
    """A curve's value at ``spot``, between two nodes by a straight line; None outside of it."""
    if not curve or not shown.spots[0] <= spot <= shown.spots[-1]:
        return None
    right = max(1, min(bisect_left(shown.spots, spot), len(shown.spots) - 1))
    x0, x1 = shown.spots[right - 1], shown.spots[right]
    return curve[right - 1] + (curve[right] - curve[right - 1]) * (spot - x0) / (x1 - x0)


def _above(shown: PayoffView, spot: float, width: int) -> tuple[Line, ...]:
    """What the curves read at the cursor."""
    later = clock_text(shown.at, seconds=False)
    moved = shown.spot is not None and abs(spot - shown.spot) > 1e-9
    distance = 0.0 if shown.spot is None else spot - shown.spot
    items: list[Line] = [
        (
            ("at ", "dim"),
            (number(spot, 2), "atm"),
            (f" ({number(distance, 2, sign=True)})" if moved else " (spot)", "dim"),
        ),
        _value("now", read(shown, shown.now, spot), "done"),
        _value(later, read(shown, shown.chosen, spot), "mark"),
        _value("expiry", read(shown, shown.expiry, spot), "strong"),
    ]
    return tuple(flow(items, width))


def _value(name: str, dollars: float | None, style: str) -> Line:
    return ((f"{name} ", style), (_dollars(dollars), pnl_style(dollars)))


def _dollars(value: float | None) -> str:
    return "n/a" if value is None else f"{'+' if value > 0 else '-' if value < 0 else ''}${abs(value):,.0f}"


def _below(shown: PayoffView, width: int, most: int = 99) -> tuple[Line, ...]:
    """Breakevens, best and worst, what is missing, the keys; the first ``most`` of that."""
    evens = ", ".join(number(spot, 2) for spot in shown.breakevens) or "none in sight"
    items: list[Line] = [
        (("breakeven at expiry ", "dim"), (evens, "text")),
        (("best ", "dim"), ("unbounded" if shown.best is None else _dollars(shown.best), pnl_style(shown.best))),
        (("worst ", "dim"), ("UNBOUNDED" if shown.worst is None else _dollars(shown.worst), pnl_style(shown.worst))),
    ]
    if shown.now is None:
        items.append((("before expiry n/a: a leg has no volatility now", "warn"),))
    if shown.note:
        items.append(((shown.note, "warn"),))
    items += [((key, "dim"),) for key in KEYS]
    return tuple(flow(items[:most], width))
