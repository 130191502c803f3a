"""Whole plots, as text pictures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zdte_tui.screen.draw import (
    GLYPHS,
    Band,
    Bars,
    Curve,
    Figure,
    Glyphs,
    Level,
    Marker,
    Tick,
    amount_ticks,
    plot,
    plot_room,
)

UP = Curve(tuple((float(n), float(n)) for n in range(11)), "strong")


def drawn(figure: Figure, width: int, height: int, glyphs: Glyphs = "ascii") -> str:
    return "\n".join("".join(text for text, _ in line).rstrip() for line in plot(figure, width, height, glyphs))


def test_a_curve_over_its_axes() -> None:
    figure = Figure(
        x=(0, 10), y=(0, 10), x_ticks=(Tick(0, "0"), Tick(5, "5"), Tick(10, "10")), y_ticks=amount_ticks(0, 10, 3),
        curves=(UP,),
    )  # fmt: skip
    assert drawn(figure, 14, 6).splitlines() == [
        "         .' 10",
        "       .'",
        "    ..'     5",
        "  .'",
        ".'          0",
        "0    5   10",
    ]


def test_bars_levels_markers_and_an_upright() -> None:
    figure = Figure(
        x=(0, 10), y=(-10, 10), x_ticks=(Tick(0, "0"), Tick(5, "5"), Tick(10, "10")),
        y_ticks=amount_ticks(-10, 10, 5, sign=True), bars=(Bars(tuple((n, 5.0 * (-1) ** n) for n in range(11))),),
        levels=(Level(8, "S 8", "short"), Level(7.5, "spot", "strong")), markers=(Marker(3, 8, "^", text="#7"),),
        upright=((5.0, "dim"),),
    )  # fmt: skip
    assert drawn(figure, 30, 8).splitlines() == [
        "-------^#7--|------------ S 8",
        ".----.----.-|-.----.----. spot",
        ":    :    : | :    :    :",
        ": .  : .  : . :  . :  . : 0",
        "  :    :    :    :    :",
        "  '    '    '    '    '   -5",
        "            |             -10",
        "0           5          10",
    ]


def test_bars_below_the_base_have_a_style_of_their_own() -> None:
    bars = Bars(((2.0, 5.0), (7.0, -5.0)), "gain", "loss")
    lines = plot(Figure(x=(0, 10), y=(-10, 10), bars=(bars,)), 10, 4, "ascii")
    styles = {style for line in lines for text, style in line if text.strip()}
    assert styles == {"gain", "loss"}


def test_a_gap_is_not_bridged() -> None:
    points = ((0.0, 1.0), (3.0, 1.0), (4.0, None), (7.0, 1.0), (10.0, 1.0))
    assert drawn(Figure(x=(0, 10), y=(0, 1), curves=(Curve(points),)), 11, 1) == "''''   ''''"


def test_a_curve_that_leaves_the_plot_is_cut_at_its_edges() -> None:
    steep = Curve(((-10.0, -100.0), (20.0, 200.0)))
    rows = drawn(Figure(x=(0, 10), y=(0, 100), curves=(steep,)), 11, 4).splitlines()
    assert len(rows) == 4
    assert rows[-1][0] != " "
    assert rows[0][-1] != " "


def test_a_band_fills_each_bar_from_low_to_high() -> None:
    band = Band(((0.0, 0.0, 10.0), (5.0, None, None), (10.0, 0.0, 5.0)))
    assert drawn(Figure(x=(0, 10), y=(0, 10), bands=(band,)), 3, 3).splitlines() == [":", ": .", ": :"]


def test_a_marker_without_a_value_stands_at_the_lower_edge_and_its_text_stays_inside() -> None:
    figure = Figure(x=(0, 10), y=(0, 10), markers=(Marker(10, None, "v", text="#12"),))
    assert drawn(figure, 11, 3).splitlines() == ["", "", "       #12v"]


def test_labels_that_want_one_row_stand_below_one_another_and_go_before_ticks() -> None:
    levels = (Level(5, "first"), Level(5.1, "second"), Level(4.9, "third"))
    figure = Figure(x=(0, 1), y=(0, 10), levels=levels, y_ticks=(Tick(5, "5"), Tick(10, "10")))
    lines = drawn(figure, 30, 5).splitlines()
    assert [line[23:].strip() for line in lines] == ["10", "second", "first", "third"]


def test_a_levels_label_stands_beside_its_line_wherever_it_lies() -> None:
    for height in (5, 8, 13):
        for glyphs in GLYPHS:
            for n in range(21):
                figure = Figure(x=(0, 1), y=(0, 20), levels=(Level(float(n), "here"),))
                (row,) = [line for line in drawn(figure, 20, height, glyphs).splitlines() if "here" in line]
                assert row[0] in "-┄"


def test_every_line_has_the_width_asked_for() -> None:
    figure = Figure(
        x=(0, 10), y=(0, 10), x_ticks=(Tick(0, "0"), Tick(10, "10")), y_ticks=amount_ticks(0, 10, 3), curves=(UP,)
    )
    for width, height in ((1, 1), (6, 1), (40, 6), (200, 60)):
        for glyphs in GLYPHS:
            lines = plot(figure, width, height, glyphs)
            assert len(lines) == height
            assert {sum(len(text) for text, _ in line) for line in lines} == {width}
    assert plot(figure, 0, 5) == ()


@given(
    values=st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), max_size=20),
    size=st.tuples(st.integers(1, 60), st.integers(1, 20)),
    glyphs=st.sampled_from(GLYPHS),
)
def test_no_data_breaks_a_plot(values: list[float | None], size: tuple[int, int], glyphs: Glyphs) -> None:
    points = tuple((float(n), value) for n, value in enumerate(values))
    figure = Figure(
        x=(0, 10), y=(-100, 100), curves=(Curve(points),), bars=(Bars(points),), y_ticks=amount_ticks(-100, 100, 5),
        bands=(Band(tuple((x, y, y) for x, y in points)),), levels=tuple(Level(y, "L") for _, y in points if y),
        markers=tuple(Marker(x, y, "x", text="m") for x, y in points),
    )  # fmt: skip
    lines = plot(figure, *size, glyphs)
    assert [sum(len(text) for text, _ in line) for line in lines] == [size[0]] * size[1]


def test_ascii_draws_nothing_but_ascii() -> None:
    figure = Figure(x=(0, 10), y=(0, 10), curves=(UP,), levels=(Level(5, "L"),), upright=((3, "dim"),))
    assert drawn(figure, 30, 8, "ascii").isascii()


def test_the_room_is_what_the_plot_uses() -> None:
    figure = Figure(x=(0, 1), y=(0, 1), x_ticks=(Tick(0, "0"),), levels=(Level(1, "S 5900C"),))
    room = plot_room(figure, 60, 10)
    assert room == (52, 9, 8)
