"""How the data streams write: feeds and their channels, errors by code, msgpack or JSON, many messages a frame."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgpack  # type: ignore[import-untyped]

from engine.clock import SECOND
from engine.venue.data_wire import OPTION_EXCHANGE, Fields, as_json, as_msgpack

ERRORS: dict[int, str] = {
    400: "invalid syntax",
    401: "not authenticated",
    402: "auth failed",
    403: "already authenticated",
    404: "auth timeout",
    405: "symbol limit exceeded",
    406: "connection limit exceeded",
    407: "slow client",
    409: "insufficient subscription",
    410: "invalid subscribe action for this feed",
    412: "option messages are only available in MsgPack format",
    413: "star symbol is not allowed for option quotes",
}

OPTION_CHANNELS = ("trades", "quotes")
STOCK_CHANNELS = ("trades", "quotes", "bars", "updatedBars", "dailyBars", "statuses", "lulds")
WITH_TRADES = ("corrections", "cancelErrors")
"""Channels that come with a stock's trades without being asked for."""

MOST_IN_FRAME = 512


@dataclass(frozen=True, slots=True)
class Feed:
    """One endpoint.

    Attributes:
        most_quotes: symbols of quotes that a connection may have; 0: any number.
        delayed: trades come 15 minutes late. bought: the account's plan must have it.
    """

    path: str
    options: bool
    most_quotes: int = 0
    delayed: bool = False
    bought: bool = False

    @property
    def channels(self) -> tuple[str, ...]:
        """What can be subscribed to."""
        return OPTION_CHANNELS if self.options else STOCK_CHANNELS


FEEDS = (
    Feed("/v1beta1/indicative", options=True, most_quotes=200, delayed=True),
    Feed("/v1beta1/opra", options=True, most_quotes=1000, bought=True),
    Feed("/v2/iex", options=False),
    Feed("/v2/sip", options=False, bought=True),
)


class Message:
    """What is told of one symbol, written once for all connections of a kind."""

    __slots__ = ("_binary", "_text", "channel", "fields", "symbol")

    def __init__(self, kind: str, channel: str, symbol: str, fields: Fields) -> None:
        self.channel = channel
        self.symbol = symbol
        self.fields: Fields = {"T": kind, "S": symbol, **fields}
        self._binary: bytes | None = None
        self._text: bytes | None = None

    def write(self, binary: bool) -> bytes:
        """As msgpack or as JSON."""
        if binary:
            if self._binary is None:
                self._binary = msgpack.packb(as_msgpack(self.fields))
            return self._binary
        if self._text is None:
            self._text = json.dumps(as_json(self.fields), separators=(",", ":")).encode()
        return self._text


class OptionQuote:
    """An option's quote, which is msgpack only; what is told most, and so written without looking at its fields."""

    __slots__ = ("_packed", "symbol")

    channel = "quotes"

    def __init__(self, symbol: str, packed: bytes) -> None:
        self.symbol = symbol
        self._packed = packed

    def write(self, binary: bool) -> bytes:  # noqa: ARG002  # as ``Message.write``
        """As msgpack."""
        return self._packed


Told = Message | OptionQuote


def option_quote_head(symbol: str) -> bytes:
    """What every quote of an option begins with, up to the time."""
    packed: bytes = msgpack.packb(symbol)
    return b"\x8a\xa1T\xa1q\xa1S" + packed + b"\xa1t\xd7\xff"


_EXCHANGE = b"\xa1" + OPTION_EXCHANGE.encode()
_QUOTE = struct.Struct(">Q9sd4sI9sd4sI4s")
_BID = b"\xa2bx" + _EXCHANGE + b"\xa2bp\xcb"
_ASK = b"\xa2ax" + _EXCHANGE + b"\xa2ap\xcb"


def option_quote_tail(ts: int, bid: float, ask: float, bid_size: int, ask_size: int) -> bytes:
    """The rest: when, ns UTC, dollars and contracts; fields as of ``data_wire.option_quote``."""
    seconds, rest = divmod(ts, SECOND)
    return _QUOTE.pack(
        rest << 34 | seconds, _BID, bid, b"\xa2bs\xce", bid_size, _ASK, ask, b"\xa2as\xce", ask_size, b"\xa1c\xa1A"
    )


def write(message: dict[str, Any], binary: bool) -> bytes:
    """A message of the protocol itself."""
    packed: bytes = msgpack.packb(message) if binary else json.dumps(message, separators=(",", ":")).encode()
    return packed


def frames(messages: Sequence[bytes], binary: bool, most: int = MOST_IN_FRAME) -> list[bytes]:
    """Lists of ``most`` messages each, the last of fewer, in order."""
    parts = [messages[n : n + most] for n in range(0, len(messages), most)]
    if binary:
        packer = msgpack.Packer()
        return [packer.pack_array_header(len(part)) + b"".join(part) for part in parts]
    return [b"[" + b",".join(part) + b"]" for part in parts]


def read(data: bytes | str) -> dict[str, Any] | None:
    """A client's message: msgpack in a binary frame, JSON in a text frame; None for what is neither."""
    try:
        found = json.loads(data) if isinstance(data, str) else msgpack.unpackb(data)
    except (ValueError, msgpack.UnpackException, RecursionError):
        return None
    return found if isinstance(found, dict) and all(isinstance(key, str) for key in found) else None
