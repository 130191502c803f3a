"""A broker behind a unix socket."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path

from engine.broker.port import Answer, BrokerDown
from engine.broker.wire import PROTOCOL, Again, Heard, Hello, Message, Say, read, write
from engine.events import OrderRequest


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
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(patience)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise BrokerDown(
                f"no exchange answers at {path} ({error.strerror or error}): start `zdte-tui exchange` with the same "
                "configuration, or set broker.kind to inside"
            ) from None
        try:
            self.now = self._greet()
        except BaseException:
            self._socket.close()
            raise

    def _greet(self) -> int:
        hello = self._hear()
        if not isinstance(hello, Hello) or hello.protocol != PROTOCOL:
            raise BrokerDown(f"the exchange at {self._path} speaks another protocol: it is of another version")
        if hello.market != self._market:
            raise BrokerDown(
                f"the exchange at {self._path} plays {hello.market}, the session {self._market}: start it "
                "with the same configuration"
            )
        return hello.now

    def start_over(self) -> None:
        """Let the exchange forget the day: the session begins it anew."""
        self._say(Again())
        self.now = self._greet()

    def converse(self, requests: Sequence[OrderRequest], now: int) -> list[Answer]:
        """See ``Broker``."""
        self._say(Say(now, tuple(requests)))
        heard = self._hear()
        if not isinstance(heard, Heard):
            raise BrokerDown(f"the exchange at {self._path} answers something else")
        return list(heard.answers)

    def _say(self, message: Message) -> None:
        try:
            write(self._socket, message)
        except OSError as error:
            raise BrokerDown(f"the exchange at {self._path} is gone: {error.strerror or error}") from None

    def _hear(self) -> Message:
        try:
            return read(self._socket)
        except (OSError, EOFError, ValueError) as error:
            raise BrokerDown(f"the exchange at {self._path} does not answer: {error}") from None

    def close(self) -> None:
        """Hang up; the exchange keeps orders and positions."""
        self._socket.close()
