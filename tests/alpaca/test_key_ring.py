"""The keyring: asked in a process of its own, ended when it hangs, never a window, never a key on a command line."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from account_server import KEY_ID, SECRET, Ring, make_ring

from engine.alpaca.key_ring import NoKeyring, forget_in_ring, ring_pair, store_in_ring

ENTRY = {"zdte-tui/alpaca-paper-key-id": KEY_ID, "zdte-tui/alpaca-paper-secret": SECRET}


@pytest.fixture
def ring(tmp_path: Path) -> Ring:
    return make_ring(tmp_path / "ring")


def test_a_pair_is_stored_read_and_forgotten(ring: Ring) -> None:
    assert ring_pair("paper", ring.environ) is None
    store_in_ring("paper", KEY_ID, SECRET, ring.environ)
    assert ring.kept == ENTRY
    assert ring_pair("paper", ring.environ) == (KEY_ID, SECRET)
    assert ring_pair("live", ring.environ) is None
    assert not forget_in_ring("live", ring.environ)
    assert forget_in_ring("paper", ring.environ)
    assert ring.kept == {}


def test_one_that_hangs_is_ended(ring: Ring) -> None:
    ring.misbehave("hang")
    before = time.monotonic()
    with pytest.raises(NoKeyring, match=r"did not answer within 0\.6 s"):
        ring_pair("paper", ring.environ, patience=0.6)
    assert time.monotonic() - before < 30  # it would sleep for a minute


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("talk", "asking it ended with RuntimeError"),
        ("window", "it is locked, and opening it would ask for a password in a window"),
        ("die", "the process that asks it failed"),
        ("forgets", "it did not keep what was stored"),
        ("no secret", "asking it ended with OSError"),
    ],
)
def test_one_that_misbehaves_stores_nothing_and_is_told_without_its_own_words(ring: Ring, way: str, told: str) -> None:
    ring.misbehave(way)
    with pytest.raises(NoKeyring) as caught:
        store_in_ring("paper", KEY_ID, SECRET, ring.environ)
    assert str(caught.value) == told
    assert ring.kept == {}


def test_a_secret_that_is_refused_leaves_the_old_pair(ring: Ring) -> None:
    store_in_ring("paper", KEY_ID, SECRET, ring.environ)
    ring.misbehave("no secret")
    with pytest.raises(NoKeyring):
        store_in_ring("paper", "PKNEWER", "newer-secret", ring.environ)
    assert ring.kept["zdte-tui/alpaca-paper-key-id"] == KEY_ID


@pytest.mark.parametrize(
    ("backend", "told"),
    [
        ("keyring.backends.null.Keyring", "there is none here"),
        ("keyring.backends.fail.Keyring", "there is none here"),
        ("no.such.Ring", "asking it ended with ModuleNotFoundError"),
    ],
)
def test_no_keyring(backend: str, told: str) -> None:
    with pytest.raises(NoKeyring, match=told):
        ring_pair("paper", {"PYTHON_KEYRING_BACKEND": backend})


def test_a_machine_without_a_desktop_has_none() -> None:
    with pytest.raises(NoKeyring):
        ring_pair("paper", {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"})


def test_keys_of_the_environment_do_not_reach_the_process_that_asks(ring: Ring) -> None:
    text = (ring.folder / "ring_of_a_test.py").read_text()
    told = "Path(__file__).with_name('environ').write_text(repr(dict(os.environ)) + repr(__import__('sys').argv))\n"
    (ring.folder / "ring_of_a_test.py").write_text(text + told)
    env = {**ring.environ, "APCA_API_KEY_ID": KEY_ID, "ALPACA_LIVE_SECRET_KEY": SECRET}
    store_in_ring("paper", KEY_ID, SECRET, env)
    told = (ring.folder / "environ").read_text()
    assert "PYTHONPATH" in told
    assert KEY_ID not in told
    assert SECRET not in told


def test_a_bus_that_never_answers_is_not_waited_for(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        bus.listen()
        with pytest.raises(NoKeyring, match=r"did not answer within 0\.8 s"):
            ring_pair("paper", {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'bus'}"}, patience=0.8)
