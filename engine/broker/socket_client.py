"""A broker behind a unix socket."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from pathlib import Path

from engine.broker.port import Answer, BrokerDown
from engine.broker.wire import PROTOCOL, Again, Heard, Hello, Message, Say, read, write
from engine.events import OrderRequest

_RETRY_SECONDS = 0.2
_PAUSE = 5
"""So many times as long as a failed attempt has taken, the next one waits."""


class SocketBroker:
    """A connection to an exchange in another process.

    Args:
        path: its socket. market: what it must play (see ``ExchangeServer``).
        patience: seconds to wait for an answer.

    Attributes:
        now: how far the exchange had come when the connection was made, ns UTC.

    Raises ``BrokerDown``, also where it plays another market.
    """

    def __init__(self, path: Path, market: str, patience: float = 10.0) -> None:
        self._path = path
        self._market = market
        self._patience = patience
        self._retry_at = 0.0
        self._why = ""
        self._socket: socket.socket | None = None
        self.now = 0
        self._connect()

    def _connect(self) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(self._patience)
        try:
            connection.connect(str(self._path))
        except OSError as error:
            connection.close()
            raise BrokerDown(
                f"no exchange answers at {self._path} ({error.strerror or error}): start `zdte-tui exchange` with the "
                "same configuration, or set broker.kind to inside"
            ) from None
        self._socket = connection
        try:
            self.now = self._greet()
        except BaseException:
            self.close()
            raise

    def _greet(self) -> int:
        hello = self._hear()
        if not isinstance(hello, Hello) or hello.protocol != PROTOCOL:
            raise BrokerDown(f"the exchange at {self._path} speaks another protocol: it is of another version")
        if hello.market != self._market:
            raise BrokerDown(
                f"the exchange at {self._path} plays {hello.market} (of [fills], [fees] and [cutoffs]), the session "
                f"{self._market}: start both with the same configuration"
            )
        return hello.now

    def start_over(self) -> None:
        """Let the exchange forget the day: the session begins it anew."""
        self._say(Again())
        self.now = self._greet()

    def converse(self, requests: Sequence[OrderRequest], now: int) -> list[Answer]:
        """See ``Broker``. A connection that failed is given up, for its next answer could be an older one, and another
        is made at a later call: not at once, so that who asks is not kept waiting by a broker that is mute."""
        began = time.monotonic()
        if self._socket is None and began < self._retry_at:
            raise BrokerDown(self._why)
        try:
            if self._socket is None:
                self._connect()
            self._say(Say(now, tuple(requests)))
            heard = self._hear()
            if not isinstance(heard, Heard):
                raise BrokerDown(f"the exchange at {self._path} answers something else")
        except BrokerDown as down:
            self.close()
            ended = time.monotonic()
            self._why, self._retry_at = str(down), ended + max(_RETRY_SECONDS, _PAUSE * (ended - began))
            raise
        return list(heard.answers)

    def _say(self, message: Message) -> None:
        assert self._socket is not None
        try:
            write(self._socket, message)
        except OSError as error:
            raise BrokerDown(f"the exchange at {self._path} is gone: {error.strerror or error}") from None

    def _hear(self) -> Message:
        assert self._socket is not None
        try:
            return read(self._socket)
        except (OSError, EOFError, ValueError) as error:
            raise BrokerDown(f"the exchange at {self._path} does not answer: {error}") from None

    def close(self) -> None:
        """Hang up; the exchange keeps orders and positions."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
