"""``zdte-tui exchange --http``: says where it is, keeps its made-up keys to itself, serves the SDK, ends in a line."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.venue.key_folder import kept_access


@contextmanager
def exchange(home: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command while it runs, and what it said as it came up."""
    command = [sys.executable, "-m", "zdte_tui", "exchange", "--http", "0", *options]
    env = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "APCA", "ALPACA"))}
    process = subprocess.Popen(command, env=env | {"HOME": str(home)}, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = []
    try:
        for line in process.stderr:
            said.append(line)
            if line.startswith("Ctrl+C"):
                break
        yield process, "".join(said)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        process.stderr.close()


def test_it_serves_the_sdk_for_each_account_and_ends_at_an_interrupt(tmp_path: Path) -> None:
    from alpaca.trading.client import TradingClient

    with exchange(tmp_path, "--speed", "60", "--start", "10:00", "--accounts", "2") as (process, said):
        assert said.startswith("SIMULATED exchange in Alpaca's protocols: SPXW ")
        assert "60x from 10:00:00 New York" in said
        url = re.search(r"TradingClient\(key, secret, url_override='(http://127\.0\.0\.1:\d+)'\)", said)
        assert url is not None
        folders = [Path(found) for found in re.findall(r"keys of \w+: (.+)", said)]
        assert [folder.name for folder in folders] == ["rehearsal", "rehearsal2"]
        numbers = set()
        for folder in folders:
            key, secret = ((folder / f"alpaca-paper-{name}").read_text().strip() for name in ("key-id", "secret"))
            assert secret not in said
            assert key not in said
            client = TradingClient(key, secret, url_override=url[1])
            numbers.add(client.get_account().account_number)
            assert client.get_clock().is_open
        assert len(numbers) == 2
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        last = process.stderr.read()
        assert last.splitlines()[0] == "the exchange is closed; its orders, positions and money are gone"
        assert process.wait(10) == 0


def test_keys_are_the_owners_alone_and_stay_from_run_to_run(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first = kept_access(folder, ("one",))
    again = kept_access(folder, ("one", "two"))
    assert again.keys["one"].key_id == first.keys["one"].key_id
    assert again.keys["one"].secret == first.keys["one"].secret
    assert again.keys["two"].secret != first.keys["one"].secret
    for path in folder.rglob("alpaca-paper-*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "one").stat().st_mode) == 0o700


def test_keys_that_are_not_of_its_making_are_not_used(tmp_path: Path) -> None:
    """A folder that holds another pair, maybe a real one, is not an exchange's."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "alpaca-paper-key-id").write_text("PKNOTOURS\n")
    (tmp_path / "one" / "alpaca-paper-secret").write_text("not-of-this-exchange\n")
    with pytest.raises(FileExistsError, match="other keys"):
        kept_access(tmp_path, ("one",))
    assert (tmp_path / "one" / "alpaca-paper-key-id").read_text() == "PKNOTOURS\n"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--speed", "60"], "--speed goes with --http"),
        (["--http", "0", "--source", "sim"], "--source goes with --replay"),
        (["--http", "0", "--start", "08:00"], "--start 08:00 is not in that day: from 09:00 to before 16:00"),
        (["--http", "0", "--replay", "2024-08-10"], "2024-08-10 is a Saturday"),
    ],
)
def test_a_mistake_is_one_line(options: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    from zdte_tui.main import main

    assert main(["exchange", *options]) == 64
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


def test_a_port_that_is_taken_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    from zdte_tui.main import main

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["exchange", "--http", str(port)]) == 69
    said = capsys.readouterr().err
    assert f"cannot listen at 127.0.0.1:{port}: Address already in use; choose another with --http PORT" in said
