"""How a replay or a demo is played: pause, steps, speed, jumps."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import PACED, Action


def _paced(
    id: str,  # noqa: A002 - the field's name
    keys: tuple[str, ...],
    shown: str,
    title: str,
    words: str,
    **more: Any,
) -> Action:
    return Action(id, keys, shown, title, words, "Replay and demo", modes=PACED, **more)


def _speed(_station: Any, text: str) -> object:
    from zdte_tui.screen.desk import speed_value

    return speed_value(text)


def _instant(station: Any, text: str) -> object:
    view = station.desk.view
    if not text:
        return None
    if view is None:
        raise ValueError("no session yet: go works from its first view on")
    from zdte_tui.screen.desk import goto_instant

    return goto_instant(text, view.header.day, view.progress)


def _kind(_station: Any, text: str) -> object:
    from zdte_tui.screen.travel import kind_of

    return kind_of(text)


def _practice(_station: Any, text: str) -> object:
    from zdte_tui.screen.travel import practice_named

    return practice_named(text) if text else None


def _play(station: Any, want: object) -> None:
    station.say(station.desk.play(str(want or "")))


def _step(station: Any, _argument: object) -> None:
    station.say(station.desk.step())


def _slower(station: Any, _argument: object) -> None:
    station.say(station.desk.change_speed(-1))


def _faster(station: Any, _argument: object) -> None:
    station.say(station.desk.change_speed(1))


def _set_speed(station: Any, speed: float) -> None:
    station.say(station.desk.set_speed(speed))


def _go_to(station: Any, instant: int | None) -> None:
    """To an instant (ns UTC); without one, the dialog for a time."""
    from zdte_tui.screen.dialogs import GoTo

    view = station.desk.view
    if instant is not None:
        station.travel_to(instant)
    elif view is not None:
        station.app.push_screen(GoTo(view.header.day, view.progress), station.travel_to)


def _minute_back(station: Any, _argument: object) -> None:
    station.say(station.travel.minute_back())


def _event_on(station: Any, _argument: object) -> None:
    station.say(station.travel.event_on())


def _event_back(station: Any, _argument: object) -> None:
    station.say(station.travel.event_back())


def _next(station: Any, kind: object) -> None:
    station.say(station.travel.next(str(kind or "")))


def _previous(station: Any, kind: object) -> None:
    station.say(station.travel.previous(str(kind or "")))


def _bookmark(station: Any, name: object) -> None:
    station.say(station.travel.bookmark(str(name or "")))


def _next_bookmark(station: Any, _argument: object) -> None:
    station.say(station.travel.next_bookmark())


def _bookmarks(station: Any, _argument: object) -> None:
    from zdte_tui.screen.travel import named

    found = station.travel.bookmarks
    station.say("; ".join(named(mark) for mark in found) if found else "no bookmarks on this day: m sets one")


def _take_over(station: Any, how: object) -> None:
    """By a word at once; by the key after a choice."""
    from zdte_tui.screen.dialogs.takeover import TakeOver

    progress = station.desk.progress
    if how is not None or progress is None or progress.finished:
        station.say(station.travel.take_over(str(how or "alone")))
        return
    from engine.view import Pace

    played = not progress.paused
    if played:
        station.desk.play("pause")  # the moment that is taken over stays the one that was seen

    def chosen(found: str | None) -> None:
        if found is not None:
            station.say(station.travel.take_over(found))
            return
        if played:
            station.desk.pace(Pace("resume"), "")
        station.say("hands-off: nothing was changed")

    already = f"You practise already: {progress.strategies}." if progress.practice is not None else ""
    station.app.push_screen(TakeOver(already), chosen)


def _compare(station: Any, _argument: object) -> None:
    station.go("compare")


ACTIONS: tuple[Action, ...] = (
    _paced("play", ("space",), "space", "pause", "pause or play on; this never pauses trading itself", run=_play),
    _paced("step", ("full_stop",), ".", "step", "play one minute and pause", run=_step),
    _paced("minute_back", ("comma",), ",", "", "go back one minute", run=_minute_back),
    _paced("event_on", ("greater_than_sign",), ">", "", "play one event and pause", run=_event_on),
    _paced("event_back", ("less_than_sign",), "<", "", "go back one event", run=_event_back),
    _paced("slower", ("left_square_bracket",), "[", "", "play slower", run=_slower),
    _paced("faster", ("right_square_bracket",), "]", "speed", "play faster, up to max", hint="[ ]", run=_faster),
    _paced(
        "set_speed", (), ":speed N", "", "play at a speed of your own, such as 90, 0.5 or max", name="speed", takes="N",
        reads=_speed, run=_set_speed,
    ),
    _paced(
        "go_to", ("g",), "g", "go to", "go to a time of the day, on or back; a click on the line of time does the same",
        name="go", takes="TIME", types=True, reads=_instant, run=_go_to,
    ),
    _paced(
        "next_event", ("n",), "n", "next", "play to the next signal or trade and pause; as :next also to an alert, a "
        "bookmark or an event", name="next", takes="KIND", reads=_kind, run=_next,
    ),
    _paced(
        "previous", ("p",), "p", "", "go back to the last signal or trade; as :prev also to an alert or a bookmark",
        name="prev", takes="KIND", reads=_kind, run=_previous,
    ),
    _paced(
        "bookmark", ("m",), "m", "", "set a bookmark here, with a name as :bookmark NAME", takes="NAME", run=_bookmark,
    ),
    _paced("next_bookmark", ("apostrophe",), "'", "", "go to the next bookmark, from the last to the first",
           run=_next_bookmark),
    _paced("bookmarks", (), ":bookmarks", "", "say which bookmarks this day has", run=_bookmarks),
    _paced(
        "take_over", ("t",), "t", "practise", "take over and practise: you trade from here, in a session of its own",
        takes="HOW", reads=_practice, run=_take_over,
    ),
    _paced(
        "comparison", ("equals_sign",), "=", "", "compare with the same day played hands-off; timeline: T trade, s "
        "signal, ! stop, c your order, a alert, m bookmark", run=_compare,
    ),
)  # fmt: skip
