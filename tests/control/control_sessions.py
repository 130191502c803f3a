"""A real demo session that other terminals can reach, in this process or in one of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.config import load
from engine.control import Client, Control, Declined, NoAnswer, NoSession, Place
from engine.journal import JournalReader
from engine.session.compose import compose_demo
from engine.session.port import LocalPort
from engine.view import View
from strategies.registry import REGISTRY

PATIENCE = 60.0


def wait(condition: Callable[[], object], what: str = "the condition") -> None:
    """Until it comes true, which it must."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"{what} never came true"
        time.sleep(0.02)


class Running:
    """A demo session in this process with everything through which it is reached; its market hardly moves."""

    def __init__(self, folder: Path, speed: float = 0.001) -> None:
        journal = folder / "demo.sqlite"
        config = load(settings=[f'journal.path="{journal}"'])
        self.composed = compose_demo(config, REGISTRY, speed=speed, stay=True)
        self.place = Place(journal, "demo")
        self.port = LocalPort(self.composed.runner)
        self.control = Control(self.composed.runner, self.composed.writer.path, "demo")
        self.over = False

    def start(self) -> Running:
        self.control.open()
        self.port.start()
        self.until(lambda view: view.progress.now > view.progress.open)
        return self

    def until(self, condition: Callable[[View], object]) -> View:
        """The first view that fulfils the condition."""
        found: list[View] = []

        def holds() -> bool:
            view = self.port.view()
            found[:] = [view] if view is not None else []
            return view is not None and bool(condition(view))

        wait(holds, "a view")
        return found[0]

    def client(self, patience: float = 10.0) -> Client:
        return Client(self.place, patience)

    def stop(self) -> None:
        if not self.over:
            self.over = True
            outcome = self.port.stop()
            self.control.close(outcome)
            self.composed.close()


class Process:
    """``zdte-tui`` in a process of its own, its home in ``folder``."""

    def __init__(
        self,
        folder: Path,
        *words: str,
        before: Callable[[], None] | None = None,
    ) -> None:
        self.folder = folder
        self.env = environment(folder)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "zdte_tui", *words],
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "stderr").open("w"),
            preexec_fn=before,  # noqa: PLW1509 - no thread of ours runs yet
        )

    @property
    def state(self) -> Path:
        return self.folder / "state" / "zdte-tui"

    @property
    def place(self) -> Place:
        return Place(self.state / "demo.sqlite", "demo")

    @property
    def said(self) -> str:
        return (self.folder / "stderr").read_text()

    def ready(self) -> Process:
        """Once it answers."""
        wait(self._answers, f"an answer; it said: {self.said}")
        return self

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.said
        try:
            with Client(self.place, 2.0) as client:
                return client.status().now > 0
        except (NoSession, NoAnswer, Declined):  # it has not begun
            return False

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another terminal."""
        command = [sys.executable, "-m", "zdte_tui", *words]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=60, check=False)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Its exit code; it must end within the patience."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def leave(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait(PATIENCE)


def environment(folder: Path) -> dict[str, str]:
    """Of somebody whose home is ``folder``."""
    names = {f"XDG_{name.upper()}_HOME": str(folder / name) for name in ("config", "data", "state")}
    return {**os.environ, "HOME": str(folder), **names}


def rows(journal: Path, record: str) -> Sequence[object]:
    """The records of one kind in the last session of a journal."""
    with JournalReader(journal) as reader:
        (session,) = reader.select("last")
        return [each for each in reader.records(session.session) if type(each).__name__ == record]
