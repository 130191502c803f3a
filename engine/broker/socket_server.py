"""Serves a simulated exchange to one session after the other, and keeps its orders and positions between them."""

from __future__ import annotations

import logging
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from engine.broker.simulated import SimulatedBroker
from engine.broker.wire import LONGEST_PATH, PROTOCOL, Again, Heard, Hello, Say, read, write

log = logging.getLogger(__name__)


class ExchangeServer:
    """Listens at a unix socket, for its owner alone.

    Args:
        path: the socket. Raises ``OSError`` where it cannot be made, or another exchange listens there.
        market: what is played, in words that say all of it: a session of another market is refused by its client.
        make: a new exchange at the start of the day.

    Attributes:
        broker: the exchange as it stands.
    """

    def __init__(self, path: Path, market: str, make: Callable[[], SimulatedBroker]) -> None:
        self.path = path
        self._market = market
        self._make = make
        self.broker = make()
        self._listening = _listen(path)
        self._connection: socket.socket | None = None
        self._closed = False

    def serve(self, on_session: Callable[[socket.socket], None] | None = None) -> None:
        """Serve sessions, one at a time, until ``close``."""
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                self._connection = connection
                if on_session is not None:
                    on_session(connection)
                self._serve(connection)
                self._connection = None

    def _serve(self, connection: socket.socket) -> None:
        try:
            write(connection, self._hello())
            while True:
                message = read(connection)
                if isinstance(message, Again):
                    self.broker = self._make()
                    write(connection, self._hello())
                elif isinstance(message, Say):
                    write(connection, self.answer(message))
                else:
                    log.warning("a session says what only an exchange may say; its connection is closed")
                    return
        except (EOFError, OSError):
            return  # the session has ended, or was killed; what it has sent stands
        except ValueError as error:
            log.warning("a session talks nonsense, its connection is closed: %s", error)

    def answer(self, message: Say) -> Heard:
        """What the exchange has to say to a session at an instant."""
        return Heard(tuple(self.broker.converse(message.requests, message.now)))

    def _hello(self) -> Hello:
        return Hello(PROTOCOL, self._market, self.broker.now)

    def close(self) -> None:
        """Listen no more, and hang up; twice is no error."""
        if self._closed:
            return
        self._closed = True
        for each in (self._listening, self._connection):
            if each is not None:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.path.unlink(missing_ok=True)


def _listen(path: Path) -> socket.socket:
    if len(str(path).encode()) > LONGEST_PATH:
        raise OSError(f"its path has more than {LONGEST_PATH} bytes: set broker.path to a shorter one")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise OSError("there is a file of another kind: set broker.path to another one")
        if _answers(path):
            raise OSError("another exchange listens there")
        path.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    path.chmod(0o600)
    listening.listen(1)
    return listening


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
