"""Closing by hand: a part, a side, the tested side; never more than asked, and what stays is covered."""

from __future__ import annotations

import pytest
from core_builders import PUTS_HIT, Played, clock
from hands_days import condor, day, legs, order, outcomes, price, puts, trade_by_hand

from engine.core.exits import read_symbols, symbols_text
from engine.core.hands_close import stay_behind
from engine.events import ExitRecord, OrderRecord
from engine.portfolio import Holding, Trade
from engine.types import CloseTrade

RICH = "account.equity=1000000"


def close(quantity: int, *orders: CloseTrade, until: str | None = None, **quotes: tuple[float, float]) -> Played:
    """So many condors at 10:05; from 10:10 these, a minute apart."""
    tape = order(day("10:20", **quotes), "10:05", condor(quantity=quantity))
    for n, each in enumerate(orders):
        order(tape, f"10:{10 + n}", each)
    return trade_by_hand(tape, RICH, until=until)


@pytest.mark.parametrize(
    ("held", "part", "closed"),
    [(1, 2, 1), (1, 4, 1), (2, 2, 1), (3, 2, 2), (4, 4, 1), (5, 4, 2), (8, 2, 4), (8, 1, 8)],
)
def test_a_part_is_whole_packages_rounded_up(held: int, part: int, closed: int) -> None:
    played = close(held, CloseTrade(trade_id=1, part=part))  # type: ignore[arg-type]

    left = held - closed
    expected = {"5315P": left, "5325P": -left, "5375C": -left, "5385C": left} if left else {}
    assert played.held() == expected
    (_, outcome) = outcomes(played)[1]
    many = f"{closed} of {held} package{'' if held == 1 else 's'} of "
    assert outcome == ("closing #1" if part == 1 else f"closing {many}#1")


def test_it_is_a_persons_exit_like_any_other() -> None:
    played = close(2, CloseTrade(trade_id=1, scope="calls", part=2))
    (exit_,) = played.of(ExitRecord)
    assert (exit_.actor, exit_.trigger, exit_.scope) == ("person", "person", "1 of 2 calls")
    closing = played.of(OrderRecord)[-1]
    assert (closing.actor, closing.kind, closing.quantity) == ("person", "close", 1)
    assert clock(closing.ts) == "10:10:00"


def test_a_side_alone_and_then_the_rest() -> None:
    played = close(2, CloseTrade(trade_id=1, scope="calls"), until="10:11")
    assert played.held() == {"5315P": 2, "5325P": -2}
    again = close(2, CloseTrade(trade_id=1, scope="calls"), CloseTrade(trade_id=1, scope="calls"))
    assert outcomes(again)[2] == ("close", "refused: #1 holds no calls")


def test_the_tested_side_is_that_whose_short_is_nearest_to_the_spot() -> None:
    """Spot 5350 lies 25 from either short; with the calls rolled nearer they are the ones."""
    near = legs("+5315P", "-5325P", "-5370C", "+5385C")
    tape = day("10:20", **{"5370C": (2.0, 2.1)})
    order(tape, "10:05", condor(package=near, limit=price(-2.2)))
    played = trade_by_hand(order(tape, "10:10", CloseTrade(trade_id=1, scope="tested")))
    assert played.held() == {"5315P": 1, "5325P": -1}


def test_a_trade_that_is_short_nothing_has_no_tested_side() -> None:
    tape = order(day("10:20"), "10:05", puts(package=legs("+5325P"), limit=price(1.40)))
    played = trade_by_hand(order(tape, "10:10", CloseTrade(trade_id=1, scope="tested")))
    assert outcomes(played)[1] == ("close", "refused: #1 is short nothing: no side of it can be tested")


def test_what_cannot_be_closed_is_refused_in_words() -> None:
    played = close(1, CloseTrade(trade_id=7, part=2), CloseTrade(trade_id=1, part=3), CloseTrade(trade_id=1))  # type: ignore[arg-type]
    assert [outcome for _, outcome in outcomes(played)[1:]] == [
        "refused: there is no trade #7",
        "refused: 1/3 of a trade cannot be closed: all, a half or a quarter",
        "closing #1",
    ]
    gone = close(1, CloseTrade(trade_id=1), CloseTrade(trade_id=1, part=2))
    assert outcomes(gone)[2] == ("close", "refused: trade #1 holds nothing")


def test_an_entry_that_works_is_cancelled_not_closed_in_part() -> None:
    working = condor(limit=price(-1.60))
    tape = order(order(day("10:20"), "10:05", working), "10:06", CloseTrade(trade_id=1, part=2), CloseTrade(trade_id=1))
    played = trade_by_hand(tape, "fills.model=cross")
    assert [outcome for _, outcome in outcomes(played)[1:]] == [
        "refused: #1 holds nothing yet: X cancels its entry",
        "cancelled the entry of #1",
    ]


def test_half_twice_at_once_is_half() -> None:
    tape = order(day("10:20"), "10:05", condor(quantity=4))
    order(tape, "10:10", CloseTrade(trade_id=1, part=2), CloseTrade(trade_id=1, part=2))
    played = trade_by_hand(tape, RICH)
    assert outcomes(played)[2] == ("close", "#1 is being closed already")
    assert played.held()["5325P"] == -2


def test_all_of_it_while_a_part_is_being_closed_closes_all() -> None:
    tape = order(day("10:20"), "10:05", condor(quantity=4))
    order(tape, "10:10", CloseTrade(trade_id=1, part=4), CloseTrade(trade_id=1, scope="puts", part=2))
    order(tape, "10:10", CloseTrade(trade_id=1))
    played = trade_by_hand(tape, RICH)
    assert not played.held()
    assert outcomes(played)[2:] == [("close", "closing 2 of 4 packages of #1 puts"), ("close", "closing #1")]


def test_flatten_closes_what_a_part_would_have_left() -> None:
    tape = order(day("10:20"), "10:05", condor(quantity=4))
    order(tape, "10:10", CloseTrade(trade_id=1, part=4)).command("10:10", "flatten")
    assert not trade_by_hand(tape, RICH).held()


def test_after_a_part_its_stop_watches_the_rest() -> None:
    tape = day("10:14").quote("10:15", PUTS_HIT).hold("10:16", "10:20")
    order(order(tape, "10:05", condor(quantity=2, side_stop=price(1.45))), "10:10", CloseTrade(trade_id=1, part=2))
    played = trade_by_hand(tape, RICH)
    assert played.held() == {"5375C": -1, "5385C": 1}
    assert [trigger for _, _, trigger in played.exits()] == ["person", "stop"]


def test_the_strategys_target_counts_what_was_closed_by_hand() -> None:
    """One of two, sold for 1.40, is closed for 1.80. At 0.30 the other leaves 0.35 a package of the two: a quarter of
    the credit, not the 0.20 that closing a whole one more for each of the two would leave."""
    cheap = dict.fromkeys(("5315P", "5385C"), (0.0, 0.1)) | {"5325P": (0.15, 0.25), "5375C": (0.15, 0.25)}
    tape = day("10:14").quote("10:15", cheap).hold("10:16", "10:20")
    order(tape, "10:10", CloseTrade(trade_id=1, part=2))
    two = ('strategies.iron_condor.entries=["10:00"]', "strategies.iron_condor.quantity=2", RICH)
    wants_half = trade_by_hand(tape, *two, "strategies.iron_condor.profit_target=0.5")
    wants_fifth = trade_by_hand(tape, *two, "strategies.iron_condor.profit_target=0.2")
    assert [trigger for _, _, trigger in wants_half.exits()] == ["person"]
    assert [trigger for _, _, trigger in wants_fifth.exits()] == ["person", "target"]


def holding(*held: int) -> Trade:
    """A trade of two packages of ``+5315P -2x5325P +5335P`` that holds so many of each."""
    package = legs("+5315P", "-2x5325P", "+5335P")
    trade = Trade(1, "manual", "SPXW", "k", "l", package.legs[0].contract.expiry, package, 2, 0)
    trade.holdings = {
        leg.contract: Holding(quantity) for leg, quantity in zip(package.legs, held, strict=True) if quantity
    }
    return trade


@pytest.mark.parametrize(
    ("held", "part", "left"),
    [
        ((2, -4, 2), 2, (1, -2, 1)),
        ((2, -4, 2), 1, (0, 0, 0)),
        ((2, -4, 3), 2, (0, 0, 1)),
        ((2, -3, 1), 2, (1, -1, 0)),
        ((4, -2, 0), 2, (2, 0, 0)),
    ],
)
def test_what_stays_is_covered_also_where_legs_are_uneven(
    held: tuple[int, ...], part: int, left: tuple[int, ...]
) -> None:
    trade = holding(*held)
    stays, _, _ = stay_behind(trade, tuple(trade.standing.held), part)
    found = dict(stays)
    assert tuple(found.get(leg.contract, 0) for leg in trade.package.legs) == left


def test_the_journal_says_what_stays_of_each_contract() -> None:
    contracts = tuple(leg.contract for leg in legs("+5315P", "-5325P").legs)
    text = symbols_text(contracts, ((contracts[1], -2),))
    assert text == "SPXW240807P05315000 SPXW240807P05325000=-2"
    assert read_symbols(text) == {contracts[0]: 0, contracts[1]: -2}


def test_a_long_of_a_part_that_nobody_bids_for_stays_and_the_rest_is_watched() -> None:
    """The exit of the part is over without it, so the other half is stopped and closed at its time as ever."""
    tape = day("10:08").quote("10:09", {"5315P": (0.0, 0.05), "5325P": (0.30, 0.40)}).hold("10:10", "10:14")
    tape.quote("10:15", PUTS_HIT).hold("10:16", "10:20")
    two = ('strategies.iron_condor.entries=["10:00"]', "strategies.iron_condor.quantity=2", RICH)
    played = trade_by_hand(order(tape, "10:10", CloseTrade(trade_id=1, scope="puts", part=2)), *two, until="10:12")
    assert played.held() == {"5315P": 2, "5325P": -1, "5375C": -2, "5385C": 2}
    assert played.notices("info")[-1][1] == "#1 5315P stays with the rest: nobody bids for it"
    stopped = trade_by_hand(tape, *two)
    assert [(scope, trigger) for _, scope, trigger in stopped.exits()] == [("1 of 2 puts", "person"), ("puts", "stop")]
    assert stopped.held() == {"5375C": -2, "5385C": 2}
