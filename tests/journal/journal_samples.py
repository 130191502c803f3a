"""Sessions and records for the journal's tests: one plausible trade, and any record Hypothesis can think of."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
from hypothesis import strategies as st

from engine.events import (
    AnyRecord,
    CommandRecord,
    DecisionRecord,
    ExitRecord,
    FillRecord,
    IntentRecord,
    MarkRecord,
    OrderEventRecord,
    OrderRecord,
    PositionRecord,
    Record,
    SettlementRecord,
    SignalRecord,
    TradeRecord,
)
from engine.journal import Progress, SessionInfo
from engine.types import Contract, Leg, Provenance

DAY = dt.date(2024, 8, 7)
TEN = 1_723_039_200_000_000_000  # 2024-08-07 14:00:00 UTC, 10:00 in New York
DEMO = Provenance("demo", "simulated", "quote", sha256="ab12", note="no market ever showed these prices")
PUT = Contract("SPXW", DAY, 5_100_0000, "P")
CALL = Contract("SPXW", DAY, 5_300_0000, "C")
LEGS = (Leg(PUT, "sell", "open"), Leg(CALL, "sell", "open"))


def info(account: str = "main", seed: int | None = 7) -> SessionInfo:
    return SessionInfo(
        account=account,
        day=DAY,
        roots=("SPXW",),
        provenance=(DEMO,),
        config_text='{"risk":{"daily_loss":500.0}}',
        config_hash="c0ffee",
        code_version="0.1.0",
        seed=seed,
    )


def progress(seq: int) -> Progress:
    return Progress(TEN + seq, seq)


def at(seq: int) -> dict[str, Any]:
    return {"seq": seq, "ts": TEN + (seq - 1) * 60_000_000_000, "account": "main"}


def signal(seq: int, text: str = "credit 2.30", key: str = "10:00") -> SignalRecord:
    return SignalRecord(**at(seq), strategy="iron_condor", root="SPXW", kind="entering", key=key, text=text)


def trade(seq: int, status: str, trade_id: int = 7, **over: Any) -> TradeRecord:
    values: dict[str, Any] = {
        "strategy": "iron_condor",
        "root": "SPXW",
        "key": "10:00",
        "label": "IC 10:00",
        "expiry": DAY,
        "quantity": 2,
        "credit": 23_000,
        "fees": 26_000,
        "realised": None,
        "worst_case": 8_200_000,
        "text": "",
    }
    return TradeRecord(**at(seq), trade_id=trade_id, status=status, **(values | over))  # type: ignore[arg-type]


def life() -> list[list[AnyRecord]]:
    """A trade from its signal to its settlement, with a denied intent beside it; one list an event."""
    ident = "main-20240807-0-1"
    return [
        [
            signal(1),
            IntentRecord(
                **at(1),
                intent_id=1,
                trade_id=7,
                strategy="iron_condor",
                root="SPXW",
                actor="strategy",
                kind="open",
                quantity=2,
                limit=-23_000,
                legs=LEGS,
                reason="the window is open",
            ),
            DecisionRecord(**at(1), intent_id=1, approved=True, code="OK", text="", quantity=2, worst_case=8_200_000),
            trade(1, "working", fees=0),
            OrderRecord(
                **at(1),
                client_order_id=ident,
                intent_id=1,
                trade_id=7,
                strategy="iron_condor",
                root="SPXW",
                actor="strategy",
                kind="open",
                quantity=2,
                limit=-23_000,
                legs=LEGS,
            ),
            OrderEventRecord(**at(1), client_order_id=ident, status="sent", filled=0, limit=-23_000, text=""),
        ],
        [
            OrderEventRecord(**at(2), client_order_id=ident, status="filled", filled=2, limit=-23_525, text=""),
            FillRecord(
                **at(2),
                exec_id="x1",
                client_order_id=ident,
                trade_id=7,
                symbol=PUT.symbol,
                quantity=-2,
                price=11_500,
                fee=13_000,
                bid=11_000,
                ask=12_000,
                quote_age_ns=400_000_000,
            ),
            PositionRecord(**at(2), trade_id=7, symbol=PUT.symbol, quantity=-2, cash=2_300_000),
            FillRecord(
                **at(2),
                exec_id="x2",
                client_order_id=ident,
                trade_id=7,
                symbol=CALL.symbol,
                quantity=-2,
                price=12_025,
                fee=13_000,
                bid=None,
                ask=None,
                quote_age_ns=None,
            ),
            PositionRecord(**at(2), trade_id=7, symbol=CALL.symbol, quantity=-2, cash=2_405_000),
            trade(2, "open"),
            signal(2, "entered #7"),
            signal(2, "another window", key="11:00"),
        ],
        [
            MarkRecord(
                **at(3),
                trade_id=7,
                spot=None,
                pnl_mid=-5_000,
                pnl_now=None,
                delta=1.5,
                gamma=None,
                theta=-0.25,
                vega=None,
                why="no quote",
            )
        ],
        [
            CommandRecord(
                **at(4),
                command_id="c1",
                actor="person",
                kind="close_trade",
                trade_id=7,
                text="=1+1",
                outcome="1 exit begun",
            ),
            ExitRecord(
                **at(4),
                trade_id=7,
                actor="strategy",
                scope="puts",
                symbols=PUT.symbol,
                trigger="stop",
                level=23_500,
                observed=None,
                text="held for 3 s",
            ),
        ],
        [
            IntentRecord(
                **at(5),
                intent_id=2,
                trade_id=0,
                strategy="iron_condor",
                root="SPXW",
                actor="strategy",
                kind="open",
                quantity=2,
                limit=None,
                legs=LEGS,
                reason="",
            ),
            DecisionRecord(
                **at(5), intent_id=2, approved=False, code="DAILY_LOSS", text="", quantity=0, worst_case=1_000_000
            ),
        ],
        [
            SettlementRecord(
                **at(6),
                trade_id=7,
                symbol=PUT.symbol,
                quantity=-2,
                value=5_098_5000,
                amount=-3_000_000,
                provisional=True,
                text="",
            ),
            trade(6, "settled_provisional", realised=1_674_000),
        ],
        [trade(7, "settled", realised=-1_326_000, text="official close")],
    ]


def records_of(kind: type[Record]) -> st.SearchStrategy[Record]:
    """Any record of one type, from the struct's own annotations."""
    fields = {field.name: _values(field.type) for field in msgspec.structs.fields(kind)}
    return st.builds(kind, **fields)


def _values(annotation: Any) -> st.SearchStrategy[Any]:
    plain: dict[Any, st.SearchStrategy[Any]] = {
        int: st.integers(-(2**63), 2**63 - 1),
        str: st.text(st.characters(codec="utf-8")),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
        dt.date: st.dates(),
    }
    if annotation in plain:
        return plain[annotation]
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    if get_origin(annotation) is tuple:
        return st.lists(_legs(), max_size=4).map(tuple)
    arms = [arm for arm in get_args(annotation) if arm is not type(None)]
    assert get_origin(annotation) in (Union, type(int | None)), annotation
    return st.none() | st.one_of(*(_values(arm) for arm in arms))


def _legs() -> st.SearchStrategy[Leg]:
    contracts = st.builds(
        Contract,
        st.sampled_from(["SPXW", "XSP", "SPY", "QQQ"]),
        st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)),
        st.integers(1, 99_999_999).map(lambda mills: mills * 10),
        st.sampled_from(["C", "P"]),
    )
    sides, effects = st.sampled_from(["buy", "sell"]), st.sampled_from(["open", "close"])
    return st.builds(Leg, contracts, sides, effects, st.integers(1, 100))
