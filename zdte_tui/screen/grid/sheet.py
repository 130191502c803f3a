"""The painted part of a grid: titles, rows and last lines as strips, and only what changed painted again."""

from __future__ import annotations

from itertools import accumulate
from typing import ClassVar

from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from zdte_tui.screen.grid.arrange import Sort, arrange
from zdte_tui.screen.grid.choice import AS_MADE, Choice
from zdte_tui.screen.grid.column import GAP, Column, Row, Slot, fit
from zdte_tui.screen.grid.flash import SECONDS, Flash, Spot
from zdte_tui.screen.grid.paint import Segments, overlay, paint_header, paint_line, paint_row
from zdte_tui.screen.grid.styled import Styled
from zdte_tui.screen.text import wrap

FRAME = 0.12
"""Seconds by which a mark may outlast its time: it then ends in the frame of the next change."""
MOST_SEGMENTS = 20_000
"""Painted cells that are kept; a chain shows about two thousand at a time."""

_Look = tuple[str, tuple[tuple[int, str], ...]]
"""The component laid over a whole row, and those over single cells."""


class Sheet(ScrollView, Styled):
    """Columns over rows, sticky titles and last lines; where its cursor, the mouse and the followed row are is told it
    by who moves them.

    Attributes:
        natural: the rows as they were put; rows: as they are shown, sorted and filtered.
        follow: key of the row that is kept in sight: scrolled away, it stays on the edge it left by.
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    CRAMPED: ClassVar[str] = "no room for rows here: z zooms"
    PINS: ClassVar[int] = 5
    """Lines of rows from which on one may be spent on the followed row."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.natural: tuple[Row, ...] = ()
        self.rows: tuple[Row, ...] = ()
        self.bottom: tuple[Row, ...] = ()
        self.message = ""
        self.follow: str | None = None
        self.cursor = 0
        self.column: int | None = None
        self.hovered: int | None = None
        self.sort: Sort | None = None
        self.words = ""
        self.choice: Choice = AS_MADE
        self._follow_at: int | None = None
        self._flash = Flash()
        self._flash_timed = False
        self._slots: tuple[Slot, ...] = ()
        self._lefts: tuple[int, ...] = ()
        self._fitted = -1
        self._wide = self._high = 0
        self._head: list[Strip] = []
        self._strips: dict[int, tuple[Row, _Look, Strip]] = {}
        self._segments: Segments = {}
        self._head_lines = 2 if any(column.unit for column in self.COLUMNS) else 1

    # --- what is shown

    def _set(self, rows: tuple[Row, ...], bottom: tuple[Row, ...], message: str, follow: str | None) -> None:
        """Take these rows; only cells whose content changed are painted again."""
        self._look_up_size()
        old, old_bottom, old_message = self.rows, self.bottom, self.message
        self.natural, self.bottom, self.message, self.follow = rows, bottom, message, follow
        self.rows = shown = arrange(rows, self.sort, self.words)
        if follow is None:
            self._follow_at = None
        elif self._follow_at is None or self._follow_at >= len(shown) or shown[self._follow_at].key != follow:
            self._follow_at = self.index_of(follow)
        if len(shown) != len(old) or len(bottom) != len(old_bottom) or (not shown and message != old_message):
            self._strips = {index: kept for index, kept in self._strips.items() if index < len(shown)}
            self._measure()
            self.refresh()
            return
        regions = self._ended_flash() + self._changes(old)
        self._look_after_flash()
        for index in range(self._bottom_lines):
            if bottom[index] != old_bottom[index]:
                regions.append(self._line(self._high - self._bottom_lines + index))
        if regions:
            self.refresh(*regions)

    def _changes(self, old: tuple[Row, ...]) -> list[Region]:
        """What must be painted of the rows in sight; the cells that flash from now on are marked."""
        regions: list[Region] = []
        spots: list[Spot] = []
        for index in self._in_sight():
            row, before = self.rows[index], old[index]
            if row is before or row == before:
                continue
            y = self._line_of(index)
            if row.span or before.span or row.key != before.key or len(row.cells) != len(before.cells):
                regions.append(self._line(y))
                continue
            new, was = row.cells, before.cells
            changed = [place for place, slot in enumerate(self._slots) if new[slot.column] != was[slot.column]]
            if 2 * len(changed) > len(self._slots):
                regions.append(self._line(y))
            else:
                regions += [Region(self._lefts[place], y, self._slots[place].width, 1) for place in changed]
            for place in changed:
                column = self._slots[place].column
                if self.COLUMNS[column].flash and new[column][0] != was[column][0]:
                    spots.append((row.key, column))
        if spots and self.flashes:
            kinds = sum(self.COLUMNS[slot.column].flash for slot in self._slots)
            self._flash.mark(spots, kinds * len(self.visible_rows()))
        return regions

    @property
    def flashes(self) -> bool:
        """Whether changed cells are marked for a moment."""
        return bool(getattr(self.app, "flashes", False))

    def _look_after_flash(self) -> None:
        """Without a newer change, marks end by themselves; with one they end in its frame."""
        if self._flash and not self._flash_timed:
            self._flash_timed = True
            self.set_timer(SECONDS + FRAME, self._end_flash)

    def _end_flash(self) -> None:
        self._flash_timed = False
        regions = self._ended_flash()
        if regions:
            self.refresh(*regions)
        self._look_after_flash()

    def _ended_flash(self) -> list[Region]:
        """What must be painted because its mark ended."""
        ended = self._flash.end()
        if not ended:
            return []
        places = {slot.column: place for place, slot in enumerate(self._slots)}
        return [
            Region(self._lefts[places[column]], self._line_of(index), self._slots[places[column]].width, 1)
            for index in self._in_sight()
            for column in ended.get(self.rows[index].key, ())
            if column in places
        ]

    def index_of(self, key: str | None) -> int | None:
        """Where the row called ``key`` is shown; None where it is not."""
        return next((index for index, row in enumerate(self.rows) if row.key == key), None)

    # --- where things are

    def _look_up_size(self) -> None:
        """Textual walks the screen for a widget's size: it is asked once a frame, and not once a cell."""
        self._wide, self._high = self.size

    @property
    def _top(self) -> int:
        """The first row in sight."""
        return round(self.scroll_y)

    @property
    def _bottom_lines(self) -> int:
        """How many of the last lines are shown: at most a fifth of the height, the first of them always."""
        return min(len(self.bottom), max(1, self._high // 5)) if self._high > self._head_lines + 2 else 0

    @property
    def body_height(self) -> int:
        """Lines for rows."""
        return max(0, self._high - self._head_lines - self._bottom_lines)

    @property
    def cramped(self) -> bool:
        """Whether not one row has room, or not even the columns that always stay."""
        return self.body_height < 1 or sum(slot.width + GAP for slot in self._slots) - GAP > self._wide

    def visible_rows(self) -> range:
        """Indices of the rows on screen, in their order; a pinned row is none of them, nor the one below it."""
        first = self._top
        last = min(len(self.rows), first + self.body_height)
        pinned = self._pinned
        if pinned is not None:
            return range(first + 1, last) if pinned < first else range(first, last - 1)
        return range(first, last)

    @property
    def _pinned(self) -> int | None:
        """The followed row, where it is out of sight and kept on an edge."""
        at, first, height = self._follow_at, self._top, self.body_height
        if at is None or height < self.PINS or first <= at < first + height:
            return None
        return at

    def _in_sight(self) -> list[int]:
        pinned = self._pinned
        seen = self.visible_rows()
        return list(seen) if pinned is None else [*seen, pinned]

    def _line_of(self, index: int) -> int:
        """The line of the widget in which a row in sight stands."""
        first = self._top
        if index == self._pinned:
            return self._head_lines + (0 if index < first else self.body_height - 1)
        return index - first + self._head_lines

    def _row_at(self, y: int) -> int | None:
        """The row in line ``y`` of the widget."""
        line = y - self._head_lines
        if not 0 <= line < self.body_height:
            return None
        first, pinned = self._top, self._pinned
        if pinned is not None and line == (0 if pinned < first else self.body_height - 1):
            return pinned
        index = line + first
        return index if index < len(self.rows) else None

    def _column_at(self, x: int) -> int | None:
        """The column in cell ``x`` of the widget; the gap after a column is its own."""
        for left, slot in zip(self._lefts, self._slots, strict=True):
            if left <= x < left + slot.width + GAP:
                return slot.column
        return None

    def _measure(self) -> None:
        self.virtual_size = Size(self._wide, len(self.rows) + self._head_lines + self._bottom_lines)

    def _refresh_row(self, index: int | None) -> None:
        if index is not None and index in self._in_sight():
            self.refresh(self._line(self._line_of(index)))

    def _line(self, y: int) -> Region:
        return Region(0, y, self._wide, 1)

    # --- painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """Textual: the lines of the visible part."""
        self._look_up_size()
        if self._wide != self._fitted:  # shown again at another width, of which no event told
            self.forget()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Textual: one line of the visible part."""
        width = self._wide
        if self.cramped and self.rows:
            told = wrap(self.CRAMPED, width)
            return paint_line(((told[y], "warn"),) if y < len(told) else (), width, self.style_of)
        if not self.rows and self.why_empty:
            said = self._said(y)
            if said is not None:
                return paint_line(((f" {said}", "dim"),), width, self.style_of)
        if y < self._head_lines:
            if not self._head:
                self._head = paint_header(self.COLUMNS, self._slots, width, self.style_of, self.sort)
            return self._head[y]
        from_bottom = y - (self._high - self._bottom_lines)
        if from_bottom >= 0:
            return paint_row(self.bottom[from_bottom], self.COLUMNS, self._slots, width, self.style_of)
        index = self._row_at(y)
        if index is not None:
            return self._strip(index)
        return Strip.blank(width, self.style_of("text"))

    @property
    def why_empty(self) -> str:
        """What is said where there are no rows."""
        if self.natural and self.words.strip():
            return f"No row of {len(self.natural)} holds {self.words.strip()!r}: esc shows them all, / asks anew."
        return self.message

    def _said(self, y: int) -> str | None:
        """The line at ``y`` of why there are no rows. Where it needs the room, it takes that of the titles."""
        lines = wrap(self.why_empty, self._wide - 2)
        top = self._head_lines if len(lines) <= self.body_height else 0
        room = self.body_height + self._head_lines - top
        if not top <= y < top + room or y - top >= len(lines):
            return None
        cut = y - top == room - 1 and len(lines) > room
        return f"{lines[y - top][: self._wide - 12]} … z zooms" if cut else lines[y - top]

    def _strip(self, index: int) -> Strip:
        row, look = self.rows[index], self._look(index)
        kept = self._strips.get(index)
        if kept is not None and kept[1] == look and (kept[0] is row or kept[0] == row):
            return kept[2]
        whole, cells = look
        over = {column: self._laid(name) for column, name in cells}
        if len(self._segments) > MOST_SEGMENTS:
            self._segments.clear()
        strip = paint_row(row, self.COLUMNS, self._slots, self._wide, self.style_of, over, self._segments)
        if whole:
            strip = overlay(strip, self._laid(whole))
        self._strips[index] = (row, look, strip)
        return strip

    def _look(self, index: int) -> _Look:
        """What is laid over a row."""
        lit = self.has_focus and index == self.cursor
        cells = [(column, "flash") for column in self._flash.of(self.rows[index].key)]
        if lit and self.column is not None:
            cells = [each for each in cells if each[0] != self.column] + [(self.column, "column")]
        if lit:
            return "cursor", tuple(cells)
        if index == self._pinned:
            return "pinned", tuple(cells)
        return "hover" if index == self.hovered else "", tuple(cells)

    def _laid(self, name: str) -> Style:
        return self.get_component_rich_style(f"cell-{name}", partial=True)

    def forget(self) -> None:
        """Paint everything anew: the styles, the width or the columns changed."""
        self._strips.clear()
        self._segments.clear()
        self._look_up_size()
        self._fitted = self._wide
        self._slots = fit(self.COLUMNS, self._fitted, self.choice)
        self._lefts = tuple(accumulate((slot.width + GAP for slot in self._slots), initial=0))[: len(self._slots)]
        self._head = []
