"""Paths read by several processes at once; their readings come in the order of the paths."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from engine.processes import end_with_parent, interrupts_held
from engine.tape.bringing import Reading, Watch, read
from engine.tape.errors import WorkerLost
from engine.tape.importers import Importer, ImportOptions
from engine.tape.ledger import Ledger
from engine.tape.looking import Found
from engine.tape.store import Store

_LOOK_EVERY: Final = 0.05  # seconds between two looks at what the processes have told
_LAST_WORDS: Final = 5.0  # seconds at most for those of a process whose reading is here: they come by another way
_OVER: Final = "over"


class _Stopped(BaseException):
    """Somebody has pressed ctrl+c. What was read stays where it waits, to be resumed."""


class _Desk:
    """What a process knows: the store and its ledger, and how to tell of what it does."""

    def __init__(self, store: Path, told: Any, stop: Any) -> None:
        self.store = Store(store)
        self.ledger = Ledger(store)
        self._told, self._stop = told, stop
        told.cancel_join_thread()  # nobody listens any more when the import is stopped

    def watch(self, number: int) -> Watch:
        return Watch(
            lambda _, share: self._tell((number, share, "", 0)), lambda name, rows: self._tell((number, -1, name, rows))
        )

    def end(self, number: int) -> None:
        """Nothing more is told of this path."""
        self._told.put((number, -1, _OVER, -1))

    def _tell(self, words: tuple[int, float, str, int]) -> None:
        if self._stop.is_set():
            raise _Stopped
        self._told.put(words)


_desks: list[_Desk] = []  # of this process: one


def _take_place(store: Path, told: Any, stop: Any) -> None:
    _desks.append(_Desk(store, told, stop))
    end_with_parent()


def _read(number: int, found: Found, importer: Importer, options: ImportOptions) -> Reading | None:
    desk = _desks[0]
    try:
        return read(desk.store, desk.ledger, found, importer, options, desk.watch(number))
    except _Stopped:
        return None
    finally:
        desk.end(number)


def read_by_many(
    store: Store, paths: Sequence[tuple[Found, Importer]], options: ImportOptions, watch: Watch, jobs: int
) -> Iterator[Reading]:
    """A reading a path, in order, as ``bringing.read`` gives them. Whoever closes this early stops the processes.

    Raises ``OSError`` as ``bringing.read`` does, ``WorkerLost`` where a process has died.
    """
    context = get_context("spawn")
    told, stop = context.Queue(), context.Event()
    place = (store.path, told, stop)
    pool = ProcessPoolExecutor(min(jobs, len(paths)), context, _take_place, place)
    try:
        with interrupts_held():  # the processes are started here
            tasks = [pool.submit(_read, number, *path, options) for number, path in enumerate(paths)]
        ears = _Ears(told, paths, watch)
        for number, task in enumerate(tasks):
            yield ears.awaited(number, task)
    except BrokenProcessPool:
        raise WorkerLost("a process that read a file has died: is the memory enough for so many --jobs?") from None
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)
        told.close()


class _Ears:
    """Hears what the processes tell, and passes it on."""

    def __init__(self, told: Any, paths: Sequence[tuple[Found, Importer]], watch: Watch) -> None:
        self._told, self._paths, self._watch = told, paths, watch
        self._over: set[int] = set()

    def awaited(self, number: int, task: Future[Reading | None]) -> Reading:
        """The reading of a path, once all that was told of it is passed on."""
        while True:
            try:
                reading = task.result(timeout=_LOOK_EVERY)
            except NotYet:
                self._listen()
                continue
            self._listen(number)
            assert reading is not None  # nobody has stopped it
            return reading

    def _listen(self, until: int | None = None) -> None:
        """Everything that is there; with a number until nothing more is told of that path."""
        while until not in self._over:
            try:
                number, share, name, rows = (
                    self._told.get_nowait() if until is None else self._told.get(timeout=_LAST_WORDS)
                )
            except queue.Empty:
                return
            if name == _OVER and rows < 0:
                self._over.add(number)
            elif name:
                self._watch.table(name, rows)
            else:
                self._watch.share(self._paths[number][0], share)
