"""Tells systemd that a session runs, how it stands, and that its engine lives: datagrams to ``$NOTIFY_SOCKET``."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

STATUS_SECONDS = 5.0
_LONGEST = 400


class Notifier:
    """The socket systemd reads; nothing where the program was not started by it."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        env = os.environ if environ is None else environ
        self._path = env.get("NOTIFY_SOCKET", "")
        self.watchdog = _watchdog(env)

    @property
    def listens(self) -> bool:
        """Whether anybody is told."""
        return self._path.startswith(("/", "@"))

    def tell(self, *lines: str) -> bool:
        """Send lines such as ``READY=1``, whether they left. It never waits, and never fails."""
        if not self.listens:
            return False
        address = f"\0{self._path[1:]}" if self._path.startswith("@") else self._path
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.setblocking(False)
                out.sendto("\n".join(lines).encode(), address)
        except OSError as error:
            log.debug("systemd was not told: %s", error.strerror)
            return False
        return True


def _watchdog(env: Mapping[str, str]) -> float:
    """Within how many seconds systemd wants to hear from this process; 0 where it does not."""
    of, text = env.get("WATCHDOG_PID", ""), env.get("WATCHDOG_USEC", "")
    if (of and of != str(os.getpid())) or not text.isdecimal():
        return 0.0
    return int(text) / 1_000_000


class Service:
    """A session as a service of systemd, on a thread of its own.

    Args:
        started: whether the engine's loop turns. alive: whether it still does. status: one line of how it stands.
    """

    def __init__(
        self,
        notifier: Notifier,
        started: Callable[[], bool],
        alive: Callable[[], bool],
        status: Callable[[], str],
    ) -> None:
        self._notifier = notifier
        self._started = started
        self._alive = alive
        self._status = status
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="systemd", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """The session ends; systemd waits as long as it takes."""
        self._over.set()
        self._thread.join(1.0)
        self._notifier.tell("STOPPING=1", "STATUS=the session has ended")

    def _run(self) -> None:
        while not self._started():
            if self._over.wait(0.1):
                return
        self._notifier.tell("READY=1")
        period = min(self._notifier.watchdog / 3, STATUS_SECONDS) if self._notifier.watchdog else STATUS_SECONDS
        while True:
            lines = [f"STATUS={' '.join(self._status().split())[:_LONGEST]}"]
            if self._notifier.watchdog and self._alive():
                lines.append("WATCHDOG=1")
            self._notifier.tell(*lines)
            if self._over.wait(period):
                return
