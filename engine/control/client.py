"""The other end of a session's socket: what another terminal asks."""

from __future__ import annotations

import errno
import socket
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

import msgspec

from engine.control.calls import shape
from engine.control.peers import is_ours
from engine.control.place import Place
from engine.control.protocol import (
    HEAD,
    LARGEST_ANSWER,
    PROTOCOL,
    Answer,
    Ask,
    AskAttach,
    AskCommand,
    AskStatus,
    Done,
    Ending,
    Hello,
    Refused,
    Seated,
    Status,
    frame,
    read_answer,
)
from engine.types import CommandKind


class NoSession(Exception):
    """Nobody listens at the place."""


class NoAnswer(Exception):
    """The session does not answer in time, or breaks off: it may be stopped or hung."""


class Declined(Exception):
    """The session answers that it cannot do what was asked, or that it is over."""


class Client:
    """A connection to the session of a place.

    Args:
        place: whose session. patience: seconds to wait for each answer.

    Attributes:
        hello: who listens.

    Raises ``NoSession``, ``NoAnswer`` and ``Declined``; so do its methods.
    """

    def __init__(self, place: Place, patience: float) -> None:
        self._patience = patience
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.process = 0
        try:
            self.hello = self._connect(place)
        except BaseException:
            self.close()
            raise

    def _connect(self, place: Place) -> Hello:
        self._socket.settimeout(self._patience)
        try:
            self._socket.connect(str(place.socket))
            if not is_ours(self._socket):
                raise Declined(f"{place.socket} belongs to another user")
        except TimeoutError:
            raise NoAnswer("it takes no connection") from None
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ECONNREFUSED, errno.ENOTDIR):
                raise NoSession(str(place.door)) from None
            if error.errno == errno.EAGAIN:
                raise NoAnswer("it takes no connection") from None
            raise NoSession(f"{place.door}: {error.strerror or error}") from None
        hello = self._read(time.monotonic() + self._patience)
        if not isinstance(hello, Hello):
            raise NoAnswer("it does not say who it is")
        if hello.protocol != PROTOCOL:
            raise Declined(f"it is zdte-tui {hello.program} and speaks protocol {hello.protocol}, this one {PROTOCOL}")
        return hello

    def command(self, kind: CommandKind, trade_id: int = 0, text: str = "") -> Done:
        """Have a command carried out; what came of it."""
        answer = self._ask(AskCommand(PROTOCOL, kind, trade_id, text))
        if not isinstance(answer, Done):
            raise NoAnswer("it answers something else")
        return answer

    def status(self) -> Status:
        """How the session stands."""
        answer = self._ask(AskStatus(PROTOCOL))
        if not isinstance(answer, Status):
            raise NoAnswer("it answers something else")
        return answer

    def attach(self, name: str, watch: bool = False) -> tuple[Seated, socket.socket]:
        """Become a viewer. From now on the connection is the caller's, who closes it."""
        answer = self._ask(AskAttach(PROTOCOL, shape(), name[:80], watch))
        if not isinstance(answer, Seated):
            raise NoAnswer("it answers something else")
        connection, self._socket = self._socket, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        return answer, connection

    def _ask(self, ask: Ask) -> Answer:
        until = time.monotonic() + self._patience
        self._socket.settimeout(self._patience)
        with suppress(OSError):  # whoever hangs up may have said why: that waits to be read
            self._socket.sendall(frame(ask))
        answer = self._read(until)
        if isinstance(answer, Refused):
            raise Declined(answer.why)
        if isinstance(answer, Ending):
            raise Declined(f"the session has ended: {answer.how}")
        return answer

    def _read(self, until: float) -> Answer:
        (length,) = HEAD.unpack(self._exactly(HEAD.size, until))
        if length > LARGEST_ANSWER:
            raise NoAnswer("it answers nonsense")
        try:
            return read_answer(self._exactly(length, until))
        except msgspec.DecodeError:
            raise NoAnswer("it answers nonsense") from None

    def _exactly(self, many: int, until: float) -> bytes:
        found = bytearray()
        while len(found) < many:
            left = until - time.monotonic()
            if left <= 0:
                raise NoAnswer(f"no answer within {self._patience:g} s")
            self._socket.settimeout(left)
            try:
                got = self._socket.recv(many - len(found))
            except TimeoutError:
                continue
            except OSError as error:
                raise NoAnswer(f"it breaks off: {error.strerror or error}") from None
            if not got:
                raise NoAnswer("it breaks off")
            found += got
        return bytes(found)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
