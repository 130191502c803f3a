"""Events as bytes and back: msgpack, arrays as their raw little-endian bytes."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from engine.events.inputs import BrokerReport, BrokerState, Command, SessionStart, Settlement, Timer, Warming
from engine.events.market import ChainBatch, DailyClose, FeedStatus, Listing
from engine.events.restore import Restore

AnyEvent = (
    Listing
    | ChainBatch
    | DailyClose
    | FeedStatus
    | SessionStart
    | Warming
    | Restore
    | Timer
    | Command
    | BrokerReport
    | BrokerState
    | Settlement
)


def _encode(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [value.dtype.str, value.tobytes()]
    raise NotImplementedError(f"cannot encode {type(value).__name__}")


def _decode(_kind: type, value: Any) -> Any:
    dtype, data = value
    return np.frombuffer(data, dtype=np.dtype(dtype))


_encoder = msgspec.msgpack.Encoder(enc_hook=_encode)
_decoder: msgspec.msgpack.Decoder[AnyEvent] = msgspec.msgpack.Decoder(AnyEvent, dec_hook=_decode)


def encode(event: AnyEvent) -> bytes:
    """The event as msgpack."""
    return _encoder.encode(event)


def decode(data: bytes) -> AnyEvent:
    """The inverse of ``encode``; raises ``msgspec.DecodeError`` for bytes that are not an event."""
    return _decoder.decode(data)
