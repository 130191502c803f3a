"""``[alpaca]``: where Alpaca is, or what speaks its protocols, and how often it may be asked."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from engine.config.table import Table

_SCHEMES = {"http": ("http", "https"), "ws": ("ws", "wss")}


def _url(kind: str) -> AfterValidator:
    def check(value: str) -> str:
        found = urlsplit(value)
        if found.scheme not in _SCHEMES[kind] or not found.hostname:
            raise ValueError(f"write an address that begins with {' or '.join(f'{s}://' for s in _SCHEMES[kind])}")
        if found.username or found.password or found.query or found.fragment:
            raise ValueError("an address holds no name, password, query or fragment")
        return value.rstrip("/")

    return AfterValidator(check)


HttpUrl = Annotated[str, _url("http")]
WsUrl = Annotated[str, _url("ws")]


class AlpacaTable(Table):
    """``[alpaca]``: addresses without the paths the SDK adds, feeds, and limits.

    ``requests_a_minute`` is the trading API's; ``reserve`` of them are kept for orders that close. ``index_seconds``:
    between two looks at the values of SPX, XSP and VIX, which no stream tells; 0 looks never.
    """

    trading_url: HttpUrl = "https://paper-api.alpaca.markets"
    live_url: HttpUrl = "https://api.alpaca.markets"
    data_url: HttpUrl = "https://data.alpaca.markets"
    stream_url: WsUrl = "wss://stream.data.alpaca.markets"
    option_feed: Literal["indicative", "opra"] = "indicative"
    stock_feed: Literal["iex", "sip"] = "iex"
    requests_a_minute: Annotated[int, Field(ge=2, le=100_000)] = 200
    reserve: Annotated[int, Field(ge=0, le=100_000)] = 20
    connect_seconds: Annotated[float, Field(ge=0.1, le=60)] = 3
    read_seconds: Annotated[float, Field(ge=0.1, le=120)] = 10
    index_seconds: Annotated[float, Field(ge=0, le=600)] = 5
