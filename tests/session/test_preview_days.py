"""What the ticket's preview says is what the gate then does, package for package, on a recorded and a simulated day."""

from __future__ import annotations

import datetime as dt
import random
from copy import deepcopy

import pytest

from engine.calendar import from_new_york
from engine.config import load
from engine.core import Engine
from engine.core.entry import Denied
from engine.core.preview import Preview, preview
from engine.pacing import Timeline
from engine.session.compose import make_engine
from engine.session.source import DemoSource, Source, TapeSource
from engine.strategy import Open
from engine.tape import Store
from engine.types import MANUAL, Leg, Package, product
from strategies.registry import REGISTRY

REAL = dt.date(2024, 8, 7)
DEMO = dt.date(2026, 1, 15)
TIMES = ("09:25", "09:37", "10:02", "10:31", "13:01", "15:57")


@pytest.fixture(params=["recorded", "simulated"])
def source(request: pytest.FixtureRequest) -> Source:
    if request.param == "simulated":
        return DemoSource.of(DEMO, ["SPXW"], 7, expiries=2, step_seconds=60)
    store: Store = request.getfixturevalue("real_store")
    return TapeSource(store, "SPXW", REAL, "midpoints")


def packages(engine: Engine, dice: random.Random, many: int) -> list[tuple[Package, int, int | None]]:
    """Sensible and senseless ones: one to six legs at strikes near the money, any quantity, a limit or none."""
    contracts = [c for c in engine.state.market.contracts("SPXW") if c.expiry == engine.state.session.day]
    chain = engine.state.chain("SPXW", engine.state.session.day)
    if len(contracts) < 20 or chain is None or chain.spot is None:
        return []
    spot = chain.spot
    near = sorted(contracts, key=lambda c: (abs(c.strike - spot), c.right))[:80]
    found = []
    for _ in range(many):
        if dice.random() < 0.7:  # a vertical or a condor, as people trade them
            legs = []
            for right, out in (("P", -1), ("C", 1))[: dice.choice((1, 2, 2))]:
                side = sorted((c for c in near if c.right == right), key=lambda c: c.strike * out)
                short, long = sorted(dice.sample(range(len(side)), 2))
                legs += [Leg(side[short], "sell", "open"), Leg(side[long], "buy", "open")]
        else:
            chosen = dice.sample(near, dice.randint(1, 6))
            legs = [Leg(c, dice.choice(("buy", "sell")), "open", dice.choice((1, 1, 1, 2))) for c in chosen]
        quantity = dice.choice((0, 1, 1, 2, 3, 10, 200, 1000))
        found.append((Package(tuple(legs)), quantity, None if dice.random() < 0.6 else dice.randint(-60, 60) * 500))
    return found


def limit_of(engine: Engine, package: Package) -> int:
    """The natural price on its tick, 0 where it has none."""
    total = 0
    for leg in package.legs:
        quote = engine.state.market.quote(leg.contract)
        price = quote.ask if leg.side == "buy" else quote.bid
        total += leg.signed_ratio * (price or 0)
    tick = product("SPXW").package_tick if len(package.legs) > 1 else product("SPXW").tick(total)
    return -(-total // tick) * tick


def fingerprint(engine: Engine) -> object:
    """Everything that a question must leave as it was."""
    state, gate = engine.state, engine.gate
    return deepcopy(
        (
            state.now, state.seq, state.revision, state.dealings, len(state.records), state.last_intent,
            state.last_trade, state.last_order, state.next_wake(), len(state.orders), state.tallies, state.hands,
            [(trade.trade_id, trade.status, trade.wanted) for trade in state.portfolio],
            gate.last, vars(gate.messages),
        )
    )  # fmt: skip


def asked(engine: Engine, package: Package, quantity: int, limit: int) -> Preview:
    state = engine.state
    return preview(state, engine.entries, engine.gate, package, "SPXW", quantity, limit, state.now)


def test_the_verdict_is_what_the_gate_then_says_and_asking_changes_nothing(source: Source) -> None:
    engine = make_engine(load([], ["risk.duplicate_seconds=0"]), REGISTRY, source, "main")
    dice, timeline = random.Random(7), Timeline(source.events())
    answers: dict[str, int] = {}
    for text in TIMES:
        until = from_new_york(source.day, dt.time.fromisoformat(text))
        while timeline.next_ts is not None and timeline.next_ts <= until:
            event = timeline.take()
            assert event is not None
            timeline.wake_at = engine.process(event).wake_at
        for n, (package, quantity, limit) in enumerate(packages(engine, dice, 60)):
            price = limit_of(engine, package) if limit is None else limit
            before = fingerprint(engine)
            told = asked(engine, package, quantity, price)
            assert fingerprint(engine) == before
            wanted = Open(
                key=f"{text} {n}", label="by hand", package=package, quantity=told.request.quantity, limit=price,
                until=engine.state.now + 10**9, reason="a test",
            )  # fmt: skip
            answer = engine.entries.open(MANUAL, "SPXW", wanted, "person")
            if isinstance(answer, Denied):
                assert (told.decision.code, told.decision.text) == (answer.code, answer.text)
                assert not told.decision.quantity
                refused = [each for each in told.controls if not each.ok]
                assert told.decision.code in {each.code for each in refused} or told.parts > 1, told
            else:
                assert told.decision.approved, told
                assert (told.decision.quantity, told.decision.worst_case) == (answer.wanted, answer.worst_case)
                assert [each.code for each in told.controls if not each.ok] == []
                if not quantity:  # by risk: what there is room for is what is sent
                    assert told.capacity is not None
                    assert told.capacity.quantity == answer.wanted or told.parts > 1
            answers[told.decision.code] = answers.get(told.decision.code, 0) + 1
    assert answers["OK"] > 5
    assert len(answers) > 4, answers


def test_every_control_that_would_refuse_is_told_not_only_the_first(source: Source) -> None:
    engine = make_engine(load([], ["risk.max_contracts=3"]), REGISTRY, source, "main")
    timeline = Timeline(source.events())
    until = from_new_york(source.day, dt.time.fromisoformat("10:02"))
    while timeline.next_ts is not None and timeline.next_ts <= until:
        event = timeline.take()
        assert event is not None
        timeline.wake_at = engine.process(event).wake_at
    package = next(p for p, _, _ in packages(engine, random.Random(1), 50) if len(p.legs) == 4 and not p.problem())
    told = asked(engine, package, 1, limit_of(engine, package) - 7)
    refused = {each.code for each in told.controls if not each.ok}
    assert {"TICK", "MAX_CONTRACTS"} <= refused
    assert told.decision.code == "TICK"
