"""What travels over a session's socket: msgpack messages, each behind its length as four bytes, the highest first.

The server speaks first: ``Hello`` with the protocol's number. Then every ``Ask`` of the client is answered by one
``Answer``, in order. ``Ending`` may come at any time: the session is over, and nothing follows.

``AskAttach`` makes a viewer of the client: once it is ``Seated`` it sends ``Calling``s, whose call is a method of the
Port (``engine.control.calls``), and hears ``Picture``, ``Returned`` and ``Failed``. A call of ``view`` is answered by
one ``Picture``, so that no more than one is ever under way: a viewer that does not read is not sent to.
"""

from __future__ import annotations

import struct
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.types import CommandKind, Money

PROTOCOL = 2
"""Grows with each change that an older program would misread."""

LARGEST_ASK = 4096
"""Bytes of the largest question a session reads."""
LARGEST_CALL = 64 * 1024
"""Bytes of the largest call of a viewer."""
LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes of the largest answer a client reads."""

HEAD = struct.Struct(">I")


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """Who listens: the protocol's number, the program's version, its process, the account, and the session's name."""

    protocol: int
    program: str
    pid: int
    account: str
    session: str = ""


class AskCommand(msgspec.Struct, frozen=True, tag="command"):
    """Carry out a command, already confirmed."""

    protocol: int
    kind: CommandKind
    trade_id: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    text: Annotated[str, Meta(max_length=200)] = ""


class AskStatus(msgspec.Struct, frozen=True, tag="status"):
    """How does the session stand?"""

    protocol: int


class AskAttach(msgspec.Struct, frozen=True, tag="attach"):
    """Let me look on. ``shape`` tells what the messages of a viewer look like in this program; ``name`` is what the
    other viewers are told of it; one that came to ``watch`` cannot take control."""

    protocol: int
    shape: str
    name: Annotated[str, Meta(max_length=80)]
    watch: bool = False


Ask = AskCommand | AskStatus | AskAttach


class Calling(msgspec.Struct, frozen=True, array_like=True):
    """A call of a viewer; what it returns bears its number."""

    number: int
    call: msgspec.Raw


class Done(msgspec.Struct, frozen=True, tag="done"):
    """What came of a command, in words; ``ts`` is the market's time of it, ns UTC, and ``trades`` are those that it
    began to close."""

    outcome: str
    ts: int
    trades: tuple[int, ...]


TradeState = Literal["working", "open", "closing", "left", "over"]


class TradeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A trade or a working entry. Money is units of 1e-4 dollars, net of fees; None where it is not known.

    Attributes:
        state: ``working`` (an entry), ``open``, ``closing``, ``left`` (only what nobody bids for is held), ``over``.
        filled, wanted: packages.
        pnl_mid, pnl_now: at mid, and if it were closed now; of a trade that is over, what it made.
        note: in words what stands beside it on the screen.
    """

    trade_id: int
    label: str
    state: TradeState
    filled: int
    wanted: int
    pnl_mid: Money | None
    pnl_now: Money | None
    note: str


class Status(msgspec.Struct, frozen=True, kw_only=True, tag="state"):
    """How a session stands, as its newest view has it.

    Attributes:
        banner: the mode and whose data it plays, as the screen's first line says it.
        now: the market's time, ns UTC. paused, finished: of a replay or a demo.
        state: ACTIVE, REDUCING or HALTED; breakers: the names of what put it there; why: in words.
        day_pnl, realised, open_pnl: as in the header, units of 1e-4 dollars.
        flatten_cost: what closing everything now would lose against the mids, fees included.
        alarm: a problem that stands. error: why the engine has stopped.
        fresh: whether the engine made this picture for the question; else it is the last one it made.
    """

    account: str
    pid: int
    banner: str
    day: str
    now: int
    paused: bool
    finished: bool
    state: Literal["ACTIVE", "REDUCING", "HALTED"]
    breakers: tuple[str, ...]
    why: str
    feed: str
    feed_text: str
    day_pnl: Money | None
    realised: Money
    open_pnl: Money | None
    provisional: bool
    worst_loss: Money
    flatten_cost: Money | None
    trades: tuple[TradeStatus, ...]
    alarm: str
    error: str
    fresh: bool


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The question was not understood, or cannot be answered: why, in words."""

    why: str


class Ending(msgspec.Struct, frozen=True, tag="ending"):
    """The session is over: how it ended, in words."""

    how: str


class Seated(msgspec.Struct, frozen=True, tag="seated"):
    """The client is a viewer now, with a number."""

    number: int


class Picture(msgspec.Struct, frozen=True, tag="picture"):
    """The parts of the newest view that the viewer does not have; none where nothing has changed."""

    parts: dict[str, msgspec.Raw]


class Returned(msgspec.Struct, frozen=True, tag="returned"):
    """What a call returned."""

    number: int
    value: msgspec.Raw


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Why a call could not be answered."""

    number: int
    why: str


Answer = Hello | Done | Status | Refused | Ending | Seated | Picture | Returned | Failed

_encoder = msgspec.msgpack.Encoder()
_asks: msgspec.msgpack.Decoder[Ask] = msgspec.msgpack.Decoder(Ask)
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


_callings: msgspec.msgpack.Decoder[Calling] = msgspec.msgpack.Decoder(Calling)


def encode(value: object) -> msgspec.Raw:
    """A value within a message."""
    return msgspec.Raw(_encoder.encode(value))


def frame(message: Ask | Answer | Calling) -> bytes:
    """A message with its length before it."""
    body = _encoder.encode(message)
    return HEAD.pack(len(body)) + body


def read_ask(body: bytes) -> Ask:
    """Raises ``msgspec.DecodeError`` for what is no question."""
    return _asks.decode(body)


def read_answer(body: bytes) -> Answer:
    """Raises ``msgspec.DecodeError`` for what is no answer."""
    return _answers.decode(body)


def read_calling(body: bytes) -> Calling:
    """Raises ``msgspec.DecodeError`` for what is no call."""
    return _callings.decode(body)
