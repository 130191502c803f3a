"""Day 8, the liquidation: at 15:30:34 the broker buys back the shorts, and leaves their wings."""

from __future__ import annotations

import pytest
from real_days import CONDOR, PIN, Played, along, at, play, watching

from engine.events import FillRecord, IntentRecord, OrderEventRecord, OrderRecord
from engine.tape import Store
from engine.view import View

SETTINGS = (
    f'{CONDOR}.entries=["10:00"]',
    f"{CONDOR}.strikes.by=offset",
    f"{CONDOR}.strikes.short=25",
    f"{CONDOR}.strikes.wing=30",
    f"{CONDOR}.min_credit=0.5",
    f"{CONDOR}.min_side_credit=0.1",
    f"{CONDOR}.max_imbalance=0",
    f"{CONDOR}.stop.scope=none",
    f"{CONDOR}.buy_back=0",
    "account.equity=500000",
    "cutoffs.liquidation=shorts",
)
AT = "15:30:34"


def liquidated(played: Played) -> list[FillRecord]:
    """Fills of orders that are not ours."""
    return [fill for fill in played.of(FillRecord) if fill.client_order_id.startswith("ADOPT/")]


@pytest.fixture(scope="module")
def day(recorded: Store) -> tuple[Played, dict[str, View]]:
    """Still held when the broker comes: the exit time is later."""
    shown: dict[str, View] = {}
    source = along(recorded, PIN, seed=1, step_seconds=5)
    for event, played, look in watching(source, *SETTINGS, f"{CONDOR}.exit_time=15:50"):  # noqa: B007
        for clock in ("15:30:30", "15:30:50"):
            if event.ts_known <= at(PIN, clock) < event.ts_known + 5 * 10**9:
                shown[clock] = look()
    return played, shown


def test_the_broker_buys_back_the_shorts_alone(day: tuple[Played, dict[str, View]]) -> None:
    played, _ = day
    fills = liquidated(played)
    assert [fill.quantity for fill in fills] == [1, 1]
    assert {fill.ts for fill in fills} == {at(PIN, AT)}
    sold = {fill.symbol for fill in played.of(FillRecord) if fill.quantity < 0 and fill.ts < at(PIN, "10:06")}
    assert {fill.symbol for fill in fills} == sold


def test_its_fills_are_adopted_with_the_broker_as_the_actor(day: tuple[Played, dict[str, View]]) -> None:
    played, _ = day
    adopted = [order for order in played.of(OrderRecord) if order.client_order_id.startswith("ADOPT/")]
    assert {order.actor for order in adopted} == {"broker"}
    assert {order.trade_id for order in adopted} == {1}
    assert all("LIQ-20241011" in order.client_order_id for order in adopted)


def test_an_alarm_says_so(day: tuple[Played, dict[str, View]]) -> None:
    told = day[0].lines("adopted:", "liquidates what expires today")
    assert told
    assert {(clock, level) for clock, level, _ in told} == {(AT, "alarm")}


def test_nothing_is_doubled(day: tuple[Played, dict[str, View]]) -> None:
    played, _ = day
    held: dict[str, int] = {}
    for fill in played.of(FillRecord):
        held[fill.symbol] = held.get(fill.symbol, 0) + fill.quantity
    shorts = {fill.symbol for fill in liquidated(played)}
    assert {held[symbol] for symbol in shorts} == {0}
    assert set(held.values()) <= {0, 1}  # a wing that nobody bids for expires
    assert len({fill.exec_id for fill in played.of(FillRecord)}) == len(played.of(FillRecord))


def test_the_orphan_longs_are_shown_and_sold_where_there_is_a_bid(day: tuple[Played, dict[str, View]]) -> None:
    played, shown = day
    orphans = played.lines("orphan: ", "is left over after the broker's")
    assert {clock for clock, _, _ in orphans} == {AT}
    assert [level for _, level, _ in orphans].count("alarm") == 2
    rows = [row for row in shown["15:30:50"].log if "orphan" in row.text]
    assert rows
    longs = {fill.symbol for fill in played.of(FillRecord) if fill.quantity > 0 and fill.ts < at(PIN, "10:06")}
    sold = {f.symbol for f in played.of(FillRecord) if f.quantity < 0 and f.ts >= at(PIN, AT) and f.symbol in longs}
    left = {symbol for symbol in longs - sold if played.lines("has no bid: left to expire")}
    assert sold | left == longs
    assert sold, "no wing had a bid: choose another seed"


@pytest.fixture(scope="module")
def racing(recorded: Store) -> Played:
    """The exit's own order is working when the broker comes."""
    source = along(recorded, PIN, seed=1, step_seconds=5, source="racing")
    slow = ("exits.step_seconds=20", "exits.ticks=0", "fills.latency_ms=0")
    return play(source, *SETTINGS, *slow, f"{CONDOR}.exit_time=15:30:30")


def test_own_closes_at_work_are_cancelled_and_the_exit_goes_on_with_what_is_left(racing: Played) -> None:
    own = [o for o in racing.of(OrderRecord) if o.kind == "close" and not o.client_order_id.startswith("ADOPT/")]
    first = own[0]
    assert first.ts == at(PIN, "15:30:30")
    last = [e.status for e in racing.of(OrderEventRecord) if e.client_order_id == first.client_order_id][-1]
    assert last == "cancelled"
    assert [fill.quantity for fill in liquidated(racing)] == [1, 1]
    later = [order for order in own if order.ts >= at(PIN, AT)]
    assert all(leg.side == "sell" for order in later for leg in order.legs)
    held: dict[str, int] = {}
    for fill in racing.of(FillRecord):
        held[fill.symbol] = held.get(fill.symbol, 0) + fill.quantity
    assert set(held.values()) <= {0, 1}


def test_every_order_of_ours_has_one_intent(racing: Played) -> None:
    intents = [intent.intent_id for intent in racing.of(IntentRecord)]
    assert len(set(intents)) == len(intents)
    orders = [order.intent_id for order in racing.of(OrderRecord)]
    assert len(set(orders)) == len(orders)
    assert set(orders) <= set(intents)
