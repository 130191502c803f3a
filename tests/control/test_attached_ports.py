"""Ports over the socket: every viewer has its own view, one is in control, and none can hurt the session."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from inspect import getmembers, isfunction
from pathlib import Path

import msgspec
import pytest
from control_sessions import Running, rows, wait
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.control import Declined, Gone, RemotePort, calls, viewers
from engine.control import client as client_room
from engine.control.parts import Assembler, Sender
from engine.control.protocol import (
    LARGEST_CALL,
    PROTOCOL,
    AskAttach,
    Calling,
    Picture,
    Refused,
    Seated,
    encode,
    frame,
    read_answer,
)
from engine.events import CommandRecord
from engine.types import CancelAll
from engine.view import CommandRequest, Pace, Port, View, ViewRequest

HEAD = struct.Struct(">I")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A session whose market stands still."""
    found = Running(tmp_path).start()
    yield found
    found.stop()


def attach(running: Running, name: str = "a screen", watch: bool = False) -> RemotePort:
    return RemotePort(running.client(), name, watch)


def seen(port: Port, condition: Callable[[View], object] = lambda _: True) -> View:
    """The first view that fulfils the condition."""
    found: list[View] = []

    def holds() -> bool:
        view = port.view()
        found[:] = [view] if view is not None and condition(view) else []
        return bool(found)

    wait(holds, "a view")
    return found[0]


# --- what travels


def test_every_method_of_the_port_travels_as_it_is_declared() -> None:
    declared = {name for name, _ in getmembers(Port, isfunction) if not name.startswith("_")}
    assert set(calls.methods()) == declared
    for name, method in calls.methods().items():
        for field in msgspec.structs.fields(method.message):
            msgspec.json.schema(field.type)
        msgspec.json.schema(method.returns)
        assert method.message.__struct_config__.tag == name


def test_a_call_is_read_as_it_was_written() -> None:
    request = CommandRequest("manual", trade_id=3, text="so", manual=CancelAll())
    written = encode(calls.message("command", (request,), {}))
    read = calls.call_decoder().decode(written)
    assert type(read).__name__ == "command"
    assert read.request == request


@pytest.mark.parametrize(
    ("name", "arguments", "needed"),
    [
        ("view", (), False),
        ("look_at", (ViewRequest(),), False),
        ("flatten_estimate", (), False),
        ("take_control", (), False),
        ("pace", (Pace("pause"),), True),
        ("command", (CommandRequest("resume"),), True),
        ("command", (CommandRequest("manual", manual=CancelAll()),), True),
        ("command", (CommandRequest("note"),), True),
        ("command", (CommandRequest("pause"),), False),
        ("command", (CommandRequest("flatten"),), False),
        ("command", (CommandRequest("lock"),), False),
    ],
)
def test_questions_and_the_kill_switch_are_everybodys(name: str, arguments: tuple[object, ...], needed: bool) -> None:
    assert calls.needs_control(name, arguments) is needed


def test_only_parts_that_differ_are_sent_and_the_rest_stay_the_same_objects(running: Running) -> None:
    view = running.until(lambda view: view.chain is not None)
    sender, assembler = Sender(), Assembler()
    first = assembler.take(sender.changed(view))
    assert first == view
    changed = msgspec.structs.replace(view, alarm="something")
    parts = sender.changed(changed)
    assert set(parts) == {"alarm"}
    second = assembler.take(parts)
    assert second == changed
    assert first is not None
    assert second is not None
    assert second.chain is first.chain


# --- over the socket


def test_an_attached_screen_sees_what_the_sessions_own_does(running: Running) -> None:
    running.port.pace(Pace("goto", instant=running.until(lambda _: True).progress.open + 32 * 60 * 10**9))
    own = running.until(lambda view: view.positions.open_trades == 1 and view.progress.paused)
    with closing(attach(running)) as remote:
        view = seen(remote.port, lambda view: view.chain is not None)
        assert view.seat is not None
        assert view.seat.in_control
        assert msgspec.structs.replace(view, seat=None) == own
        assert remote.port.flatten_estimate() == running.port.flatten_estimate()


def test_every_viewer_looks_at_its_own_chain(running: Running) -> None:
    with closing(attach(running)) as one, closing(attach(running)) as other:
        expiries = seen(one.port, lambda view: view.chain is not None).chain.expiries  # type: ignore[union-attr]
        other.port.look_at(ViewRequest("SPXW", expiries[1], ("smile",)))
        seen(other.port, lambda view: view.chain is not None and view.chain.expiry == expiries[1] and view.smile)
        view = seen(one.port)
        assert view.chain is not None
        assert view.chain.expiry == expiries[0]
        assert view.smile is None


def test_orders_of_the_one_in_control_are_carried_out_those_of_others_are_not(running: Running) -> None:
    with closing(attach(running, "the first")) as one, closing(attach(running, "the second")) as other:
        other.port.command(CommandRequest("note", text="from one who watches"))
        told = seen(other.port, lambda view: view.seat and view.seat.notices).seat
        assert told is not None
        assert not told.in_control
        assert told.holder == "the first"
        assert "not sent" in told.notice
        one.port.command(CommandRequest("note", text="from the one in control"))
        seen(one.port, lambda view: "from the one in control" in view.log[-1].text)

        other.port.take_control()
        seen(other.port, lambda view: view.seat and view.seat.in_control)
        lost = seen(one.port, lambda view: view.seat and not view.seat.in_control).seat
        assert lost is not None
        assert "the second took control" in lost.notice
        other.port.command(CommandRequest("note", text="now it may"))
        one.port.command(CommandRequest("pause", text="the kill switch"))
        seen(one.port, lambda view: view.header.state == "REDUCING")
    running.stop()
    said = {row.text for row in rows(running.place.journal, "CommandRecord") if isinstance(row, CommandRecord)}
    assert said == {"from the one in control", "now it may", "the kill switch"}


def test_control_is_free_when_its_holder_leaves_and_is_never_inherited(running: Running) -> None:
    one = attach(running, "the first")
    with closing(attach(running, "the second")) as other, closing(attach(running, "a guest", watch=True)) as guest:
        seen(other.port)
        one.close()
        view = seen(other.port, lambda view: view.seat and not view.seat.holder)
        assert view.seat is not None
        assert "nobody is in control" in view.seat.notice
        guest.port.take_control()
        denied = seen(guest.port, lambda view: view.seat and "--watch" in view.seat.notice).seat
        assert denied is not None
        assert not denied.in_control
        with closing(attach(running, "the third")) as third:
            assert seen(third.port).seat.in_control, "nobody was"  # type: ignore[union-attr]


def test_the_end_of_the_session_is_told_to_every_viewer(running: Running) -> None:
    over = threading.Event()
    with closing(attach(running)) as remote:
        remote.over = over.set
        before = seen(remote.port)
        running.stop()
        assert over.wait(20)
        assert remote.ending == "stopped"
        last = remote.port.view()
        assert last is not None
        assert last.header == before.header
        with pytest.raises(Gone, match="ended: stopped"):
            remote.port.pace(Pace("pause"))


def test_another_build_is_refused(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_room, "shape", lambda: "something else")
    with running.client() as client, pytest.raises(Declined, match="started with another build"):
        client.attach("a screen")


def test_there_are_only_so_many_viewers(running: Running) -> None:
    found = [attach(running) for _ in range(viewers.MOST_VIEWERS)]
    try:
        with running.client() as client, pytest.raises(Declined, match="screens are attached"):
            client.attach("one more")
        found.pop().close()
        wait(lambda: seen(found[0].port).seat.viewers == viewers.MOST_VIEWERS - 1)  # type: ignore[union-attr]
        found.append(attach(running))
    finally:
        for each in found:
            each.close()


# --- those who behave badly


def raw(running: Running) -> socket.socket:
    """A viewer that speaks for itself."""
    found = socket.socket(socket.AF_UNIX)
    found.settimeout(20)
    found.connect(str(running.place.socket))
    heard(found)
    found.sendall(frame(AskAttach(PROTOCOL, calls.shape(), "rude")))
    assert isinstance(heard(found), Seated)
    return found


def heard(connection: socket.socket) -> object:
    """The next message, or None where the session hangs up."""
    head = whole(connection, HEAD.size)
    return read_answer(whole(connection, HEAD.unpack(head)[0])) if head else None


def whole(connection: socket.socket, many: int) -> bytes:
    """So many bytes: one call may bring fewer, as a socket with a time limit does not wait for all of them."""
    found = b""
    while len(found) < many and (more := connection.recv(many - len(found))):
        found += more
    return found


def asking(name: str, *arguments: object) -> bytes:
    return frame(Calling(0, encode(calls.message(name, arguments, {}))))


def test_a_viewer_that_does_not_read_is_sent_one_view_and_no_more(running: Running) -> None:
    with raw(running) as rude, closing(attach(running)) as other:
        for number in range(300):
            rude.sendall(asking("look_at", ViewRequest(parts=("smile",) if number % 2 else ())) + asking("view"))
        assert seen(other.port).version >= 0
        with running.client() as client:
            assert client.status().account == "demo"
        pictures = 0
        rude.settimeout(2)
        with suppress(TimeoutError):
            while isinstance(heard(rude), Picture):
                pictures += 1
        assert 1 <= pictures <= 100, "those asked for while one was under way were answered by the newest"


@pytest.mark.parametrize("body", [b"", b"\xc1", encode([1]), encode([0, {"type": "no such method"}]), encode([0, 5])])
def test_nonsense_is_refused_and_its_sender_dropped(running: Running, body: bytes) -> None:
    with raw(running) as rude:
        rude.sendall(HEAD.pack(len(bytes(body))) + bytes(body))
        answer = heard(rude)
        assert isinstance(answer, Refused)
        assert "not understood" in answer.why
        assert heard(rude) is None
    with running.client() as client:
        assert client.status().state == "ACTIVE"


def test_a_call_that_is_too_long_is_refused(running: Running) -> None:
    with raw(running) as rude:
        rude.sendall(HEAD.pack(LARGEST_CALL + 1))
        assert "are the most" in str(heard(rude))


def test_a_crowd_of_askers_pushes_no_viewer_out(running: Running) -> None:
    with closing(attach(running)) as remote:
        crowd = []
        for _ in range(40):
            asker = socket.socket(socket.AF_UNIX)
            asker.connect(str(running.place.socket))
            crowd.append(asker)
        view = seen(remote.port)
        remote.port.command(CommandRequest("note", text="still here"))
        seen(remote.port, lambda later: later.version > view.version)
        for asker in crowd:
            asker.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
def test_whatever_a_viewer_sends_the_session_answers(running: Running, body: bytes) -> None:
    with raw(running) as rude, suppress(OSError):
        rude.sendall(HEAD.pack(len(body)) + body)
        rude.shutdown(socket.SHUT_WR)
        while heard(rude) is not None:
            pass
    with running.client() as client:
        assert client.status().state == "ACTIVE"
