"""One day's market as Alpaca streams it: a ``LiveFeed`` of option quotes, fund prices and index values.

A thread of its own runs the streams; another makes REST requests. The session's thread only ever takes what is there.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any

from engine.alpaca.keys import Keys
from engine.calendar import Session
from engine.clock import MINUTE, Clock
from engine.config.alpaca import AlpacaTable
from engine.events import AnyEvent, FeedStatus
from engine.feed.alpaca import reference
from engine.feed.alpaca.asking import Asking, Errands
from engine.feed.alpaca.catching_up import LASTING_RETRY, DaySoFar, funds_of, wait_seconds
from engine.feed.alpaca.closes import TodaysCloses
from engine.feed.alpaca.conflate import Conflator
from engine.feed.alpaca.history_errors import HistoryError
from engine.feed.alpaca.spot import Pairs, pairs_of, stand
from engine.feed.alpaca.status import Status, told_of
from engine.feed.alpaca.stream import OptionStream, StockStream
from engine.feed.alpaca.window import LIMITS, Window, step
from engine.types import SCALE, Contract, Instrument, Price, product

log = logging.getLogger(__name__)

TEND_SECONDS = 0.05
_FOLLOW_SECONDS = 1.0
_FIRST_LOOK_SECONDS = 5.0
"""So long quotes wait for the snapshots that tell where spot is; then they are subscribed around the middle."""
_LIST_AGAIN_SECONDS = 900.0
_FIRST_TRADES = 2 * MINUTE
"""So long after the open a session that began before it asks for the day so far."""
_END_SECONDS = 3.0
_ROUNDS = 8


class AlpacaFeed:
    """See ``LiveFeed``. Prices of funds are those of their trades, as on the tape; of indices their values, where the
    plan has them; option chains are of today's expiry, first from snapshots, then from the stream.

    Args:
        roots: option roots, such as SPXW and SPY. day: the session that is traded.
        clock: market time. speed: how many times as fast as the machine's it goes; what waits for the machine or the
            network (back-off, silence, requests) is in seconds of the machine.
        trading_url: see ``Asking``.
    """

    def __init__(
        self,
        keys: Keys,
        table: AlpacaTable,
        roots: tuple[str, ...],
        day: Session,
        clock: Clock,
        *,
        speed: float = 1.0,
        trading_url: str = "",
    ) -> None:
        self._keys, self._table, self._roots, self._day, self._clock = keys, table, roots, day, clock
        self._speed = speed
        self._funds = funds_of(roots)
        self._window = Window(LIMITS[table.option_feed])
        self._held: frozenset[Contract] = frozenset()
        self._wake: Callable[[], None] = lambda: None
        self._book = Conflator((), lambda: None)
        self._asking = Asking(keys, table, lambda text: log.info("%s", text), trading_url=trading_url)
        self._past = DaySoFar(self._asking, table, day, clock, self._book, roots)
        self._options = OptionStream(keys, table, self._hear)
        self._stocks = StockStream(keys, table, self._hear)
        self._contracts: dict[str, list[Contract]] = {}
        self._symbols: dict[str, Contract] = {}
        self._pairs: dict[str, Pairs] = {}
        self._trouble = ""  # what keeps contracts from being listed
        self._status = Status("stale", "connecting to Alpaca")
        self._told: Status | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._poke: asyncio.Event | None = None
        self._closed = False

    # The session's thread

    def start(self, known: Sequence[Instrument], wake: Callable[[], None]) -> None:
        """Begin; see ``LiveFeed.start``."""
        self._wake = wake
        self._book = Conflator(known, wake)
        self._past = DaySoFar(self._asking, self._table, self._day, self._clock, self._book, self._roots)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="alpaca feed", daemon=True)
        self._thread.start()

    def take(self, now: int) -> list[AnyEvent]:
        """What has come; see ``LiveFeed.take``."""
        events = self._book.take(now)
        status = self._status
        if status != self._told:
            self._told = status
            seq = self._book.next_seq()
            events.append(FeedStatus(ts_known=now, ts_event=now, seq=seq, state=status.state, text=status.text))
        return events

    def hold(self, contracts: Collection[Contract]) -> None:
        """What stays subscribed; see ``LiveFeed.hold``."""
        held = frozenset(contracts)
        if held != self._held:
            self._held = held
            self._call(lambda: self._poke.set() if self._poke is not None else None)

    @property
    def streamed(self) -> frozenset[str]:
        """What streams; see ``LiveFeed.streamed``."""
        return self._options.subscriptions.wanted["quotes"]

    def close(self) -> None:
        """Hang up."""
        self._closed = True
        self._call(lambda: self._stop.set() if self._stop is not None else None)
        if self._thread is not None:
            self._thread.join(_END_SECONDS)

    @property
    def figures(self) -> dict[str, Any]:
        """How it goes, for people and metrics: counts since the start, ages in seconds of the machine."""
        now, streams = time.monotonic(), (self._options, self._stocks)
        found: dict[str, Any] = dict(self._book.counted)
        for name in ("frames", "reconnects", "slow"):
            found[name] = sum(getattr(each, name) for each in streams)
        found["unreadable"] = self._book.counted["unreadable"] + sum(each.unreadable for each in streams)
        found["mutes"] = sum(each.silence.mutes for each in streams)
        found["acks_missing"] = sum(each.subscriptions.missing for each in streams)
        found["refused"] = sum(each.subscriptions.refused for each in streams)
        found["requests"] = self._asking.sent
        found["listed"] = len(self._book.instruments)
        found["subscribed"] = len(self._options.subscriptions.confirmed["quotes"])
        found["limit"] = self._limit
        found["option_stream"], found["stock_stream"] = self._options.state, self._stocks.state
        found["option_age"], found["stock_age"] = (each.silence.age(now) for each in streams)
        found["state"], found["text"] = self._status
        return found

    # The feed's thread

    def _hear(self, messages: list[Any]) -> tuple[int, list[Any]]:
        return self._book.hear(messages)

    def _call(self, what: Callable[[], object]) -> None:
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # it has ended
                loop.call_soon_threadsafe(what)

    def _run(self) -> None:
        loop = self._loop
        assert loop is not None
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self._live())
        except Exception:
            log.exception("the feed ended")
            self._turn(Status("down", "the feed ended: a defect, see the log"))
        finally:
            loop.close()

    async def _live(self) -> None:
        self._stop, self._poke = asyncio.Event(), asyncio.Event()
        if self._closed:
            return
        errands = Errands(asyncio.get_running_loop())
        parts = [self._options.live(), self._prepare(errands), self._tend(errands)]
        if self._funds:
            parts.append(self._stocks.live())
        if self._table.index_seconds:
            parts.append(self._past.watch_values(errands))
        closes = TodaysCloses(
            self._asking, self._day, self._clock, self._book, self._funds, self._roots, self._past.notes
        )
        parts.append(closes.watch(errands, lambda: self._held))
        tasks = [asyncio.create_task(part) for part in parts]  # asyncio itself keeps them but weakly
        try:
            await self._stop.wait()
        finally:
            tasks.clear()
            errands.end()
            await asyncio.gather(self._options.end(), self._stocks.end(), return_exceptions=True)
            await _none_left()
            self._asking.close()

    # What there is

    async def _prepare(self, errands: Errands) -> None:
        self._list([each for each in self._book.instruments if isinstance(each, Contract)])  # of a restarted session
        tries = 0
        while (wait := await self._listed(errands)) is not None:
            tries += 1
            self._follow()  # what is known from before a restart
            await asyncio.sleep(max(wait, wait_seconds(tries)))
        if self._funds:
            self._stocks.want(frozenset(self._funds))
        first = asyncio.ensure_future(self._past.catch_up(errands, self._contracts))
        await asyncio.wait({first}, timeout=_FIRST_LOOK_SECONDS)
        self._follow()
        await first
        if self._table.index_seconds:
            await self._past.closes(errands)
        if self._clock.now() < self._day.open:  # neither volumes nor, perhaps, open interest are told before there are
            while self._clock.now() < self._day.open + _FIRST_TRADES:
                await asyncio.sleep(TEND_SECONDS)
            await self._listed(errands)
            await self._past.catch_up(errands, self._contracts)
        while True:  # strikes are added when the market moves far
            await asyncio.sleep(_LIST_AGAIN_SECONDS)
            await self._listed(errands)

    async def _listed(self, errands: Errands) -> float | None:
        """Read today's contracts and list them; None, or where they cannot be read, seconds to wait at least."""
        found = []
        try:
            for root in self._roots:
                found += await errands.do(lambda root=root: reference.contracts_of(self._asking, root, self._day.day))  # type: ignore[misc]
        except HistoryError as error:
            mend = "; `zdte-tui login` stores and checks keys" if error.fault == "keys" else ""
            self._trouble = f"contracts: {str(error).rstrip(chr(46))}{mend}"
            log.warning("%s", self._trouble)
            return LASTING_RETRY if error.fault in ("keys", "plan") else 0.0
        self._trouble = ""
        self._book.list_new(reference.listing(self._roots, found, family=self._table.index_seconds > 0))
        self._list([one.contract for one in found])
        self._past.take_interest(found)
        return None

    def _list(self, contracts: Sequence[Contract]) -> None:
        today = [each for each in contracts if each.expiry == self._day.day and each.root in self._roots]
        self._symbols |= {each.symbol: each for each in today}
        for root in self._roots:
            self._contracts[root] = sorted(each for each in self._symbols.values() if each.root == root)
            self._pairs[root] = pairs_of(self._contracts[root], self._book.index)

    # What is subscribed

    @property
    def _limit(self) -> int:
        most = self._options.subscriptions.most
        return LIMITS[self._table.option_feed] if most is None else min(most, LIMITS[self._table.option_feed])

    def _follow(self) -> bool:
        """Subscribe to what the window says, a step at a time; whether more of them follow."""
        listed = {root: contracts for root, contracts in self._contracts.items() if contracts}
        if not listed:
            return False
        held = self._held
        self._book.list_new(sorted(held))  # what nobody has listed is held all the same
        self._symbols |= {each.symbol: each for each in held}
        spots: dict[str, Price] = {}
        moves: dict[str, Price] = {}
        newest = self._book.newest()
        for root in listed:
            found = stand(self._pairs[root], *newest)
            if found is not None:
                spots[root], moves[root] = found
                continue
            row = self._book.index.get(product(root).underlying)
            price = None if row is None else self._book.price(row)
            if price is not None:
                spots[root] = round(price * SCALE)
        self._window.limit = self._limit
        wanted = self._window.choose(listed, spots, moves, held)
        asked = self._options.subscriptions
        there = frozenset(self._symbols[each] for each in asked.confirmed["quotes"] if each in self._symbols)
        chosen = step(there, wanted, held, self._limit) if there else wanted
        self._options.want(frozenset(each.symbol for each in chosen))
        return chosen != wanted

    async def _tend(self, errands: Errands) -> None:
        """Look after everything, for as long as the feed lives."""
        followed, read = 0.0, 0
        behind: asyncio.Task[None] | None = None
        assert self._poke is not None
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._poke.wait(), TEND_SECONDS)
            now = time.monotonic()
            try:
                is_open = self._day.open <= self._clock.now() < self._closes_at
                await self._options.tend(now, is_open)
                await self._stocks.tend(now, is_open)
                if self._may_follow and (now - followed >= _FOLLOW_SECONDS or self._poke.is_set()):
                    followed = 0.0 if self._follow() else now
                    self._poke.clear()
                made = self._options.acks + self._stocks.acks
                if made != read and (behind is None or behind.done()):
                    read = made
                    behind = asyncio.ensure_future(self._past.catch_up(errands, self._contracts))
                self._turn(told_of(self._options, self._stocks if self._funds else None, self._trouble, self._said))
            except Exception:  # one round that fails must not end the feed
                log.exception("the feed")
            self._poke.clear()

    @property
    def _may_follow(self) -> bool:
        asked = self._options.subscriptions
        refused = asked.refused > 0 and not any(asked.wanted.values())
        return refused or (self._options.state == "up" and not asked.waiting)

    @property
    def _closes_at(self) -> int:
        return max(self._day.product_close(root) for root in self._roots)

    @property
    def _said(self) -> tuple[str, ...]:
        notes = dict(self._past.notes)
        most = self._options.subscriptions.most
        if most is not None:
            notes["most"] = f"Alpaca takes no more than {most} symbols of quotes here"
        return tuple(notes.values())

    def _turn(self, status: Status) -> None:
        if status != self._status:
            self._status = status
            log.info("feed %s: %s", status.state, status.text)
            self._wake()


async def _none_left() -> None:
    """End every other task of the loop, and those that they begin while they end, such as a connection's closing."""
    for _ in range(_ROUNDS):
        left = asyncio.all_tasks() - {asyncio.current_task()}
        if not left:
            return
        for task in left:
            task.cancel()
        done, _ = await asyncio.wait(left, timeout=0.2)
        for task in done:
            if not task.cancelled():
                task.exception()  # looked at: nobody needs to hear of it any more
