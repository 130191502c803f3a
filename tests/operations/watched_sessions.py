"""A real demo session that is watched, in this process or in one of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from engine.config import load
from engine.session.compose import compose_demo
from engine.session.port import LocalPort
from engine.view import View
from strategies.registry import REGISTRY
from zdte_tui.watching import Watching

PATIENCE = 60.0


class Said(NamedTuple):
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> Any:
        """What it wrote, as JSON."""
        return json.loads(self.out)


Run = Callable[..., Said]


def wait(condition: Callable[[], object], what: str = "the condition") -> None:
    """Until it comes true, which it must."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"{what} never came true"
        time.sleep(0.02)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def get(port: int, path: str) -> tuple[int, str]:
    """Status and body."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except urllib.error.URLError as error:
        raise error.reason if isinstance(error.reason, OSError) else error from None


class Watched:
    """A demo session in this process, watched as the program has it; its market hardly moves."""

    def __init__(self, folder: Path, *settings: str, port: int | None = None, speed: float = 0.001) -> None:
        self.port = free_port() if port is None else port
        journal = folder / "demo.sqlite"
        config = load(settings=[f'journal.path="{journal}"', f"health.port={self.port}", *settings])
        self.composed = compose_demo(config, REGISTRY, speed=speed, stay=True)
        self.runner = self.composed.runner
        self.port_to_it = LocalPort(self.runner)
        self.watching = Watching(self.composed, config)
        self._over = False

    def start(self) -> Watched:
        self.port_to_it.start()
        self.until(lambda view: view.progress.now > view.progress.open)
        return self

    def until(self, condition: Callable[[View], object]) -> View:
        """The first view that fulfils the condition."""
        found: list[View] = []

        def holds() -> bool:
            view = self.port_to_it.view()
            found[:] = [view] if view is not None else []
            return view is not None and bool(condition(view))

        wait(holds, "a view")
        return found[0]

    @contextmanager
    def stuck(self) -> Iterator[None]:
        """Its thread waits in a callback, as it would in one that hangs."""
        held, free = threading.Event(), threading.Event()

        def hang(*_: object) -> None:
            held.set()
            free.wait(PATIENCE)

        self.runner.watch(hang)
        self.runner.send(_note())
        assert held.wait(PATIENCE)
        try:
            yield
        finally:
            free.set()

    def age(self, seconds: float) -> None:
        """As if it had been stuck for so long."""
        self.runner.turned -= seconds

    def breaks(self, why: str) -> None:
        """The engine raises at its next event."""

        def fail(_event: object) -> None:
            raise RuntimeError(why)

        self.runner._playing.engine.process = fail  # type: ignore[assignment]
        self.runner.send(_note())
        wait(lambda: self.runner.error, "the failure")

    def stop(self) -> str:
        if self._over:
            return ""
        self._over = True
        outcome = self.port_to_it.stop()
        self.watching.close(outcome)
        self.composed.close()
        return outcome


def _note() -> object:
    from engine.view import CommandRequest

    return CommandRequest("note", text="a note")


class Process:
    """``zdte-tui`` in a process of its own, its home in ``folder``."""

    def __init__(self, folder: Path, *words: str, env: dict[str, str] | None = None) -> None:
        self._stderr = folder / "stderr"
        self.env = environment(folder) | (env or {})
        self.process = subprocess.Popen(
            [sys.executable, "-m", "zdte_tui", *words],
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr.open("w"),
        )

    @property
    def said(self) -> str:
        return self._stderr.read_text()

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Until it holds; a refused connection is not yet."""

        def holds() -> bool:
            assert self.process.poll() is None, self.said
            try:
                return bool(condition())
            except (OSError, http.client.HTTPException):
                return False

        wait(holds, f"what was awaited; it said: {self.said}")

    def end(self, number: int = signal.SIGTERM) -> int:
        """Its exit code; it must end within the patience."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def leave(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)


def environment(folder: Path) -> dict[str, str]:
    """Of somebody whose home is ``folder``, with no systemd and no secrets."""
    names = {f"XDG_{name.upper()}_HOME": str(folder / name) for name in ("config", "data", "state")}
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ZDTE_PUSH", "ZDTE_HEARTBEAT", "NOTIFY_", "WATCHDOG_", "CREDENTIALS"))
    }
    return {**kept, "HOME": str(folder), **names}
