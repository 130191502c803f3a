"""The fixed lines: header, timeline, footer."""

from __future__ import annotations

import pytest
import views
from hypothesis import given
from hypothesis import strategies as st

from engine.types import to_units
from zdte_tui.screen import footer, header, timeline
from zdte_tui.screen.actions import ACTIONS, bindings
from zdte_tui.screen.grid import Line


def plain(line: Line) -> str:
    return "".join(text for text, _ in line)


def lines(width: int, **changes: object) -> list[str]:
    return [plain(line) for line in header.lines(views.header(**changes), width)]


def test_the_first_line_has_mode_account_root_time_and_feed_the_second_money_and_state() -> None:
    first, second = lines(118)
    for part in (
        "[ SIMULATED ]",
        "SPXW XSP",
        "2026-01-15 12:02:31 ET",
        "feed ok, oldest held leg 0.4s",
        "account main",
    ):
        assert part in first
    for part in (
        "day +$186.00 (realised +$0.00, open +$186.00)",
        "nearest short 27.0 pts",
        "next: exit 15:20",
        "VIX 15.34 implied",
    ):
        assert part in second
    assert second.endswith("ACTIVE")


def test_what_the_eye_needs_first_comes_first() -> None:
    told = "\n".join(lines(160))
    order = (
        "SIMULATED",
        "account main",
        "feed ok, oldest held leg",
        "day +$186.00",
        "nearest short",
        "next:",
        "ACTIVE",
    )
    places = [told.index(part) for part in order]
    assert places == sorted(places)


BANNERS = (
    "SIMULATED",
    "PRACTICE SIMULATED calm",
    "PRACTICE REPLAY vendor lean quote",
    "REPLAY vendor lean quote",
    "REPLAY vendor spxw_0dte_1min trade_bar",
    "PAPER",
    "LIVE",
)


@given(st.integers(58, 240), st.sampled_from(BANNERS), st.sampled_from(["ACTIVE", "REDUCING", "HALTED"]), st.booleans())
def test_it_fits_any_width_and_never_drops_mode_feed_pnl_or_state(
    width: int, banner: str, state: str, good: bool
) -> None:
    feed = {} if good else {"feed": "stale", "feed_text": "no data for 14 s"}
    first, second = lines(width, banner=banner, state=state, **feed)
    assert len(second) <= width
    assert len(first) <= width
    assert first.startswith(("[ ", "!!! "))
    assert banner.split()[0] in first
    assert banner.split()[-1] in first
    assert f"feed {'ok' if good else 'stale'}" in first.lower()
    assert second.endswith(state)
    assert "+$186.00" in second


def test_a_long_label_gives_way_from_its_middle_and_keeps_what_a_price_is() -> None:
    banner = "REPLAY vendor spxw_0dte_1min mid"
    assert lines(118, banner=banner)[0].startswith(f"[ {banner} ]")
    assert lines(60, banner=banner)[0].startswith("[ REPLAY vendor mid ]")
    assert lines(40, banner=banner)[0].startswith("[ REPLAY mid ]")


def test_real_money_is_unmistakable_without_colour() -> None:
    assert lines(118, banner="LIVE")[0].startswith("!!! LIVE !!!")
    assert lines(118, banner="REPLAY vendor lean quote")[0].startswith("[ REPLAY vendor lean quote ]")


def test_a_bad_feed_shouts_and_keeps_its_words() -> None:
    assert "FEED STALE: no quote for 14 s" in lines(118, feed="stale", feed_text="no quote for 14 s")[0]


def test_a_provisional_result_says_so_and_a_missing_one_is_missing() -> None:
    assert "+$186.00 PROVISIONAL" in lines(118, provisional=True)[1]
    assert "day n/a (realised +$0.00, open n/a)" in lines(118, day_pnl=None, open_pnl=None)[1]
    assert "VIX n/a" in lines(118, vix=None, vix_source="")[1]
    assert "VIX n/a" in lines(118, vix=None, vix_source="unknown")[1]


@pytest.mark.parametrize(
    ("source", "long", "short"),
    [
        ("streamed", "VIX 15.34 (streamed)", "VIX 15.34"),
        ("chain-implied", "VIX 15.34 (chain-implied)", "VIX 15.34 implied"),
        ("prior close", "VIX 15.34 (prior close)", "VIX 15.34 yesterday"),
    ],
)
def test_a_vix_that_is_not_the_index_s_value_now_says_so_at_every_width(source: str, long: str, short: str) -> None:
    shown = {width: lines(width, vix_source=source)[1] for width in range(20, 220)}
    assert long in shown[219]
    for width, line in shown.items():
        if "VIX" in line:
            assert long in line or short in line, width
    assert any(short in line and long not in line for line in shown.values())


def test_a_short_in_the_money_shouts() -> None:
    assert "-1.5 pts IN THE MONEY" in lines(118, nearest_short=to_units(-1.5))[1]


# --- the timeline


def bar(width: int = 100, **changes: object) -> str:
    return plain(timeline.line(views.progress(**changes), width))


def test_the_timeline_tells_state_speed_place_and_percentage() -> None:
    line = bar()
    assert line.startswith(" PLAYING    60x  09:30 ")
    assert "16:00   12:02:31  39%" in line


@pytest.mark.parametrize(
    ("changes", "word"),
    [({}, "PLAYING"), ({"paused": True}, "PAUSED"), ({"paused": True, "finished": True}, "FINISHED")],
)
def test_its_state_in_a_word(changes: dict[str, bool], word: str) -> None:
    assert bar(**changes).split()[0] == word


@pytest.mark.parametrize(("speed", "word"), [(0, "max"), (0.5, "0.5x"), (600, "600x")])
def test_its_speed(speed: float, word: str) -> None:
    assert bar(speed=speed).split()[1] == word


def test_signals_trades_and_commands_are_marked_and_a_trade_hides_a_signal() -> None:
    track = plain(timeline.track(views.progress(), 40))
    assert track.count("T") == 1
    assert track.count("c") == track.count("!") == 1
    assert track.count("s") == 2
    assert track.index("T") == round(30.1 / 390 * 39)


def test_at_the_end_the_bar_is_full() -> None:
    track = plain(timeline.track(views.progress(now=views.at("16:00:00"), marks=()), 40))
    assert track == timeline.DONE * 39 + timeline.HERE
    assert "100%" in bar(now=views.at("16:00:00"), finished=True)


@given(st.integers(58, 240), st.integers(-(10**13), 10**14))
def test_the_timeline_has_exactly_its_width(width: int, offset: int) -> None:
    now = views.progress().open + offset
    assert len(bar(width, now=now)) == width


# --- the footer


@given(st.integers(50, 240), st.booleans(), st.booleans(), st.booleans())
def test_the_footer_fits(width: int, paced: bool, finished: bool, new: bool) -> None:
    line = plain(footer.keys_line(paced, False, width, finished=finished, new=new))
    assert len(line) <= width
    assert "? help" in line


def test_the_footer_of_a_day_that_is_over_names_the_ways_out() -> None:
    line = plain(footer.keys_line(True, True, 80, finished=True))
    assert line.startswith(" the day is over ")
    assert "g go back" in line
    assert "q quit" in line
    assert not any(word in line for word in ("space", "n next", ". step"))


def test_the_footer_invites_a_newcomer_to_the_tour() -> None:
    assert plain(footer.keys_line(True, False, 80, new=True)).startswith(" new here? :tour shows you round ")


def test_the_footer_shows_only_keys_that_do_something() -> None:
    assert "go to" not in plain(footer.keys_line(False, False, 200))
    assert "space play on" in plain(footer.keys_line(True, True, 200))
    assert "[ ] speed" in plain(footer.keys_line(True, False, 200))


# --- the registry


def test_no_key_is_bound_twice() -> None:
    keys = [(key, each.where) for each in ACTIONS for key in each.keys]
    assert len(keys) == len(set(keys))


def test_what_moves_money_is_a_capital_and_is_confirmed() -> None:
    confirmed = {each.shown for each in ACTIONS if each.confirm and each.keys}
    assert {"A", "F", "K", "P"} <= confirmed
    assert all(len(shown) == 1 and shown.isupper() for shown in confirmed)


def test_every_action_is_bound_in_its_scope() -> None:
    wheres = {each.where for each in ACTIONS}
    bound = sum(len(bindings(scope, where)) for scope in ("app", "screen", "grid") for where in wheres)
    assert bound == len([each for each in ACTIONS if each.keys])
