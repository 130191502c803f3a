"""Sessions that outlive their terminal: where they are reached, what they did, and ending them after a test."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.control import Client, Declined, NoAnswer, NoSession, Place, Status
from engine.events import CommandRecord
from engine.journal import JournalReader, is_written

PATIENCE = 120.0
"""Seconds for a condition on a machine that is busy; one that comes true ends the wait at once."""


class Lasting:
    """The demo session of a home; found by its socket, whatever became of its terminal."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.journal = home / "xdg_state_home" / "zdte-tui" / "demo.sqlite"
        self.place = Place(self.journal, "demo")
        self.pid = 0

    def status(self) -> Status:
        """How it stands; fails where it cannot be reached."""
        with Client(self.place, 20.0) as client:
            self.pid = client.hello.pid
            return client.status()

    def answers(self) -> bool:
        """Whether it can be reached."""
        try:
            self.status()
        except (NoSession, NoAnswer, Declined):
            return False
        return True

    def until(self, condition: Callable[[Status], object], what: str) -> Status:
        """The first status that fulfils the condition."""
        found: list[Status] = []

        def holds() -> bool:
            found[:] = [self.status()]
            return bool(condition(found[0]))

        wait(holds, what)
        return found[0]

    @property
    def runs(self) -> bool:
        """Whether its process writes the journal."""
        return is_written(self.journal)

    def commands(self) -> list[CommandRecord]:
        """The commands in the journal, whoever gave them."""
        with JournalReader(self.journal) as reader:
            (session,) = reader.select("last")
            return [each for each in reader.records(session.session) if isinstance(each, CommandRecord)]

    def outcomes(self) -> list[str]:
        """How its runs ended."""
        with JournalReader(self.journal) as reader:
            (session,) = reader.select("last")
            return [run.outcome for run in reader.runs(session.session)]

    def end(self, number: int = signal.SIGTERM) -> None:
        """Send a signal and wait until it has ended."""
        os.kill(self.pid, number)
        wait(lambda: not self.runs, "the end of the session")


def wait(condition: Callable[[], object], what: str) -> None:
    """Until it comes true, which it must."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"{what} never came"
        time.sleep(0.05)


@contextmanager
def lasting(home: Path) -> Iterator[Lasting]:
    """The session of a home; what is left of it after the test is killed."""
    found = Lasting(home)
    try:
        yield found
    finally:
        if found.runs and found.pid:
            os.kill(found.pid, signal.SIGKILL)
