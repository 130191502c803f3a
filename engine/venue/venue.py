"""One simulated market and the accounts that trade on it, as the web application's parts share them."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Sequence

from engine.broker import SimulatedBroker
from engine.broker.port import Answer
from engine.calendar import Session
from engine.clock import SECOND
from engine.config import Config
from engine.events import AnyEvent, BrokerReport, ChainBatch, Listing, OrderRequest
from engine.market import Market
from engine.types import Instrument, PriceMeaning
from engine.venue.clock import VenueClock

Reported = Callable[[str, BrokerReport], None]
Happened = Callable[[AnyEvent], None]


class Venue:
    """Plays a day's events as its clock comes to them, for everybody who looks on and for each account's broker.

    What becomes of orders is a matter of the market and of the instants at which something was asked for, and of
    nothing else: orders are matched when the market brings something, when they arrive, and when a request comes, not
    whenever somebody looks. The same requests at the same instants, in the same order, have the same executions.

    Args:
        day: the session. events: makes the day's events from the start.
        accounts: their names; each has orders, positions and cash of its own, and trades on the same quotes.

    Attributes:
        market: the market at ``now``, as the data endpoints show it and as every account's orders meet it.
        listed: what is listed, in order; before the open too, when no price of the day is known.
        now: how far everything has been played, ns UTC.
        brokers: one an account. reported: called with an account and what its exchange reports, in order.
        happened: called with each event of the market, in order, after ``market`` has taken it.
        plays: what is played, in words by what sets them; a diary of another market cannot be gone on from.
    """

    def __init__(
        self,
        config: Config,
        day: Session,
        meanings: dict[str, PriceMeaning],
        events: Callable[[], Iterator[AnyEvent]],
        clock: VenueClock,
        accounts: tuple[str, ...] = ("rehearsal",),
    ) -> None:
        self.config = config
        self.day = day
        self.clock = clock
        self.now = 0
        self.market = Market(meanings)
        self.brokers = {name: self._broker(meanings) for name in accounts}
        self.reported: list[Reported] = []
        self.happened: list[Happened] = []
        self.plays: dict[str, str] = {}
        self.listed: dict[Instrument, None] = dict.fromkeys(_listed_first(events()))
        self._meanings = meanings
        self._day_again = events
        self._events = events()
        self._head = next(self._events, None)
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._numbered = 0

    def _broker(self, meanings: dict[str, PriceMeaning]) -> SimulatedBroker:
        """One that is told of the market here: it has been played once for all."""
        made = SimulatedBroker(self.config, self.day, meanings, iter(()))
        made.market = self.market
        return made

    def at(self, instant: int, call: Callable[[], None]) -> None:
        """Have something done when the market has come to an instant: after its events, before orders are matched."""
        self._numbered += 1
        heapq.heappush(self._due, (instant, self._numbered, call))

    def advance(self, most: int | None = None) -> None:
        """Play everything up to the clock's now.

        ``most``: how far at once, ns from where it has come; the rest is for later calls. None: all the way.
        """
        now = max(self.now, self.clock.now())
        self.play(now if most is None else min(now, self.now + most))

    def warm(self) -> None:
        """Load what the first batch needs before anybody waits for it: the compiled market takes half a second."""
        tried = Market(self._meanings)
        for event in self._day_again():
            if isinstance(event, Listing):
                tried.list_instruments(event)
            elif isinstance(event, ChainBatch):
                tried.apply(event)
                return

    @property
    def seconds_left(self) -> float:
        """Of the machine's time until the next thing is due, by the clock as it goes now; 0 where one is due."""
        instant = self._next()
        if instant is None or not self.clock.speed:
            return math.inf if instant is None or instant > self.clock.now() else 0.0
        return max(0.0, (instant - self.clock.now()) / self.clock.speed / SECOND)

    def play(self, until: int) -> None:
        """Play everything up to an instant, one instant at which something happens after the other."""
        while (instant := self._next()) is not None and instant <= until:
            self._step(max(instant, self.now))
        self.now = max(self.now, until)

    def send(self, account: str, request: OrderRequest) -> list[BrokerReport]:
        """Hand a request to an account's exchange now; what it says at once is reported to everybody too."""
        return self._tell(account, self.brokers[account].converse((request,), self.now))

    def _next(self) -> int | None:
        """When something happens next: in the market, in an account's exchange, or because it was asked for."""
        found = [] if self._head is None else [self._head.ts_known]
        if self._due:
            found.append(self._due[0][0])
        for broker in self.brokers.values():
            wake = broker.exchange.next_wake
            if wake is not None and wake > broker.now:
                found.append(wake)
        return min(found, default=None)

    def _step(self, instant: int) -> None:
        self.now = instant
        while self._head is not None and self._head.ts_known <= instant:
            event = self._head
            self._head = next(self._events, None)
            match event:
                case ChainBatch():
                    self.market.apply(event)
                case Listing():
                    self.market.list_instruments(event)
                    self.listed.update(dict.fromkeys(event.instruments))
                case _:
                    pass
            for look in self.happened:
                look(event)
        while self._due and self._due[0][0] <= instant:
            heapq.heappop(self._due)[2]()
        for account, broker in self.brokers.items():
            self._tell(account, broker.converse((), instant))

    def _tell(self, account: str, answers: Sequence[Answer]) -> list[BrokerReport]:
        reports = [answer for answer in answers if isinstance(answer, BrokerReport)]
        for report in reports:
            for tell in self.reported:
                tell(account, report)
        return reports


def _listed_first(events: Iterator[AnyEvent]) -> Iterator[Instrument]:
    """What a day lists before it brings its first price."""
    for event in events:
        if isinstance(event, ChainBatch):
            return
        if isinstance(event, Listing):
            yield from event.instruments
