"""Expiry: provisional at the close, official later, and the P&L restated."""

from __future__ import annotations

import pytest
from core_builders import CONDOR, Tape, clock, condor_tape, ladder, run

from engine.events import SettlementRecord, TradeRecord

HOLD = "strategies.iron_condor.hold_to_settlement=true"
CREDIT = 1.40 * 100 - 4 * 0.65


def results(played) -> list[tuple[str, str, float]]:
    return [
        (clock(record.ts), record.status, record.realised / 10_000)
        for record in played.of(TradeRecord)
        if record.realised is not None
    ]


def test_the_close_is_provisional_and_the_official_close_restates_the_result() -> None:
    """The last index value is 5330; the official close is 5320, five points through the short put."""
    tape = condor_tape("10:01").hold("15:58", "15:59").quote("15:59:30", {}, spot=5330.0).close(5320.0, "16:15")

    played = run(tape, HOLD)

    assert results(played) == [
        ("16:00:00", "settled_provisional", pytest.approx(CREDIT)),
        ("16:15:00", "settled", pytest.approx(CREDIT - 500)),
    ]
    assert [record.provisional for record in played.of(SettlementRecord)] == [True] * 4 + [False] * 4
    assert played.engine.state.portfolio.realised == round((CREDIT - 500) * 10_000)


def test_without_an_official_close_the_result_stays_provisional() -> None:
    played = run(condor_tape("10:01").hold("15:58", "15:59"), HOLD)

    assert results(played) == [("16:00:00", "settled_provisional", pytest.approx(CREDIT))]
    assert played.trade().text == "last SPX value, PROVISIONAL until the official close"


def test_an_official_close_that_is_known_at_once_settles_at_once() -> None:
    played = run(condor_tape("10:01").hold("15:58", "15:59").close(5350.0, "16:00"), HOLD)

    assert [status for _, status, _ in results(played)] == ["settled"]


def test_an_official_close_counts_once() -> None:
    tape = condor_tape("10:01").hold("15:58", "15:59").close(5320.0, "16:15").close(5000.0, "16:20")

    played = run(tape, HOLD)

    assert played.trade().realised == round((CREDIT - 500) * 10_000)


def test_yesterdays_close_settles_nothing() -> None:
    tape = condor_tape("10:01").hold("15:58", "15:59")
    tape.close(5200.0, "16:15", day=tape.day.replace(day=6))

    assert run(tape, HOLD).trade().status == "settled_provisional"


def test_without_an_index_the_parity_forward_is_the_provisional_value() -> None:
    pairs = {"5350P": (1.0, 1.2), "5350C": (2.0, 2.2)}  # 5351 by parity
    tape = Tape().list(ladder(5300, 5400)).quote("09:59", CONDOR | pairs).hold("10:00", "10:01").hold("15:58", "15:59")

    played = run(tape, HOLD)

    assert played.trade().text.startswith("parity forward, PROVISIONAL")
    assert {record.value for record in played.of(SettlementRecord)} == {53_510_000}


def test_a_trade_closed_before_the_close_is_not_settled() -> None:
    played = run(condor_tape("10:01").hold("15:58", "15:59").close(5000.0))

    assert not played.of(SettlementRecord)
    assert played.trade().status == "closed"


def test_the_loss_beyond_the_wing_is_the_width() -> None:
    played = run(condor_tape("10:01").hold("15:58", "15:59").close(5000.0, "16:15"), HOLD)

    assert played.trade().realised == round((CREDIT - 1000) * 10_000)
    assert -played.trade().realised == played.trade().worst_case


def test_settlement_wakes_the_engine_on_a_silent_feed() -> None:
    played = run(condor_tape("15:00"), HOLD)

    assert results(played)[0][0] == "16:00:00"
    assert played.engine.state.portfolio.realised == round(CREDIT * 10_000)


def test_spy_is_settled_in_cash_with_a_word_about_shares_that_are_not_modelled() -> None:
    quotes = {"529P": (0.20, 0.22), "531P": (0.50, 0.52), "541C": (0.50, 0.52), "543C": (0.20, 0.22)}
    tape = Tape("SPY").list(ladder(525, 550, 1)).quote("09:59", quotes, spot=536.0).hold("10:00", "15:00")
    gone = dict.fromkeys(quotes, (None, None))
    tape.quote("15:00:30", gone, spot=536.0).close(536.0, "16:20")

    played = run(
        tape,
        "strategies.iron_condor.by_root.SPY.strikes.short=5",
        "strategies.iron_condor.by_root.SPY.strikes.wing=7",
        "risk.per_trade=0.5",
        "risk.per_strategy=0.5",
    )

    assert results(played)[0][:2] == ("16:15:00", "settled_provisional")
    assert "shares are not modelled" in played.notices("info")[-1][1]
