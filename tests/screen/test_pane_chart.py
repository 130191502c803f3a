"""The chart, as text pictures."""

from __future__ import annotations

import day_views
import pytest
import views
from day_views import MINUTE, NOW
from msgspec.structs import replace
from views import at

from engine.types import to_units
from engine.view import ChartStrike, ChartView
from zdte_tui.screen.draw import GLYPHS, Glyphs
from zdte_tui.screen.panes import chart
from zdte_tui.screen.panes.chart import nearest, window


def lines(
    shown: ChartView,
    width: int = 120,
    height: int = 26,
    glyphs: Glyphs = "ascii",
    zoom: int = 0,
    when: int | None = None,
) -> list[str]:
    drawing = chart.draw_chart(shown, width, height, glyphs, zoom, when)
    return ["".join(text for text, _ in line) for line in drawing.lines]


def picture(shown: ChartView, *args: int, **more: object) -> str:
    return "\n".join(lines(shown, *args, **more))  # type: ignore[arg-type]


def test_the_first_line_reads_the_newest_price() -> None:
    text = lines(day_views.chart())[0]
    shown = day_views.chart()
    assert text.startswith(f"12:02:31 {shown.prices[-1] / 1e4:,.2f}   since 09:31 ")
    assert "TWAP" in text
    assert "by the close ±21.40" in text


def test_short_strikes_and_stops_are_levels_with_their_names_at_the_right() -> None:
    margins = [line[-14:].strip() for line in lines(day_views.chart())]
    order = [each for each in margins if each[:1] in ("S", "s")]
    assert order == ["S 5900C x2", "stop #7 calls", "stop #7 puts", "S 5845P x2"]


def test_the_signs_mark_entries_and_stops_and_are_explained() -> None:
    text = picture(day_views.chart())
    assert "^#7" in text
    assert "x#3" in text
    assert "^ entry" in text
    assert "x stop" in text
    assert "v exit" not in text  # none of it is drawn


def test_an_index_has_no_vwap_and_the_chart_says_so() -> None:
    assert "no VWAP: SPX is an index and has no volume" in picture(day_views.chart())
    fund = day_views.chart(symbol="SPY", average_kind="VWAP", average_why="")
    assert "no VWAP" not in picture(fund)
    assert "VWAP" in lines(fund)[0]


def test_a_chart_that_does_not_begin_at_the_open_says_from_when() -> None:
    late = day_views.chart(since=at("11:15:00"))
    assert "known from 11:15 on" in picture(late)
    assert "known from" not in picture(day_views.chart())


def test_the_cones_open_toward_the_close() -> None:
    bare = day_views.chart(strikes=(), stops=(), marks=(), opening=None)
    rows = lines(bare, 80, 22)[1:-3]
    right = [row[60:68] for row in rows]
    drawn = [n for n, part in enumerate(right) if part.strip()]
    left = [n for n, row in enumerate(rows) if row[33:36].strip(" |")]
    assert max(drawn) - min(drawn) > max(left) - min(left)
    assert not any(part.strip() for part in (row[60:68] for row in lines(replace(bare, cone=None), 80, 22)[1:-3]))


def test_a_strike_far_away_is_told_and_does_not_flatten_the_prices() -> None:
    far = day_views.chart(strikes=(ChartStrike(to_units(5200), "P", 1), ChartStrike(to_units(5900), "C", 2)))
    text = picture(far)
    assert "outside: S 5200P" in text
    assert [line[-14:].strip() for line in lines(far) if "S 5900C" in line] == ["S 5900C x2"]


def test_the_cursor_reads_the_nearest_point_and_what_happened_there() -> None:
    text = lines(day_views.chart(), when=at("10:41:10"))[0]
    assert text.startswith("10:41:00 ")
    assert "#3 stop" in text
    assert "S 5900C +26.57 pts" in text  # the nearest short strike, and how far


def test_the_nearest_point_is_found() -> None:
    shown = day_views.chart()
    assert shown.times[nearest(shown, at("10:00:29"))] == at("10:00:00")
    assert shown.times[nearest(shown, at("10:00:31"))] == at("10:01:00")
    assert nearest(shown, 0) == 0
    assert shown.times[nearest(shown, 2**62)] == NOW


def test_a_window_follows_now_and_leaves_room_ahead() -> None:
    shown = day_views.chart()
    assert window(shown, 0, None) == (shown.open, shown.close)
    two = window(shown, 1, None)
    assert two.end - two.start == 120 * MINUTE
    assert two.start < NOW < two.end
    assert two.end - NOW == 30 * MINUTE
    assert window(shown, 2, None).end - window(shown, 2, None).start == 30 * MINUTE


def test_a_window_stays_inside_the_session() -> None:
    early = replace(day_views.chart(), now=at("09:32:00"))
    assert window(early, 2, None).start == early.open
    late = replace(day_views.chart(), now=at("15:59:00"))
    assert window(late, 1, None).end == late.close
    assert window(day_views.chart(), 2, at("09:31:00")).start == late.open


def test_minutes_that_are_missing_are_a_gap() -> None:
    times = tuple(ts for ts in day_views.TIMES if not at("10:10:00") < ts < at("11:40:00"))
    kept = day_views.chart(
        times=times, prices=(to_units(5870),) * len(times), average=(None,) * len(times), strikes=(), stops=(),
        marks=(), cone=None, opening=None,
    )  # fmt: skip
    rows = lines(kept, 80, 16)[1:-3]
    price = next(row for row in rows if ":" in row[:8] or "." in row[:8] or "'" in row[:8])
    assert price[12:22].strip() == ""
    assert price[5].strip()


@pytest.mark.parametrize("glyphs", GLYPHS)
@pytest.mark.parametrize(("width", "height"), [(40, 6), (60, 12), (80, 24), (120, 30), (200, 60)])
def test_it_fits_at_every_size(width: int, height: int, glyphs: Glyphs) -> None:
    for zoom in range(3):
        for when in (None, at("10:41:00")):
            drawn = lines(day_views.chart(), width, height, glyphs, zoom, when)
            assert len(drawn) <= height
            assert max(map(len, drawn)) <= width
            assert drawn[0].startswith("1")


def test_one_point_alone_is_drawn() -> None:
    one = day_views.chart(times=(NOW,), prices=(to_units(5870),), average=(to_units(5870),), marks=(), cone=None)
    assert "5,870.00" in picture(one)


def test_an_empty_chart_says_why_and_which_key_changes_that() -> None:
    nothing = day_views.chart(times=(), prices=(), average=(), spot=None, high=None, low=None, since=None)
    message = chart.ChartPane().drawing(views.view(chart=nothing), 60, 10).message
    assert message.startswith("No price of SPX is known yet")
    assert "n plays" in message
    assert "r shows the next root" in message
    assert "next view" in chart.ChartPane().drawing(views.view(chart=None), 60, 10).message
