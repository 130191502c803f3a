"""The simulated broker, misbehaving: what it loses, delays, tells twice, forgets, and does of its own accord."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import msgspec
from fault_plan import ANSWER, Kill, Plan, Where

from engine.broker import BrokerDown, SimulatedBroker
from engine.broker.port import Answer
from engine.calendar import Session
from engine.clock import MINUTE, SECOND
from engine.events import AnyEvent, BrokerReport, BrokerState, LegFill, OrderRequest, ReportKind
from engine.exchange import SimulatedExchange
from engine.exchange.resting import Resting
from engine.market import NEVER
from engine.types import Contract, Leg, Package, PriceMeaning, sign

MISMATCH = "position intent mismatch"

Told = Callable[[int, str], None]
"""Hears an instant (ns UTC) and what happened, in words."""


class Killed(BaseException):
    """The process has died here. No ``Exception``: nobody in the product may catch it."""


class TrustingExchange(SimulatedExchange):
    """Fills a closing order whatever is held: that nothing is closed twice is then the engine's doing alone."""

    def _refuse(self, order: Resting, now: int) -> str:
        text = super()._refuse(order, now)
        closes = not order.package.opens
        return "" if closes and text.startswith(MISMATCH) else text


class FaultyBroker(SimulatedBroker):
    """Attributes:
    asked: how often each client order id was asked to be submitted. taken: how often it was taken.
    doings: contracts in which the broker acted by itself or forgot what it was asked, so that they need not add up.
    closed_too_far: executions that closed more than was held, in words.
    own: ids of orders that are not the engine's.
    watch: told each request before anything happens to it.
    """

    def __init__(
        self,
        plan: Plan,
        day: Session,
        meanings: dict[str, PriceMeaning],
        events: Iterator[AnyEvent],
        tell: Told,
        watch: Callable[[OrderRequest, int], None],
    ) -> None:
        super().__init__(plan.config, day, meanings, events)
        if plan.trusting:
            config = plan.config
            self.exchange = TrustingExchange(config.fills, config.fees, day, config.cutoffs)
        self.plan = plan
        self.asked: Counter[str] = Counter()
        self.closed_too_far: list[str] = []
        self._held: Counter[Contract] = Counter()
        self.taken: Counter[str] = Counter()
        self.doings: set[Contract] = set()
        self.own: list[str] = []
        self.found: Counter[str] = Counter()
        self._kills = list(plan.kills)
        self._rng = random.Random(f"broker {plan.seed}")
        self._tell = tell
        self._watch = watch
        self._late_requests: list[tuple[int, OrderRequest]] = []
        self._torn: set[str] = set()
        self._minute = 0

    # The conversation

    def converse(self, requests: Sequence[OrderRequest], now: int) -> list[Answer]:
        """See ``Broker``; anything may go wrong with it."""
        for request in requests:
            self._watch(request, now)
            if request.action == "submit":
                self.asked[request.client_order_id] += 1
        submits = any(request.action == "submit" for request in requests)
        if submits:
            self.die("before the send", now)
        down = self.plan.window("down", now)
        if down is not None:
            self._happens(
                "down", now, f"{len(requests)} requests are lost" if not down.hard else "they arrive, silently"
            )
            if down.hard:
                self.advance(now)
                for request in requests:
                    self.take(request)
            raise BrokerDown("the broker is down")
        self.advance(now)
        self._act(now)
        answers: list[Answer] = []
        due = [request for at, request in self._late_requests if at <= now]
        self._late_requests = [each for each in self._late_requests if each[0] > now]
        for request in due:
            self._tell(now, f"broker: {request.action} {request.client_order_id} arrives at last")
            answers += self.take(request)
        for request in requests:
            answers += self._receive(request, now)
        self._note(self.exchange.match(self.market, self.now))
        told, self._told = self._told, []
        if submits:
            self.die("after the send", now)
        return [heard for answer in [*told, *answers] for heard in self._disturbed(answer, now)]

    def hang_up(self) -> None:
        """The session has died: what it has not heard it never will."""
        self._told = []

    def die(self, where: Where, now: int) -> None:
        """Kill the session, if that is planned for here."""
        for kill in self._kills:
            if kill.at <= now and kill.where == where:
                self._kills.remove(kill)
                self._happens("kill", now, where)
                raise Killed(kill)

    def take(self, request: OrderRequest) -> list[Answer]:
        """See ``SimulatedBroker``; counts what is taken."""
        if request.action == "submit" and self.book.get(request.client_order_id) is None:
            self.taken[request.client_order_id] += 1
        return super().take(request)

    def state(self) -> BrokerState:
        """See ``SimulatedBroker``; its clock may be off until all is calm."""
        return msgspec.structs.replace(super().state(), skew=self.plan.skew if self.now < self.plan.calm else 0)

    def _happens(self, kind: str, now: int, text: str) -> None:
        self.found[kind] += 1
        self._tell(now, f"FAULT {kind}: {text}")

    def _rolls(self, kind: str, now: int, text: str) -> bool:
        rate = self.plan.rate(kind, now)
        if not rate or self._rng.random() >= rate:
            return False
        self._happens(kind, now, text)
        return True

    def _receive(self, request: OrderRequest, now: int) -> list[Answer]:
        """A request, unless something happens to it on the way."""
        name = f"{request.action} {request.client_order_id}".strip()
        submit = request.action == "submit"
        if self._rolls("timeout_before", now, name):
            return [_report(request, now, "unknown", "504")] if submit else []
        if self._rolls("timeout_after", now, name):
            self.take(request)
            return [_report(request, now, "unknown", "504")] if submit else []
        if self._rolls("throttled", now, name):
            return [_report(request, now, "rejected", "429 too many requests")] if submit else []
        if self._rolls("slow", now, name):
            self._late_requests.append((now + round(self._rng.uniform(0.1, 0.7) * ANSWER), request))
            return []
        if submit and self._rolls("zombie", now, name):
            self._late_requests.append((now + self._rng.randint(2, 30) * ANSWER, request))
            return []
        return self.take(request)

    def _disturbed(self, answer: Answer, now: int) -> list[Answer]:
        """An answer as it is heard: not at all, late, twice, in parts."""
        name = f"{answer.kind} {answer.client_order_id}" if isinstance(answer, BrokerReport) else "snapshot"
        if self.plan.window("mute_for_ever", now):
            self._happens("mute_for_ever", now, name)
            return []
        if self._rolls("dropped", now, name):
            return []
        fill = isinstance(answer, BrokerReport) and answer.kind == "fill"
        if fill and self._rolls("lost_fills", now, name):
            return []
        parts: list[Answer] = [answer]
        if isinstance(answer, BrokerReport) and fill and len(answer.legs) > 1 and self._rolls("split", now, name):
            parts = [msgspec.structs.replace(answer, legs=(leg,), quantity=0) for leg in answer.legs]
            self._rng.shuffle(parts)
        if self._rolls("duplicated", now, name):
            parts = [*parts, *parts]
        mute = self.plan.window("mute", now)
        if mute is not None:
            self._happens("mute", now, name)
            return [msgspec.structs.replace(part, ts_known=mute.end) for part in parts]
        heard = []
        for part in parts:
            late = self._rng.randrange(30 * SECOND) if self._rolls("delayed", now, name) else 0
            heard.append(msgspec.structs.replace(part, ts_known=part.ts_known + late))
        return heard

    # What happens at the broker of itself

    def _note(self, reports: Sequence[BrokerReport]) -> None:
        parts = [part for report in reports for part in self._torn_apart(report)]
        super()._note(parts)
        for part in parts:
            self._count(part)

    def _count(self, report: BrokerReport) -> None:
        """Nothing may be closed further than it is held, execution by execution."""
        if report.kind not in ("fill", "busted"):
            return
        order = self.book.get(report.client_order_id)
        effects = {} if order is None else {leg.contract: leg.effect for leg in order.package.legs}
        for leg in report.legs:
            signed = sign(leg.side) * leg.quantity * (1 if report.kind == "fill" else -1)
            held = self._held[leg.contract]
            self._held[leg.contract] = held + signed
            too_far = held * signed >= 0 or abs(signed) > abs(held)
            ours = leg.contract not in self.doings and effects.get(leg.contract) == "close"
            if report.kind == "fill" and ours and too_far:
                text = f"{report.client_order_id} closes {signed:+d} {leg.contract.short_name} of {held:+d}"
                self.closed_too_far.append(text)

    def _torn_apart(self, report: BrokerReport) -> list[BrokerReport]:
        """A fill of a package of which only some legs come true, and then its end."""
        if report.kind != "fill" or len(report.legs) < 2 or report.client_order_id in self.own:
            return [report]
        if not self._rolls("partial_mleg", self.now, report.client_order_id):
            return [report]
        filled = sorted(self._rng.sample(range(len(report.legs)), self._rng.randint(1, len(report.legs) - 1)))
        kept = tuple(report.legs[n] for n in filled)
        for n, leg in enumerate(report.legs):
            self.doings.add(leg.contract)
            if n not in filled:
                self.exchange.hold(leg.contract, -sign(leg.side) * leg.quantity)
        self._torn.add(report.client_order_id)
        first = msgspec.structs.replace(report, legs=kept, quantity=0, text="only some legs")
        rest = self.exchange.cancel(report.client_order_id, self.now, "the rest is cancelled")
        if not rest:
            rest = [
                msgspec.structs.replace(report, legs=(), quantity=0, kind="cancelled", text="the rest is cancelled")
            ]
        return [first, *rest]

    def _act(self, now: int) -> None:
        """What happens in the minutes that went by."""
        minute = now // MINUTE
        if not self._minute or not self._day.open < now < self._day.close:
            self._minute = minute
        for _ in range(min(minute - self._minute, 30)):
            if self._rolls("liquidation", now, "the broker looks for a short"):
                self._close_one(now, "LIQ", lambda quantity: quantity < 0)
            if self._rolls("bust", now, "an execution is looked for"):
                self._bust_one(now)
            if self._rolls("elsewhere", now, "somebody trades here"):
                if self._rng.random() < 0.5:
                    self._close_one(now, "WEB", lambda quantity: quantity > 0)
                else:
                    self._open_one(now, None)
            if self._rolls("strange_order", now, "somebody leaves an order here"):
                self._open_one(now, 500)
        self._minute = minute

    def _close_one(self, now: int, name: str, wanted: Callable[[int], bool]) -> None:
        held = sorted(contract for contract, quantity in self.exchange.positions.items() if wanted(quantity))
        if not held:
            return
        contract = self._rng.choice(held)
        quantity = self.exchange.positions[contract]
        many = self._rng.randint(1, abs(quantity))
        for order in self.exchange.resting:
            if any(leg.contract == contract for leg in order.package.legs):
                self._note(self.exchange.cancel(order.client_order_id, now, f"before {name} closes"))
        self._foreign(name, Leg(contract, "buy" if quantity < 0 else "sell", "close"), many, None, now)

    def _open_one(self, now: int, limit: int | None) -> None:
        quoted = [
            each
            for each in self.market.instruments
            if isinstance(each, Contract)
            and self.market.quote(each).ts != NEVER
            and (self.market.quote(each).bid or 0) > 500
            and not self.exchange.positions.get(each)
        ]
        if quoted:
            self._foreign("WEB", Leg(self._rng.choice(quoted), "buy", "open"), self._rng.randint(1, 3), limit, now)

    def _foreign(self, name: str, leg: Leg, quantity: int, limit: int | None, now: int) -> None:
        own = f"{name}-{len(self.own) + 1}"
        self.own.append(own)
        self.doings.add(leg.contract)
        package = Package((leg,))
        self._tell(now, f"broker: {own} {leg.side} {quantity} {leg.contract.short_name} to {leg.effect}")
        self.book.enter(
            OrderRequest(action="submit", client_order_id=own, package=package, quantity=quantity, limit=limit)
        )
        self.exchange.submit(own, package, quantity, limit, now)

    def _bust_one(self, now: int) -> None:
        executions: list[LegFill] = [
            each for order in self.book.orders() if order.client_order_id not in self._torn for each in order.executions
        ]
        if not executions:
            return
        chosen = self._rng.choice(executions[-8:])
        self._tell(now, f"broker: busts {chosen.exec_id}")
        before = dict(self.exchange.positions)
        self.bust(chosen.exec_id)
        after = self.exchange.positions
        self.doings.update(c for c in {**before, **after} if before.get(c, 0) != after.get(c, 0))


def _report(request: OrderRequest, now: int, kind: ReportKind, text: str) -> BrokerReport:
    return BrokerReport(ts_known=now, ts_event=now, client_order_id=request.client_order_id, kind=kind, text=text)


__all__ = ["FaultyBroker", "Kill", "Killed"]
