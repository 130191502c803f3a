"""Several screens, and none: taking control of a session others look at, leaving it to go on without a screen."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action


def _take_control(station: Any, _argument: object) -> None:
    """Ask for y, unless there is nothing to ask about; what comes of it is told with the next view."""
    seat = station.desk.view.seat if station.desk.view is not None else None
    if seat is None or seat.in_control:
        station.say("this screen is in control already")
        return
    if seat.watching:
        station.say("attached with --watch: this screen cannot take control")
        return

    def take() -> str:
        station.desk.port.take_control()
        return "taking control"

    who = f"{seat.holder} is in control, and only watches after that" if seat.holder else "nobody is in control now"
    station.ask("take-control", "TAKE CONTROL of this session?", who, take)


def _detach(station: Any, _argument: object) -> None:
    station.app.detach()


ACTIONS: tuple[Action, ...] = (
    Action(
        "take_control", (), ":take-control", "", "be the screen whose orders count, where several look at one session",
        "Program", confirm=True, run=_take_control,
    ),
    Action(
        "detach", (), ":detach", "", "leave the screen; the session goes on, and zdte-tui attach brings it back",
        "Program", run=_detach,
    ),
)  # fmt: skip
