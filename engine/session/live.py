"""A day that streams, as a session's source: what of it is past, then what comes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from engine.calendar import Session
from engine.clock import MINUTE, SECOND, Clock
from engine.core import Engine
from engine.events import AnyEvent, Listing, SessionStart
from engine.feed.port import LiveFeed
from engine.session.live_pacing import LivePacer, LiveTimeline
from engine.types import Contract, Provenance, product

GRACE_SECONDS = 0.05
"""Of the machine: how long a timer waits for data that were on their way at its instant."""
LEAP_SECONDS = 5.0
"""Of the machine: a session that has not run for longer goes on as of now."""
AFTER_CLOSE = 5 * MINUTE
"""So long after the last product's close the day is over."""
FOR_OFFICIAL = 25 * MINUTE
"""So much longer it lasts at most while a result waits for an official close that can come."""


@dataclass(frozen=True)
class LiveSource:
    """See ``Source``; and what a runner needs to wait for a market instead of playing one.

    Attributes:
        opened: when the session began to look, ns UTC. speed: seconds of market a second of the machine.
        past: what a session that was cut off had seen of the day before. installation: see ``ClientOrderId``.
    """

    session: Session
    roots: tuple[str, ...]
    provenance: tuple[Provenance, ...]
    feed: LiveFeed
    clock: Clock
    opened: int
    speed: float = 1.0
    past: tuple[AnyEvent, ...] = ()
    close_provenance: tuple[Provenance, ...] = ()
    installation: str = ""
    _held: set[Contract] = field(default_factory=set, repr=False, compare=False)
    _awaits: set[str] = field(default_factory=set, repr=False, compare=False)

    @property
    def day(self) -> dt.date:
        """The trading day."""
        return self.session.day

    @property
    def until(self) -> int:
        """When the day is over, ns UTC; later while a result waits for an official close."""
        over = max(self.session.product_close(root) for root in self.roots) + AFTER_CLOSE
        return over + FOR_OFFICIAL if self._awaits else over

    @property
    def grace(self) -> int:
        """How long a timer waits for data of its instant, ns of the market."""
        return round(GRACE_SECONDS * self.speed * SECOND)

    @property
    def leap(self) -> int:
        """A timer overdue for longer is not played at its own instant: the machine slept; ns of the market."""
        return round(LEAP_SECONDS * self.speed * SECOND)

    def events(self) -> Iterator[AnyEvent]:
        """What is past, the session's start first."""
        yield SessionStart(
            ts_known=self.opened, ts_event=self.opened, day=self.day, grace=self.grace, installation=self.installation
        )
        yield from self.past

    def timeline(self, events: Iterator[AnyEvent]) -> LiveTimeline:
        """``events``, then what comes."""
        return LiveTimeline(events, self.feed.take, self.clock, lambda: self.until, self.grace, self.leap)

    def pacer(self) -> LivePacer:
        """The market's own pace."""
        return LivePacer(self.clock, self.speed)

    def start(self, wake: Callable[[], None]) -> None:
        """Begin to listen; ``wake`` is called from any thread when something has come."""
        listed = (event.instruments for event in self.past if isinstance(event, Listing))
        self.feed.start([each for some in listed for each in some], wake)

    def streamed(self) -> Collection[str]:
        """Options whose quotes stream; others have those that were asked for."""
        return self.feed.streamed

    def hold(self, contracts: frozenset[Contract]) -> None:
        """Keep these subscribed."""
        if contracts != self._held:
            self._held.clear()
            self._held.update(contracts)
            self.feed.hold(contracts)

    def await_closes(self, roots: frozenset[str]) -> None:
        """Results of these roots wait for an official close."""
        self._awaits.clear()
        self._awaits.update(roots)


def awaited_closes(engine: Engine) -> frozenset[str]:
    """Roots of which something has settled provisionally and whose official close is told after the day: of funds."""
    portfolio = engine.state.portfolio
    return frozenset(
        each.root for each in portfolio if each.provisional and product(each.root).settlement == "physical"
    )


def held_contracts(engine: Engine) -> frozenset[Contract]:
    """What is held in a trade or an order works on."""
    state = engine.state
    trades = (contract for trade in state.portfolio.open_trades for contract in trade.standing.held)
    orders = (leg.contract for order in state.orders.working() for leg in order.package.legs)
    return frozenset((*trades, *orders))
