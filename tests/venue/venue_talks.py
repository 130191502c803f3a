"""Seeded conversations of an ``AlpacaBroker`` with a faulty exchange, and what is not as it should be at their end.

The exchange's own book is the truth. Of what the broker was asked, nothing may be lost (an order that nobody knows and
that was not told to be absent or rejected), doubled (two orders or executions for one), or orphaned (an order that was
not asked for, but for liquidations); and what the broker has told must fold to what the account holds.

    python tests/venue/venue_talks.py --first 1 --count 200
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))

from venue_hall import Hall

from engine.alpaca.rest import Rest
from engine.alpaca.trade_stream import TradeStream
from engine.broker.alpaca import lagging
from engine.broker.alpaca.broker import AlpacaBroker
from engine.broker.port import BrokerDown
from engine.clock import SystemClock
from engine.config import load
from engine.config.alpaca import AlpacaTable
from engine.events import BrokerState, OrderRequest
from engine.session.exchange import make_exchange, make_venue
from engine.session.source import demo_source
from engine.types import Contract, Leg, Package, sign
from engine.venue.desk import Desk, Update
from engine.venue.faults import FAULTS_KEY, Faults
from engine.venue.rules import Rules
from engine.venue.trading import DESKS

ACCOUNT = "one"
CONFIG = load(
    [], ["demo.expiries=1", "demo.step_seconds=60", "cutoffs.liquidation=shorts", "alpaca.requests_a_minute=100000"]
)
SOURCE = demo_source(CONFIG)
lagging.PATIENCE = 300_000_000  # so long is waited here for executions that were taken back
SHARE = 8.0
"""Faults are so many times as likely as ``--faults`` makes them: a conversation is short."""
_PATIENCE = 60.0
_FAST = 50  # the three seconds of quiet after a 429 are tested elsewhere
_ENDED = ("rejected", "cancelled", "expired", "absent")


class Wrong(Exception):
    """What was found, in a line."""


class Talk:
    """One conversation, from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.hall = Hall(CONFIG, (ACCOUNT,), Rules(), 0, 30)
        self.hall.venue = make_venue(CONFIG, SOURCE, self.hall.clock, (ACCOUNT,))
        self.hall.app = make_exchange(self.hall.venue, self.hall.access)
        self.faults: Faults = self.hall.app[FAULTS_KEY]
        self.faults.reseed(seed)
        self.desk: Desk = self.hall.app[DESKS][ACCOUNT]
        self.busted: set[str] = set()
        self.desk.updates.append(self._updated)
        self.asked: dict[str, OrderRequest] = {}
        self.last: dict[str, str] = {}
        self.fills: dict[str, tuple[str, Contract, int, int]] = {}
        self.state: BrokerState | None = None
        self.now = 1
        self.minute = 0

    def run(self) -> None:
        """Talk, let the faults end, and look. Raises ``Wrong``."""
        with self.hall as hall:
            keys = hall.access.keys[ACCOUNT]
            table = AlpacaTable(requests_a_minute=100_000, reserve=10, read_seconds=3)
            self.broker = AlpacaBroker(
                Rest(keys, hall.url, table, lambda: time.monotonic_ns() * _FAST, lambda left: time.sleep(left / _FAST)),
                SystemClock(),
                lambda _: time.sleep(0.005),
                lambda *heard: TradeStream(keys, hall.url, *heard),
            )
            try:
                self._account()
                hall.run(lambda: self.faults.switch_usual(SHARE))
                for _ in range(self.chance.randint(8, 14)):
                    self._say()
                hall.run(self.faults.clear)
                self._settle()
                self._judge()
            finally:
                self.broker.close()

    def _updated(self, _account: str, update: Update) -> None:
        if update["event"] == "trade_bust":
            self.busted.add(update["order"]["client_order_id"])

    # What is said

    def _say(self) -> None:
        chance, known = self.chance, list(self.asked)
        match chance.choice(
            ["package"] * 4 + ["single"] * 3 + ["cancel"] * 3 + ["close", "lookup", "snapshot", "time"]
        ):
            case "package":
                self._submit(self._condor(), chance.randint(1, 3), chance.choice([None, None, -50_000, -9_000_000]))
            case "single":
                leg = Leg(self._contract(), "buy", "open")
                self._submit(Package((leg,)), chance.randint(1, 4), chance.choice([None, 500, 400_000]))
            case "close":
                held = [(each, count) for each, count in self.desk.contracts.items() if count > 0]
                if held:
                    contract, count = chance.choice(held)
                    leg = Leg(contract, "sell", "close")
                    self._submit(Package((leg,)), chance.randint(1, count), None, reduces=True)
            case "cancel" if known:
                self._tell(OrderRequest(action="cancel", client_order_id=chance.choice(known)))
            case "lookup" if known:
                self._tell(OrderRequest(action="lookup", client_order_id=chance.choice(known)))
            case "time":
                self.minute += chance.randint(1, 20)
                self.hall.at(10 + self.minute // 60, self.minute % 60)
            case _:
                self._tell(OrderRequest(action="snapshot"))
        for _ in range(chance.randint(0, 3)):
            time.sleep(0.01)
            self._tell()

    def _contract(self) -> Contract:
        return self.hall.contract(self.chance.choice("CP"), self.hall.spot() + 5 * self.chance.randint(-6, 6))

    def _condor(self) -> Package:
        contracts = self.hall.condor(5 * self.chance.randint(2, 6), 5 * self.chance.randint(2, 5))
        sides = ("buy", "sell", "sell", "buy")
        return Package(tuple(Leg(each, side, "open") for each, side in zip(contracts, sides, strict=True)))

    def _submit(self, package: Package, quantity: int, limit: int | None, reduces: bool = False) -> None:
        own = f"a-20260115-0-{len(self.asked) + 1}"
        request = OrderRequest(
            action="submit", client_order_id=own, package=package, quantity=quantity, limit=limit, reduces=reduces
        )
        self.asked[own] = request
        self._tell(request)

    def _tell(self, *requests: OrderRequest) -> None:
        self.now += 1
        try:
            answers = self.broker.converse(requests, self.now)
        except BrokerDown as down:  # it is there again with the next answer
            answers = list(down.heard)
        for answer in answers:
            if isinstance(answer, BrokerState):
                self.state = answer
                # An order whose executions were all taken back is told by the account alone.
                filled = (each.client_order_id for each in answer.orders if each.status == "filled")
                self.last |= {own: "fill" for own in filled if self.last.get(own, "unknown") == "unknown"}
                continue
            own = answer.client_order_id
            if own not in self.asked and not own.startswith("LIQ-"):
                raise Wrong(f"{own} was told of and never asked for: {answer.kind}")
            self.last[own] = answer.kind
            for leg in answer.legs:
                found = (own, leg.contract, sign(leg.side) * leg.quantity, leg.price)
                if self.fills.setdefault(leg.exec_id, found)[:3] != found[:3]:
                    raise Wrong(f"execution {leg.exec_id} was told as {self.fills[leg.exec_id]} and as {found}")

    # How it ends

    def _until(self, done: Callable[[], bool], what: str, *ask: OrderRequest) -> None:
        end = time.monotonic() + _PATIENCE
        while not done():
            if time.monotonic() > end:
                raise Wrong(f"{what}: {self.last}")
            self._tell(*ask)
            time.sleep(0.02 if ask else 0.01)

    def _account(self) -> BrokerState:
        """The account as it is now, and no answer to an older question."""
        asked = self.now + 1
        ask = OrderRequest(action="snapshot")
        self._until(lambda: self.state is not None and self.state.asked >= asked, "no account", ask)
        assert self.state is not None
        return self.state

    def _settle(self) -> None:
        """Every order is known to have ended, or to be nowhere; the broker liquidates what is short."""
        self.hall.at(15, 32)
        for own in self.asked:
            look = (OrderRequest(action="lookup", client_order_id=own), OrderRequest(action="snapshot"))
            self._until(lambda own=own: self.last.get(own, "unknown") != "unknown", f"{own} stays unknown", *look)  # type: ignore[misc]
        for own in self.asked:
            cancel = OrderRequest(action="cancel", client_order_id=own)
            self._until(lambda own=own: self._over(own), f"{own} does not end", cancel)  # type: ignore[misc]
        for own in self.asked:
            self._tell(OrderRequest(action="lookup", client_order_id=own))
        self._until(lambda: all(self._whole(own) for own in self.asked), "executions are not all told")

    def _over(self, own: str) -> bool:
        order = self.hall.run(lambda: self.desk.by_client_id(own))
        if self.last[own] == "absent" and order is not None:
            raise Wrong(f"{own} was told to be nowhere, and the exchange has it")
        return self.last[own] in _ENDED or (order is not None and order.status == "filled" and self._whole(own))

    def _whole(self, own: str) -> bool:
        """Whether at least all that the exchange has of an order was told; a bust takes away, of what was told."""
        order = self.hall.run(lambda: self.desk.by_client_id(own))
        there = 0 if order is None else sum(leg.quantity for leg in order.executions.values())
        return sum(abs(each[2]) for each in self.fills.values() if each[0] == own) >= there

    def _judge(self) -> None:
        state, book = self._account(), self.hall.run(lambda: list(self.desk.orders.values()))
        names = Counter(order.client_order_id for order in book)
        ours = {own for own in names if not own.startswith("LIQ-")}
        if names.total() != len(names):
            raise Wrong(f"doubled: {names.most_common(1)}")
        if orphans := ours - set(self.asked):
            raise Wrong(f"orphaned: {sorted(orphans)}")
        for own in self.asked:
            gone = own not in ours
            if gone and self.last[own] not in ("absent", "rejected"):
                raise Wrong(f"lost: {own} was told {self.last[own]}, and the exchange has never heard of it")
        told = {order.client_order_id: order for order in state.orders}
        if set(told) != set(names):
            raise Wrong(f"the account tells the orders {sorted(set(told) ^ set(names))} and the exchange does not")
        for order in book:
            known = told[order.client_order_id]
            there, heard = Counter[Contract](), Counter[Contract]()
            for fill in order.executions.values():
                there[fill.contract] += sign(fill.side) * fill.quantity
            for fill in known.executions:
                heard[fill.contract] += sign(fill.side) * fill.quantity
            if there != heard:
                raise Wrong(f"{order.client_order_id}: executed {dict(there)}, told {dict(heard)}")
            ids = {fill.exec_id for fill in known.executions}
            if len(ids) != len(known.executions):
                raise Wrong(f"{order.client_order_id}: an execution was told twice in one account")
            if order.client_order_id in self.asked:
                before = {name for name, each in self.fills.items() if each[0] == order.client_order_id}
                if not ids <= before or (order.client_order_id not in self.busted and ids != before):
                    raise Wrong(f"{order.client_order_id}: told {sorted(before)} one by one, {sorted(ids)} in all")
        folded = Counter[Contract]()
        for known in state.orders:
            for fill in known.executions:
                folded[fill.contract] += sign(fill.side) * fill.quantity
        held = {contract: count for contract, count in folded.items() if count}
        if held != dict(state.positions) or held != self.hall.run(lambda: self.desk.contracts):
            raise Wrong(f"executions fold to {held}, the account holds {dict(state.positions)}")


def main() -> int:
    """Tell of many, as a line of JSON; exit code 1 where one went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    args = parser.parse_args()
    wrong: list[str] = []
    orders = 0
    happened: Counter[str] = Counter()
    for seed in range(args.first, args.first + args.count):
        talk = Talk(seed)
        try:
            talk.run()
        except Wrong as found:
            wrong.append(f"seed {seed}: {found}")
        orders += len(talk.asked)
        happened.update(talk.faults.happened)
        if sys.stderr.isatty():
            print(f"\r\x1b[K{seed} {len(wrong)}", end="", file=sys.stderr)
    with suppress(BrokenPipeError):
        told = {name: count for name, count in happened.items() if count}
        print(json.dumps({"talks": args.count, "orders": orders, "faults": told, "wrong": wrong[:10]}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
