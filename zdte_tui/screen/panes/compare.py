"""The practice beside the hands-off run: two P&L curves on one axis, their figures, and what was decided otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from engine.types import SCALE
from engine.view import ProgressView, View
from engine.view.compared import difference_rows, figure_rows
from engine.view.comparison import ComparisonView
from zdte_tui.screen.clean import clean
from zdte_tui.screen.draw import Curve, Figure, Glyphs, Level, amount_ticks, plot, plot_room, span, time_ticks
from zdte_tui.screen.grid import Line
from zdte_tui.screen.panes.drawn import Drawing, DrawnPane
from zdte_tui.screen.text import money, number, wrap

STYLES = ("strong", "mark")
_NAME, _COLUMN, _LEAST = 13, 22, 12
_WAITS = " PROVISIONAL"
_RESULTS = 46
"""Columns from which both results stand behind a difference's time."""
_LEAST_CURVES = 5
_ONE_LINE = 80
"""Columns from which a difference stands on one line."""


class ComparePane(DrawnPane):
    """The comparison. The keys of rows move in the differences, where there are more than fit."""

    NAME = "compare"
    PARTS: ClassVar[tuple[str, ...]] = ("comparison",)

    def __init__(self) -> None:
        super().__init__()
        self._first = 0
        self._most = 0

    def state(self) -> object:
        """Which line of the differences is the first."""
        return self._first

    @classmethod
    def part(cls, view: View) -> object:
        """The comparison and the session's hours."""
        return view.comparison, view.progress.open, view.progress.end

    def drawing(self, view: View, width: int, height: int) -> Drawing:
        """See ``draw_comparison``."""
        found = view.comparison
        if found is None:
            return Drawing("compare", message="The comparison comes with the next view of the session.")
        if found.why_empty:
            return Drawing("compare", message=found.why_empty)
        drawing, self._most = draw_comparison(found, view.progress, width, height, self.glyphs, self._first)
        self._first = min(self._first, self._most)
        return drawing

    def move_to(self, index: int) -> None:
        """Show the differences from this line on."""
        self._first = max(0, min(index, self._most))
        self.redraw()

    def action_row_up(self) -> None:
        """A line up."""
        self.move_to(self._first - 1)

    def action_row_down(self) -> None:
        """A line down."""
        self.move_to(self._first + 1)

    def action_page_up(self) -> None:
        """Half the pane up."""
        self.move_to(self._first - max(1, self.size.height // 2))

    def action_page_down(self) -> None:
        """Half the pane down."""
        self.move_to(self._first + max(1, self.size.height // 2))

    action_half_page_up = action_page_up
    action_half_page_down = action_page_down

    def action_first_row(self) -> None:
        """The newest difference."""
        self.move_to(0)

    def action_last_row(self) -> None:
        """The first difference of the day."""
        self.move_to(self._most)

    def on_mouse_scroll_up(self) -> None:
        """Textual: the wheel moves as the keys do."""
        self.action_row_up()

    def on_mouse_scroll_down(self) -> None:
        """Textual: the wheel moves as the keys do."""
        self.action_row_down()


def draw_comparison(
    found: ComparisonView, progress: ProgressView, width: int, height: int, glyphs: Glyphs, first: int = 0
) -> tuple[Drawing, int]:
    """Figures above, the curves in the middle, the differences from line ``first`` on below, the newest first.

    Returns the drawing, and the highest ``first`` that leaves no line blank.
    """
    assert found.first is not None
    assert found.second is not None
    apart = None if found.first.net is None or found.second.net is None else found.first.net - found.second.net
    title = f"compare  {found.first.name} {money(apart, sign=True)} against {found.second.name}"
    if found.first.provisional or found.second.provisional:
        title += _WAITS
    figures = _figures(found, width)
    told = _differences(found, width)
    curves = max(0, height - len(figures) - min(len(told), max(2, height // 3)))
    drawn: tuple[Line, ...] = ()
    if curves >= _LEAST_CURVES and found.path.ts:
        drawn = tuple(plot(_figure(found, progress, width, curves), width, curves, glyphs))
    room = max(0, height - len(figures) - len(drawn))
    most = len(told) - room + 1 if len(told) > room > 0 else 0
    if most:
        first = min(first, most)
        below = most - first
        more = f"{first} above, {below} below" if first else f"{below} more lines"
        told = [*told[first : first + room - 1], ((f"{more}; keys up, down", "dim"),)]
    return Drawing(title, (*figures, *drawn, *told)[:height]), most


def _figures(found: ComparisonView, width: int) -> list[Line]:
    """A figure a line: both sides and, where there is room, what lies between them."""
    room = width - _NAME
    columns = 3 if room >= 3 * _LEAST else 2
    wide = min(_COLUMN, room // columns)
    lines: list[Line] = []
    for n, (name, *cells) in enumerate(figure_rows(found)):
        styles = ("text",) * 3 if n else (*STYLES, "dim")
        fit = [cell if len(cell) < wide else cell.removesuffix(_WAITS) for cell in cells]  # the title says it too
        shown = [(clean(cell)[: wide - 1].rjust(wide), style) for cell, style in zip(fit, styles, strict=True)]
        lines.append(((f"{name:<{_NAME}}", "dim"), *shown[:columns]))
    return lines


def _figure(found: ComparisonView, progress: ProgressView, width: int, height: int) -> Figure:
    path = found.path
    assert found.first is not None
    assert found.second is not None
    columns = [[None if value is None else value / SCALE for value in each] for each in (path.first, path.second)]
    low, high = span([*columns[0], *columns[1], 0.0], least=10.0) or (-10.0, 10.0)
    start, end = min(progress.open, path.ts[0]), max(progress.close, path.ts[-1])
    names = (found.first.name, found.second.name)
    ends = [
        Level(each[-1], _end(name, each[-1], width // 3 - 1), style, line=False)
        for name, each, style in zip(names, columns, STYLES, strict=True)
        if each[-1] is not None
    ]
    figure = Figure(
        x=(float(start), float(end)),
        y=(low, high),
        y_ticks=amount_ticks(low, high, max(2, height // 3), sign=True),
        levels=(Level(0.0, "0", "dim"), *ends),
        curves=tuple(
            Curve(tuple(zip(map(float, path.ts), each, strict=True)), style, every=every)
            for each, style, every in zip(reversed(columns), reversed(STYLES), (2, 1), strict=True)
        ),
        upright=((float(path.ts[-1]), "dim"),),
    )
    return replace(figure, x_ticks=time_ticks(start, end, plot_room(figure, width, height).columns))


def _end(name: str, net: float, room: int) -> str:
    """What stands at a curve's end; where there is little room, the amount is whole and the name is cut."""
    amount = number(net, 0, sign=True)
    return f"{clean(name)[: max(1, min(10, room - len(amount) - 1))]} {amount}"


def _differences(found: ComparisonView, width: int) -> list[Line]:
    """The newest first: that is what a person has just done."""
    if not found.differences:
        return [(("nothing was decided otherwise so far", "dim"),)]
    lines: list[Line] = []
    for at, side, first, second, text in reversed(difference_rows(found)):
        head: Line = ((at, "dim"), (f" {side:<10}", "strong"))
        results = f" {first:>11} {second:>11} "
        if width < _RESULTS:
            lines += [head, ((f"  {first} here, {second} there", "text"),)]
            lines += [((f"  {word}", "dim"),) for word in wrap(clean(text), width - 2)]
            continue
        if width < _ONE_LINE:
            lines += [
                (*head, (results.rstrip(), "text")),
                *(((f"  {word}", "dim"),) for word in wrap(clean(text), width - 2)),
            ]
            continue
        taken = sum(len(part) for part, _ in head) + len(results)
        first_words, *more = wrap(clean(text), width - taken)
        lines.append((*head, (results, "text"), (first_words, "text")))
        lines += [((" " * taken + word, "text"),) for word in more]
    return lines
