"""The market of recorded runs as it streamed, put together: each instant once, and what was heard beside prices.

A restart warms up with what an earlier run has recorded, and a market that is played begins again a little before the
kill: what a later run brings takes the place of what the one before it had of the same time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from engine.events import AnyEvent, ChainBatch, DailyClose, FeedStatus, Listing, SessionStart, Warming
from engine.tape import StoreError
from engine.tape.frames import Frames
from engine.tape.heard import Heard, HeardClose, HeardListing, HeardStatus, Item
from engine.tape.instants import Framed, framed
from engine.tape.recording import read_frames
from engine.tape.silence import SOON
from engine.types import Instrument, Underlying

_SEVERAL: Final = 1.5  # usual steps between two runs that are still no silence
_TELL_EVERY: Final = 200  # events

Watch = Callable[[Path, int], None]
"""Hears which recording is read and how many bytes of it have been."""


class _Placed(NamedTuple):
    """Something heard, and the instruments a listing names."""

    item: Item
    instruments: tuple[Instrument, ...] = ()


class Day(NamedTuple):
    """A root's part of what streamed."""

    framed: Framed
    heard: Heard


class Streamed:
    """Reads recordings, in the order in which they were written.

    Attributes:
        counts: how many runs, and restarts after which prices had been missed.
    """

    def __init__(self, watch: Watch | None = None) -> None:
        self._watch = watch
        self._frames = Frames()
        self._heard: list[_Placed] = []
        self._begins: list[int] = []
        self._started = self._now = self._grace = 0
        self._missed = False
        self._listed: set[Instrument] = set()
        self.counts: Counter[str] = Counter()

    def read(self, path: Path) -> None:
        """Read one run. Raises ``StoreError`` for a recording that is gone or damaged."""
        run = _Run(self, self._frames)
        self._frames.begin()
        for number, (event, at) in enumerate(read_frames(path), 1):
            try:
                run.take(event)
            except ValueError as error:
                raise StoreError(f"{path}: event {number} cannot be: {error}") from None
            if self._watch is not None and not number % _TELL_EVERY:
                self._watch(path, at)
        self.counts["runs"] += 1

    def end(self, close: int) -> None:
        """All has been read; where it ends well before ``close`` (ns UTC) nobody listened from then on."""
        if self._frames.last and close - self._frames.last > max(12 * SOON, 3 * self.step):
            self._nobody_listens(close)

    @property
    def step(self) -> int:
        """What usually lies between two instants that brought prices, ns; 0 for less than two."""
        steps = np.diff(self._frames.instants())
        return int(np.median(steps)) if len(steps) else 0

    def of(self, root: str, others: Iterable[str], *, last: bool = False) -> Day | None:
        """A root's prices: its contracts and all underlyings but those of the ``others``; ``None`` where none came.

        ``last``: nobody will ask for another root, and what streamed is forgotten on the way.
        """
        theirs = set(others)
        wanted = {
            position
            for position, one in enumerate(self._frames.instruments)
            if (one.symbol not in theirs if isinstance(one, Underlying) else one.root == root)
        }
        runs = self._runs(), self.step
        found = framed(self._frames.rows(wanted, last=last), self._frames.instruments)
        if found is None:
            return None
        chosen = {self._frames.instruments[position] for position in wanted}
        heard = Heard(
            started=self._started, runs=tuple(runs[0]), step=runs[1], items=self._items(chosen), grace=self._grace
        )
        return Day(found, heard)

    # For a run

    @property
    def reached(self) -> int:
        """When the newest of what was heard is known, ns UTC."""
        return self._now

    def cut(self, ts: int) -> None:
        """What was known at ``ts`` or later comes again."""
        if ts > self._now:
            return
        self._frames.cut(ts)
        kept = [placed for placed in self._heard if placed.item.ts_known < ts]
        self._listed = {one for placed in kept for one in placed.instruments}
        self._heard, self._now = kept, ts
        self._begins = [begin for begin in self._begins if begin < ts]

    def begin(self, ts: int) -> None:
        """A run's first market is known at ``ts``: what was before it stays."""
        self.cut(ts)
        last = self._frames.last
        self._missed = bool(last) and ts - last > max(SOON, _SEVERAL * self.step)
        if self._missed:
            self.counts["restarts_missed_prices"] += 1
            self._nobody_listens(ts)

    def began(self, ts: int) -> None:
        """A run's first prices are known at ``ts``."""
        self._begins.append(ts)

    def session_starts(self, event: SessionStart) -> None:
        """A run begins; of several that waited differently the longest grace counts."""
        self._grace = max(self._grace, event.grace)
        if not event.resumed:
            self._started = self._started or event.ts_known

    def list_at(self, ts: int, ts_event: int, instruments: Iterable[Instrument]) -> None:
        """Instruments are listed; those that are already, by an earlier run, are no news."""
        new = tuple(one for one in instruments if one not in self._listed)
        if new:
            self._listed.update(new)
            symbols = tuple(one.symbol for one in new)
            self._hear(HeardListing(ts_known=ts, ts_event=ts_event, symbols=symbols), new)

    def hear(self, item: HeardStatus | HeardClose) -> None:
        """The feed says something of itself, or a close is told; told again it is no news."""
        if isinstance(item, HeardClose):
            told = (known for known, _ in reversed(self._heard) if isinstance(known, HeardClose))
            newest = next((each.close for each in told if (each.symbol, each.day) == (item.symbol, item.day)), None)
            if newest == item.close:
                return
        self._hear(item)

    def is_back(self) -> bool:
        """Whether prices that now come end a silence of which the feed itself says nothing."""
        last = self._last_status()
        return self._missed and last is not None and last.state != "ok"

    def pass_on(self, ts: int) -> None:
        """Time goes on."""
        self._now = max(self._now, ts)

    # Inside

    def _hear(self, item: Item, instruments: tuple[Instrument, ...] = ()) -> None:
        self._now = max(self._now, item.ts_known)
        if item.ts_known < self._now:
            item = msgspec.structs.replace(item, ts_known=self._now)
        if not isinstance(item, HeardListing) and item.ts_known == self._frames.last:
            item = msgspec.structs.replace(item, after=True)
        self._heard.append(_Placed(item, instruments))

    def _last_status(self) -> HeardStatus | None:
        return next((item for item, _ in reversed(self._heard) if isinstance(item, HeardStatus)), None)

    def _nobody_listens(self, until: int) -> None:
        """A silence begins that no feed could tell of: as soon after the last prices as a feed would have told."""
        last = self._last_status()
        ts = max(self._frames.last + SOON, self._now)
        if (last is None or last.state == "ok") and ts < until:
            text = "not recorded: no session was listening"
            self._hear(HeardStatus(ts_known=ts, ts_event=ts, state="down", text=text, added=True))

    def _items(self, chosen: set[Instrument]) -> tuple[Item, ...]:
        """What was heard, of the listings those instruments alone."""
        items: list[Item] = []
        for item, instruments in self._heard:
            if isinstance(item, HeardListing):
                symbols = tuple(one.symbol for one in instruments if one in chosen)
                if symbols:
                    items.append(msgspec.structs.replace(item, symbols=symbols))
            else:
                items.append(item)
        return tuple(items)

    def _runs(self) -> list[tuple[int, int]]:
        """First and last instants of runs; those between which nothing was missed are one."""
        instants, found = self._frames.instants(), list[tuple[int, int]]()
        bounds = [*np.searchsorted(instants, self._begins).tolist(), len(instants)]
        for first, end in pairwise(bounds):
            if first == end:
                continue
            run = int(instants[first]), int(instants[end - 1])
            if found and run[0] - found[-1][1] <= max(SOON, _SEVERAL * self.step):
                found[-1] = found[-1][0], run[1]
            else:
                found.append(run)
        return found


class _Run:
    """One run while it is read."""

    def __init__(self, day: Streamed, frames: Frames) -> None:
        self._day, self._frames = day, frames
        self._before = day.reached
        self._warming = False
        self._begun = self._priced = self._spoke = self._again = False
        self._late: list[tuple[Listing, bool]] = []

    def take(self, event: AnyEvent) -> None:
        """Hear an event. Raises ``ValueError`` for one that cannot follow those before it."""
        match event:
            case Warming():
                self._warming = event.on
            case SessionStart():
                self._day.session_starts(event)
            case Listing():
                self._frames.announce(event)
                # One that is told late is of the run's beginning, wherever that is; it takes nothing's place.
                if self._begun or (event.ts_known >= self._before and self._is_news(event)):
                    self._day.list_at(event.ts_known, event.ts_event, event.instruments)
                else:
                    self._late.append((event, self._warming))
            case ChainBatch() if self._is_news(event):
                self._prices(event)
            case FeedStatus() if self._is_news(event):
                self._spoke = self._spoke or not self._warming
                self._day.hear(
                    HeardStatus(ts_known=event.ts_known, ts_event=event.ts_event, state=event.state, text=event.text)
                )
            case DailyClose() if self._is_news(event) if event.ts_known >= self._before else not self._warming:
                self._day.hear(
                    HeardClose(
                        ts_known=event.ts_known,
                        ts_event=event.ts_event,
                        symbol=event.symbol,
                        day=event.day,
                        close=event.close,
                    )
                )
            case _:
                pass

    def _is_news(self, event: AnyEvent) -> bool:
        """Whether an event is not one that an earlier run has heard: of what a restart warms up with, only the instant
        at which the run before was cut off, which may have heard a part of it."""
        ts = event.ts_known
        if self._warming and ts != self._before:
            return False
        if self._warming and not self._again:
            self._again = True
            self._day.cut(ts)
            self._list_late(ts)
        if not self._warming and not self._begun:
            self._begun = True
            self._day.begin(ts)
            self._list_late(ts)
        return True

    def _list_late(self, ts: int) -> None:
        for event, warmed in self._late:
            self._day.list_at(ts if warmed else event.ts_known, event.ts_event, event.instruments)

    def _prices(self, batch: ChainBatch) -> None:
        if not self._priced and not self._warming and len(batch.idx):
            self._priced = True
            self._day.began(batch.ts_known)
            if not self._spoke and self._day.is_back():
                self._day.hear(
                    HeardStatus(
                        ts_known=batch.ts_known, ts_event=batch.ts_known, state="ok", text="recorded again", added=True
                    )
                )
        self._frames.take(batch)
        self._day.pass_on(batch.ts_known)
