"""What the parts of the core share: the state of one session, and the records of the event at hand."""

from __future__ import annotations

import datetime as dt
import heapq
from typing import Any, Literal, TypeVar

from engine.calendar import NotASession, Session, previous_session, session
from engine.config import Config
from engine.core.elsewhere import IN_THE_DARK, another_session, own_id
from engine.core.manual_state import Annotation, Hands
from engine.events import AnyRecord, NoticeRecord, Record
from engine.market import Chain, Chains, Market, VixReading, read_vix
from engine.orders import OrderTable
from engine.portfolio import Portfolio
from engine.risk import TradingStates
from engine.types import ClientOrderId, Money

R = TypeVar("R", bound=Record)


class SessionState:
    """One session: market, orders, trades, trading state, counters and timers.

    Attributes:
        now: the engine's time, ns UTC, where the last event was. seq: number of the event at hand.
        records: what the event at hand wants remembered.
        revision: grows with each record, so that a loop can tell whether anything happened.
        dealings: grows whenever a trade, an order or an exit may have changed, so that what is made of them is kept.
        tallies: what strategies counted, for the summary.
        versions: of strategies, by name and root, for their orders.
        last_intent, last_trade, last_order: the newest number given; last_marks: the minute (since 1970) last marked.
        marks_at: when open trades are to be marked again, ns UTC.
        hands: what people have ordered that outlives the order.
    """

    def __init__(self, config: Config, day: Session, account: str, roots: tuple[str, ...], chains: Chains) -> None:
        self.config = config
        self.session = day
        self.account = account
        self.roots = roots
        self.chains = chains
        self.market: Market = chains.market
        self.orders = OrderTable()
        self.portfolio = Portfolio()
        self.states = TradingStates()
        self.hands = Hands()
        self.equity: Money = config.account.equity_units
        self.epoch = 0
        self.installation = ""
        self.now = 0
        self.began = 0  # when the session began to look, ns UTC; 0 where nothing says it
        self.seq = 0
        self.records: list[AnyRecord] = []
        self.revision = 0
        self.dealings = 0
        self.tallies: dict[str, int] = {}
        self.versions: dict[tuple[str, str], str] = {}
        self.last_intent = 0
        self.last_trade = 0
        self.last_order = 0
        self.last_marks = -1
        self.marks_at = 0
        self._wakes: list[int] = []
        self._closes: dict[tuple[str, dt.date], int] = {}
        self._fees: dict[str, Money] = {}
        self._max_quote_age = config.fills.max_quote_age_ns

    def advance(self, instant: int) -> None:
        """Move to ``instant``; time never goes back."""
        self.now = max(self.now, instant)

    @property
    def annotations(self) -> dict[int, Annotation]:
        """Notes and tags that people have written on trades, by trade."""
        return self.hands.annotations

    @property
    def max_age(self) -> int:
        """How old a quote may be to count, ns; -1, which no quote is, while the feed says that it is not live, or was
        silent for too long with something held."""
        live = self.market.feed.state == "ok" and "STALE_FEED" not in self.states.breakers
        return self._max_quote_age if live else -1

    def record(self, row_type: type[R], /, **fields: Any) -> R:
        """Write a record of the event at hand."""
        row = row_type(seq=self.seq, ts=self.now, account=self.account, **fields)
        self.keep(row)  # type: ignore[arg-type]
        return row

    def keep(self, row: AnyRecord) -> None:
        """Take up a record of the event at hand."""
        self.records.append(row)
        self.revision += 1

    def notice(self, level: Literal["info", "warning", "alarm"], source: str, text: str) -> None:
        """Write a line for the log."""
        self.record(NoticeRecord, level=level, source=source, text=text)

    def wake(self, at: int) -> None:
        """Ask for a timer at ``at``; what is past is not asked for."""
        if at > self.now and at not in self._wakes:
            heapq.heappush(self._wakes, at)

    def next_wake(self) -> int | None:
        """The next instant a timer is wanted for."""
        asked = self.next_asked()
        if self.marks_at <= self.now:
            return asked
        return self.marks_at if asked is None else min(asked, self.marks_at)

    def next_asked(self) -> int | None:
        """The same, but for the minute's marks."""
        while self._wakes and self._wakes[0] <= self.now:
            heapq.heappop(self._wakes)
        return self._wakes[0] if self._wakes else None

    def next_order_id(self, in_the_dark: bool = False) -> str:
        """A client order id never used before; ``in_the_dark``: of an order that leaves without having been written."""
        self.last_order += 1
        own = str(ClientOrderId(self.account, self.session.day, self.epoch, self.last_order, self.installation))
        return IN_THE_DARK + own if in_the_dark else own

    def is_own_id(self, client_order_id: str) -> bool:
        """Whether a session of this account and installation gives such an id."""
        return own_id(client_order_id, self.account, self.installation)

    def sender(self, client_order_id: str) -> str:
        """Which other zdte-tui session sent an order, in words; empty where none has."""
        return another_session(client_order_id, self.account, self.installation)

    def chain(self, root: str, expiry: dt.date) -> Chain | None:
        """The chain of an expiry as of now; None before anything of it is listed. Priced once an instant at most."""
        try:
            close = self.expiry_close(root, expiry)
        except (KeyError, NotASession, OverflowError):
            return None  # a person may name a root or a day that nobody lists
        return self.chains.at(root, expiry, self.now, close, self.max_age)

    def expiry_close(self, root: str, expiry: dt.date) -> int:
        """When trading of an expiry ends, ns UTC."""
        known = self._closes.get((root, expiry))
        if known is None:
            known = self._closes[root, expiry] = self._close_of(expiry).product_close(root)
        return known

    def _close_of(self, expiry: dt.date) -> Session:
        if expiry == self.session.day:
            return self.session
        try:
            return session(expiry)
        except NotASession:
            return previous_session(expiry)

    def vix(self, root: str) -> VixReading:
        """The VIX to size by; the chain that implies one is the one that expires today."""
        return read_vix(self.market, self.session.day, self.now, self.chain(root, self.session.day))

    def fee_each(self, root: str) -> Money:
        """The most one contract can cost in fees: what estimates reckon with."""
        fee = self._fees.get(root)
        if fee is None:
            fee = self._fees[root] = self.config.fees.dearest_units(root, self.session.day)
        return fee
