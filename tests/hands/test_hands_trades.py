"""Pauses, adoption, notes and tags; and orders that say nothing."""

from __future__ import annotations

import pytest
from core_builders import DAY, Played, condor_tape, configure, make_engine, play
from hands_days import condor, day, order, outcomes, price, puts, trade_by_hand
from outside_line import done_elsewhere, fill, go_on, session_on

from engine.calendar import session
from engine.core import Engine
from engine.core.manual_state import Annotation
from engine.events import CommandRecord, TradeRecord
from engine.strategy import plan_strategies
from engine.types import Adopt, Annotate, CloseTrade, Manual, MoveStop, MoveTarget, PauseStrategy
from engine.view.positions import build_positions
from engine.view.risk import build_risk
from strategies.iron_condor import IronCondor
from strategies.registry import REGISTRY

TWO = 'strategies.iron_condor.entries=["10:00", "11:00"]'
CONDOR = PauseStrategy(strategy="iron_condor")


def paused(*orders: tuple[str, Manual]) -> Played:
    """The strategy's day with two entries, and what a person orders."""
    tape = condor_tape("11:10")
    for when, each in orders:
        order(tape, when, each)
    return trade_by_hand(tape, TWO)


def test_a_paused_strategy_opens_nothing_and_its_exits_go_on() -> None:
    played = paused(("10:30", CONDOR))

    assert outcomes(played) == [("pause_strategy", "iron_condor opens nothing on SPXW until resumed")]
    assert "STRATEGY_PAUSED" in played.skipped()["11:00"]
    assert len(played.held()) == 4
    row = next(row for row in build_risk(played.engine, 0, played.engine.state.now) if row.code == "PER_STRATEGY")
    assert row.text == "PAUSED on SPXW: opens nothing"
    later = order(condor_tape("15:25"), "10:30", CONDOR)
    assert [trigger for _, _, trigger in trade_by_hand(later, TWO).exits()] == ["exit_time"]


def test_resumed_in_time_it_enters() -> None:
    played = paused(("10:30", CONDOR), ("11:02", PauseStrategy(strategy="iron_condor", paused=False)))
    assert outcomes(played)[1] == ("pause_strategy", "iron_condor may open on SPXW")
    assert played.trade(2).key == "11:00"


def test_a_pause_is_said_twice_and_of_nobody_else() -> None:
    played = paused(
        ("10:30", CONDOR),
        ("10:31", CONDOR),
        ("10:32", PauseStrategy(strategy="iron_condor", root="SPXW", paused=False)),
        ("10:33", PauseStrategy(strategy="iron_condor", paused=False)),
        ("10:34", PauseStrategy(strategy="scalper")),
        ("10:35", PauseStrategy(strategy="iron_condor", root="SPY")),
    )
    assert [outcome for _, outcome in outcomes(played)[1:]] == [
        "it was paused already",
        "iron_condor may open on SPXW",
        "it was not paused",
        "refused: no strategy scalper is run here: iron_condor on SPXW",
        "refused: no strategy iron_condor on SPY is run here: iron_condor on SPXW",
    ]


def test_a_person_may_open_while_a_strategy_is_paused() -> None:
    tape = order(day("10:20"), "10:05", CONDOR, puts())
    assert trade_by_hand(tape).held() == {"5315P": 1, "5325P": -1}


def test_of_several_roots_one_can_be_paused() -> None:
    engine = make_engine(roots=("SPXW", "XSP"))
    tape = order(condor_tape("10:20"), "09:40", PauseStrategy(strategy="iron_condor", root="XSP"))
    played = play(engine, tape.sorted())
    assert engine.state.hands.paused == [("iron_condor", "XSP")]
    assert played.trade().root == "SPXW"


def adopting(*orders: Manual, settings: tuple[str, ...] = ()) -> Played:
    """A put spread is made elsewhere at 10:03; these at 10:10."""
    tape = order(day("10:30"), "10:10", *orders)
    playing, line = session_on(tape, "strategies.iron_condor.entries=[]", *settings)
    played = go_on(playing, Played(playing.engine), "10:03")
    line.extra.append(done_elsewhere(line, fill("5325P", "sell", 1, 13_000), fill("5315P", "buy", 1, 6_000, "x2")))
    return go_on(playing, played, "10:20")


def test_a_trade_made_elsewhere_becomes_a_persons() -> None:
    played = adopting(
        Adopt(trade_id=1), MoveStop(trade_id=1, price=price(1.45)), MoveTarget(trade_id=1, price=price(0.10))
    )

    assert [outcome for _, outcome in outcomes(played)] == [
        "#1 is yours: it was made elsewhere; S sets its stop, G its target",
        "stop of #1 at 1.45: it had none",
        "target of #1 at 0.10: it had none",
    ]
    assert played.trade().strategy == "manual"
    assert played.trade().text == "adopted by a person from outside"
    marks = {trade.trade_id: played.engine.guard.mark(trade) for trade in played.engine.state.portfolio.open_trades}
    (row,) = build_positions(played.engine, marks).rows
    assert (row.stop_at, row.stop_holder) == (price(1.45), "e")


def test_what_nobody_watches_must_be_adopted_before_its_stop_is_set() -> None:
    played = adopting(MoveStop(trade_id=1, price=price(1.45)), Adopt(trade_id=1), Adopt(trade_id=1), Adopt(trade_id=9))
    assert [outcome for _, outcome in outcomes(played) if outcome.startswith("refused")] == [
        "refused: nobody watches #1: W adopts it, then its stop and target can be set",
        "refused: #1 is yours already",
        "refused: there is no trade #9",
    ]


def test_an_adopted_trade_is_flattened_with_the_others() -> None:
    tape = order(day("10:30"), "10:10", Adopt(trade_id=1)).command("10:12", "flatten")
    playing, line = session_on(tape, "strategies.iron_condor.entries=[]")
    played = go_on(playing, Played(playing.engine), "10:03")
    line.extra.append(done_elsewhere(line, fill("5325P", "sell", 1, 13_000), fill("5315P", "buy", 1, 6_000, "x2")))
    assert not go_on(playing, played, "10:30").held()


def test_a_strategys_trade_is_adopted_only_once_the_strategy_has_stopped() -> None:
    class Stops(IronCondor):
        """Fails at 10:15."""

        def decide(self, ctx, state):  # type: ignore[no-untyped-def]
            if ctx.now >= ctx.session.open + 45 * 60 * 10**9:
                raise RuntimeError("a bug")
            return super().decide(ctx, state)

    config = configure()
    (planned,) = plan_strategies(config.strategies, REGISTRY, ["SPXW"])
    strategy = Stops("SPXW", planned.settings)  # type: ignore[arg-type]
    engine = Engine(config, session(DAY), "main", ("SPXW",), {}, [strategy])
    tape = order(condor_tape("10:30"), "10:10", Adopt(trade_id=1))
    order(tape, "10:16", Annotate(trade_id=1, note="look at it"))  # a strategy that waits is asked at a command
    order(tape, "10:17", Adopt(trade_id=1), MoveStop(trade_id=1, scope="puts", price=price(1.45)))
    played = play(engine, tape.sorted(), tape.sorted()[-1].ts_known)

    assert [outcome for _, outcome in outcomes(played)] == [
        "refused: iron_condor manages #1: S, G and C work on it as it is",
        "noted on #1: look at it",
        "#1 is yours: iron_condor has stopped; S sets its stop, G its target",
        "stop of #1 puts at 1.45: it had none",
    ]
    assert played.trade().text == "adopted by a person from iron_condor"


def test_notes_and_tags_replace_what_stood_there() -> None:
    tape = order(day("10:20"), "10:05", condor(note="first", tags=("a", "b", "a")))
    order(tape, "10:06", Annotate(trade_id=1, note="second\nline", tags=("c",)))
    played = trade_by_hand(tape)
    assert played.engine.state.annotations == {1: Annotation("second\nline", ("c",))}
    said = played.of(CommandRecord)[-1]
    assert (said.kind, said.trade_id, said.text, said.outcome) == (
        "annotate", 1, "#1: second\nline [c]", "noted on #1: second\nline [c]"
    )  # fmt: skip
    gone = trade_by_hand(order(tape, "10:07", Annotate(trade_id=1), Annotate(trade_id=5, note="x")))
    assert gone.engine.state.annotations == {}
    assert [outcome for _, outcome in outcomes(gone)[-2:]] == [
        "nothing is noted on #1 any more",
        "refused: there is no trade #5",
    ]


def test_a_trade_that_is_over_can_still_be_annotated() -> None:
    tape = order(order(day("10:20"), "10:05", condor()), "10:06", CloseTrade(trade_id=1))
    played = trade_by_hand(order(tape, "10:10", Annotate(trade_id=1, note="too early")))
    assert played.of(TradeRecord)[-1].status == "closed"
    assert played.engine.state.annotations[1].note == "too early"


@pytest.mark.parametrize("kind", ["manual"])
def test_an_order_that_says_nothing_is_refused(kind: str) -> None:
    played = trade_by_hand(day("10:10").command("10:05", kind))  # type: ignore[arg-type]
    assert outcomes(played) == [("manual", "refused: it does not say what is ordered")]
