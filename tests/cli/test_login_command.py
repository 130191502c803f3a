"""``zdte-tui login``: keys go in unseen, are checked, and lie where they were said to lie."""

from __future__ import annotations

import io
import os
import pty
import select
import stat
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from account_server import (
    HTML,
    KEY_ID,
    LIVE_ID,
    LIVE_SECRET,
    SECRET,
    AccountServer,
    Ring,
    account_server,
    closed_port,
    make_ring,
)

from engine.alpaca.key_file import key_file, read_pair, store_pair
from engine.alpaca.key_places import VARIABLES
from zdte_tui import exits

PAPER = f"{KEY_ID}\n{SECRET}\n"
LIVE = f"{LIVE_ID}\n{LIVE_SECRET}\n"

Login = Callable[..., object]


@pytest.fixture(autouse=True)
def nobodys_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for pairs in VARIABLES.values():
        for name in (name for pair in pairs for name in pair):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture
def server() -> Iterator[AccountServer]:
    with account_server() as found:
        yield found


@pytest.fixture
def login(run, monkeypatch: pytest.MonkeyPatch, server: AccountServer):  # type: ignore[no-untyped-def]
    """``zdte-tui login`` with a pipe that brings ``told``, against the server. No key is ever in what it says."""

    def command(told: str | bytes, *words: str, url: str = ""):  # type: ignore[no-untyped-def]
        content = told if isinstance(told, bytes) else told.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        address = url or server.url
        settings = [f"--set=alpaca.{name}_url={address}" for name in ("trading", "live")]
        said = run("login", *settings, *words)
        for key in (KEY_ID, SECRET, LIVE_ID, LIVE_SECRET):
            assert key not in said.out + said.err
        return said

    return command


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = make_ring(tmp_path / "ring")
    for name, value in made.environ.items():
        monkeypatch.setenv(name, value)
    return made


def test_paper_keys_are_checked_and_stored(login, server: AccountServer) -> None:
    said = login(PAPER)
    assert said.code == exits.OK
    assert said.out.splitlines() == [
        f"SIMULATED paper account ******ABCD at {server.url}; status ACTIVE; options level 3",
        f"paper keys stored in {key_file()}",
    ]
    assert said.err == ""
    assert server.asked == [("/v2/account", KEY_ID, SECRET)]
    assert read_pair(key_file(), "paper") == (KEY_ID, SECRET)
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600


def test_live_keys_lie_beside_the_others(login) -> None:
    login(PAPER)
    said = login(LIVE, "--live")
    assert said.out.startswith("SIMULATED live account ******ABCD at ")
    assert read_pair(key_file(), "live") == (LIVE_ID, LIVE_SECRET)
    assert read_pair(key_file(), "paper") == (KEY_ID, SECRET)


def test_an_account_that_cannot_trade_spreads_or_at_all_is_said(login, server: AccountServer) -> None:
    server.account |= {"options_trading_level": 2, "status": "ACCOUNT_UPDATED", "account_blocked": True}
    said = login(PAPER)
    assert "status ACCOUNT_UPDATED; options level 2 (spreads need 3); it cannot trade: account_blocked" in said.out


@pytest.mark.parametrize(
    ("status", "body", "code", "told"),
    [
        (401, '{"message": "forbidden."}', exits.NO_AUTH, "refuses them (HTTP 401): are id and secret whole"),
        (403, '{"code": 40310000, "message": "forbidden."}', exits.NO_AUTH, "refuses them (HTTP 403)"),
        (200, HTML, exits.UNAVAILABLE, "is not Alpaca's trading API"),
        (404, HTML, exits.UNAVAILABLE, "(HTTP 404)"),
        (502, HTML, exits.RETRY, "HTTP 502"),
        (429, "", exits.RETRY, "wait a minute"),
    ],
)
def test_keys_that_are_refused_or_cannot_be_checked_are_not_stored(
    login, server: AccountServer, status: int, body: str, code: int, told: str
) -> None:
    server.status, server.body = status, body
    said = login(PAPER)
    assert (said.code, told in said.line) == (code, True), said.line
    assert "nothing was stored" in said.line
    assert not key_file().exists()


def test_a_wrong_key_leaves_the_good_one(login) -> None:
    login(PAPER)
    assert login(f"{KEY_ID}\nanother-secret\n").code == exits.NO_AUTH
    assert read_pair(key_file(), "paper") == (KEY_ID, SECRET)


def test_without_a_network_nothing_is_stored_unless_nothing_is_checked(login) -> None:
    nowhere = closed_port()
    said = login(PAPER, url=nowhere)
    assert said.code == exits.UNAVAILABLE
    assert "cannot be reached" in said.line
    assert not key_file().exists()
    said = login(PAPER, "--no-check", url=nowhere)
    assert said.out == f"paper keys not checked, stored in {key_file()}\n"


def test_a_server_that_says_nothing_is_not_waited_for(login, server: AccountServer) -> None:
    server.silent = True
    said = login(PAPER, "--set=alpaca.read_seconds=0.2", "--set=alpaca.connect_seconds=0.5")
    assert said.code == exits.RETRY
    assert "did not answer in time (0.5 s to connect and 0.2 s to answer): try again; nothing was stored" in said.line
    assert not key_file().exists()


def test_live_keys_are_not_sent_unencrypted(login) -> None:
    said = login(LIVE, "--live", url="http://api.alpaca.markets")
    assert (said.code, "is not encrypted" in said.line) == (exits.UNAVAILABLE, True)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("", exits.NO_INPUT),
        (KEY_ID, exits.NO_INPUT),
        (f"{KEY_ID}\n", exits.NO_INPUT),
        (f"{KEY_ID}\n\n", exits.NO_INPUT),
        (f"\n{SECRET}\n", exits.DATA),
        (f"{KEY_ID}\n{KEY_ID}\n", exits.DATA),
        (f"{SECRET}\n{KEY_ID}\n", exits.DATA),
        (LIVE, exits.DATA),
        (f'"{KEY_ID}"\n{SECRET}\n', exits.DATA),
        (b"\xff\xfe\n\x00\x01\n", exits.DATA),
        ("x" * 100_000, exits.DATA),
    ],
)
def test_what_is_no_pair_is_one_line_and_nothing_is_asked(
    login, server: AccountServer, told: str | bytes, code: int
) -> None:
    said = login(told)
    assert said.code == code, said.line
    assert "nothing was stored" in said.line
    assert server.asked == []
    assert not key_file().exists()


def test_a_standard_input_that_cannot_be_read(home: Path) -> None:
    with (home / "written").open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "zdte_tui", "login"], stdin=out, capture_output=True, text=True, check=False
        )
    assert done.returncode == exits.NO_INPUT
    assert done.stderr.startswith("zdte-tui: standard input: ")
    assert done.stderr.count("\n") == 1


def test_line_ends_of_other_systems_and_a_missing_last_one(login) -> None:
    assert login(f"{KEY_ID}\r\n  {SECRET}").code == exits.OK
    assert read_pair(key_file(), "paper") == (KEY_ID, SECRET)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--key", "x"], "unrecognized arguments: --key"),
        ([KEY_ID, SECRET], "unrecognized arguments"),
        (["--file", "--keyring"], "not allowed with argument"),
        (["--show", "--forget"], "not allowed with argument"),
        (["--show", "--no-check"], "--show takes no --no-check"),
        (["--forget", "--keyring"], "--forget takes no --keyring"),
    ],
)
def test_no_option_takes_a_key(run, words: list[str], told: str) -> None:
    said = run("login", *words)
    assert (said.code, told in said.line) == (exits.USAGE, True), said.line


def test_a_file_that_others_may_read_is_left_as_it_is(login) -> None:
    store_pair(key_file(), "live", LIVE_ID, LIVE_SECRET)
    key_file().chmod(0o644)
    said = login(PAPER)
    assert said.code == exits.CANNOT_CREATE
    assert f"chmod 600 {key_file()}" in said.err
    key_file().chmod(0o600)
    assert read_pair(key_file(), "paper") is None


def test_the_keyring(login, ring: Ring, run) -> None:
    said = login(PAPER, "--keyring")
    assert said.out.splitlines()[-1] == "paper keys stored in the keyring"
    assert sorted(ring.kept.values()) == sorted([KEY_ID, SECRET])
    assert not key_file().exists()
    assert "keyring      the keyring: these count" in run("login", "--show").out


def test_a_keyring_that_is_not_there_is_one_line_and_nothing_is_stored(login) -> None:
    said = login(PAPER, "--keyring", "--no-check")
    assert said.code == exits.CANNOT_CREATE
    assert said.line == (
        "zdte-tui: the keyring cannot be used: there is none here; nothing was stored: "
        "without --keyring they go into a file"
    )
    assert not key_file().exists()


def test_who_stores_keys_that_will_not_count_is_told(login, ring: Ring, home: Path, monkeypatch) -> None:
    login(PAPER)
    assert login(PAPER, "--keyring").err == f"zdte-tui: the keys in {key_file()} come first, and count\n"
    folder = home / "credentials"
    folder.mkdir()
    (folder / "alpaca-paper-key-id").write_text(KEY_ID)
    (folder / "alpaca-paper-key-id").chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    assert "do not count until this is mended: half a pair" in login(PAPER).err


def test_show_says_where_keys_lie_and_which_count(login, run, ring: Ring, monkeypatch) -> None:
    login(PAPER)
    login(PAPER, "--keyring")
    monkeypatch.setenv("APCA_API_KEY_ID", KEY_ID)
    said = run("login", "--show")
    assert said.code == exits.OK
    assert said.out.splitlines()[:5] == [
        "paper keys",
        "  credentials  none: $CREDENTIALS_DIRECTORY (not set)",
        f"  file         {key_file()}: these count",
        "  keyring      the keyring: there, but an earlier place counts",
        "  environment  cannot be used: half a pair in the environment (APCA_API_KEY_ID and APCA_API_SECRET_KEY): "
        "APCA_API_KEY_ID is there, APCA_API_SECRET_KEY is not: set both right, or unset both",
    ]
    assert said.out.splitlines()[-1] == "  none anywhere: `zdte-tui login --live` stores them"
    for key in (KEY_ID, SECRET):
        assert key not in said.out + said.err
    assert run("login", "--show", "--live").out.startswith("live keys\n")


def test_forget_removes_one_kind_from_file_and_keyring(login, run, ring: Ring) -> None:
    login(PAPER)
    login(LIVE, "--live")
    login(PAPER, "--keyring")
    said = run("login", "--forget")
    assert said.out == f"paper keys removed from {key_file()} and the keyring\n"
    assert ring.kept == {}
    assert read_pair(key_file(), "paper") is None
    assert read_pair(key_file(), "live") == (LIVE_ID, LIVE_SECRET)
    assert run("login", "--forget", "--live").code == exits.OK
    assert not key_file().exists()
    assert run("login", "--forget").out == "no paper keys of login's: nothing to remove\n"


def test_forget_says_what_is_still_there(run, monkeypatch) -> None:
    for name, value in zip(VARIABLES["paper"][0], (KEY_ID, SECRET), strict=True):
        monkeypatch.setenv(name, value)
    said = run("login", "--forget")
    assert "still holds some, which login did not store" in said.err
    assert SECRET not in said.err + said.out


def test_at_a_terminal_keys_are_typed_unseen(home: Path, server: AccountServer) -> None:
    command = [sys.executable, "-m", "zdte_tui", "login", f"--set=alpaca.trading_url={server.url}"]
    master, slave = pty.openpty()
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    told = b""
    for prompt, typed in ((b"paper key id: ", KEY_ID), (b"paper secret: ", SECRET)):
        told += until(master, prompt)
        unechoed(master)
        os.write(master, typed.encode() + b"\n")
    told += until(master, b"stored in ")
    assert process.wait(20) == 0
    os.close(slave)
    os.close(master)
    assert KEY_ID.encode() not in told
    assert SECRET.encode() not in told
    assert read_pair(key_file(), "paper") == (KEY_ID, SECRET)


def test_an_end_of_input_at_the_terminal_stores_nothing(home: Path) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "zdte_tui", "login"]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    until(master, b"paper key id: ")
    unechoed(master)
    os.write(master, b"\x04")
    assert b"nothing was stored" in until(master, b"nothing was stored")
    assert process.wait(20) == exits.NO_INPUT
    os.close(slave)
    os.close(master)
    assert not key_file().exists()


def until(master: int, what: bytes) -> bytes:
    """What the terminal shows until it shows that."""
    told, end = b"", time.monotonic() + 20
    while what not in told:
        assert time.monotonic() < end, told
        if select.select([master], [], [], 0.1)[0]:
            told += os.read(master, 4096)
    return told


def unechoed(master: int) -> None:
    """Wait until what is typed is not shown."""
    end = time.monotonic() + 60
    while termios.tcgetattr(master)[3] & termios.ECHO:
        assert time.monotonic() < end, "it would show what is typed"
        time.sleep(0.005)
