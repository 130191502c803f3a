"""What the grid paints again, and where its cursor and its view stand."""

from __future__ import annotations

from playing import until
from small_grid import Counting, End, play, quiet, rows
from textual.pilot import Pilot

from zdte_tui.screen.grid import Row


def test_one_changed_row_repaints_one_line() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(rows(8))
        await quiet(grid, pilot)
        grid.put(rows(8, {3: "y"}))
        await until(pilot, lambda: grid.painted)
        await pilot.pause()
        assert set(grid.painted) == {4}

    play(scenario)


def test_equal_rows_repaint_nothing() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(rows(8))
        await quiet(grid, pilot)
        grid.put(rows(8))
        await pilot.pause(0.1)
        assert grid.painted == []

    play(scenario)


def test_a_change_out_of_sight_repaints_nothing() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(rows(40))
        await quiet(grid, pilot)
        grid.put(rows(40, {30: "y"}))
        await pilot.pause(0.1)
        assert grid.painted == []

    play(scenario)


def test_moving_the_cursor_repaints_the_two_rows() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(rows(8))
        grid.focus()
        await quiet(grid, pilot)
        await pilot.press("down")
        await until(pilot, lambda: grid.painted)
        await pilot.pause()
        assert set(grid.painted) == {1, 2}

    play(scenario)


def test_only_the_changed_last_line_is_repainted() -> None:
    def last(word: str) -> tuple[Row, ...]:
        return (Row("l", (("still", "text"),), span=True), Row("m", ((word, "text"),), span=True))

    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(rows(4), bottom=last("one"))
        await quiet(grid, pilot)
        grid.put(rows(4), bottom=last("two"))
        await until(pilot, lambda: grid.painted)
        await pilot.pause()
        assert set(grid.painted) == {11}

    play(scenario)


def test_the_header_stays_while_rows_scroll() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(rows(40))
        grid.move_to(39)
        await until(pilot, lambda: grid.scroll_offset.y == 40 - grid.body_height)
        assert grid.render_line(0).text.split() == ["A", "B"]
        assert grid.render_line(11).text.split() == ["39", "x"]

    play(scenario)


def test_the_followed_row_is_in_the_middle_until_the_cursor_moves() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(rows(40), follow="20")
        await pilot.pause()
        assert grid.cursor == 20
        assert grid.scroll_offset.y == 20 - grid.body_height // 2
        grid.put(rows(40), follow="25")
        await pilot.pause()
        assert grid.cursor == 25
        grid.action_row_up()
        grid.put(rows(40), follow="10")
        await pilot.pause()
        assert grid.cursor == 24
        grid.action_follow()
        assert grid.cursor == 10

    play(scenario)


def test_the_cursor_stays_on_its_row_when_rows_come_before_it() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(rows(10))
        grid.move_to(4)
        grid.put((Row("new", (("n", "text"), ("n", "text"))), *rows(10)))
        assert grid.selected is not None
        assert grid.selected.key == "4"

    play(scenario)


def test_a_grid_that_follows_its_end_shows_the_newest_until_moved() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(rows(30))
        await pilot.pause()
        assert grid.visible_rows().stop == 30
        grid.action_row_up()
        grid.put(rows(35))
        await pilot.pause()
        assert grid.visible_rows().stop == 30
        grid.action_last_row()
        grid.put(rows(36))
        await pilot.pause()
        assert grid.visible_rows().stop == 36

    play(scenario, End)


def test_fewer_rows_leave_the_cursor_on_the_last() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put(rows(30))
        grid.move_to(29)
        grid.put(rows(5))
        await pilot.pause()
        assert grid.cursor == 4
        assert grid.scroll_offset.y == 0

    play(scenario)


def test_without_rows_the_message_is_shown() -> None:
    async def scenario(grid: Counting, pilot: Pilot[None]) -> None:
        grid.put((), message="nothing yet, press n")
        await pilot.pause()
        assert "nothing yet" in grid.render_line(1).text

    play(scenario)
