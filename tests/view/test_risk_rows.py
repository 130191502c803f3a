"""The risk pane's rows: every control has one, with what is used of its limit; what stands comes first."""

from __future__ import annotations

import pytest
from core_builders import PUTS_HIT, SPOT, at, condor_tape, make_engine, play

from engine.clock import SECOND
from engine.core import Engine
from engine.events import BrokerState
from engine.risk import BREAKERS, CODES
from engine.view import RiskRow
from engine.view.risk import build_risk

FEW = {"OK", "SIZE_ZERO", "NOT_ACTIVE", "BAD_PACKAGE", "INTENT", "CLOSED", "STRATEGY_PAUSED"}
"""Answers that are about no limit of their own: other rows tell of them."""


def rows(engine: Engine, now: int | None = None) -> dict[str, RiskRow]:
    return {row.code: row for row in build_risk(engine, 0, engine.state.now if now is None else now)}


def seen(until: str, *settings: str, tape: object = None) -> Engine:
    engine = make_engine(*settings)
    play(engine, (tape or condor_tape(until)).sorted(), at(until))  # type: ignore[attr-defined]
    return engine


def test_every_control_has_its_row() -> None:
    found = rows(seen("10:01"))
    assert set(CODES) - FEW <= set(found)
    broker = {"RECONCILE", "BROKER_UNREAD", "BROKER_DOWN"}  # these have no figure; their rows come when they stand
    assert set(BREAKERS) - broker <= set(found)


def test_before_any_entry_figures_of_entries_are_not_known() -> None:
    found = rows(seen("09:59"))
    for code in ("MAX_CONTRACTS", "MAX_NOTIONAL", "STALE_QUOTE", "LEG_WIDTH", "COLLAR_WORSE", "COLLAR_BETTER"):
        assert found[code].used is None
        assert found[code].limit is not None
    assert found["COVER_WIDTH"].text == "10% of the short strike"
    assert (found["STALE_FEED"].used, found["CLOCK_SKEW"].used) == (None, None)
    assert found["MAX_CONTRACTS_DAY"].used == found["REPEATED"].used == found["MESSAGES_MINUTE"].used == 0
    assert found["NOT_ACTIVE"].text == "ACTIVE: entries are allowed"


def test_after_an_entry_each_is_measured_in_its_unit() -> None:
    found = rows(seen("10:01"))

    def shown(code: str) -> tuple[float | None, float | None, str]:
        return found[code].used, found[code].limit, found[code].unit

    assert shown("MAX_CONTRACTS") == (4, 500, "count")
    assert shown("MAX_NOTIONAL") == (2_140_000, 50_000_000, "dollars")
    assert shown("STALE_QUOTE") == (0, 90, "seconds")
    assert shown("LEG_WIDTH") == (0.10, 2.00, "price")
    assert shown("PACKAGE_WIDTH") == (0.40, 4.00, "price")
    assert shown("COLLAR_WORSE") == (0, 0.25, "price")
    assert shown("COLLAR_BETTER") == (0, 1.00, "price")
    assert shown("COVER_WIDTH") == (10, 532.5, "price")
    assert shown("MAX_CONTRACTS_DAY") == (4, 5000, "count")
    assert shown("REPEATED") == (1, 10, "count")
    assert shown("MESSAGES_SECOND") == (0, 20, "count")
    assert shown("MESSAGES_MINUTE") == (0, 150, "count")
    assert shown("PER_BOOK") == (*shown("PER_STRATEGY")[:1], 25_000, "dollars")
    assert shown("MAX_OPEN") == (1, 8, "count")
    assert rows(seen("10:00"))["MESSAGES_SECOND"].used == 1


def test_a_silent_feed_is_counted_to_what_the_screen_shows() -> None:
    engine = seen("10:05")
    assert rows(engine)["STALE_FEED"].used == 0
    assert rows(engine, at("10:06:07"))["STALE_FEED"].used == 7
    play(engine, [], None)
    engine.process(BrokerState(ts_known=at("10:06:10"), asked=at("10:06:10"), skew=-1_500_000_000))
    found = rows(engine)
    assert (found["STALE_FEED"].used, found["CLOCK_SKEW"].used) == (10, 1500)


def test_what_stands_comes_first_with_its_words() -> None:
    engine = seen(
        "10:04",
        "risk.daily_loss=80",
        tape=condor_tape("10:01").quote("10:02", PUTS_HIT, spot=SPOT).hold("10:03", "10:04"),
    )
    engine.supervision.mismatch("1 of 5300P too many")
    first, second, third = build_risk(engine, -1_000_000, engine.state.now)[:3]
    assert first.text == "HALTED DAILY_LOSS, RECONCILE"
    assert (second.name, second.text.split(": ")[0]) == ("DAILY_LOSS", "HALTED until the next session")
    assert (third.name, third.text) == ("RECONCILE", "REDUCING until it is over: 1 of 5300P too many")


@pytest.mark.parametrize(
    ("settings", "code", "text"),
    [
        ((), "CUTOFF", "SPXW until 15:10"),
        (("risk.no_open_minutes=0", "cutoffs.schedule=[]"), "CUTOFF", "SPXW until 16:00"),
        ((), "DUPLICATE", "not within 10 s"),
        (("risk.duplicate_seconds=0",), "DUPLICATE", "not looked for"),
        ((), "TICK", "SPXW 0.05"),
        ((), "LEG_COLLISION", "shifted one strike, else denied"),
        (('risk.on_collision="deny"',), "LEG_COLLISION", "denied"),
        ((), "VIX_HIGH", "unknown: not scaled"),
        (("risk.vix_scale=true",), "VIX_HIGH", "unknown: one package at most"),
    ],
)
def test_rules_without_a_figure_are_told_in_words(settings: tuple[str, ...], code: str, text: str) -> None:
    assert rows(seen("09:59", *settings))[code].text == text


def test_an_unknown_result_of_the_day_is_no_loss_of_nothing() -> None:
    engine = seen("10:00:30")
    loss = next(row for row in build_risk(engine, None, at("10:00:30") + SECOND) if row.code == "DAILY_LOSS")
    assert loss.used is None
