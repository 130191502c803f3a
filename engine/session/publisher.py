"""What readers on other threads see: the newest view, made on request. A view that fails never stops a session."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from threading import Condition

import msgspec

from engine.core import Engine
from engine.events import AnyRecord, Tick
from engine.view import AlertsView, Mark, ProgressView, View, ViewRequest
from engine.view.build import ViewBuilder
from engine.view.comparison import ComparisonView
from engine.view.story import Story

log = logging.getLogger(__name__)


class Reader:
    """One who looks at a session: what it asks for, and the newest view made for it. From any thread.

    Args:
        changed: the runner's condition. ready: called on the runner's thread when a view was made; it must return at
            once.
    """

    def __init__(self, changed: Condition, wake: Callable[[], None], ready: Callable[[], None] | None = None) -> None:
        self._changed = changed
        self._wake = wake
        self.ready = ready
        self.request = ViewRequest()
        self.made: View | None = None
        self.wanted = True

    def newest(self) -> View | None:
        """The newest view; asks for a fresher one."""
        with self._changed:
            self._want()
            return self.made

    def look_at(self, request: ViewRequest) -> None:
        """Choose the chain of the views to come."""
        with self._changed:
            self.request = request
            self._want()

    def _want(self) -> None:
        self.wanted = True
        self._wake()


class Publisher:
    """Holds the newest view of every reader behind the runner's lock.

    ``changed`` is the runner's condition: asking for a view wakes the runner, which builds it between two events.
    Readers who ask at the same moment for the same are given the same view. ``alerts`` tells how these stand;
    ``streamed``, which options' quotes a feed streams, ``None`` for all.
    """

    def __init__(self, changed: Condition, banner: str, alerts: Callable[[], AlertsView] = AlertsView) -> None:
        self._changed = changed
        self._alerts = alerts
        self._banner = banner
        self.builder: ViewBuilder | None = None
        self._failed = ""
        self.compare: Callable[[Story, int], ComparisonView] | None = None
        self.streamed: Callable[[], Collection[str] | None] = lambda: None
        self.wanted = True
        self.first = Reader(changed, self._wake)
        self._readers = [self.first]

    def reader(self, ready: Callable[[], None]) -> Reader:
        """One more reader, until it is let go. From any thread."""
        found = Reader(self._changed, self._wake, ready)
        with self._changed:
            self._readers.append(found)
            self._wake()
        return found

    def let_go(self, reader: Reader) -> None:
        """Make no more views for a reader. From any thread."""
        with self._changed:
            self._readers = [each for each in self._readers if each is not reader]

    def ask_again(self) -> None:
        """Something that views show has changed beside the session. From any thread."""
        with self._changed:
            for reader in self._readers:
                reader.wanted = True
            self._wake()

    def _wake(self) -> None:
        self.wanted = True
        self._changed.notify()

    def start_over(self, engine: Engine) -> None:
        """Show another engine from its beginning."""
        self.builder = ViewBuilder(engine, self._banner)

    def go_on(self, builder: ViewBuilder) -> None:
        """Show another engine from where its own builder has come."""
        self.builder = builder
        builder.rename(self._banner)

    def rename(self, banner: str) -> None:
        """Say from now on that this is what is shown."""
        self._banner = banner
        if self.builder is not None:
            self.builder.rename(banner)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Signals and trades so far."""
        return self.builder.marks if self.builder else ()

    def absorb(self, tick: Tick) -> None:
        """Take note of what an event led to."""
        if self.builder is not None:
            self._guarded(lambda builder: builder.absorb(tick))

    def remember(self, records: Iterable[AnyRecord]) -> None:
        """Take note of the session before a restart."""
        self._guarded(lambda builder: builder.remember(records))

    def publish(self, progress: ProgressView, alarm: str, error: str) -> None:
        """Build the views that were asked for. Where that fails, the last one stays, and says so."""
        with self._changed:
            self.wanted = False
            asking = [(each, each.request) for each in self._readers if each.wanted]
            for reader, _ in asking:
                reader.wanted = False
        built: list[tuple[ViewRequest, View | None]] = []
        for reader, request in asking:
            if all(request != known for known, _ in built):
                built.append((request, self._build(request, progress, alarm, error)))
            view = next(made for known, made in built if known == request)
            with self._changed:
                if view is not None:
                    reader.made = view
                elif reader.made is not None:
                    told = alarm or f"the view is out of date and cannot be made: {self._failed}"
                    reader.made = msgspec.structs.replace(reader.made, progress=progress, alarm=told, error=error)
            if reader.ready is not None:
                reader.ready()

    def _build(self, request: ViewRequest, progress: ProgressView, alarm: str, error: str) -> View | None:
        made: list[View] = []
        self._guarded(lambda builder: made.append(builder.build(request, progress, alarm, error, self.streamed())))
        if made:
            made[0] = msgspec.structs.replace(made[0], alerts=self._alerts())
            if "comparison" in request.parts and self.compare is not None and self.builder is not None:
                compared = self.compare(self.builder.story, progress.now)
                made[0] = msgspec.structs.replace(made[0], comparison=compared)
        return made[0] if made else None

    def _guarded(self, act: Callable[[ViewBuilder], None]) -> None:
        assert self.builder is not None
        try:
            act(self.builder)
        except Exception as failure:
            if not self._failed:
                log.exception("a view cannot be made")
            self._failed = f"{type(failure).__name__}: {failure}"
