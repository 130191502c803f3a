"""Serves the screens that are attached to a session, on the control socket's thread.

The engine builds a viewer's view between two events, and only when it was asked for; whoever does not read asks for
nothing more. Encoding and sending happen here, so that a viewer costs the engine its views and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from engine.control import calls
from engine.control.parts import Sender
from engine.control.protocol import (
    HEAD,
    LARGEST_CALL,
    Answer,
    AskAttach,
    Failed,
    Picture,
    Refused,
    Returned,
    Seated,
    encode,
    frame,
    read_calling,
)
from engine.control.seats import Seat, Seats, seated
from engine.session.port import LocalPort
from engine.session.publisher import Reader
from engine.session.runner import Runner
from engine.view import Port

log = logging.getLogger(__name__)

MOST_VIEWERS = 8
LEAST_SECONDS = 1 / 30
"""Between two views of one viewer, however often it asks."""
VIEW_SECONDS = 1.0
"""How long a viewer waits for a fresh view before it hears that there is none."""
CALL_SECONDS = 5.0
"""How long the rest of a call may take once it has begun, and how long a viewer may take to read an answer."""


class Viewers:
    """Those who look at the session of a runner."""

    def __init__(self, runner: Runner, seats: Seats) -> None:
        self._runner = runner
        self._seats = seats
        self._many = 0

    async def serve(self, ask: AskAttach, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One viewer, until it leaves. Raises ``OSError`` or ``EOFError`` when it has."""
        if ask.shape != calls.shape():
            await _tell(writer, Refused("it was started with another build of zdte-tui: attach with that one"))
            return
        if self._many >= MOST_VIEWERS:
            await _tell(writer, Refused(f"{MOST_VIEWERS} screens are attached to it; close one"))
            return
        loop, ready = asyncio.get_running_loop(), asyncio.Event()

        def made() -> None:
            with suppress(RuntimeError):  # the socket is closed already
                loop.call_soon_threadsafe(ready.set)

        name = "".join(each if each.isprintable() else " " for each in ask.name)
        self._many += 1
        eyes = self._runner.reader(made)
        seat = self._seats.join(name, ask.watch)
        viewer = _Viewer(eyes, seat, seated(LocalPort(self._runner, eyes), seat), ready)
        try:
            await _tell(writer, Seated(seat.number))
            tasks = [asyncio.create_task(viewer.hear(reader, writer)), asyncio.create_task(viewer.show(writer))]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            self._many -= 1
            seat.leave()
            self._runner.let_go(eyes)


class _Viewer:
    """One of them."""

    def __init__(self, eyes: Reader, seat: Seat, port: Port, ready: asyncio.Event) -> None:
        self._eyes = eyes
        self._seat = seat
        self._port = port
        self._ready = ready
        self._wanted = asyncio.Event()
        self._sender = Sender()

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry out its calls, one after the other."""
        while True:
            (length,) = HEAD.unpack(await reader.readexactly(HEAD.size))
            if length > LARGEST_CALL:
                await _tell(writer, Refused(f"a call of {length} bytes; {LARGEST_CALL} are the most"))
                return
            body = await asyncio.wait_for(reader.readexactly(length), CALL_SECONDS)
            try:
                calling = read_calling(body)
                call = calls.call_decoder().decode(calling.call)
            except msgspec.DecodeError as error:
                await _tell(writer, Refused(f"not understood: {error}"))
                return
            name = type(call).__name__
            if name == "view":
                self._wanted.set()
                continue
            answer = self._answer(name, call, calling.number)
            if answer is not None:
                await _tell(writer, answer)

    def _answer(self, name: str, call: msgspec.Struct, number: int) -> Answer | None:
        """Call the Port; None for an order, which is not answered."""
        try:
            value = getattr(self._port, name)(*(getattr(call, each) for each in call.__struct_fields__))
        except Exception as error:
            log.exception("a viewer's call failed")
            return Failed(number, f"{type(error).__name__}: {error}")
        return Returned(number, encode(value)) if calls.is_question(name) else None

    async def show(self, writer: asyncio.StreamWriter) -> None:
        """Send a view whenever one is asked for. One that is not read is waited for, and costs nobody anything."""
        loop = asyncio.get_running_loop()
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            begun = loop.time()
            self._ready.clear()
            self._eyes.newest()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ready.wait(), VIEW_SECONDS)
            view = self._eyes.made
            parts = {} if view is None else self._sender.changed(replace(view, seat=self._seat.view()))
            writer.write(frame(Picture(parts)))
            await writer.drain()
            await asyncio.sleep(max(0.0, begun + LEAST_SECONDS - loop.time()))


async def _tell(writer: asyncio.StreamWriter, answer: Answer) -> None:
    writer.write(frame(answer))
    await asyncio.wait_for(writer.drain(), CALL_SECONDS)
