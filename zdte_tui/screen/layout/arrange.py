"""Which pane is where, from the room there is, the layout, and where the focus is and was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from zdte_tui.screen.layout.plan import Box, Path, Room, boxes, growing, seats
from zdte_tui.screen.layout.presets import PRESETS, Preset
from zdte_tui.screen.slots import SLOTS, number_of

SMALLEST = (60, 20)
"""Width and height of the terminal below which nothing useful can be shown."""
SINGLE = 12
"""A body lower than this, as under the tour in a small terminal, shows the focused pane alone."""
USUAL_NEED = 24
"""Cells of width for a pane that does not say what it needs, borders included."""


def _usual(_name: str) -> int:
    return USUAL_NEED


def arrange(
    width: int,
    height: int,
    focused: str,
    *,
    preset: Preset = PRESETS[0],
    recent: Sequence[str] = (),
    maximised: bool = False,
    steps: Mapping[Path, int] | None = None,
    needs: Callable[[str], int] = _usual,
    slots: Sequence[Sequence[str]] = SLOTS,
) -> Mapping[str, Box]:
    """The boxes of the panes that are shown in a body of ``width`` times ``height`` cells; ``focused`` is one of them.

    Of panes that share a place the focused one has it, else the one that had the focus last (``recent``, newest first),
    else the first. ``steps`` is how often a part of the plan was grown, ``needs`` the width a pane cannot do without.
    """
    if maximised or height < SINGLE:
        return {focused: Box(0, 0, width, height)}
    plan = preset.plan(width, height)
    shown = _shown(preset, width, height, focused, recent, slots)
    return boxes(plan, width, height, Room(shown, focused, steps or {}, needs))


def places(preset: Preset, width: int, height: int, slots: Sequence[Sequence[str]] = SLOTS) -> list[tuple[str, ...]]:
    """The panes that may be in each place of a layout, the one it is for first. Every pane is in one of them."""
    return [seat.panes for seat in seats(preset.plan(width, height), slots)]


def grown(
    width: int,
    height: int,
    focused: str,
    across: bool,
    *,
    preset: Preset,
    recent: Sequence[str] = (),
    slots: Sequence[Sequence[str]] = SLOTS,
) -> Path | None:
    """The part of the plan to grow so that the focused pane gets wider (``across``) or higher; None where it cannot."""
    if height < SINGLE:
        return None
    shown = _shown(preset, width, height, focused, recent, slots)
    seat = next(path for path, name in shown.items() if name == focused)
    return growing(preset.plan(width, height), seat, across, shown)


def _shown(
    preset: Preset, width: int, height: int, focused: str, recent: Sequence[str], slots: Sequence[Sequence[str]]
) -> dict[Path, str]:
    order = (focused, *recent)
    return {
        seat.path: next((name for name in order if name in seat.panes), seat.panes[0])
        for seat in seats(preset.plan(width, height), slots)
    }


def hidden(shown: Mapping[str, Box], here: Mapping[int, str] | None = None) -> str:
    """The numbers of which no pane is shown, with the pane each goes to, for a border. ``here`` names that pane where
    it is not the first of its number."""
    told = []
    for number, names in enumerate(SLOTS, 1):
        if not any(name in shown for name in names):
            name = (here or {}).get(number, names[0])
            told.append(f"{number} {name}{'…' if len(names) > 1 else ''}")
    return "  ".join(told)


def next_mate(shown: str) -> str:
    """What the number of a shown pane turns to when it is pressed again, for its border; empty for nothing."""
    number = number_of(shown)
    names = SLOTS[number - 1]
    if len(names) < 2:
        return ""
    return f"{number}: {names[(names.index(shown) + 1) % len(names)]}"
