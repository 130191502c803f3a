"""Everything by which other terminals reach a running session: its socket and its kill files."""

from __future__ import annotations

import logging
from pathlib import Path

from engine.control.killfile import KillFiles
from engine.control.place import Place
from engine.control.seats import Seats
from engine.control.server import ControlServer
from engine.control.viewers import Viewers
from engine.session.runner import Runner

log = logging.getLogger(__name__)


class Control:
    """Opened before the session runs, closed after it has ended.

    Args:
        session: the runner. journal, account: whose it is. name: the session's.
        replay: whether it is one: it can be attached to, but kill files and kill levels are for accounts.

    Attributes:
        seats: who looks on, and who of them is in control.
    """

    def __init__(self, session: Runner, journal: Path, account: str, name: str = "", replay: bool = False) -> None:
        self._place = place = Place(journal, account, replay)
        self._files = None if replay else KillFiles(session, place)
        self.seats = Seats()
        self._server = ControlServer(session, place, Viewers(session, self.seats), name)

    @property
    def problem(self) -> str:
        """Why the socket cannot be used, or empty; kill files work all the same."""
        return self._server.problem

    def open(self) -> None:
        """Act on a kill file that lies there; then watch and listen."""
        if self._files is not None:
            self._files.start()
        self._server.start()

    def close(self, how: str, lock_is_unwritten: bool = False) -> None:
        """Tell those who wait how the session ended, and take the socket away.

        A lock that the journal could not take up is left as a kill file, for which a full disk has room: the next
        start begins locked.
        """
        if self._files is not None:
            self._files.close()
        self._server.close(how)
        if lock_is_unwritten:
            path = self._place.kill_file("lock")
            try:
                path.touch(0o600)
                log.warning("the journal does not know that the day is locked: %s tells the next start", path)
            except OSError as error:
                log.error("nothing tells the next start that the day is locked: %s: %s", path, error.strerror)
