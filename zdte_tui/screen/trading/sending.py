"""Handing over what was confirmed, as long as there is somebody to take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.types import Manual
from engine.view import CommandRequest
from zdte_tui.screen.seat import refusal

if TYPE_CHECKING:
    from zdte_tui.screen.workstation import Workstation


def watching(station: Workstation) -> str:
    """Why this screen may not order, where another is in control; else empty."""
    view = station.desk.view
    return "" if view is None else refusal(view.seat)


def send(station: Workstation, order: Manual) -> None:
    """Hand an order over that was confirmed. ``RuntimeError`` where it would reach nobody, by what has changed since it
    was asked."""
    why = "the engine has stopped" if station.dead else watching(station)
    if why:
        raise RuntimeError(why)
    station.desk.port.command(CommandRequest("manual", manual=order))
