"""A desktop's Secret Service that is locked, on a real bus: it is never asked to unlock, so that no window opens."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from account_server import KEY_ID, SECRET

from engine.alpaca.key_ring import NoKeyring, forget_in_ring, ring_pair, store_in_ring

pytest.importorskip("jeepney", reason="keyring brings it on Linux only, where the Secret Service is")
from jeepney import HeaderFields, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

pytestmark = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="no dbus-daemon to start a bus with")


class LockedService:
    """org.freedesktop.secrets with one collection, which is locked; ``asked`` are the methods it was called with."""

    def __init__(self, address: str) -> None:
        self.asked: list[str] = []
        self.connection: DBusConnection = open_dbus_connection(address)
        self.connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.secrets"))
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                call = self.connection.receive()
            except (OSError, EOFError):
                return
            if call.header.message_type is not MessageType.method_call:
                continue
            member = call.header.fields[HeaderFields.member]
            self.asked.append(member)
            if member == "Get":
                name = call.body[1]
                value = ("b", True) if name == "Locked" else ("s", "Login") if name == "Label" else ("ao", [])
                self.connection.send(new_method_return(call, "v", (value,)))
            elif member == "ReadAlias":
                self.connection.send(new_method_return(call, "o", ("/org/freedesktop/secrets/collection/login",)))
            elif member == "SearchItems":
                self.connection.send(new_method_return(call, "ao", ([],)))
            else:
                self.connection.send(new_error(call, "org.freedesktop.DBus.Error.NotSupported", "s", ("no",)))


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "bus.conf").write_text(
        f"<busconfig><type>session</type><listen>unix:dir={tmp_path}</listen><policy context='default'>"
        "<allow send_destination='*'/><allow own='*'/><allow eavesdrop='false'/></policy></busconfig>"
    )
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={tmp_path / 'bus.conf'}", "--nofork", "--print-address"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert daemon.stdout is not None
    yield daemon.stdout.readline().strip()
    daemon.kill()
    daemon.wait()


def test_a_locked_keyring_is_no_error_and_nobody_is_asked_for_a_password(bus: str) -> None:
    service = LockedService(bus)
    env = {"DBUS_SESSION_BUS_ADDRESS": bus}
    for act in (
        lambda: ring_pair("paper", env),
        lambda: store_in_ring("paper", KEY_ID, SECRET, env),
        lambda: forget_in_ring("paper", env),
    ):
        with pytest.raises(NoKeyring, match="it is locked, and opening it would ask for a password in a window"):
            act()
    assert "Get" in service.asked
    assert not {"Unlock", "Prompt", "CreateItem", "CreateCollection"} & set(service.asked)
