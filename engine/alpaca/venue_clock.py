"""The clock of a local exchange in Alpaca's protocols, read by who runs on the same machine and wants to share it."""

from __future__ import annotations

import ipaddress
import json
import math
import socket
import time
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from engine.alpaca.parse_values import instant

_PATH = "/control/clock"
_SECONDS = 2.0
_LONGEST = 1 << 16
_SLACK = 10_000_000  # ns of this machine


class VenueTime(NamedTuple):
    """Market time on the local exchange: ``start`` ns UTC when CLOCK_MONOTONIC was at ``since`` ns, ``speed`` times as
    fast as this machine's; 0 stands still. It holds until somebody moves the exchange's clock by hand.
    """

    start: int
    since: int
    speed: float

    def at(self, steady: int) -> int:
        """Market time, ns UTC, when ``time.monotonic_ns()`` is ``steady``."""
        return self.start + round((steady - self.since) * self.speed)


def read_venue_clock(url: str, seconds: float = _SECONDS) -> VenueTime | None:
    """The clock of the local exchange at an address such as ``alpaca.trading_url``; None where there is none.

    Asks this machine only, without keys, and ends within ``seconds``. An exchange whose CLOCK_MONOTONIC is not ours, as
    of another machine behind a forwarded port, counts as none. Raises ``OSError`` where an address of this machine does
    not answer: whether there is a clock is not known then.
    """
    where = _loopback(url)
    if where is None:
        return None
    before = time.monotonic_ns()
    try:
        said = _ask(*where, seconds)
    except ValueError:
        return None
    return _read(said, before, time.monotonic_ns())


def _loopback(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return None
    return (host, port or 80) if local and parts.scheme == "http" else None


def _ask(host: str, port: int, seconds: float) -> Any:
    """The JSON of the answer. Raises ``OSError``, ``ValueError``.

    By hand: a client's time limit covers each read, not all of them together.
    """
    ends = time.monotonic() + seconds
    name = f"[{host}]" if ":" in host else host
    answer = b""
    with socket.create_connection((host, port), seconds) as link:
        link.sendall(f"GET {_PATH} HTTP/1.0\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n".encode())
        while len(answer) <= _LONGEST:
            left = ends - time.monotonic()
            if left <= 0:
                raise TimeoutError
            link.settimeout(left)
            more = link.recv(_LONGEST)
            if not more:
                break
            answer += more
    if not answer:
        raise ConnectionResetError("no answer")
    head, _, body = answer.partition(b"\r\n\r\n")
    if head.split(b" ", 2)[1:2] != [b"200"]:
        raise ValueError("not an answer of the exchange's clock")
    return json.loads(body)


def _read(said: Any, before: int, after: int) -> VenueTime | None:
    if not isinstance(said, dict):
        return None
    start, since, speed, now = (said.get(name) for name in ("start", "from", "speed", "now"))
    told = instant(now)
    if type(start) is not int or type(since) is not int or told is None:
        return None
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not (math.isfinite(speed) and speed >= 0):
        return None
    found = VenueTime(start, since, float(speed))
    return found if found.at(before - _SLACK) <= told <= found.at(after + _SLACK) else None
