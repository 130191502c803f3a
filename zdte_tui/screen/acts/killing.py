"""The kill switch, from pausing entries to locking the day."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action


def _level(_station: Any, text: str) -> object:
    from zdte_tui.screen.desk import kill_level

    return kill_level(text) if text else None


def _pause_entries(station: Any, _argument: object) -> None:
    """No new trades, after y."""
    words = "No strategy opens a trade until A resumes. Exits go on."
    station.order("pause", "Pause entries?", words, lambda: station.desk.kill("pause"))


def _resume_trading(station: Any, _argument: object) -> None:
    """New trades again, after y; by who is in control alone."""
    from zdte_tui.screen.trading.sending import watching

    if why := watching(station):
        station.say(why, alarm=True)
        return
    view = station.desk.view
    words = "" if view is None else f"Now {view.header.state}. {view.header.state_text}"
    station.order("resume", "Resume trading?", words, station.desk.resume_trading)


ACTIONS: tuple[Action, ...] = (
    Action(
        "flatten", ("F",), "F", "flatten", "close every open trade now, after an estimate", "Trading",
        confirm=True, scope="app", anywhere=True,
    ),
    Action(
        "kill", ("K",), "K", "kill", "the kill switch: pause, cancel, flatten or lock", "Trading",
        confirm=True, scope="app", anywhere=True, takes="LEVEL", reads=_level,
    ),
    Action(
        "pause_entries", ("P",), "P", "pause entries", "no new trades until you resume; exits go on working", "Trading",
        confirm=True, run=_pause_entries,
    ),
    Action("resume_trading", ("A",), "A", "resume", "let strategies enter again", "Trading", confirm=True,
        run=_resume_trading,
    ),
)  # fmt: skip
