"""The hands-off run: the same day and configuration with nobody at the keys, played aside and journalled nowhere."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from engine.core import Engine
from engine.events import AnyRecord
from engine.session.playing import Playing
from engine.session.source import Source
from engine.view.story import Unfolding

log = logging.getLogger(__name__)


def hands_off(source: Source, make_engine: Callable[[], Engine], going: Callable[[], bool] = lambda: True) -> Unfolding:
    """Play the whole day with no command; what it brought. It ends early once ``going`` says no."""
    records: list[AnyRecord] = []
    for step in Playing(make_engine(), source, 0, None).onward():
        records += step.tick.records
        if not going():
            break
    return Unfolding(records)


class HandsOff:
    """The hands-off run of one session, played on a thread of its own once somebody asks, and kept."""

    def __init__(self, source: Source, make_engine: Callable[[], Engine], done: Callable[[], None]) -> None:
        self._source = source
        self._make_engine = make_engine
        self._done = done
        self._thread: threading.Thread | None = None
        self._going = True
        self.found: Unfolding | None = None
        self.problem = ""

    def ask(self) -> Unfolding | None:
        """What it came to; None while it is still played, which begins at the first question."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="hands-off", daemon=True)
            self._thread.start()
        return self.found

    def stop(self) -> None:
        """Nobody wants to know any more."""
        self._going = False
        if self._thread is not None:
            self._thread.join(5.0)

    def _run(self) -> None:
        try:
            self.found = hands_off(self._source, self._make_engine, lambda: self._going)
        except Exception as error:
            log.exception("the hands-off run failed")
            self.problem = f"the hands-off run failed: {type(error).__name__}: {error}"
        self._done()
