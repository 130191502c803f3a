"""A session's socket: takes commands and questions from other processes of the same user. On a thread of its own.

Nothing a client does reaches the engine but commands it would take from the screen: a client that is slow, silent,
talks nonsense or comes in crowds is dropped.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import msgspec

from engine import __version__
from engine.control.peers import is_ours
from engine.control.place import Place
from engine.control.protocol import (
    HEAD,
    LARGEST_ASK,
    PROTOCOL,
    Answer,
    Ask,
    AskAttach,
    AskCommand,
    Done,
    Ending,
    Hello,
    Refused,
    frame,
    read_ask,
)
from engine.control.summary import status_of
from engine.events import CommandRecord, ExitRecord, Tick
from engine.view import CommandRequest, View

if TYPE_CHECKING:
    from engine.control.viewers import Viewers

log = logging.getLogger(__name__)

MOST_CLIENTS = 16
IDLE_SECONDS = 60.0
"""How long a client may say nothing."""
FRAME_SECONDS = 5.0
"""How long the rest of a message may take once it has begun, and how long a client may take to read an answer."""
VIEW_SECONDS = 1.0
"""How long a status waits for a picture of this moment before it takes the last one."""
CLOSE_SECONDS = 2.0


class Session(Protocol):
    """What is reached through the socket; ``engine.session.runner.Runner`` is one.

    Attributes:
        error: why the engine has stopped, or empty.
    """

    error: str

    def view(self) -> View | None:
        """The newest view; asks for a fresher one."""
        ...

    def send(self, message: CommandRequest, told: Callable[[Tick], None] | None = None) -> None:
        """Hand over a command; ``told`` hears what came of it."""
        ...


class ControlServer:
    """Listens at a place's socket until it is closed.

    Args:
        name: of the session. viewers: serves those who attach.

    Attributes:
        problem: why nobody can reach the session this way, or empty.
    """

    def __init__(self, session: Session, place: Place, viewers: Viewers, name: str = "") -> None:
        self.problem = ""
        self._session = session
        self._place = place
        self._viewers = viewers
        self._hello = Hello(PROTOCOL, __version__, os.getpid(), place.account, name)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._attached: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._over = ""

    def start(self) -> None:
        """Listen; a socket that cannot be had is a ``problem``, never an error."""
        listening = threading.Event()
        self._loop.call_soon(lambda: self._loop.create_task(self._listen(listening)))
        self._thread.start()
        listening.wait(CLOSE_SECONDS)
        if self.problem:
            log.error("%s", self.problem)

    def close(self, how: str) -> None:
        """Tell those who wait how the session ended, and take the socket away."""
        self._over = how
        if self._thread.is_alive():
            with suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(lambda: self._loop.create_task(self._leave(how)))
            self._thread.join(CLOSE_SECONDS)
        self._place.clear()

    # The thread

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.wait(tasks, timeout=CLOSE_SECONDS) if tasks else asyncio.sleep(0))
            self._loop.close()

    async def _listen(self, listening: threading.Event) -> None:
        try:
            path = self._place.prepare()
            self._server = await asyncio.start_unix_server(self._welcome, path, limit=LARGEST_ASK)
            path.chmod(0o600)  # and nobody else could enter the folder before
        except OSError as error:
            where = error.filename or self._place.door
            why = error.strerror or str(error)
            self.problem = f"other terminals cannot reach this session, only kill files can: {where}: {why}"
        finally:
            listening.set()

    async def _leave(self, how: str) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._clients.values():
            with suppress(OSError):
                writer.write(frame(Ending(how)))
                writer.close()
        await asyncio.sleep(0)  # what fits into the sockets' buffers has left
        self._loop.stop()

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._clients) >= MOST_CLIENTS:  # a crowd must not keep a kill out: who has asked longest ago goes
            oldest = next(each for each in self._clients if each not in self._attached)
            self._clients.pop(oldest).close()
            oldest.cancel()
        self._clients[task] = writer
        try:
            with suppress(OSError, EOFError, asyncio.CancelledError):
                await self._serve(reader, writer)
        except Exception:
            log.exception("a client of the control socket is dropped")
        finally:
            self._clients.pop(task, None)
            self._attached.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not is_ours(writer.get_extra_info("socket")):
            log.warning("a process of another user knocked at the control socket")
            return
        await _tell(writer, self._hello)
        while True:
            head = await asyncio.wait_for(reader.readexactly(HEAD.size), IDLE_SECONDS)
            (length,) = HEAD.unpack(head)
            if length > LARGEST_ASK:
                await _tell(writer, Refused(f"a question of {length} bytes; {LARGEST_ASK} are the most"))
                return
            body = await asyncio.wait_for(reader.readexactly(length), FRAME_SECONDS)
            try:
                ask = read_ask(body)
            except msgspec.DecodeError as error:
                await _tell(writer, Refused(f"not understood: {error}"))
                return
            if isinstance(ask, AskAttach) and ask.protocol == PROTOCOL:
                task = asyncio.current_task()
                assert task is not None
                self._attached.add(task)
                await self._viewers.serve(ask, reader, writer)
                return
            await _tell(writer, await self._answer(ask))

    async def _answer(self, ask: Ask) -> Answer:
        if ask.protocol != PROTOCOL:
            spoken = f"this session speaks protocol {PROTOCOL}, not {ask.protocol}"
            return Refused(f"{spoken}: use the zdte-tui {self._hello.program} it was started with")
        if isinstance(ask, AskCommand):
            return await self._command(ask)
        return await self._status()

    async def _command(self, ask: AskCommand) -> Answer:
        """Hand a command over, and wait for the engine's answer for as long as there is an engine."""
        done: asyncio.Future[Done] = self._loop.create_future()

        def told(tick: Tick) -> None:
            with suppress(RuntimeError):  # the socket is closed already
                self._loop.call_soon_threadsafe(answered, _done(tick))

        def answered(what: Done) -> None:
            if not done.done():
                done.set_result(what)

        text = "".join(each if each.isprintable() else " " for each in ask.text)
        self._session.send(CommandRequest(ask.kind, ask.trade_id, text), told)
        while not done.done():
            if self._session.error:
                return Refused(f"{self._session.error}; act at the broker")
            await asyncio.wait([done], timeout=0.2)
        return done.result()

    async def _status(self) -> Answer:
        before, waited = self._session.view(), 0.0
        view = before
        while (view is before or view is None) and not self._session.error and waited < VIEW_SECONDS:
            await asyncio.sleep(0.02)
            waited += 0.02
            view = self._session.view()
        if view is None:
            return Refused("no picture of the session could be made yet; ask again in a moment")
        return status_of(view, fresh=view is not before)


def outcome_of(tick: Tick) -> str:
    """What came of the command that a tick answers."""
    return next(record.outcome for record in tick.records if isinstance(record, CommandRecord))


def _done(tick: Tick) -> Done:
    begun = {record.trade_id for record in tick.records if isinstance(record, ExitRecord)}
    return Done(outcome_of(tick), tick.now, tuple(sorted(begun)))


async def _tell(writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Write an answer; a client that does not read it in time raises ``TimeoutError``."""
    writer.write(frame(answer))
    await asyncio.wait_for(writer.drain(), FRAME_SECONDS)
