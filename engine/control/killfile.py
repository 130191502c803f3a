"""Kill files: the way to a session that needs no socket, no room on the disk and no program but ``touch``.

A file beside the journal, named after it or after the account: ``demo.kill-flatten``, or ``demo.kill`` with the level
in it. The running session looks for them some times a second, does what they say, and renames them, so that none
fires twice. One that lies there when a session starts is acted on before the first quote.
"""

from __future__ import annotations

import logging
import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from engine.control.place import Place, level_in_name
from engine.control.server import Session, outcome_of
from engine.events import Tick
from engine.types import KILL_LEVELS, KillLevel
from engine.view import CommandRequest

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
GRACE_SECONDS = 1.0
"""How long a file that names no level may be half written."""
_READ = 256


class Found(NamedTuple):
    """What a kill file says: its level, and what is wrong with it, or empty."""

    level: KillLevel
    problem: str


class KillFiles:
    """Watches the kill files of a place on a thread of its own."""

    def __init__(self, session: Session, place: Place, wall: Callable[[], float] = time.time) -> None:
        self._session = session
        self._place = place
        self._wall = wall
        self._unclear: dict[Path, float] = {}
        self._taken: dict[Path, tuple[int, int]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kill files", daemon=True)

    def start(self) -> None:
        """Act on what lies there, before the session begins; then go on looking."""
        self._look_safely("lay there at the start")
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            self._look_safely()

    def _look_safely(self, when: str = "") -> None:
        try:
            self.look(when)
        except Exception:  # the next look may fare better; a kill switch does not end
            log.exception("the kill files cannot be looked for")

    def look(self, when: str = "") -> None:
        """Act on every kill file that lies there and was not acted on before."""
        paths = self._place.kill_files()
        for known in [*self._unclear, *self._taken]:
            if known not in paths:
                self._unclear.pop(known, None)
                self._taken.pop(known, None)
        for path in paths:
            try:
                about = os.lstat(path)
            except OSError:
                continue
            mark = (about.st_ino, about.st_mtime_ns)
            if self._taken.get(path) == mark:
                continue
            if about.st_uid not in (os.getuid(), 0):
                self._taken[path] = mark
                self._alarm(f"the kill file {path.name} belongs to another user and is not followed")
                continue
            found = read(path, about)
            if found.problem and self._may_be_half_written(path, about):
                continue
            self._taken[path] = mark
            self._act(path, found, when)

    def _may_be_half_written(self, path: Path, about: os.stat_result) -> bool:
        """Whether what is wrong with a file may only be that it is still being written."""
        now = self._wall()
        since = self._unclear.setdefault(path, now)
        return max(now - since, now - about.st_mtime) < GRACE_SECONDS

    def _act(self, path: Path, found: Found, when: str) -> None:
        name = path.name
        if found.problem:
            self._alarm(f"the kill file {name} {found.problem}: taken for pause; levels are {', '.join(KILL_LEVELS)}")
        log.warning("kill file %s: %s", name, found.level)

        def told(tick: Tick) -> None:
            log.warning("kill file %s: %s", name, outcome_of(tick))
            self._put_away(path)

        text = " ".join(part for part in (f"kill file {name}", when) if part)
        self._session.send(CommandRequest(found.level, text=text), told)

    def _put_away(self, path: Path) -> None:
        """Give it another name; where that cannot be, it is remembered, and fires again only at another start."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._wall()))
        try:
            path.rename(path.with_name(f"{path.name}.done-{stamp}"))
        except OSError as error:
            log.error("the kill file %s cannot be renamed and will fire again at the next start: %s", path, error)

    def _alarm(self, text: str) -> None:
        log.error("%s", text)
        self._session.send(CommandRequest("alarm", text=text))


def read(path: Path, about: os.stat_result) -> Found:
    """The level in a kill file's name, else in it. What cannot be read is taken for ``pause``."""
    word = level_in_name(path)
    if word:
        return _found(word, f"names {word!r}, which is no level")
    if not stat.S_ISREG(about.st_mode):
        return Found("pause", "is no regular file")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        try:
            words = os.read(handle, _READ).decode("utf-8", "replace").split()
        finally:
            os.close(handle)
    except OSError as error:
        return Found("pause", f"cannot be read ({error.strerror})")
    if not words:
        return Found("pause", "is empty")
    shown = "".join(each if each.isprintable() else "?" for each in words[0][:24])
    return _found(words[0], f"says {shown!r}, which is no level")


def _found(word: str, problem: str) -> Found:
    level = word.strip().lower()
    for known in KILL_LEVELS:
        if level == known:
            return Found(known, "")
    return Found("pause", problem)
