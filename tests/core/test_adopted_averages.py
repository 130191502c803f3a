"""Somebody else's order fills in parts at a broker that tells averages: what is taken in comes to what was paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core_builders import condor_tape, make_engine, play
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alpaca.parse_orders import broker_order, read_order
from engine.events import AnyEvent, BrokerReport, FillRecord, OrderRecord

PHONE = "phone-7"
SYMBOLS = ("SPXW240807C05350000", "SPXW240807C05360000")
NOON: list[AnyEvent] = condor_tape("10:00").sorted()


def leg(number: int, prices: list[int]) -> dict[str, Any]:
    """A leg as Alpaca shows it after executions at these prices, cents."""
    return {
        "id": f"l{number}",
        "symbol": SYMBOLS[number],
        "side": ("buy", "sell")[number],
        "position_intent": ("buy_to_open", "sell_to_open")[number],
        "ratio_qty": "1",
        "filled_qty": str(len(prices)),
        "filled_avg_price": str(Decimal(sum(prices)) / 100 / len(prices)) if prices else None,
    }


def told(fills: list[tuple[int, int]], wanted: int) -> BrokerReport:
    """What the broker's adapter says of all that was executed so far."""
    raw = {
        "id": "b1",
        "client_order_id": PHONE,
        "symbol": "",
        "order_class": "mleg",
        "qty": str(wanted),
        "status": "partially_filled",
        "legs": [leg(number, [each[number] for each in fills]) for number in (0, 1)],
    }
    order = read_order(raw, [])
    assert order is not None
    known = broker_order(order, [])
    assert known is not None
    now = NOON[-1].ts_known + len(fills)
    return BrokerReport(ts_known=now, client_order_id=PHONE, kind="fill", legs=known.executions)


@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 3000), st.booleans()), min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
def test_adopted_parts_come_to_what_was_paid(told_after: list[tuple[int, int, bool]]) -> None:
    engine = make_engine("strategies.iron_condor.enabled=false")
    play(engine, NOON)
    fills = [(bought, sold) for bought, sold, _ in told_after]
    booked: list[FillRecord] = []
    for number, (_, _, heard) in enumerate(told_after, 1):
        if not heard and number < len(fills):
            continue
        records = engine.process(told(fills[:number], len(fills))).records
        assert all(each.actor == "broker" for each in records if isinstance(each, OrderRecord))
        booked += [each for each in records if isinstance(each, FillRecord)]
        for n, symbol in enumerate(SYMBOLS):
            mine = [each for each in booked if each.symbol == symbol]
            assert len(mine) == number
            paid = sum(each.price for each in mine)
            assert abs(paid - 100 * sum(each[n] for each in fills[:number])) <= 1, "Alpaca's average has so many digits"


def test_what_is_told_again_is_taken_in_once() -> None:
    engine = make_engine("strategies.iron_condor.enabled=false")
    play(engine, NOON)
    fills = [(100, 50), (110, 40)]
    first = engine.process(told(fills, 2)).records
    assert [each.price for each in first if isinstance(each, FillRecord)] == [10_500, 10_500, 4_500, 4_500]
    assert not [each for each in engine.process(told(fills, 2)).records if isinstance(each, FillRecord)]
    assert not [each for each in engine.process(told(fills[:1], 2)).records if isinstance(each, FillRecord)]
