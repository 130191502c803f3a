"""Canaries: keys that are put everywhere they may lie, and then looked for everywhere else."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from account_server import (
    KEY_ID,
    LIVE_ID,
    LIVE_SECRET,
    SECRET,
    AccountServer,
    Ring,
    account_server,
    make_ring,
)

from engine.alpaca.key_places import VARIABLES
from engine.alpaca.key_ring import names

PUSH, BEAT = "pUsHcAnArY-71k-hook", "bEaTcAnArY-39m-ping"

CRASH = """
import sys
from engine.alpaca.key_places import find_keys
from engine.core.engine import Engine
from zdte_tui.main import main

process, left = Engine.process, 500

def breaks(self, event):
    global left
    left -= 1
    if not left:
        keys = {"paper": find_keys("paper"), "live": find_keys("live")}
        raise RuntimeError(f"a broker's session broke with {keys}", keys)
    return process(self, event)

Engine.process = breaks
sys.exit(main(sys.argv[1:]))
"""


class House:
    """A home whose every place holds keys, and the program run in it; all it ever says is kept."""

    def __init__(self, folder: Path, ring: Ring, server: AccountServer) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.said: list[str] = []
        self.credentials = folder / "credentials"
        self.credentials.mkdir()
        self.stored = {ring.folder / "kept.json", self.home / "config" / "zdte-tui" / "keys.toml"}
        self._set = [f"--set=alpaca.{name}_url={server.url}" for name in ("trading", "live", "data")]
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("APCA", "ALPACA"))}
        self.env |= {
            **ring.environ,
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_RUNTIME_DIR": str(self.home),
            "TMPDIR": str(self.home),
        }
        self.env["PYTHONPATH"] = os.pathsep.join([str(ring.folder), str(Path(__file__).parents[2])])

    def put_everywhere_else(self) -> None:
        """Into systemd's folder and the environment, where login puts none."""
        for kind, pair in (("paper", (KEY_ID, SECRET)), ("live", (LIVE_ID, LIVE_SECRET))):
            for name, value in zip(names(kind), pair, strict=True):  # type: ignore[arg-type]
                path = self.credentials / name
                path.write_text(value)
                path.chmod(0o400)
                self.stored.add(path)
            for variables in VARIABLES[kind]:  # type: ignore[index]
                self.env |= dict(zip(variables, pair, strict=True))
        self.env["CREDENTIALS_DIRECTORY"] = str(self.credentials)
        path = self.credentials / "zdte-push-urls"  # nobody listens there: what libraries say of that is told nowhere
        path.write_text(f"json://127.0.0.1:1/{PUSH}\ngotify://127.0.0.1:1/{PUSH}AbCdEfGh\n")
        path.chmod(0o400)
        self.stored.add(path)
        self.env["ZDTE_HEARTBEAT_URL"] = f"http://127.0.0.1:1/{BEAT}"

    def __call__(
        self, *words: str, stdin: str = "", codes: tuple[int, ...] = (0,), program: str = "", alpaca: bool = False
    ) -> str:
        start = [sys.executable, "-c", program] if program else [sys.executable, "-m", "zdte_tui"]
        done = subprocess.run(
            [*start, *words, *(self._set if alpaca else [])],
            input=stdin, env=self.env, cwd=self.home, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.said.append(done.stdout + done.stderr)
        assert done.returncode in codes, done.stdout + done.stderr
        return done.stdout + done.stderr

    def leaks(self) -> list[str]:
        """Where a key is found, in the clear or in one of its usual disguises."""
        disguises = [form for key in (KEY_ID, SECRET, LIVE_ID, LIVE_SECRET, PUSH, BEAT) for form in disguised(key)]
        files = [path for path in self.folder.rglob("*") if path.is_file() and path not in self.stored]
        everything = [(str(path), path.read_bytes()) for path in files]
        everything += [(f"output {at}", text.encode()) for at, text in enumerate(self.said)]
        assert len(files) > 5
        return [place for place, content in everything if any(form in content for form in disguises)]


def disguised(key: str) -> set[bytes]:
    plain = key.encode()
    return {
        plain,
        base64.b64encode(plain).rstrip(b"=")[:-1],
        plain.hex().encode(),
        quote(key, safe="").encode(),
        json.dumps(key).replace("/", "\\/")[1:-1].encode(),
        key.encode("utf-16-le"),
        plain[:-3],
    }


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with account_server() as server:
        yield House(tmp_path, make_ring(tmp_path / "ring"), server)


def test_the_search_finds_what_it_looks_for(house: House) -> None:
    house.said = [f"a log with {SECRET} in it"]
    for at in range(6):
        (house.home / f"innocent{at}").write_text("nothing")
    assert house.leaks() == ["output 0"]
    house.said = []
    (house.home / "journal.sqlite").write_bytes(b"\x00" + base64.b64encode(LIVE_SECRET.encode()) + b"\x00")
    assert house.leaks() == [str(house.home / "journal.sqlite")]


def test_keys_are_nowhere_but_where_they_were_stored(house: House) -> None:
    paper, live = f"{KEY_ID}\n{SECRET}\n", f"{LIVE_ID}\n{LIVE_SECRET}\n"
    house("login", stdin=paper, alpaca=True)
    house("login", "--live", stdin=live, alpaca=True)
    house("login", "--keyring", stdin=paper, alpaca=True)
    house("login", stdin=f"{KEY_ID}\n{LIVE_SECRET}\n", alpaca=True, codes=(77,))
    house("login", "--live", stdin=f"{LIVE_ID}\n{LIVE_ID}\n", alpaca=True, codes=(65,))
    house.put_everywhere_else()
    assert "these count" in house("login", "--show")
    assert "keys in" in house("doctor", "--json", codes=(0, 69))  # of the machine, not of the keys
    for words in (["account"], ["account", "--live", "--json"], ["data", "download", "SPY", "2024-08-07"]):
        house(*words, alpaca=True, codes=(0, 66, 69, 75, 77))  # the server knows one account, and nothing else
    house("config", "show")
    house("config", "check")
    house("push", "show")
    house("check", "--mode", "paper", alpaca=True, codes=(69,))
    assert "NOT SENT" in house("push", "test", "--heartbeat", codes=(69,))

    demo = ("--demo", "--no-ui", "--json", "--speed", "max", "--set", "demo.date=2025-11-28")  # a half-day
    demo = (*demo, "--set", 'push.modes=["demo"]', "--set", "push.heartbeat_seconds=1")
    crashed = house(*demo, program=CRASH, codes=(70,))
    assert "a broker's session broke with {'paper': Keys(source=" in crashed
    log = house.home / "state" / "zdte-tui" / "zdte-tui.log"
    assert "a broker's session broke with" in log.read_text()
    house(*demo)
    house("journal", "backup")
    house("sessions")
    house("journal", "export")
    house("login", "--forget")

    kinds = {path.suffix for path in house.home.rglob("*") if path.is_file()}
    assert {".sqlite", ".log"} <= kinds
    assert house.leaks() == []
