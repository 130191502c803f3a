"""What is told of strikes, breakevens, stops, limits, breakers and the feed, from figures alone."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace as with_settings

from engine.alerts import Kind, Settings, parse_rule
from engine.alerts.conditions import conditions
from engine.alerts.facts import BreakerFact, Facts, FeedFact, LimitFact, ShortFact, TradeFact
from engine.alerts.latches import Latches
from engine.alerts.watched import rule_reading
from engine.types import to_units

SETTINGS = Settings()


def facts(**changes: Any) -> Facts:
    base = Facts(
        now=1,
        roots=("SPXW",),
        spots={"SPXW": to_units(6000)},
        moves={"SPXW": to_units(20)},
        vix=None,
        day_pnl=0,
        open_pnl=0,
        shorts=(),
        trades=(),
        figures={},
        feed=FeedFact(True),
        breakers=(),
        limits=(),
        slow=True,
    )
    return base._replace(**changes)


def short(distance: float) -> Facts:
    return facts(shorts=(ShortFact(3, "SPXW", "5990P", to_units(distance), to_units(5990 + distance)),))


def told(*steps: Facts, settings: Settings = SETTINGS) -> list[tuple[Kind, str]]:
    """What is told as figures follow one another, one a second."""
    latches = Latches()
    return [
        (reading.kind, reading.words())
        for seq, step in enumerate(steps)
        for reading in conditions(step, settings)
        if latches.judge(reading, seq * 1_000_000_000, seq)
    ]


def test_a_short_strike_is_near_and_then_touched() -> None:
    assert told(short(12), short(5), short(3), short(0), short(-2)) == [
        ("short_near", "#3 short 5990P is 5.00 points away: SPXW at 5,995.00"),
        ("short", "#3 short 5990P touched: SPXW at 5,990.00"),
    ]


def test_a_strike_that_is_jumped_upon_is_touched_and_not_near_as_well() -> None:
    assert [kind for kind, _ in told(short(12), short(-1), short(2))] == ["short"]


def test_a_price_at_the_strike_is_one_alert_until_it_has_come_back_by_the_margin() -> None:
    around = [short(distance) for distance in (20, 0, 0.5, -0.5, 2.9, 0, 2.5, -1)]
    assert [kind for kind, _ in told(*around)] == ["short"]
    assert [kind for kind, _ in told(*around, short(3.2), short(0))] == ["short", "short"]


def test_near_is_the_further_of_points_and_part_of_the_expected_move() -> None:
    wide = with_settings(SETTINGS, near_points=to_units(15))
    assert [kind for kind, _ in told(short(12), settings=wide)] == ["short_near"]
    off = with_settings(SETTINGS, near_move=0.0)
    assert told(short(1), settings=off) == []


def trade(inside: float | None, **more: Any) -> Facts:
    units = None if inside is None else to_units(inside)
    points = (to_units(5980), to_units(6020))
    found = TradeFact(3, "SPXW", 0, more.pop("breakevens", points), points[0], units, to_units(5985), **more)
    return facts(trades=(found,))


def test_a_breakeven_is_touched_once_spot_crosses_it() -> None:
    assert told(trade(5), trade(-1), trade(-3)) == [
        ("breakeven", "#3 breakeven 5,980.00 touched: SPXW at 5,985.00"),
    ]


def test_a_trade_opened_beyond_its_breakeven_touches_nothing() -> None:
    assert told(trade(-5), trade(-4)) == []


def test_a_fill_that_moves_the_breakevens_touches_nothing() -> None:
    assert told(trade(5), trade(-1, breakevens=(to_units(5990),))) == []


def test_a_stop_that_nobody_holds_is_told_once_that_has_lasted() -> None:
    bare, held = trade(None, unarmed="puts 2.35"), trade(None, armed="puts 2.35 by the engine")
    assert told(*[bare] * 5, held, *[bare] * 5) == [("stop_armed", "#3 stops armed: puts 2.35 by the engine")]
    assert told(*[bare] * 7) == [("unarmed", "#3 UNARMED: nobody holds a stop for puts 2.35")]


def limit(used: float) -> Facts:
    return facts(limits=(LimitFact("day loss", "DAILY_LOSS", used, 500, f"${used:g} of $500"),))


def test_a_limit_is_near_from_four_fifths_on_and_away_below_nine_tenths_of_that() -> None:
    assert told(limit(399), limit(400), limit(380), limit(410)) == [
        ("limit", "day loss: $400 of $500 (80% of the limit)"),
    ]
    assert len(told(limit(400), limit(359), limit(400))) == 2


def test_a_breaker_and_a_silent_feed_are_told() -> None:
    tripped = facts(breakers=(BreakerFact("REJECTS", "3 of 3 orders in a row were rejected"),))
    silent = facts(feed=FeedFact(False, "no data since 10:00:00", 0))
    assert told(tripped, tripped, silent) == [
        ("breaker", "REJECTS: 3 of 3 orders in a row were rejected"),
        ("feed", "no data since 10:00:00"),
    ]


def test_what_is_not_known_changes_nothing() -> None:
    latches, rule = Latches(), parse_rule("spot < 6000")

    def judge(spot: float | None) -> bool | None:
        known = facts(spots={"SPXW": None if spot is None else to_units(spot)})
        reading = rule_reading(1, rule, known, SETTINGS)
        return None if reading is None else latches.judge(reading, 0, 0)

    assert [judge(spot) for spot in (5999, None, 5998, None, 6002, 5999, 6004, 5999)] == [
        *(True, None, False, None),
        *(False, False),  # 3 points are the margin
        *(False, True),
    ]


def test_rules_read_the_figure_they_name() -> None:
    known = facts(
        vix=to_units(21),
        day_pnl=to_units(-310),
        open_pnl=to_units(-10),
        shorts=short(8).shorts,
        trades=trade(4).trades,
        figures={("SPXW", "delta"): to_units(60)},
        moves={"SPXW": to_units(9)},
    )

    def holds(text: str) -> bool | None:
        reading = rule_reading(1, parse_rule(text), known, SETTINGS)
        return None if reading is None else reading.on

    true = ["vix > 20", "pnl < -300", "open pnl > -20", "short within 8", "trade 3 short within 10", "breakeven < 5"]
    assert [holds(text) for text in [*true, "delta > 50", "move < 10", "trade 3 pnl >= 0"]] == [True] * 9
    assert [holds(text) for text in ("vix > 22", "short within 7", "delta < 50")] == [False] * 3
    assert [holds(text) for text in ("gamma > 1", "trade 4 pnl < 0", "trade 4 short within 50")] == [None] * 3


@pytest.mark.parametrize(
    ("source", "told"),
    [("", "now 21.00"), ("chain-implied", "now 21.00 (chain-implied)"), ("prior close", "(prior close)")],
)
def test_a_rule_of_the_vix_says_where_it_is_from_unless_it_is_the_index_s_own(source: str, told: str) -> None:
    known = facts(vix=to_units(21), day_pnl=to_units(-310))._replace(vix_source=source)
    reading = rule_reading(1, parse_rule("vix > 20"), known, SETTINGS)
    assert reading is not None
    assert reading.words().endswith(told)
    of_money = rule_reading(2, parse_rule("pnl < -300"), known, SETTINGS)
    assert of_money is not None
    assert "implied" not in of_money.words()
