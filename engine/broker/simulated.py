"""The simulated exchange as a broker outside the engine: it watches the same market itself, and keeps its own book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.broker.book import OrderBook
from engine.broker.port import Answer
from engine.calendar import Session
from engine.config import Config
from engine.events import AnyEvent, BrokerReport, BrokerState, ChainBatch, Listing, OrderRequest
from engine.exchange import SimulatedExchange
from engine.market import Market
from engine.types import PriceMeaning


class SimulatedBroker:
    """Plays a source's market up to the instant it is spoken to, matches on it, and answers.

    Attributes:
        now: how far its market has come, ns UTC.
        exchange: the exchange behind it.
    """

    def __init__(
        self, config: Config, day: Session, meanings: dict[str, PriceMeaning], events: Iterator[AnyEvent]
    ) -> None:
        self.now = 0
        self.book = OrderBook()
        self.market = Market(meanings)
        self.exchange = SimulatedExchange(config.fills, config.fees, day, config.cutoffs)
        self._max_legs = config.broker.max_legs
        self._late = config.fills.latency_ms > 0
        self._day = day
        self._events = events
        self._head = next(events, None)
        self._told: list[BrokerReport] = []

    def converse(self, requests: Sequence[OrderRequest], now: int) -> list[Answer]:
        """See ``Broker``. Nothing is ever late or lost here."""
        self.advance(now)
        answers: list[Answer] = []
        for request in requests:
            answers += self.take(request)
        self._note(self.exchange.match(self.market, self.now))
        told, self._told = self._told, []
        return [*told, *answers]

    def advance(self, now: int) -> None:
        """Let the market go on to ``now``; it never goes back."""
        while self._head is not None and self._head.ts_known <= now:
            self._until(self._head.ts_known)
            instant = self._head.ts_known
            while self._head is not None and self._head.ts_known == instant:
                self._apply(self._head)
                self._head = next(self._events, None)
            self.now = max(self.now, instant)
            self._note(self.exchange.match(self.market, self.now))
        self._until(now)
        self.now = max(self.now, now)

    def _until(self, now: int) -> None:
        """What the exchange does of itself before ``now``: arrivals, cutoffs."""
        wake = self.exchange.next_wake
        while wake is not None and self.now < wake < now:
            self.now = wake
            self._note(self.exchange.match(self.market, wake))
            wake = self.exchange.next_wake

    def _apply(self, event: AnyEvent) -> None:
        match event:
            case ChainBatch():
                self.market.apply(event)
            case Listing():
                self.market.list_instruments(event)
            case _:
                pass  # the session's feed may fall silent: the exchange's market goes on

    def take(self, request: OrderRequest) -> list[Answer]:
        """One request; its answer as far as it is there at once, and not yet told what the exchange reports."""
        own, now, kept = request.client_order_id, self.now, self.book.get(request.client_order_id)
        match request.action:
            case "snapshot":
                return [self.state()]
            case "submit" if kept is None:
                self.book.enter(request)
                assert request.package is not None
                if len(request.package.legs) > self._max_legs:
                    text = f"an order has {self._max_legs} legs at the most"
                    refused = BrokerReport(ts_known=now, ts_event=now, client_order_id=own, kind="rejected", text=text)
                    self.book.note(refused)
                    return [refused]
                self.exchange.submit(own, request.package, request.quantity, request.limit, now, stop=request.stop)
                return []
            case "cancel" if kept is not None and kept.working:
                self._note(self.exchange.cancel(own, now, "cancelled on request"))
                return []
            case "replace" if kept is not None and kept.working:
                self.exchange.replace(own, request.limit, now)
                if self._late:
                    return []
                told = BrokerReport(
                    ts_known=now, ts_event=now, client_order_id=own, kind="replaced", limit=request.limit
                )
                self.book.note(told)
                return [told]
            case _:
                return list(self.book.told_again(own, now))

    def state(self) -> BrokerState:
        """The whole account as of now."""
        held = {
            contract: quantity
            for contract, quantity in self.exchange.positions.items()
            if quantity and (contract.expiry > self._day.day or self.now < self._day.product_close(contract.root))
        }
        return BrokerState(
            ts_known=self.now,
            ts_event=self.now,
            asked=self.now,
            orders=self.book.orders(),
            positions=tuple(sorted(held.items())),
        )

    def bust(self, exec_id: str) -> None:
        """Take an execution back."""
        self._note(self.exchange.bust(exec_id, self.now))

    def _note(self, reports: Sequence[BrokerReport]) -> None:
        for report in reports:
            self.book.note(report)
            self._told.append(report)

    def close(self) -> None:
        """Nothing is held open."""
