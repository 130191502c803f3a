"""What Alpaca has of past days, through its SDK: contracts, minute bars and trades of options, minute bars of funds.

There are no historical option quotes at Alpaca: a price from here is one that somebody traded at.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from alpaca.common.exceptions import APIError
from alpaca.data.enums import Adjustment, DataFeed
from alpaca.data.historical import OptionHistoricalDataClient, StockHistoricalDataClient
from alpaca.data.requests import OptionBarsRequest, OptionTradesRequest, StockBarsRequest
from alpaca.data.timeframe import TimeFrame
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import AssetStatus
from alpaca.trading.requests import GetOptionContractsRequest

from engine.alpaca.bucket import TokenBucket
from engine.alpaca.keys import Keys
from engine.clock import SECOND
from engine.config.alpaca import AlpacaTable
from engine.feed.alpaca.history_errors import HistoryError
from engine.feed.alpaca.history_requests import PacedSession
from engine.feed.alpaca.history_rows import Listed, Read, bars, listed, trades
from engine.types import Contract, Price, product, strike_text

_OWN: Final = ".alpaca.markets"
_BARS_AT_ONCE: Final = 25  # contracts: their minutes of a day just fit a page of 10,000
_TRADES_AT_ONCE: Final = 4  # the busiest have tens of thousands a day
_CONTRACTS_A_PAGE: Final = 1000


class History:
    """The past at Alpaca, or at what speaks its protocols.

    Args:
        table: its addresses and time limits.
        keys: of the paper account.
        requests_a_minute: of the data API.
        told: hears in a line of every wait that a person would wonder about.

    All methods raise ``HistoryError``.
    """

    def __init__(self, table: AlpacaTable, keys: Keys, requests_a_minute: int, told: Callable[[str], None]) -> None:
        limits = (table.connect_seconds, table.read_seconds)
        self._data = PacedSession(TokenBucket(requests_a_minute, 0, time.monotonic_ns), limits, told)
        # Orders that close have their share of the trading API, whoever sends them meanwhile.
        bucket = TokenBucket(table.requests_a_minute, table.reserve, time.monotonic_ns)
        self._trading = PacedSession(bucket, limits, told)
        pair = (keys.key_id, keys.secret)
        self._options = OptionHistoricalDataClient(*pair, raw_data=True, url_override=table.data_url)
        self._stocks = StockHistoricalDataClient(*pair, raw_data=True, url_override=table.data_url)
        self._contracts = TradingClient(*pair, raw_data=True, url_override=table.trading_url)
        for client, session in (
            (self._options, self._data), (self._stocks, self._data), (self._contracts, self._trading),
        ):  # fmt: skip
            client._session.close()
            client._session, client._retry = session, 0
        self.host = urlsplit(table.data_url).hostname or ""

    @property
    def is_alpaca(self) -> bool:
        """Whether the data come from Alpaca itself; of another server nobody knows what its prices are."""
        return self.host.endswith(_OWN)

    @property
    def sent(self) -> int:
        """Requests so far."""
        return self._data.sent + self._trading.sent

    def begin(self) -> None:
        """What comes from now on is hashed anew."""
        self._data.digest, self._trading.digest = hashlib.sha256(), hashlib.sha256()

    def sha256(self) -> str:
        """Hash of all answers since ``begin``: of the data API's, then of the trading API's."""
        both = self._data.digest.digest() + self._trading.digest.digest()
        return hashlib.sha256(both).hexdigest()

    def close(self) -> None:
        """Close the connections."""
        self._data.close()
        self._trading.close()

    def listing(self, root: str, day: dt.date, lowest: Price, highest: Price) -> Read:
        """``Listed`` contracts of ``root`` that expire on ``day``, strikes from ``lowest`` to ``highest``.

        Those that have expired are no longer active, so both states are asked for.
        """
        found: dict[Contract, Listed] = {}
        bad = 0
        for status in (AssetStatus.INACTIVE, AssetStatus.ACTIVE):
            token: str | None = None
            while True:
                answer: Any = self._ask(
                    self._contracts.get_option_contracts,
                    GetOptionContractsRequest(
                        underlying_symbols=[product(root).underlying],
                        root_symbol=root,
                        status=status,
                        expiration_date_gte=day,
                        expiration_date_lte=day,
                        strike_price_gte=strike_text(lowest),
                        strike_price_lte=strike_text(highest),
                        limit=_CONTRACTS_A_PAGE,
                        page_token=token,
                    ),
                )
                read = listed(answer.get("option_contracts") or ())
                bad += read.bad
                for one in read.rows:
                    contract = one.contract
                    if contract.root == root and contract.expiry == day and lowest <= contract.strike <= highest:
                        found[contract] = one
                token = answer.get("next_page_token")
                if not token:
                    break
        return Read([found[contract] for contract in sorted(found)], bad)

    def option_bars(self, contracts: Sequence[Contract], start: int, end: int) -> Iterator[dict[Contract, Read]]:
        """Minute bars that start from ``start`` up to ``end`` (ns UTC, ``end`` excluded), some contracts at a time.

        A contract that nobody traded has an empty list.
        """
        for some in _pieces(contracts, _BARS_AT_ONCE):
            request = OptionBarsRequest(
                symbol_or_symbols=[one.symbol for one in some],
                timeframe=TimeFrame.Minute,
                start=_utc(start),
                end=_utc(end - SECOND),
            )
            yield _by_contract(self._ask(self._options.get_option_bars, request), some, bars)

    def option_trades(self, contracts: Sequence[Contract], start: int, end: int) -> Iterator[dict[Contract, Read]]:
        """Every trade from ``start`` to ``end`` (ns UTC), some contracts at a time."""
        for some in _pieces(contracts, _TRADES_AT_ONCE):
            request = OptionTradesRequest(
                symbol_or_symbols=[one.symbol for one in some], start=_utc(start), end=_utc(end)
            )
            yield _by_contract(self._ask(self._options.get_option_trades, request), some, trades)

    def stock_bars(self, symbol: str, start: int, end: int) -> Read:
        """Minute bars of a fund that start from ``start`` up to ``end`` (ns UTC, ``end`` excluded), not adjusted.

        Of all exchanges (SIP), which any plan has of more than 15 minutes ago.
        """
        request = StockBarsRequest(
            symbol_or_symbols=[symbol],
            timeframe=TimeFrame.Minute,
            start=_utc(start),
            end=_utc(end - SECOND),
            feed=DataFeed.SIP,
            adjustment=Adjustment.RAW,
        )
        found = self._ask(self._stocks.get_stock_bars, request)
        return bars(_rows(found, symbol))

    def _ask(self, method: Callable[[Any], Any], request: Any) -> Any:
        try:
            found = method(request)
        except APIError as error:  # the session lets none through; another SDK may have its own
            raise HistoryError("request", str(error)[:200]) from None
        except (AttributeError, TypeError, ValueError, KeyError):
            raise HistoryError("answer", f"{self.host}: its answer is not of the form that is documented") from None
        if not isinstance(found, dict):
            raise HistoryError("answer", f"{self.host}: its answer is not of the form that is documented")
        return found


def _pieces(contracts: Sequence[Contract], size: int) -> Iterator[Sequence[Contract]]:
    for at in range(0, len(contracts), size):
        yield contracts[at : at + size]


def _by_contract(found: Any, asked: Sequence[Contract], read: Callable[[Any], Read]) -> dict[Contract, Read]:
    """What came of each contract that was asked for; nothing else is taken."""
    return {contract: read(_rows(found, contract.symbol)) for contract in asked}


def _rows(found: Any, symbol: str) -> list[Any]:
    rows = found.get(symbol) or []
    if not isinstance(rows, list):
        raise HistoryError("answer", f"{symbol}: a list is due where a {type(rows).__name__} came")
    return rows


def _utc(ns: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ns // SECOND, dt.UTC)
