"""What the engine's records tell."""

from __future__ import annotations

import datetime as dt
from typing import Any

from msgspec.structs import replace

from engine.alerts import Settings
from engine.alerts.news import news
from engine.events import (
    AnyRecord,
    CommandRecord,
    DecisionRecord,
    ExitRecord,
    FillRecord,
    IntentRecord,
    NoticeRecord,
    OrderEventRecord,
    TradeRecord,
)
from engine.types import Contract, to_units

DAY = dt.date(2026, 1, 15)


def of(row: Any, seq: int = 1, **fields: Any) -> Any:
    return row(seq=seq, ts=seq, account="demo", **fields)


def fill(strike: float, right: str, quantity: int, price: float, order: str = "o-1", seq: int = 1) -> FillRecord:
    symbol = Contract("SPXW", DAY, to_units(strike), right).symbol  # type: ignore[arg-type]
    return of(
        FillRecord, seq, exec_id=f"{order}-{strike}{right}", client_order_id=order, trade_id=7, symbol=symbol,
        quantity=quantity, price=to_units(price), fee=0, bid=None, ask=None, quote_age_ns=None,
    )  # fmt: skip


def told(*records: AnyRecord, settings: Settings | None = None) -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in news(records, settings or Settings())]


def test_the_fills_of_one_event_are_one_alert_with_what_they_brought() -> None:
    condor = [fill(5900, "C", -2, 1.20), fill(5910, "C", 2, 0.40), fill(5845, "P", -2, 1.10), fill(5835, "P", 2, 0.45)]
    assert told(*condor) == [
        ("fill", "#7 filled: sold 2 5900C, bought 2 5910C, sold 2 5845P, bought 2 5835P; received $290.00")
    ]
    assert len(told(*condor, fill(5900, "C", 2, 0.05, seq=2))) == 2


def test_a_rejected_order_says_why_and_rejects_for_one_reason_are_one_alert() -> None:
    rejected = [
        of(OrderEventRecord, n, client_order_id=f"o-{n}", status="rejected", filled=0, limit=None, text="no margin")
        for n in (1, 2)
    ]
    found = list(news(rejected, Settings()))
    assert [each.text for each in found] == ["order o-1 rejected: no margin", "order o-2 rejected: no margin"]
    assert len({each.key for each in found}) == 1


def test_only_what_a_person_asked_for_is_told_as_denied() -> None:
    asked = of(
        IntentRecord, intent_id=4, trade_id=1, strategy="manual", root="SPXW", actor="person", kind="open", quantity=1,
        limit=None, legs=(), reason="",
    )  # fmt: skip
    refused = of(
        DecisionRecord, intent_id=4, approved=False, code="PER_TRADE", text="too much", quantity=1, worst_case=0
    )
    assert told(asked, refused) == [("denied", "your order was denied, PER_TRADE: too much")]
    assert told(replace(asked, actor="strategy"), refused) == []


def test_what_a_person_ordered_and_did_not_get_is_told_with_why() -> None:
    ordered = of(
        CommandRecord, command_id="c-1", actor="person", kind="stop", trade_id=2, text="of #2 puts: 999.00",
        outcome="refused: the stop at 999.00 would never fire: puts cost 20.00 to close at most",
    )  # fmt: skip
    assert told(ordered) == [
        ("denied", "your stop of #2 was refused: the stop at 999.00 would never fire: puts cost 20.00 to close at most")
    ]
    paused = replace(ordered, kind="pause_strategy", trade_id=0, outcome="refused: no strategy is called x")
    assert told(paused) == [("denied", "your pause strategy was refused: no strategy is called x")]
    assert told(replace(ordered, outcome="the stop of #2 puts is 2.60 now")) == []
    assert told(replace(ordered, actor="strategy")) == []


def test_stops_that_fire_and_trades_that_are_over_are_told() -> None:
    stopped = of(
        ExitRecord, trade_id=7, actor="strategy", scope="puts", symbols="", trigger="stop", level=None, observed=None,
        text="puts cost 2.05 to close, stop at 1.85",
    )  # fmt: skip
    over = of(
        TradeRecord, trade_id=7, strategy="iron_condor", root="SPXW", key="10:00", label="IC 10:00", expiry=DAY,
        status="closed", quantity=1, credit=0, fees=0, realised=to_units(-40), worst_case=0, text="",
    )  # fmt: skip
    assert told(stopped, replace(stopped, trigger="exit_time"), over, replace(over, realised=None)) == [
        ("stop_fired", "#7 stop fired, puts: puts cost 2.05 to close, stop at 1.85"),
        ("closed", "#7 IC 10:00 closed: -40.00 net"),
    ]


def test_the_engine_s_own_alarms_are_told_but_for_those_of_breakers() -> None:
    stuck = of(NoticeRecord, level="alarm", source="exit", text="#7 is not closed yet")
    assert told(stuck) == [("engine", "exit: #7 is not closed yet")]
    assert told(replace(stuck, source="risk"), replace(stuck, level="warning")) == []


def test_a_kind_that_is_off_is_not_told() -> None:
    quiet = Settings(levels=Settings().levels | {"fill": "off"})  # type: ignore[operator]
    assert told(fill(5900, "C", 1, 1.0), settings=quiet) == []
