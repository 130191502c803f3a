"""Where a session's process kills itself, and how such points are counted."""

from __future__ import annotations

import os
import select
import signal
import socket
from collections import Counter
from typing import NamedTuple

from engine.broker import socket_client
from engine.broker.wire import Heard, Message, Say
from engine.journal.transaction import Transaction

COMMITS = ("before commit", "after commit")
SENDS = ("before send", "after send", "before answer", "after answer")


class Point(NamedTuple):
    """The ``n``-th time (from 1) the session comes to a stage.

    A send is a message with requests in it; ``after answer`` counts whatever the exchange had something to say to.
    """

    stage: str
    n: int

    def __str__(self) -> str:
        return f"{self.stage} {self.n}"

    @classmethod
    def parse(cls, text: str) -> Point:
        stage, _, n = text.rpartition(" ")
        return cls(stage, int(n))


def arm(point: Point | None) -> Counter[str]:
    """In a child: count the stages as they come, and die at ``point`` with no chance to tidy up."""
    counts: Counter[str] = Counter()

    def come(stage: str) -> None:
        counts[stage] += 1
        if point is not None and point == (stage, counts[stage]):
            os.kill(os.getpid(), signal.SIGKILL)

    _watch_commits(come)
    _watch_sends(come)
    return counts


def _watch_commits(come: object) -> None:
    assert callable(come)
    end = Transaction.__exit__

    def ended(self: Transaction, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            come("before commit")
        end(self, kind, *rest)  # type: ignore[arg-type]
        if kind is None:
            come("after commit")

    Transaction.__exit__ = ended  # type: ignore[method-assign,assignment]


def _watch_sends(come: object) -> None:
    assert callable(come)
    write, read = socket_client.write, socket_client.read
    asked = False

    def written(connection: socket.socket, message: Message) -> None:
        nonlocal asked
        asked = isinstance(message, Say) and bool(message.requests)
        if asked:
            come("before send")
        write(connection, message)
        if asked:
            come("after send")

    def heard(connection: socket.socket) -> Message:
        if asked:
            select.select([connection], [], [], 10)
            come("before answer")
        message = read(connection)
        if isinstance(message, Heard) and message.answers:
            come("after answer")
        return message

    socket_client.write, socket_client.read = written, heard
