"""How the data streams write: feeds and their channels, errors by code, msgpack or JSON, many messages a frame."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgpack  # type: ignore[import-untyped]

from engine.venue.data_wire import Fields, as_json, as_msgpack

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

_MOST_IN_FRAME = 512


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


def write(message: dict[str, Any], binary: bool) -> bytes:
    """A message of the protocol itself."""
    packed: bytes = msgpack.packb(message) if binary else json.dumps(message, separators=(",", ":")).encode()
    return packed


def frames(messages: Sequence[bytes], binary: bool) -> list[bytes]:
    """Lists of many messages each, in order."""
    parts = [messages[n : n + _MOST_IN_FRAME] for n in range(0, len(messages), _MOST_IN_FRAME)]
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
