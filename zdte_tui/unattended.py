"""A session that no terminal holds: what is done when its terminal is lost, and when it is to end by itself."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.config.model import TerminalTable
    from engine.control import Seats
    from engine.events import Tick
    from engine.session.compose import Composed
    from engine.types import CommandKind
    from engine.view import View

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


class Unattended:
    """Looks after a session while it goes on without a screen of its own; on a thread of its own once it is begun.

    A demo or a replay that is over or paused, and that no screen is attached to, ends after ``linger_minutes``.

    Args:
        ends: whether the session ends by itself when its day is over.
    """

    def __init__(self, composed: Composed, seats: Seats, terminal: TerminalTable, ends: bool = False) -> None:
        self._composed = composed
        self._seats = seats
        self._terminal = terminal
        self._ends = ends
        self._end_when_flat = False
        self._flattened = threading.Event()
        self._idle_since: float | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="unattended", daemon=True)

    def begin(self) -> None:
        """Look after it from now on."""
        self._thread.start()

    def close(self) -> None:
        """The session has ended."""
        self._stopping.set()

    def lost(self, why: str) -> None:
        """The terminal is lost: do what ``terminal.lost`` says, and have the journal say so."""
        from engine.view import CommandRequest, Pace

        said, runner = f"the terminal was lost ({why})", self._composed.runner
        if not self._composed.for_account:  # what is recorded of a day does not depend on who looked at it
            log.warning("%s: the replay goes on; zdte-tui attach brings it back", said)
            return
        policy = self._terminal.lost
        log.warning("%s; policy %s: the session goes on without a screen", said, policy)
        kind: CommandKind = "alarm" if policy == "keep" else policy
        after = ": the session goes on without a screen" if policy == "keep" else ""

        def told(_tick: Tick) -> None:
            self._flattened.set()

        runner.send(CommandRequest(kind, text=f"{said}; policy {policy}{after}"), told, actor="engine")
        if policy == "flatten":
            self._end_when_flat = self._terminal.after_flat == "end"
            runner.send(Pace("resume"))  # exits stand still in a market that is paused

    def left(self) -> None:
        """The screen was left on purpose."""
        from engine.view import CommandRequest

        if self._composed.for_account:
            text = "the screen was left with :detach; the session goes on without one"
            self._composed.runner.send(CommandRequest("note", text=text))

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            view = self._composed.runner.view()
            if view is None:
                continue
            if self._end_when_flat and self._flattened.is_set() and _flat(view):
                log.warning("nothing is held any more: the session ends, as terminal.after_flat says")
                self._composed.runner.stop()
                return
            if self._idle(view):
                log.warning("nobody has looked for %g minutes: the session ends", self._terminal.linger_minutes)
                self._composed.runner.stop()
                return

    def _idle(self, view: View) -> bool:
        """Whether nothing has happened, and nobody looked, for long enough."""
        at_rest = view.progress.paused or (view.progress.finished and not self._ends) or bool(view.error)
        if len(self._seats) or not at_rest:
            self._idle_since = None
            return False
        now = time.monotonic()
        if self._idle_since is None:
            self._idle_since = now
        return now - self._idle_since >= self._terminal.linger_minutes * 60


def _flat(view: View) -> bool:
    """Whether no trade is open and no entry works; what nobody bids for may be left."""
    from engine.control.summary import status_of

    return all(trade.state in ("over", "left") for trade in status_of(view, fresh=True).trades)
