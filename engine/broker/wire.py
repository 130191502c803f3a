"""What travels between a session and an exchange in another process: msgpack behind its length as four bytes."""

from __future__ import annotations

import socket
import struct

import msgspec

from engine.events import BrokerReport, BrokerState, OrderRequest

PROTOCOL = 1
"""Grows with each change that an older program would misread."""

LARGEST = 64 * 1024 * 1024
LONGEST_PATH = 100
"""Bytes of a path that every system takes for a socket: Linux takes 107, macOS 103."""

_HEAD = struct.Struct(">I")


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The exchange speaks first: which market it plays, and how far it has come (ns UTC)."""

    protocol: int
    market: str
    now: int


class Say(msgspec.Struct, frozen=True, tag="say"):
    """The session hands requests over at an instant of the market."""

    now: int
    requests: tuple[OrderRequest, ...]


class Again(msgspec.Struct, frozen=True, tag="again"):
    """The session starts the day anew: the exchange forgets all of it."""


class Heard(msgspec.Struct, frozen=True, tag="heard"):
    """What the exchange has to say."""

    answers: tuple[BrokerReport | BrokerState, ...]


Message = Hello | Say | Again | Heard

_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def write(connection: socket.socket, message: Message) -> None:
    """Send a message whole."""
    data = msgspec.msgpack.encode(message)
    connection.sendall(_HEAD.pack(len(data)) + data)


def read(connection: socket.socket) -> Message:
    """The next message. Raises ``EOFError`` at the end, ``ValueError`` for what is none."""
    (length,) = _HEAD.unpack(_exactly(connection, _HEAD.size))
    if length > LARGEST:
        raise ValueError(f"a message of {length} bytes")
    try:
        return _decoder.decode(_exactly(connection, length))
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None


def _exactly(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        data = connection.recv(min(length - len(parts), 1 << 20))
        if not data:
            raise EOFError("the other end has hung up")
        parts += data
    return bytes(parts)
