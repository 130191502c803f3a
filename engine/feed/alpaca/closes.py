"""Today's official closes, once Alpaca can tell them: of SPY and QQQ by their daily bar; of indices it has none."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Collection, MutableMapping

from alpaca.data.enums import Adjustment, DataFeed
from alpaca.data.requests import StockBarsRequest
from alpaca.data.timeframe import TimeFrame

from engine.calendar import Session, date_of, from_new_york
from engine.clock import MINUTE, SECOND, Clock
from engine.events import DailyClose
from engine.feed.alpaca.asking import Asking, Errands
from engine.feed.alpaca.conflate import Conflator
from engine.feed.alpaca.history_errors import HistoryError
from engine.feed.alpaca.history_rows import bars
from engine.types import Contract, Price, product

log = logging.getLogger(__name__)

TOLD_AFTER = 16 * MINUTE
"""After a product's close: the smallest plan is told SIP's prints fifteen minutes late."""
_AUCTION = MINUTE
"""After the session's close: the listing exchange has printed its closing auction by then."""
_LOOK_SECONDS = 0.2
_RETRY_SECONDS = 2.0
_LASTING = ("keys", "plan", "request")


def official_close(asking: Asking, symbol: str, day: Session) -> Price | None:
    """The close of a fund's consolidated bar of ``day``, which the closing auction sets; None where there is none yet.

    Raises ``HistoryError``. SIP whatever the configured feed: the last trade at IEX is no official close.
    """
    request = StockBarsRequest(
        symbol_or_symbols=[symbol],
        timeframe=TimeFrame.Day,
        start=_utc(from_new_york(day.day, dt.time())),
        end=_utc(day.close + _AUCTION),
        feed=DataFeed.SIP,
        adjustment=Adjustment.RAW,
    )
    rows = asking.ask(asking.stocks.get_stock_bars, request).get(symbol)
    found = [bar.close for bar in bars(rows if isinstance(rows, list) else ()).rows if date_of(bar.start) == day.day]
    return found[-1] if found else None


class TodaysCloses:
    """Asks for them and puts them into the book; on the feed's loop, requests on their own thread.

    Args:
        funds, roots: what trades as shares, and the roots of the session. notes: what could not be had, a line each.
    """

    def __init__(
        self,
        asking: Asking,
        day: Session,
        clock: Clock,
        book: Conflator,
        funds: tuple[str, ...],
        roots: tuple[str, ...],
        notes: MutableMapping[str, str],
    ) -> None:
        self._asking, self._day, self._clock, self._book = asking, day, clock, book
        self._notes = notes
        by_fund = ((product(root).underlying, day.product_close(root)) for root in roots)
        self._funds = {fund: closed for fund, closed in by_fund if fund in funds}
        self._indices = tuple(root for root in roots if product(root).underlying not in funds)

    async def watch(self, errands: Errands, held: Callable[[], Collection[Contract]]) -> None:
        """Wait for the close and ask; ``held``: the contracts that the session holds now."""
        held_last: dict[str, bool] = dict.fromkeys(self._indices, False)
        while held_last or self._funds:
            now = self._clock.now()
            for root in tuple(held_last):
                if now < self._day.product_close(root):
                    held_last[root] = any(each.root == root and each.expiry == self._day.day for each in held())
                elif held_last.pop(root):
                    self._say_none(product(root).underlying)
            for fund, closed in tuple(self._funds.items()):
                if now >= closed + TOLD_AFTER:
                    await self._ask(errands, fund)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _ask(self, errands: Errands, fund: str) -> None:
        try:
            found = await errands.do(lambda: official_close(self._asking, fund, self._day))
        except HistoryError as error:
            log.warning("the official close of %s: %s", fund, error)
            self._notes["close"] = f"no official close of {fund}: {error}"
            if error.fault in _LASTING:
                del self._funds[fund]
            await asyncio.sleep(_RETRY_SECONDS)
            return
        if found is None:
            self._notes["close"] = f"Alpaca has no daily bar of {fund} of today yet"
            await asyncio.sleep(_RETRY_SECONDS)
            return
        self._notes.pop("close", None)
        del self._funds[fund]
        day = self._day
        self._book.close(DailyClose(ts_known=0, ts_event=day.close, symbol=fund, day=day.day, close=found))

    def _say_none(self, symbol: str) -> None:
        self._notes[f"close {symbol}"] = (
            f"Alpaca tells no official close of {symbol}: what it settled stays PROVISIONAL; "
            "compare with Alpaca's activities of the next day"
        )


def _utc(ns: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ns // SECOND, dt.UTC)
