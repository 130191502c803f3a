"""What readers on other threads see: the newest view, made on request. A view that fails never stops a session."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from threading import Condition

import msgspec

from engine.core import Engine
from engine.events import AnyRecord, Tick
from engine.view import Mark, ProgressView, View, ViewRequest
from engine.view.build import ViewBuilder

log = logging.getLogger(__name__)


class Publisher:
    """Holds the newest view behind the runner's lock.

    ``changed`` is the runner's condition: asking for a view wakes the runner, which builds it between two events.
    """

    def __init__(self, changed: Condition, banner: str) -> None:
        self._changed = changed
        self._banner = banner
        self._request = ViewRequest()
        self._view: View | None = None
        self._builder: ViewBuilder | None = None
        self._failed = ""
        self.wanted = True

    def newest(self) -> View | None:
        """The newest view; asks for a fresher one. From any thread."""
        with self._changed:
            self.wanted = True
            self._changed.notify()
            return self._view

    def look_at(self, request: ViewRequest) -> None:
        """Choose the chain of the views to come. From any thread."""
        with self._changed:
            self._request = request
            self.wanted = True
            self._changed.notify()

    def start_over(self, engine: Engine) -> None:
        """Show another engine from its beginning."""
        self._builder = ViewBuilder(engine, self._banner)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Signals and trades so far."""
        return self._builder.marks if self._builder else ()

    def absorb(self, tick: Tick) -> None:
        """Take note of what an event led to."""
        if self._builder is not None:
            self._guarded(lambda builder: builder.absorb(tick))

    def remember(self, records: Iterable[AnyRecord]) -> None:
        """Take note of the session before a restart."""
        self._guarded(lambda builder: builder.remember(records))

    def publish(self, progress: ProgressView, alarm: str, error: str) -> None:
        """Build the view that was asked for. Where that fails, the last one stays, and says so."""
        with self._changed:
            self.wanted = False
            request = self._request
        built: list[View] = []
        self._guarded(lambda builder: built.append(builder.build(request, progress, alarm, error)))
        with self._changed:
            if built:
                self._view = built[0]
            elif self._view is not None:
                told = alarm or f"the view is out of date and cannot be made: {self._failed}"
                self._view = msgspec.structs.replace(self._view, progress=progress, alarm=told, error=error)

    def _guarded(self, act: Callable[[ViewBuilder], None]) -> None:
        assert self._builder is not None
        try:
            act(self._builder)
        except Exception as failure:
            if not self._failed:
                log.exception("a view cannot be made")
            self._failed = f"{type(failure).__name__}: {failure}"
