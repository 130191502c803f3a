"""What the grid marks: changed cells for a moment, the followed row on an edge, the row under the mouse, the column."""

from __future__ import annotations

from small_grid import Counting, play, quiet
from textual.pilot import Pilot

from zdte_tui.screen.grid import Column, Row
from zdte_tui.screen.grid.flash import SECONDS, Flash


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Market(Counting):
    COLUMNS = (Column("a", "A", 6, flash=True), Column("b", "B", 6, flash=True), Column("age", "age", 4))

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self._flash = Flash(self.clock)

    @property
    def flashes(self) -> bool:
        return True


def prices(n: int, **changed: str) -> tuple[Row, ...]:
    return tuple(
        Row(str(i), ((str(i), "text"), (changed.get(f"r{i}", "x"), "text"), (changed.get(f"age{i}", "1s"), "text")))
        for i in range(n)
    )


def marked(grid: Market) -> dict[str, list[int]]:
    return {row.key: found for row in grid.rows if (found := sorted(grid._flash.of(row.key)))}


def test_a_changed_cell_is_marked_until_its_time_is_over_and_the_mark_ends_with_the_next_change() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        assert isinstance(grid, Market)
        grid.put(prices(8))
        await quiet(grid, pilot)
        grid.put(prices(8, r3="y"))
        assert marked(grid) == {"3": [1]}
        grid.clock.now += SECONDS / 2
        grid.put(prices(8, r3="y", r5="z"))
        assert marked(grid) == {"3": [1], "5": [1]}
        grid.clock.now += SECONDS / 2 + 0.01
        await quiet(grid, pilot)
        grid.put(prices(8, r3="y", r5="z", age1="2s"))
        assert marked(grid) == {"5": [1]}
        await pilot.pause()
        assert set(grid.painted) == {4, 2}

    play(scenario, Market)


def test_a_mark_ends_by_itself_where_nothing_changes_any_more() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        assert isinstance(grid, Market)
        grid.put(prices(8))
        grid.put(prices(8, r3="y"))
        grid.clock.now += SECONDS + 0.01
        grid._end_flash()
        assert marked(grid) == {}

    play(scenario, Market)


def test_an_age_is_not_marked_and_neither_is_anything_where_everything_changed() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        assert isinstance(grid, Market)
        grid.put(prices(8))
        grid.put(prices(8, age3="2s"))
        assert marked(grid) == {}
        grid.put(prices(8, **{f"r{i}": "new" for i in range(8)}))
        assert marked(grid) == {}

    play(scenario, Market)


def test_only_the_changed_cell_is_painted_again() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(prices(8))
        await quiet(grid, pilot)
        grid.put(prices(8, r3="y"))
        await pilot.pause()
        (update,) = [(region.x, region.y, region.width) for region in grid._asked if region.height == 1][-1:]
        assert update == (7, 4, 6)

    class Asking(Market):
        def __init__(self) -> None:
            super().__init__()
            self._asked: list[object] = []

        def refresh(self, *regions: object, **more: bool) -> object:  # type: ignore[override]
            if hasattr(self, "_asked"):
                self._asked += regions
            return super().refresh(*regions, **more)  # type: ignore[arg-type]

    play(scenario, Asking)


def test_the_followed_row_stays_on_the_edge_it_was_scrolled_away_over() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(prices(40), follow="20")
        await pilot.pause()
        assert grid.body_height == 11
        grid.move_to(39)
        await pilot.pause()
        first = grid.scroll_offset.y
        assert first > 20
        assert grid.render_line(1).text.split()[0] == "20"
        assert grid.render_line(2).text.split()[0] == str(first + 1)
        grid.move_to(0)
        await pilot.pause()
        assert grid.render_line(11).text.split()[0] == "20"
        assert grid.render_line(10).text.split()[0] == "9"
        assert grid.visible_rows() == range(10)

    play(scenario)


def test_the_cursor_is_never_under_the_pinned_row() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(prices(40), follow="20")
        await pilot.pause()
        grid.move_to(39)
        for _ in range(39):
            grid.action_row_up()
            assert grid.cursor in grid._in_sight()
            y = grid._line_of(grid.cursor)
            assert grid.render_line(y).text.split()[0] == str(grid.cursor)
        for _ in range(39):
            grid.action_row_down()
            assert grid.cursor in grid._in_sight()
            assert grid.render_line(grid._line_of(grid.cursor)).text.split()[0] == str(grid.cursor)

    play(scenario)


def test_a_click_on_the_pinned_row_goes_back_to_it() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(prices(40), follow="20")
        grid.move_to(39)
        await pilot.pause()
        await pilot.click(grid, offset=(2, 1))
        assert grid.following
        assert grid.cursor == 20

    play(scenario)


def test_a_click_chooses_row_and_column_and_on_a_title_it_sorts() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(prices(8, r5="a", r2="b"))
        await pilot.pause()
        await pilot.click(grid, offset=(8, 3))
        assert (grid.cursor, grid.column) == (2, 1)
        await pilot.click(grid, offset=(8, 0))
        assert [row.key for row in grid.rows][:3] == ["5", "2", "0"]
        assert grid.selected is not None
        assert grid.selected.key == "2"

    play(scenario)


def test_the_mouse_marks_a_row_and_repaints_two_lines() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(prices(8))
        await quiet(grid, pilot)
        await pilot.hover(grid, offset=(2, 3))
        assert grid.hovered == 2
        await pilot.pause()
        grid.painted.clear()
        await pilot.hover(grid, offset=(2, 4))
        await pilot.pause()
        assert set(grid.painted) == {3, 4}
        grid.app.hovers = False  # type: ignore[attr-defined]
        await pilot.hover(grid, offset=(2, 6))
        assert grid.hovered == 3

    play(scenario)


def test_the_cursor_stays_on_its_row_when_a_filter_comes_and_goes() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(prices(30, r12="findme", r20="findme"))
        grid.move_to(20)
        grid.narrow("findme")
        assert [row.key for row in grid.rows] == ["12", "20"]
        assert grid.selected is not None
        assert grid.selected.key == "20"
        grid.narrow("nowhere")
        assert grid.selected is None
        assert "'nowhere'" in "".join(grid.render_line(y).text for y in range(1, 5))
        grid.put(prices(30))
        grid.narrow("")
        assert len(grid.rows) == 30

    play(scenario)
