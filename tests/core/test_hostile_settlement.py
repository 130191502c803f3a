"""What a broker tells only after the close: fills made before it, of contracts that have settled meanwhile."""

from __future__ import annotations

from core_builders import Played, condor_tape
from outside_line import go_on, restarted, session_on

from engine.events import SettlementRecord

LATE = ("strategies.iron_condor.exit_time=close-5m", "strategies.iron_condor.buy_back=0")


def silent_over_the_close() -> tuple:  # type: ignore[type-arg]
    """The exit is filled at 15:55, and nothing is heard of it before 16:02."""
    tape = condor_tape("15:59").close(5400.0, when="16:15")
    playing, line = session_on(tape, *LATE, "exits.step_seconds=1")
    played = go_on(playing, Played(playing.engine), "15:54:50")
    line.lost = {"snapshot", "lookup"}
    line.mute = {"main-20240807-0-2"}
    go_on(playing, played, "16:01")
    return tape, playing, line, played


def test_a_close_that_is_heard_of_after_the_settlement_counts_in_its_place() -> None:
    _, playing, line, played = silent_over_the_close()
    assert played.trade().status == "settled_provisional"
    line.lost, line.mute = set(), set()
    go_on(playing, played, "16:30")

    trade = played.trade()
    assert played.held() == {}
    bought = -sum(quantity * round(price * 10_000) * 100 for _, quantity, _, price in played.fills())
    assert trade.realised == bought - trade.fees
    assert trade.status == "closed"


def test_the_same_after_a_restart() -> None:
    tape, _, line, played = silent_over_the_close()
    line.lost, line.mute = set(), set()
    again = restarted(tape, played, line, *LATE, "exits.step_seconds=1")
    after = go_on(again, Played(again.engine), "16:30")

    (trade,) = after.engine.state.portfolio
    assert not trade.open
    assert (
        trade.realised
        == trade.entry_cash + sum(h.cash for h in trade.holdings.values()) - trade.entry_cash - trade.fees
    )
    assert all(holding.settled is None for holding in trade.holdings.values())
    assert not [r for r in after.of(SettlementRecord) if r.quantity]
