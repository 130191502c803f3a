"""Passes over a session's day: from the open, or from the nearest checkpoint, to an instant or an event of its past."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from engine.core import Engine
from engine.events import AnyEvent
from engine.session.checkpoints import Checkpoints
from engine.session.courier import Courier
from engine.session.kept import KeptSource
from engine.session.live import LiveSource
from engine.session.playing import Given, Playing, Resumption, Step
from engine.session.publisher import Publisher
from engine.session.source import Source

REMEMBERED = 256
"""Whole instants whose event numbers are known without playing the past again."""


class Rewinder:
    """Makes the passes of one runner; the publisher shows the newest of them.

    Attributes:
        goes_back: whether this session can: what a broker or a market has done, and what was before a restart, is not
            undone.
    """

    def __init__(
        self,
        source: Source,
        make_engine: Callable[[], Engine],
        publisher: Publisher,
        resumption: Resumption | None,
        courier: Courier | None,
        checkpoints: Checkpoints | None = None,
    ) -> None:
        self.goes_back = resumption is None and courier is None and not isinstance(source, LiveSource)
        self.source: Source = KeptSource(source) if self.goes_back else source
        self._make_engine = make_engine
        self._publisher = publisher
        self._resumption = resumption
        self._courier = courier
        self.checkpoints = Checkpoints() if checkpoints is None else checkpoints
        self._wholes: deque[int] = deque(maxlen=REMEMBERED)

    def start_over(self, epoch: int, again: Sequence[Given]) -> Playing:
        """A new engine before the first event, with the commands that are to be given again."""
        self._wholes.clear()
        playing = Playing(self._make_engine(), self.source, epoch, self._resumption, again, self._courier)
        self._publisher.start_over(playing.engine)
        return playing

    def passed(self, event: AnyEvent, playing: Playing, given: int) -> None:
        """An event was processed and absorbed; ``given``: how many commands came so far."""
        if not playing.takes_commands:
            return
        self._wholes.append(playing.seq)
        if self.goes_back and self._publisher.builder is not None:
            self.checkpoints.passed(event, playing, self._publisher.builder, given)

    def to(self, epoch: int, given: Sequence[Given], instant: int | None = None, seq: int | None = None) -> Playing:
        """The session as it was after everything up to an instant (ns UTC), or to the event of a number, both
        included; ``given`` are all its commands, also later ones, which will be given again."""
        found = self.checkpoints.before(instant, seq)
        if found is None:
            playing = self.start_over(epoch, given)
        else:
            engine, builder = found.decode()
            again = given[found.given :]
            playing = Playing(engine, self.source, epoch, None, again, None, found.place)
            self._publisher.go_on(builder)
            self._wholes = deque((found.seq,), maxlen=REMEMBERED)
        for _ in self._played(playing, given, instant, seq):
            pass
        return playing

    def catch_up(self, playing: Playing, given: Sequence[Given], instant: int | None, seq: int | None) -> list[Step]:
        """Play a pass of ``start_over`` on, as ``to``; what was played."""
        return list(self._played(playing, given, instant, seq))

    def _played(self, playing: Playing, given: Sequence[Given], instant: int | None, seq: int | None) -> Iterator[Step]:
        come = sum(each.seq <= playing.seq for each in given)
        for step in playing.onward(instant, seq):
            self._publisher.absorb(step.tick)
            come += come < len(given) and given[come].seq == step.tick.seq
            self.passed(step.event, playing, come)
            yield step

    def event_before(self, epoch: int, given: Sequence[Given], seq: int) -> int | None:
        """Number of the event that ended the whole instant before the event ``seq``; None where there was none.

        Where it is not remembered, the past is played again for it.
        """
        found = self._last_below(seq)
        if found is None:
            self.to(epoch, given, seq=seq - 1)
            found = self._last_below(seq)
        return found

    def _last_below(self, seq: int) -> int | None:
        return next((each for each in reversed(self._wholes) if each < seq), None)
