"""Several screens on one session: what the header says of it, and what this screen was told."""

from __future__ import annotations

from engine.view import SeatView
from zdte_tui.screen.header import Item


def items(seat: SeatView | None) -> tuple[Item, ...]:
    """The words of the header: whether this screen only watches, or who watches besides. Nothing where it is alone."""
    if seat is None or (seat.in_control and seat.viewers < 2):
        return ()
    if seat.in_control:
        return (Item((((f"in control of {seat.viewers} screens", "dim"),), (("in control", "dim"),)), (7, 6)),)
    short = (("WATCHING", "warn"),)
    if seat.watching:
        return (Item(((("WATCHING ONLY", "warn"),), short), (3, 0)),)
    if not seat.holder:
        return (Item(((("WATCHING, nobody is in control; :take-control", "warn"),), short), (3, 0)),)
    return (Item(((("WATCHING; :take-control", "warn"),), short), (3, 0)),)


def refusal(seat: SeatView | None) -> str:
    """Why this screen orders nothing but F and K now; empty where it may."""
    if seat is None or seat.in_control:
        return ""
    return "this screen only watches" + ("" if seat.watching else "; :take-control first") + " (F and K work without)"


class Told:
    """Remembers what of a seat's notices was shown."""

    def __init__(self) -> None:
        self._shown = 0

    def news(self, seat: SeatView | None) -> str:
        """What this screen was told since; empty for nothing new."""
        if seat is None or seat.notices <= self._shown:
            return ""
        self._shown = seat.notices
        return seat.notice
