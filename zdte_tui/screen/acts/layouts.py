"""How the screen is laid out and coloured: the layout, the room of a pane, the theme."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action

DIRECTIONS = {"": (True, False), "wide": (True,), "high": (False,)}
"""What may follow ``grow`` and ``shrink``: in width, in height; both where nothing follows."""


def turn(station: Any, _argument: object = None) -> None:
    """The next layout."""
    station.say(station.arrangement.turn())
    station.go(station.arrangement.settle(station.primary))


def choose(station: Any, argument: Any = None) -> None:
    """A layout by its name, or everything as it was made; without a name, which there are."""
    if argument is None:
        from zdte_tui.screen.layout import PRESETS

        names = ", ".join(each.name for each in PRESETS)
        station.say(f"layout {station.arrangement.preset.name}; there are {names}, and reset")
        return
    station.say(station.arrangement.reset() if argument == "reset" else station.arrangement.choose(argument))
    station.go(station.arrangement.settle(station.primary))


def _layout(_station: Any, text: str) -> object:
    from zdte_tui.screen.layout import preset

    word = text.strip().lower()
    return None if not word else word if word == "reset" else preset(word)


def _sized(by: int) -> Any:
    def size(station: Any, directions: Any = None) -> None:
        if station.maximised:
            station.say("the pane has the whole screen; z gives it back")
            return
        station.say(station.arrangement.grow(station.primary, by, directions or DIRECTIONS[""]))
        station.place_panes()

    return size


def _directions(_station: Any, text: str) -> object:
    word = text.strip().lower()
    if word not in DIRECTIONS:
        raise ValueError(f"{text.strip()!r} is no direction: wide, high, or nothing for both")
    return DIRECTIONS[word]


def theme(app: Any, name: Any = None) -> None:
    """Another theme, until the program ends; without a name the next one of ours."""
    if not app.cancelled_question():
        app.workstation.say(app.wear(name))


def _theme(station: Any, text: str) -> object:
    return station.app.known_theme(text.strip()) if text.strip() else None


ACTIONS: tuple[Action, ...] = (
    Action(
        "next_layout", ("backslash",), "\\", "layouts", "the next layout: standard, trade, watch, review, focus",
        "Panes", run=turn,
    ),
    Action(
        "layout", (), ":layout NAME", "", "a layout by its name; reset makes all as it was, for every size", "Panes",
        takes="NAME", run=choose, reads=_layout,
    ),
    Action(
        "grow", ("plus",), "+", "", "more room for the pane; :grow wide or :grow high in one direction", "Panes",
        takes="DIRECTION", run=_sized(1), reads=_directions,
    ),
    Action(
        "shrink", ("minus",), "-", "", "less room for the pane; :shrink wide or :shrink high", "Panes",
        takes="DIRECTION", run=_sized(-1), reads=_directions,
    ),
    Action(
        "theme", (), ":theme NAME", "", "other colours, until the program ends; without a name the next of ours",
        "Program", scope="app", takes="NAME", run=theme, reads=_theme,
    ),
)  # fmt: skip
