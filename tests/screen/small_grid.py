"""A grid alone in a small terminal, which counts the lines it paints."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from playing import until
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from zdte_tui.screen.grid import Column, Grid, Row

CSS = "Grid { height: 1fr; scrollbar-size: 0 0; } " + " ".join(
    f".cell-{name} {{ color: white; }}" for name in ("text", "title", "dim", "warn")
)


class Counting(Grid):
    COLUMNS = (Column("a", "A", 6), Column("b", "B", 6))

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.painted.append(y)
        return super().render_line(y)


class End(Counting):
    FOLLOW_END = True


def rows(n: int, changed: dict[int, str] | None = None) -> tuple[Row, ...]:
    changed = changed or {}
    return tuple(Row(str(i), ((str(i), "text"), (changed.get(i, "x"), "text"))) for i in range(n))


def play(scenario: Callable[[Counting, Pilot[None]], Awaitable[None]], kind: type[Counting] = Counting) -> None:
    grid = kind()

    class Small(App[None]):
        def compose(self) -> ComposeResult:
            yield grid

    Small.CSS = CSS

    async def run() -> None:
        async with Small().run_test(size=(20, 12)) as pilot:
            await until(pilot, lambda: grid.size.height == 12)
            await scenario(grid, pilot)

    asyncio.run(run())


async def quiet(grid: Counting, pilot: Pilot[None]) -> None:
    await pilot.pause()
    grid.painted.clear()
