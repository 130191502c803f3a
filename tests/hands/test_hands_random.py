"""Whatever a person orders, in whatever order: nothing leaves without an approval, nothing is closed that is not held,
no short stands without its cover, and a restart finds all of it as it was."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence

from core_builders import DAY, OFFSET, Played, Tape, at, play, resumed
from hands_days import QUOTES, condor, day, legs, order, price, puts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from two_ways import always

from engine.calendar import session
from engine.config import load
from engine.core import Engine
from engine.events import AnyEvent, AnyRecord, Command, CommandRecord, DecisionRecord, FillRecord, OrderRecord
from engine.strategy import build_strategies
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
from strategies.registry import REGISTRY

SETTINGS = (
    'strategies.iron_condor.entries=["10:02"]',
    "strategies.iron_condor.exit_time=10:25",
    "account.equity=500000",
    "risk.daily_loss=100000",
    "risk.duplicate_seconds=0",
    "risk.messages_per_second=1000",
    "risk.messages_per_minute=1000",
)

trades = st.integers(0, 9)
scopes = st.sampled_from(["package", "puts", "calls", "tested"])
levels = st.one_of(st.none(), st.integers(-10, 120).map(lambda n: n * 500))
ids = st.integers(0, 40).map(str)
packages = st.sampled_from(
    [
        legs("+5315P", "-5325P"),
        legs("+5310P", "-5320P"),
        legs("-5375C", "+5385C"),
        legs("-5375C"),
        legs("+5315P"),
        legs("+5305P", "-2x5320P", "+5330P"),
        legs("+5315P", "-5325P", "-5375C", "+5385C"),
    ]
)
opens: st.SearchStrategy[OpenTrade] = st.one_of(
    st.builds(
        OpenTrade,
        root=st.sampled_from(["SPXW", "SPXW", "SPXW", "SPY"]),
        package=packages,
        quantity=st.integers(-1, 6),
        limit=st.integers(-40, 40).map(lambda n: n * 500),
        stop=levels,
        side_stop=levels,
        target=levels,
        tags=st.sampled_from([(), ("a",)]),
    ),
    st.builds(lambda n: condor(quantity=n, side_stop=price(1.45)), st.integers(0, 6)),
    st.builds(lambda n: puts(quantity=n, target=price(0.10)), st.integers(0, 6)),
)
manuals: st.SearchStrategy[Manual] = st.one_of(
    opens,
    opens,
    st.builds(CloseTrade, trade_id=trades, scope=scopes, part=st.sampled_from([1, 2, 4])),
    st.builds(CloseTrade, trade_id=trades, scope=scopes, part=st.sampled_from([1, 2, 4])),
    st.builds(
        RollTrade,
        trade_id=trades,
        scope=scopes,
        strikes=st.integers(-2, 2),
        expiry=st.sampled_from([None, None, DAY, DAY + dt.timedelta(days=1)]),
    ),
    st.builds(MoveStop, trade_id=trades, scope=scopes, price=levels),
    st.builds(MoveTarget, trade_id=trades, price=levels),
    st.builds(MoveLimit, client_order_id=ids, limit=st.integers(-40, 40).map(lambda n: n * 500)),
    st.builds(CancelOrder, client_order_id=ids),
    st.just(CancelAll()),
    st.builds(
        PauseStrategy, strategy=st.sampled_from(["iron_condor", "x"]), root=st.sampled_from(["", "SPXW"]),
        paused=st.booleans(),
    ),
    st.builds(Adopt, trade_id=trades),
    st.builds(Annotate, trade_id=trades, note=st.sampled_from(["", "n"]), tags=st.just(("t",))),
)  # fmt: skip
kinds = st.sampled_from(["flatten", "resume", "resume", "resume", "pause", "cancel"])
moves = st.dictionaries(
    st.sampled_from(sorted(QUOTES)), st.integers(0, 60).map(lambda n: (round(n * 0.05, 2), round(n * 0.05 + 0.1, 2)))
)


@st.composite
def days(draw: st.DrawFn) -> Tape:
    """Half an hour from 10:00: quotes that move by the minute, and up to sixteen orders of a person."""
    tape = day("10:05")
    for minute in range(6, 31):
        quotes = draw(moves) if minute % 5 == 0 else {}
        spot = draw(st.sampled_from([None, 5330.0, 5350.0, 5370.0])) if minute % 5 == 0 else None
        tape.quote(f"10:{minute:02d}", quotes, spot=spot).hold(f"10:{minute:02d}:30", f"10:{minute:02d}:30")
    order(tape, "10:01", condor(quantity=draw(st.integers(1, 5)), side_stop=price(4.0)))
    for when in sorted(draw(st.lists(st.integers(90, 1700), max_size=16))):
        text = f"10:{when // 60:02d}:{when % 60:02d}"
        if draw(st.integers(0, 19)) == 0:
            tape.command(text, draw(kinds))
        else:
            order(tape, text, draw(manuals))
    return tape


MODES = st.sampled_from(
    [
        (),
        ("entries.start=mid", "fills.model=cross"),
        ("stop.placement=both", "fills.latency_ms=700"),
        ("risk.on_collision=deny", "broker.max_legs=2"),
    ]
)


def engine(mode: tuple[str, ...]) -> Engine:
    config = load(settings=[*OFFSET, *SETTINGS, *mode])
    built = build_strategies(config.strategies, REGISTRY, ["SPXW"])
    return Engine(config, session(DAY), "main", ("SPXW",), {}, built)


def named(engine: Engine, tape: Tape) -> Iterator[AnyEvent]:
    """The day, its orders aimed at trades and orders that are there when they are given: nine times in ten."""
    for event in tape.sorted():
        manual = event.manual if isinstance(event, Command) else None
        state = engine.state
        if hasattr(manual, "trade_id") and manual.trade_id and state.last_trade:
            manual = replace(manual, trade_id=(manual.trade_id - 1) % state.last_trade + 1)
        elif hasattr(manual, "client_order_id") and manual.client_order_id != "0":
            orders = state.orders.working() or list(state.orders)
            ids = [each.client_order_id for each in orders]
            manual = replace(manual, client_order_id=ids[int(manual.client_order_id) % len(ids)] if ids else "x")
        yield replace(event, manual=manual) if isinstance(event, Command) else event


def session_of(tape: Tape, mode: tuple[str, ...], until: str, quick: bool = True) -> Played:
    """The day up to a time."""
    found = engine(mode) if quick else always(engine(mode))
    return play(found, named(found, tape), at(until))


def check(played: Played, found: Sequence[AnyRecord]) -> None:
    """What holds after whatever was ordered; ``found``: all records of the day."""
    approved = {r.intent_id for r in found if isinstance(r, DecisionRecord) and r.approved}
    orders = [r for r in found if isinstance(r, OrderRecord)]
    assert all(each.intent_id in approved for each in orders), "an order left without an approval"
    assert len({each.client_order_id for each in orders}) == len(orders)
    fills: Counter[tuple[int, str]] = Counter()
    opened: Counter[tuple[int, str]] = Counter()
    kinds = {each.client_order_id: each.kind for each in orders}
    for record in found:
        if not isinstance(record, FillRecord):
            continue
        key = record.trade_id, record.symbol
        before = fills[key]
        fills[key] += record.quantity
        if kinds[record.client_order_id] == "open":
            opened[key] += record.quantity
        else:
            assert before * record.quantity < 0, "closed what is not held"
            assert abs(record.quantity) <= abs(before), "closed more than was held"
    held = {(t.trade_id, c.symbol): n for t in played.engine.state.portfolio for c, n in t.standing.held.items()}
    assert {key: n for key, n in fills.items() if n} == held, "positions are not their fills"
    for trade in played.engine.state.portfolio:
        exiting = played.engine.exits.exiting(trade)
        for right in "PC":
            side = {c: n for c, n in trade.standing.held.items() if c.right == right}
            assert sum(side.values()) >= 0 or exiting, f"#{trade.trade_id} is naked: {side}"
    for said in found:
        if isinstance(said, CommandRecord):
            assert said.outcome


@given(tape=days(), mode=MODES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whatever_is_ordered(tape: Tape, mode: tuple[str, ...]) -> None:
    played = session_of(tape, mode, "10:40")
    check(played, played.records)
    slow = session_of(tape, mode, "10:40", quick=False)
    assert played.records == slow.records, "the shortcut for quiet markets made a difference"


@given(tape=days(), mode=MODES, cut=st.integers(0, 1700))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whatever_was_ordered_before_a_restart(tape: Tape, mode: tuple[str, ...], cut: int) -> None:
    text = f"10:{cut // 60:02d}:{cut % 60:02d}"
    ts, before = at(text), session_of(tape, mode, text)
    after = play(engine(mode), resumed(tape.sorted(), before.records, ts), at("10:40"))
    state, again = before.engine.state, after.engine.state
    check(after, [*before.records, *after.records])
    restored = play(engine(mode), resumed(tape.sorted(), before.records, ts), ts).engine.state
    assert restored.annotations == state.annotations
    assert restored.hands.paused == state.hands.paused
    assert again.hands.rolls == []
    held = {t.trade_id: (t.strategy, t.standing.held) for t in state.portfolio if t.open}
    assert held == {t.trade_id: (t.strategy, t.standing.held) for t in restored.portfolio if t.trade_id in held}
