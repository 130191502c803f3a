"""One simulated market and the accounts that trade on it, as the web application's parts share them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from engine.broker import SimulatedBroker
from engine.broker.port import Answer
from engine.calendar import Session
from engine.config import Config
from engine.events import AnyEvent, BrokerReport, ChainBatch, Listing, OrderRequest
from engine.market import Market
from engine.types import Instrument, PriceMeaning
from engine.venue.clock import VenueClock

Reported = Callable[[str, BrokerReport], None]
Happened = Callable[[AnyEvent], None]


class Venue:
    """Plays a day's events as its clock comes to them, for everybody who looks on and for each account's broker.

    Args:
        day: the session. events: makes the day's events from the start, for each account and once for the data.
        accounts: their names; each has orders, positions and cash of its own, and trades on the same quotes.

    Attributes:
        market: the market as the data endpoints show it, at ``now``.
        listed: what is listed, in order; before the open too, when no price of the day is known.
        now: how far everything has been played, ns UTC.
        brokers: one an account. reported: called with an account and what its exchange reports, in order.
        happened: called with each event of the market, in order, after ``market`` has taken it.
        advanced: called with ``now`` after all has been played up to it, each account's exchange too.
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
        self.brokers = {name: SimulatedBroker(config, day, meanings, events()) for name in accounts}
        self.reported: list[Reported] = []
        self.happened: list[Happened] = []
        self.advanced: list[Callable[[int], None]] = []
        self.listed: dict[Instrument, None] = dict.fromkeys(_listed_first(events()))
        self._events = events()
        self._head = next(self._events, None)

    def advance(self, most: int | None = None) -> None:
        """Play everything up to the clock's now: the market first, then each account's exchange on the same quotes.

        ``most``: how far at once, ns from where it has come; the rest is for later calls. None: all the way.
        """
        now = max(self.now, self.clock.now())
        if most is not None:
            now = min(now, self.now + most)
        while self._head is not None and self._head.ts_known <= now:
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
        self.now = now
        for account, broker in self.brokers.items():
            self._tell(account, broker.converse((), now))
        for look_on in self.advanced:
            look_on(now)

    def send(self, account: str, request: OrderRequest) -> list[BrokerReport]:
        """Hand a request to an account's exchange now; what it says at once is reported to everybody too."""
        return self._tell(account, self.brokers[account].converse((request,), self.now))

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
