"""The Port of a session in another process, over its socket: what an attached screen holds."""

from __future__ import annotations

import logging
import queue
import socket
import threading
from collections.abc import Callable
from typing import Any, cast

import msgspec

from engine.control import calls
from engine.control.client import Client
from engine.control.parts import Assembler
from engine.control.protocol import (
    HEAD,
    LARGEST_ANSWER,
    Answer,
    Calling,
    Ending,
    Failed,
    Hello,
    Picture,
    Refused,
    Returned,
    encode,
    frame,
    read_answer,
)
from engine.view import Port, View

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds the session has to answer a question, and to take what is sent."""


class Gone(ConnectionError):
    """The session cannot be reached any more, though it did not say that it ended."""


class RemotePort:
    """Implements ``engine.view.Port``, every method of it that ``engine.view.port`` declares, on a connection.

    Args:
        client: connected, and not used for anything after this. name: what other viewers are told of this one.
        watch: never be in control. over: called once, on a thread of its own, when the session has ended.

    Attributes:
        hello: who is at the other end. ending: how the session ended, in words, or empty.
        lost: why the connection broke off, or empty.

    Raises what ``Client.attach`` raises.
    """

    def __init__(self, client: Client, name: str, watch: bool = False) -> None:
        self.hello: Hello = client.hello
        self.ending = ""
        self.lost = ""
        self.over: Callable[[], object] | None = None
        seated, self._socket = client.attach(name, watch)
        self.number = seated.number
        self._socket.settimeout(PATIENCE)
        self._lock = threading.Lock()
        self._assembler = Assembler()
        self._view: View | None = None
        self._asked = False
        self._numbers = 0
        self._answers: dict[int, queue.SimpleQueue[Returned | Failed]] = {}
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="attached", daemon=True)
        self._thread.start()

    @property
    def port(self) -> Port:
        """This, as the Port."""
        return cast("Port", self)

    def view(self) -> View | None:
        """The newest view; asks for a fresher one. Raises ``Gone``."""
        if self.lost:
            raise Gone(self.lost)
        if not self._asked and not self.ending:
            self._asked = True
            self._send(0, "view", (), {})
        return self._view

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in calls.methods():
            raise AttributeError(name)

        def call(*arguments: Any, **named: Any) -> Any:
            return (
                self._question(name, arguments, named)
                if calls.is_question(name)
                else self._order(name, arguments, named)
            )

        return call

    def _order(self, name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        self._send(0, name, arguments, named)

    def _question(self, name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        box: queue.SimpleQueue[Returned | Failed] = queue.SimpleQueue()
        with self._lock:
            self._numbers += 1
            number = self._numbers
            self._answers[number] = box
        try:
            self._send(number, name, arguments, named)
            answer = box.get(timeout=PATIENCE)
        except queue.Empty:
            raise Gone(f"no answer within {PATIENCE:g} s") from None
        finally:
            self._answers.pop(number, None)
        if isinstance(answer, Failed):
            raise RuntimeError(answer.why)
        return calls.answer_decoder(name).decode(answer.value)

    def _send(self, number: int, name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        if self.lost or self.ending:
            raise Gone(self.lost or f"the session has ended: {self.ending}")
        message = frame(Calling(number, encode(calls.message(name, arguments, named))))
        with self._lock:
            try:
                self._socket.sendall(message)
            except OSError as error:
                self._break(f"it takes nothing more: {error.strerror or error}")
                raise Gone(self.lost) from None

    def close(self) -> None:
        """Leave; the session goes on."""
        self._closed = True
        with self._lock:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.debug("the session was gone before this screen left")
        self._thread.join(PATIENCE)
        self._socket.close()

    # The thread that reads

    def _run(self) -> None:
        try:
            while not self.ending:
                self._take(self._read())
        except (OSError, EOFError, msgspec.DecodeError) as error:
            if not self._closed:
                self._break(str(error) or type(error).__name__)
        if self.ending and self.over is not None:
            self.over()

    def _take(self, answer: Answer) -> None:
        if isinstance(answer, Picture):
            self._view = self._assembler.take(answer.parts) or self._view
            self._asked = False
        elif isinstance(answer, Returned | Failed):
            box = self._answers.get(answer.number)
            if box is not None:
                box.put(answer)
        elif isinstance(answer, Ending):
            self.ending = answer.how or "it has ended"
        elif isinstance(answer, Refused):
            raise EOFError(answer.why)

    def _read(self) -> Answer:
        (length,) = HEAD.unpack(self._exactly(HEAD.size))
        if length > LARGEST_ANSWER:
            raise EOFError("it answers nonsense")
        return read_answer(self._exactly(length))

    def _exactly(self, many: int) -> bytes:
        found = bytearray()
        while len(found) < many:
            try:
                got = self._socket.recv(many - len(found))
            except TimeoutError:
                continue
            if not got:
                raise EOFError("its process has gone")
            found += got
        return bytes(found)

    def _break(self, why: str) -> None:
        self.lost = self.lost or f"the session of process {self.hello.pid} cannot be reached any more: {why}"
