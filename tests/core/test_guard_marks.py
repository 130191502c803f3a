"""What open trades are judged by where quotes are missing, and when they are marked no more."""

from __future__ import annotations

import math

from core_builders import CONDOR, DAY, SPOT, Tape, at, clock, condor_tape, configure, ladder, make_engine, play, run

from engine.calendar import session
from engine.core import Engine
from engine.core.guard import Greeks
from engine.strategy import build_strategies
from engine.types import to_units
from strategies.registry import REGISTRY

NO_STOP = "strategies.iron_condor.stop.scope=none"
HOLD = "strategies.iron_condor.hold_to_settlement=true"
GONE: dict[str, tuple[float | None, float | None]] = dict.fromkeys(CONDOR, (None, None))


def test_longs_alone_without_a_quote_are_judged_as_worth_nothing() -> None:
    """The shorts are bought back, the longs have no bid and then no quote: what is lost with them is the day's loss."""
    dear = {"5325P": (9.0, 9.1), "5375C": (9.0, 9.1), "5315P": (0.0, 0.05), "5385C": (0.0, 0.05)}
    tape = condor_tape("10:05").quote("10:06", dear, spot=SPOT).command("10:06", "close_trade", 1)
    tape.hold("10:07", "10:10").quote("10:11", GONE, spot=SPOT).hold("10:12", "10:20")
    played = run(tape, NO_STOP, "risk.daily_loss=1683", until="10:20")
    assert sorted(played.held()) == ["5315P", "5385C"]
    (lost,) = played.breakers()
    assert lost.name == "DAILY_LOSS"
    assert (clock(lost.ts), lost.text.split(";")[0]) == ("10:12:00", "day -1,683.90 reached -1,683.00")


def test_a_trade_of_contracts_that_are_not_listed_has_no_greeks() -> None:
    held = run(condor_tape("10:05"), until="10:05").engine.state.portfolio.open_trades[0]
    elsewhere = make_engine()
    play(elsewhere, Tape().list(ladder(4000, 4010)).quote("10:00", {"4000P": (1.0, 1.1)}, spot=SPOT).sorted())
    assert all(math.isnan(value) for value in Greeks().plus(elsewhere.state, held))
    assert all(math.isnan(value) for value in Greeks().plus(make_engine().state, held))


def test_marks_without_prices_have_pnl_and_nothing_that_needs_a_chain() -> None:
    config = configure()
    condor = build_strategies(config.strategies, REGISTRY, ["SPXW"])
    engine = Engine(config, session(DAY), "main", ("SPXW",), {}, condor, price_marks=False)
    marks = play(engine, condor_tape("10:05").sorted(), at("10:05")).marks()
    assert {(mark.spot, mark.delta, mark.vega) for mark in marks} == {(None, None, None)}
    assert {mark.pnl_mid for mark in marks} == {-to_units(22.60)}


def test_nothing_is_marked_again_after_the_close() -> None:
    engine = make_engine(HOLD)
    play(engine, condor_tape("15:59").sorted(), at("15:59"))
    assert engine.state.marks_at == at("16:00")
    engine.state.advance(at("16:00:30"))
    assert engine.guard.marks_due()
    assert engine.state.marks_at == at("16:00")
