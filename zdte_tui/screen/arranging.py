"""The layout as a person changes it: which one, which panes were gone to, what was made larger, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zdte_tui.screen import layout
from zdte_tui.screen.layout import Box, Path, Preset
from zdte_tui.screen.layout.memory import Kept, Memory
from zdte_tui.screen.slots import SLOTS, number_of

KEPT_PANES = 40
"""So many panes gone to are remembered: more than there are."""


class Arrangement:
    """The layout in force for the size there is.

    A size class that was never seen begins with the layout in force.

    Args:
        needs: the cells of width a pane cannot do without, borders included.
        memory: what is known from earlier sessions, and told of every change.
    """

    def __init__(self, needs: Callable[[str], int], memory: Memory | None = None) -> None:
        self._needs = needs
        self.memory = memory or Memory()
        self.preset: Preset = layout.PRESETS[0]
        self._steps: dict[str, dict[Path, int]] = {}
        self._recent: list[str] = []
        self._class = ""
        self._room = (0, 0)

    # --- where things are

    def boxes(
        self, terminal: tuple[int, int], room: tuple[int, int], focused: str, maximised: bool
    ) -> Mapping[str, Box]:
        """The boxes of the shown panes in a ``room`` of a ``terminal`` (columns, lines)."""
        self._room = room
        self._sized(layout.size_class(*terminal))
        return layout.arrange(
            *room,
            focused,
            preset=self.preset,
            recent=self._recent,
            maximised=maximised,
            steps=self._steps.get(self.preset.name),
            needs=self._needs,
        )

    def _sized(self, name: str) -> None:
        """Another size class: what is remembered of it is in force."""
        if name == self._class:
            return
        self._class = name
        kept = self.memory.kept(name)
        if kept is None:
            return
        self.preset = layout.preset(kept.preset)
        self._recent = list(dict.fromkeys((*self._recent, *kept.recent)))
        self._steps = {
            preset: {tuple(map(int, path.split("."))): many for path, many in steps.items()}
            for preset, steps in kept.steps.items()
        }

    def went_to(self, name: str) -> None:
        """A pane has the focus now."""
        if self._recent[:1] != [name]:
            self._recent = [name, *(each for each in self._recent if each != name)][:KEPT_PANES]

    def in_slot(self, number: int) -> str:
        """The pane to which a number goes: of its panes the one that had the focus last."""
        names = SLOTS[number - 1]
        return next((name for name in self._recent if name in names), names[0])

    def hidden(self, shown: Mapping[str, Box]) -> str:
        """The numbers of which no pane is shown, for a border."""
        return layout.hidden(shown, {number: self.in_slot(number) for number in range(1, len(SLOTS) + 1)})

    # --- what changes it

    def turn(self) -> str:
        """The next layout; what it is called and is for."""
        at = layout.PRESETS.index(self.preset)
        return self.choose(layout.PRESETS[(at + 1) % len(layout.PRESETS)])

    def choose(self, preset: Preset) -> str:
        """This layout from now on, with the panes it is for: of what was gone to, only which of a number's panes it was
        is still remembered."""
        self.preset = preset
        own = {number_of(panes[0]) for panes in self._places}
        self._recent = [name for name in self._recent if number_of(name) in own]
        self.keep()
        return self.memory.complaint() or f"layout {preset.name}: {preset.help}"

    def settle(self, focused: str) -> str:
        """Where the focus goes after ``choose``: it stays, unless that would put another pane out of its place."""
        mine = next(panes for panes in self._places if focused in panes)
        number = number_of(mine[0])
        return focused if number_of(focused) == number else self.in_slot(number)

    @property
    def _places(self) -> list[tuple[str, ...]]:
        return layout.places(self.preset, *self._room)

    def grow(self, focused: str, by: int, directions: tuple[bool, ...] = (True, False)) -> str:
        """Give the focused pane more room (or less, with ``by`` negative), in width where ``True`` is among the
        ``directions``, in height where ``False`` is."""
        changed = False
        mine = self._steps.setdefault(self.preset.name, {})
        before = self._drawn(focused)
        for across in directions:
            path = layout.grown(*self._room, focused, across, preset=self.preset, recent=self._recent)
            if path is None:
                continue
            old = mine.get(path, 0)
            mine[path] = max(-layout.MOST_STEPS, min(layout.MOST_STEPS, old + by))
            if self._drawn(focused)[focused] == before[focused]:
                mine[path] = old
            changed = changed or mine[path] != old
        if not changed:
            return f"{number_of(focused)} {focused} cannot be {'larger' if by > 0 else 'smaller'} here"
        self.keep()
        box = self._drawn(focused)[focused]
        return f"{number_of(focused)} {focused} has {box.width} x {box.height} now; :layout reset undoes all"

    def _drawn(self, focused: str) -> Mapping[str, Box]:
        return layout.arrange(
            *self._room,
            focused,
            preset=self.preset,
            recent=self._recent,
            steps=self._steps.get(self.preset.name),
            needs=self._needs,
        )

    def reset(self) -> str:
        """Everything as it was made, for every size."""
        self.preset, self._steps, self._recent = layout.PRESETS[0], {}, []
        self.memory.forget()
        return self.memory.complaint() or "the layout is as it was made, for every size of the terminal"

    def keep(self) -> None:
        """Remember what is in force, for this size."""
        if self._class:
            steps = {
                preset: {".".join(map(str, path)): many for path, many in steps.items() if many}
                for preset, steps in self._steps.items()
            }
            kept = {name: some for name, some in steps.items() if some}
            self.memory.keep(self._class, Kept(self.preset.name, list(self._recent), kept))
