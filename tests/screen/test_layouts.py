"""Where the panes go: every layout, at every size, with whatever panes there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zdte_tui.screen import layout
from zdte_tui.screen.grid import fit
from zdte_tui.screen.layout import PRESETS, Box, Preset
from zdte_tui.screen.layout.plan import LEAST_LINES, Want, seats, share
from zdte_tui.screen.needs import pane_needs
from zdte_tui.screen.panes import PANES
from zdte_tui.screen.slots import PANE_NAMES, SLOTS

WIDTHS = st.integers(layout.SMALLEST[0], 260)
HEIGHTS = st.integers(layout.SMALLEST[1] - 4, 90)
ANY_PRESET = st.sampled_from(PRESETS)
STEPS = st.dictionaries(st.lists(st.integers(0, 3), min_size=1, max_size=2).map(tuple), st.integers(-6, 6), max_size=6)
STANDARD = PRESETS[0]


def named(name: str) -> Preset:
    return layout.preset(name)


def shown(
    size: tuple[int, int], focused: str = "chain", preset: Preset = STANDARD, recent: tuple[str, ...] = ()
) -> set[str]:
    return set(layout.arrange(*size, focused, preset=preset, recent=recent, needs=pane_needs))


def assert_they_fill(boxes: dict[str, Box], width: int, height: int) -> None:
    assert sum(box.width * box.height for box in boxes.values()) == width * height
    for name, box in boxes.items():
        assert 0 <= box.x < box.x + box.width <= width
        assert 0 <= box.y < box.y + box.height <= height
        for other, second in boxes.items():
            apart = (
                box.x + box.width <= second.x
                or second.x + second.width <= box.x
                or box.y + box.height <= second.y
                or second.y + second.height <= box.y
            )
            assert other == name or apart


@given(
    WIDTHS, HEIGHTS, st.sampled_from(PANE_NAMES), ANY_PRESET, st.permutations(PANE_NAMES), st.integers(0, 12), STEPS,
    st.booleans(),
)  # fmt: skip
def test_boxes_cover_the_body_without_overlap_and_show_the_focused_pane(
    width: int,
    height: int,
    focused: str,
    preset: Preset,
    recent: list[str],
    many: int,
    steps: dict[tuple[int, ...], int],
    maximised: bool,
) -> None:
    boxes = layout.arrange(
        width, height, focused, preset=preset, recent=recent[:many], steps=steps, maximised=maximised, needs=pane_needs
    )
    assert focused in boxes
    assert_they_fill(dict(boxes), width, height)


@given(
    WIDTHS,
    HEIGHTS,
    ANY_PRESET,
    st.lists(st.integers(1, 4), min_size=7, max_size=9),
    st.data(),
)
def test_a_layout_works_with_whatever_panes_there_are(
    width: int, height: int, preset: Preset, counts: list[int], data: st.DataObject
) -> None:
    slots = [[f"p{number}.{n}" for n in range(many)] for number, many in enumerate(counts, 1)]
    slots[5] = [*slots[5], *data.draw(st.sampled_from([[], ["compare"], ["chart", "equity", "compare"]]))]
    focused = data.draw(st.sampled_from([name for names in slots for name in names]))
    boxes = layout.arrange(width, height, focused, preset=preset, slots=slots)
    assert focused in boxes
    assert_they_fill(dict(boxes), width, height)


@given(WIDTHS, HEIGHTS, ANY_PRESET)
def test_every_pane_has_one_place(width: int, height: int, preset: Preset) -> None:
    panes = [name for seat in seats(preset.plan(width, height), SLOTS) for name in seat.panes]
    assert sorted(panes) == sorted(PANE_NAMES)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
@pytest.mark.parametrize("height", [13, 20, 36, 44, 56])
def test_no_pane_gets_less_width_than_its_columns_need(height: int, preset: Preset) -> None:
    for width in range(layout.SMALLEST[0], 241):
        for focused in PANE_NAMES:
            boxes = layout.arrange(width, height, focused, preset=preset, needs=pane_needs)
            for pane in PANES:
                if pane.NAME in boxes and pane.COLUMNS:
                    inner = boxes[pane.NAME].width - 2
                    slots = fit(pane.COLUMNS, inner)
                    assert sum(slot.width + 1 for slot in slots) - 1 <= inner, (width, pane.NAME)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_no_pane_is_lower_than_a_title_and_two_rows_while_there_is_room(preset: Preset) -> None:
    for width, height in ((60, 16), (80, 20), (120, 36), (160, 44), (200, 56), (250, 90)):
        boxes = layout.arrange(width, height, "chain", preset=preset, needs=pane_needs)
        assert min(box.height for box in boxes.values()) >= LEAST_LINES


# --- which panes


def test_a_body_that_is_very_low_shows_the_focused_pane_alone() -> None:
    assert shown((80, layout.SINGLE - 1), "risk") == {"risk"}
    assert shown((80, layout.SINGLE), "risk") == {"risk", "positions"}


def test_standard_is_the_sketch_at_160_columns() -> None:
    boxes = layout.arrange(160, 44, "chain", needs=pane_needs)
    analysis = SLOTS[5][0]
    assert set(boxes) == {"chain", "positions", "greeks", "signals", "risk", analysis, "log"}
    assert boxes["chain"].y == boxes["positions"].y == 0
    middle = [boxes[name] for name in ("greeks", "signals", "risk", analysis)]
    assert len({box.y for box in middle}) == 1
    assert [box.x for box in middle] == sorted(box.x for box in middle)
    assert boxes["log"].width == 160
    assert boxes["log"].y + boxes["log"].height == 44


def test_standard_at_120_columns_has_two_columns_and_one_place_for_signals_and_analysis() -> None:
    analysis = SLOTS[5][0]
    assert shown((120, 36)) == {"chain", "positions", "greeks", "signals", "risk", "log"}
    assert shown((120, 36), analysis) == {"chain", "positions", "greeks", analysis, "risk", "log"}
    assert shown((120, 36), recent=(analysis,)) == {"chain", "positions", "greeks", analysis, "risk", "log"}
    assert shown((120, 36), recent=("signals", analysis)) == {"chain", "positions", "greeks", "signals", "risk", "log"}


def test_below_120_columns_the_book_stays_and_the_pane_gone_to_has_the_most() -> None:
    boxes = layout.arrange(80, 20, "greeks")
    assert set(boxes) == {"greeks", "positions"}
    assert boxes["greeks"].height > boxes["positions"].height
    boxes = layout.arrange(80, 20, "positions", recent=("greeks",))
    assert set(boxes) == {"greeks", "positions"}
    assert boxes["positions"].height > boxes["greeks"].height


def test_a_pane_gone_to_keeps_its_place_when_the_focus_goes_on() -> None:
    assert shown((80, 20), "positions", recent=("positions", "risk")) == {"risk", "positions"}


@pytest.mark.parametrize(
    ("name", "size", "panes"),
    [
        ("trade", (160, 44), {1, 2, 6}),
        ("watch", (160, 44), {2, 3, 5, 6}),
        ("review", (160, 44), {2, 6, 7}),
        ("trade", (120, 36), {1, 2, 6}),
        ("watch", (120, 36), {2, 3, 5, 6}),
        ("review", (120, 36), {2, 6, 7}),
        ("focus", (160, 44), {1, 2}),
        ("focus", (80, 20), {1, 2}),
    ],
)
def test_the_other_layouts_show_what_they_are_for(name: str, size: tuple[int, int], panes: set[int]) -> None:
    found = shown(size, "positions", named(name))
    for number in panes:
        assert found & set(SLOTS[number - 1]), number


def test_orders_and_alerts_have_places_of_their_own_where_there_is_room() -> None:
    slots = [
        ["chain"],
        ["positions"],
        ["greeks"],
        ["signals"],
        ["risk"],
        ["chart", "compare"],
        ["log"],
        ["orders"],
        ["alerts"],
    ]

    def found(size: tuple[int, int], preset: str) -> set[str]:
        return set(layout.arrange(*size, "positions", preset=named(preset), slots=slots))

    assert {"log", "orders", "alerts"} <= found((200, 56), "standard")
    assert found((160, 44), "standard") & {"log", "orders", "alerts"} == {"log"}
    assert {"chain", "positions", "chart", "orders"} == found((160, 44), "trade")
    assert {"positions", "chart", "greeks", "risk", "alerts"} == found((160, 44), "watch")
    assert {"chart", "positions", "log", "compare"} == found((160, 44), "review")


def test_focus_is_one_pane_and_a_strip() -> None:
    boxes = layout.arrange(160, 44, "risk", preset=named("focus"))
    assert boxes["risk"] == Box(0, 0, 160, 36)
    assert boxes["positions"] == Box(0, 36, 160, 8)


# --- sizes


@given(
    st.integers(1, 300),
    st.lists(
        st.builds(Want, st.floats(0.1, 1000), st.integers(1, 80), st.just(0) | st.integers(1, 30)),
        min_size=1,
        max_size=6,
    ),
)
def test_a_length_is_shared_out_to_the_last_cell(total: int, wants: list[Want]) -> None:
    sizes = share(total, wants)
    assert sum(sizes) == total
    assert min(sizes) >= 0
    if sum(max(want.least, want.fixed) for want in wants) <= total and not all(want.fixed for want in wants):
        assert all(size >= want.least - 1 for size, want in zip(sizes, wants, strict=True))


def test_what_grows_takes_from_its_neighbours() -> None:
    path = layout.grown(160, 44, "positions", True, preset=STANDARD)
    assert path is not None
    before, after = (layout.arrange(160, 44, "positions", steps=steps) for steps in ({}, {path: 2}))
    assert after["positions"].width > before["positions"].width
    assert after["chain"].width < before["chain"].width
    assert after["log"] == before["log"]


def test_what_has_no_neighbour_in_a_direction_does_not_grow_in_it() -> None:
    assert layout.grown(160, 44, "log", True, preset=STANDARD) is None
    assert layout.grown(160, 44, "log", False, preset=STANDARD) is not None
    assert layout.grown(80, 20, "chain", True, preset=STANDARD) is None
    assert layout.grown(80, 8, "chain", False, preset=STANDARD) is None


# --- what is said


def test_a_number_without_room_is_named_with_the_pane_it_goes_to() -> None:
    boxes = layout.arrange(80, 20, "chain")
    analysis = f"6 {SLOTS[5][0]}…" if len(SLOTS[5]) > 1 else "6 smile"
    assert layout.hidden(boxes).startswith(f"3 greeks  4 signals  5 risk  {analysis}  7 log")
    assert "6 smile" in layout.hidden(boxes, {6: "smile"})
    assert layout.hidden({name: Box(0, 0, 1, 1) for name in PANE_NAMES}) == ""


def test_the_next_pane_of_a_shared_number_is_told() -> None:
    names = SLOTS[5]
    if len(names) > 1:
        assert layout.next_mate(names[-1]) == f"6: {names[0]}"
    assert layout.next_mate("chain") == ""


@pytest.mark.parametrize(("word", "name"), [("trade", "trade"), (" Watch ", "watch"), ("replay", "review")])
def test_a_layout_by_its_name(word: str, name: str) -> None:
    assert layout.preset(word).name == name


def test_an_unknown_layout_is_told_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"there is no layout 'trad': standard, .*; did you mean trade\?"):
        layout.preset("trad")


@pytest.mark.parametrize(
    ("size", "name"),
    [
        ((79, 40), "0"),
        ((80, 24), "80-low"),
        ((119, 40), "80"),
        ((120, 40), "120"),
        ((160, 48), "160"),
        ((250, 29), "200-low"),
    ],
)
def test_sizes_that_share_what_is_remembered(size: tuple[int, int], name: str) -> None:
    assert layout.size_class(*size) == name
