"""What the journal says of each order by hand, beside its kind."""

from __future__ import annotations

import pytest
from hands_days import PUTS, price

from engine.core.hands_words import words
from engine.types import (
    Adopt,
    Annotate,
    CancelAll,
    CancelOrder,
    CloseTrade,
    Manual,
    MoveLimit,
    MoveStop,
    MoveTarget,
    OpenTrade,
    PauseStrategy,
    RollTrade,
)

SAID: list[tuple[Manual, str]] = [
    (
        OpenTrade(root="SPXW", package=PUTS, quantity=0, limit=price(-0.7), side_stop=price(1.5), target=price(0.1)),
        "SPXW by risk +1 5315P -1 5325P, limit 0.70 credit, stop of a side 1.50, target 0.10",
    ),
    (CloseTrade(trade_id=3), "#3"),
    (CloseTrade(trade_id=3, scope="tested", part=4), "a quarter of #3 tested"),
    (RollTrade(trade_id=3, scope="calls", strikes=-1), "#3 calls 1 strike nearer"),
    (MoveStop(trade_id=3, scope="puts", price=price(2.45)), "of #3 puts: 2.45"),
    (MoveStop(trade_id=3), "of #3: none"),
    (MoveTarget(trade_id=3, price=price(0.4)), "of #3: 0.40"),
    (MoveLimit(client_order_id="a-1", limit=price(0.25)), "of a-1: 0.25 debit"),
    (CancelOrder(client_order_id="a-1"), "a-1"),
    (CancelAll(), ""),
    (PauseStrategy(strategy="iron_condor"), "iron_condor"),
    (PauseStrategy(strategy="iron_condor", root="SPY", paused=False), "iron_condor on SPY: resumed"),
    (Adopt(trade_id=3), "#3"),
    (Annotate(trade_id=3, note="n", tags=("a", "b")), "#3: n [a, b]"),
    (Annotate(trade_id=3), "#3: no note, no tags"),
]


@pytest.mark.parametrize(("order", "text"), SAID)
def test_every_order_is_told_in_words(order: Manual, text: str) -> None:
    assert words(order) == text


def test_no_order_is_without_words() -> None:
    assert {type(order) for order, _ in SAID} == set(Manual.__args__)
