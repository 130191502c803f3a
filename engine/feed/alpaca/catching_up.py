"""The day so far, handed on as known now: at the start, and again whenever a stream has missed something."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence

from engine.calendar import Session, previous_session
from engine.clock import Clock
from engine.config.alpaca import AlpacaTable
from engine.events import DailyClose
from engine.feed.alpaca import backfill
from engine.feed.alpaca.asking import Asking, Errands
from engine.feed.alpaca.conflate import Conflator
from engine.feed.alpaca.history_errors import HistoryError
from engine.feed.alpaca.history_rows import Listed
from engine.types import Contract, Price, Underlying, product

log = logging.getLogger(__name__)

_RETRY = (2.0, 60.0)
LASTING_RETRY = 120.0
"""Seconds to wait at least where keys or the plan are refused."""
_TRIES = 10
_NOT_HERE = ("plan", "request", "keys")
"""What a plan without index values answers; asking again does not help."""

Contracts = Mapping[str, Sequence[Contract]]


class DaySoFar:
    """Reads it and puts it into the book; all methods run on the feed's loop, requests on their own thread.

    Attributes:
        notes: what could not be had, a line each, by what it is about.
    """

    def __init__(
        self, asking: Asking, table: AlpacaTable, day: Session, clock: Clock, book: Conflator, roots: tuple[str, ...]
    ) -> None:
        self.notes: dict[str, str] = {}
        self._asking, self._table, self._day, self._clock, self._book = asking, table, day, clock, book
        self._closes: set[str] = set()
        self._funds = funds_of(roots)
        self._underlyings = tuple(product(root).underlying for root in roots)
        self._has_minutes = False
        self._interest: dict[Contract, Listed] = {}

    async def catch_up(self, errands: Errands, contracts: Contracts) -> None:
        """Read what the streams do not repeat, again until it was read. ``contracts``: listed, by root."""
        for tries in range(1, _TRIES):
            try:
                for fund in self._funds:
                    await self._read_fund(errands, fund)
                await self._read_indices(errands)
                for root, listed in contracts.items():
                    await self._read_chain(errands, root, listed)
            except HistoryError as error:
                log.warning("the day so far: %s", error)
                self.notes["day"] = f"the day so far is not known: {error}"
                await asyncio.sleep(LASTING_RETRY if error.fault in ("keys", "plan") else wait_seconds(tries))
            else:
                self.notes.pop("day", None)
                return

    def take_interest(self, contracts: Sequence[Listed]) -> None:
        """Open interest as it was listed; an old one is told."""
        known = {one.contract: one for one in contracts if one.open_interest is not None}
        if known != self._interest:
            self._interest = known
            self._book.interest({self._book.index[each.symbol]: one.open_interest or 0 for each, one in known.items()})
        newest = max((one.interest_day for one in known.values() if one.interest_day is not None), default=None)
        if newest is not None and newest < previous_session(self._day.day).day:
            self.notes["interest"] = f"open interest is of {newest}"

    async def _read_fund(self, errands: Errands, fund: str) -> None:
        asking, table, day, book = self._asking, self._table, self._day, self._book
        row, now = book.index[fund], self._clock.now()
        book.bars(row, await errands.do(lambda: backfill.bars_of(asking, table, fund, day, now)))
        seen = await errands.do(lambda: backfill.fund_of(asking, table, fund, day))
        if seen.trade is not None:
            book.snapshot_price(row, *seen.trade)
        if seen.volume is not None:
            book.start_volume(row, seen.volume, seen.trade[0] if seen.trade else now)
        if seen.closed is not None and fund not in self.closed:
            self._close(fund, seen.closed)

    async def _read_indices(self, errands: Errands) -> None:
        """Minutes of the indices under the roots, and of the VIX, once: values come by themselves from then on."""
        wanted = [symbol for symbol in self._indices if symbol in (*self._underlyings, "VIX")]
        if not self._table.index_seconds or "indices" in self.notes or self._has_minutes:
            return
        asking, day = self._asking, self._day
        for symbol in wanted:
            now = self._clock.now()
            try:
                minutes = await errands.do(
                    lambda symbol=symbol, now=now: backfill.index_minutes(asking, symbol, day, now)  # type: ignore[misc]
                )
            except HistoryError as error:
                if error.fault not in _NOT_HERE:
                    raise
                self._no_values(error)
                return
            self._book.bars(self._book.index[symbol], minutes)
        self._has_minutes = True

    async def _read_chain(self, errands: Errands, root: str, listed: Sequence[Contract]) -> None:
        asking, table, day, book = self._asking, self._table, self._day, self._book
        asked = self._clock.now()
        chain = await errands.do(lambda: backfill.chain_of(asking, table, root, day))
        book.counted["unreadable"] += chain.bad
        tells_volumes = any(seen.volume is not None for seen in chain.seen.values())
        for contract in listed:
            row, seen = book.index[contract.symbol], chain.seen.get(contract, backfill.NOTHING)
            if seen.quote is not None:
                book.snapshot_quote(row, seen.quote)
            if seen.trade is not None:
                book.snapshot_price(row, *seen.trade)
            if tells_volumes:
                # On the indicative feed the newest trade that is told is older than the volume.
                exact = seen.trade is not None and table.option_feed == "opra"
                book.start_volume(row, seen.volume or 0, seen.trade[0] if exact and seen.trade else asked)

    # Closes of the session before

    async def closes(self, errands: Errands) -> None:
        """Of the indices that the plan has; those of funds come with their snapshots."""
        for symbol in self._indices if "indices" not in self.notes else ():
            try:
                found = await errands.do(lambda symbol=symbol: backfill.index_close(self._asking, symbol, self._day))  # type: ignore[misc]
            except HistoryError as error:
                self._no_values(error)
                return
            if found is not None:
                self._close(symbol, found)

    @property
    def closed(self) -> frozenset[str]:
        """Symbols whose close is known."""
        return frozenset(self._closes)

    def _close(self, symbol: str, close: Price) -> None:
        before = previous_session(self._day.day)
        self._closes.add(symbol)
        self._book.close(DailyClose(ts_known=0, ts_event=before.close, symbol=symbol, day=before.day, close=close))

    # Index values

    async def watch_values(self, errands: Errands) -> None:
        """Ask for them now and then, as no stream tells them; never again where the plan has none."""
        while True:
            symbols = self._indices
            if symbols:
                try:
                    found = await errands.do(lambda symbols=symbols: backfill.values_of(self._asking, symbols))  # type: ignore[misc]
                except HistoryError as error:
                    if error.fault in _NOT_HERE:
                        self._no_values(error)
                        return
                    log.info("index values: %s", error)
                else:
                    for symbol, (when, value) in found.items():
                        self._book.snapshot_price(self._book.index[symbol], when, value)
            await asyncio.sleep(self._table.index_seconds if symbols else 0.2)

    @property
    def _indices(self) -> list[str]:
        """The indices that are listed."""
        listed = (each.symbol for each in self._book.instruments if isinstance(each, Underlying))
        return [symbol for symbol in listed if symbol not in self._funds]

    def _no_values(self, error: HistoryError) -> None:
        if "indices" not in self.notes:
            log.warning("no index values: %s", error)
        self.notes["indices"] = f"no index values: {error}"


def funds_of(roots: tuple[str, ...]) -> tuple[str, ...]:
    """The underlyings of ``roots`` that trade as shares."""
    return tuple(dict.fromkeys(product(root).underlying for root in roots if product(root).settlement == "physical"))


def wait_seconds(tries: int) -> float:
    """Before the next try, the ``tries``-th in a row has failed: doubled each time, with jitter."""
    first, longest = _RETRY
    return min(longest, first * 2.0 ** min(tries - 1, 10)) * random.uniform(0.5, 1.0)
