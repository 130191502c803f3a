"""A small market written by hand: strikes, bids and asks at minutes; and a session that plays it as a runner would.

Prices are dollars here, so that scenarios read as a trader would tell them; the events carry units.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
import numpy as np

from engine.calendar import from_new_york, session
from engine.clock import MINUTE, SECOND
from engine.config import Config, load
from engine.core import Engine
from engine.events import (
    AnyEvent,
    AnyRecord,
    BreakerRecord,
    ChainBatch,
    Command,
    CommandKind,
    DailyClose,
    ExitRecord,
    FillRecord,
    Listing,
    MarkRecord,
    NoticeRecord,
    OrderRecord,
    Record,
    Restore,
    SessionStart,
    SignalRecord,
    Tick,
    TradeRecord,
    Warming,
)
from engine.events.base import RANK_COMMAND
from engine.pacing import Timeline
from engine.strategy import AnyStrategy, build_strategies
from engine.types import MISSING, Contract, Instrument, PriceMeaning, Right, Underlying, product, to_units
from strategies.registry import REGISTRY

R = TypeVar("R", bound=Record)

DAY = dt.date(2024, 8, 7)
HALF_DAY = dt.date(2024, 7, 3)
SPOT = 5350.0
Bids = Mapping[str, tuple[float | None, float | None]]

CONDOR: dict[str, tuple[float | None, float | None]] = {
    "5315P": (0.50, 0.60),
    "5325P": (1.30, 1.40),
    "5375C": (1.20, 1.30),
    "5385C": (0.40, 0.50),
}
"""5315/5325P 5375/5385C for 1.40 at bid and ask (0.70 a side), 1.60 at mid: stops stand at 1.45."""
PUTS_HIT: dict[str, tuple[float | None, float | None]] = {"5325P": (2.40, 2.50), "5315P": (0.80, 0.90)}
"""The put side costs 1.60 to close at mid."""
CALLS_HIT: dict[str, tuple[float | None, float | None]] = {"5375C": (2.40, 2.50), "5385C": (0.80, 0.90)}

OFFSET = (
    "strategies.iron_condor.strikes.by=offset",
    "strategies.iron_condor.strikes.short=25",
    "strategies.iron_condor.strikes.wing=35",
    'strategies.iron_condor.entries=["10:00"]',
    "risk.vix_scale=false",
)
"""The condor at 10:00 by offset; everything else as the default configuration has it."""

_NAME = re.compile(r"^(?P<strike>\d+(?:\.\d+)?)(?P<right>[CP])$")


def at(text: str, day: dt.date = DAY) -> int:
    """Nanoseconds UTC of a New York time such as ``10:00`` or ``10:00:03``."""
    return from_new_york(day, dt.time.fromisoformat(text if len(text) > 5 else f"{text}:00"))


def option(name: str, root: str = "SPXW", expiry: dt.date = DAY) -> Contract:
    """``5300P`` as a contract."""
    found = _NAME.match(name)
    assert found, name
    right: Right = "C" if found["right"] == "C" else "P"
    return Contract(root, expiry, to_units(found["strike"]), right)


def ladder(low: int, high: int, step: int = 5) -> list[str]:
    """Names of a put and a call at every strike."""
    return [f"{strike}{right}" for strike in range(low, high + 1, step) for right in "PC"]


class Tape:
    """Writes one root's day. What was quoted once is remembered, so that ``hold`` can go on with it."""

    def __init__(self, root: str = "SPXW", day: dt.date = DAY, expiry: dt.date | None = None) -> None:
        self.root, self.day = root, day
        self.expiry = expiry or day
        self.events: list[AnyEvent] = [
            SessionStart(ts_known=session(day).open - 240 * MINUTE, ts_event=session(day).open - 240 * MINUTE, day=day)
        ]
        self._index: dict[Instrument, int] = {}
        self._last: dict[Instrument, tuple[int, int]] = {}
        self._spot: float | None = None

    def at(self, text: str) -> int:
        """A time of this tape's day."""
        return at(text, self.day)

    def list(self, names: Iterable[str], when: str = "09:30", expiry: dt.date | None = None) -> Tape:
        """Contracts become known, and the index with the first of them."""
        first: tuple[Instrument, ...] = () if self._index else (Underlying(product(self.root).underlying),)
        wanted = (*first, *(option(name, self.root, expiry or self.expiry) for name in names))
        fresh = tuple(instrument for instrument in wanted if instrument not in self._index)
        if fresh:
            now = self.at(when)
            self.events.append(
                Listing(ts_known=now, ts_event=now, seq=len(self.events), first=len(self._index), instruments=fresh)
            )
            self._index |= {instrument: len(self._index) + n for n, instrument in enumerate(fresh)}
        return self

    def quote(
        self, when: str | int, quotes: Bids | None = None, spot: float | None = None, expiry: dt.date | None = None
    ) -> Tape:
        """One batch: bids and asks in dollars (None: missing), and the index where it is given."""
        now = self.at(when) if isinstance(when, str) else when
        chain = {option(name, self.root, expiry or self.expiry): pair for name, pair in (quotes or {}).items()}
        if any(contract not in self._index for contract in chain) or not self._index:
            for contract in chain:
                self._require(contract, now)
        rows: list[tuple[int, int, int, int]] = []
        if spot is not None:
            self._spot = spot
            self._require(Underlying(product(self.root).underlying), now)
            rows.append((self._index[Underlying(product(self.root).underlying)], MISSING, MISSING, to_units(spot)))
        for contract, (bid, ask) in chain.items():
            units = tuple(MISSING if side is None else to_units(side) for side in (bid, ask))
            self._last[contract] = (units[0], units[1])
            rows.append((self._index[contract], units[0], units[1], MISSING))
        self._batch(now, rows)
        return self

    def hold(self, first: str, last: str, step: int = MINUTE) -> Tape:
        """Quote everything again as it stood, from ``first`` to ``last``, every ``step``."""
        now = self.at(first)
        while now <= self.at(last):
            rows = [(self._index[contract], bid, ask, MISSING) for contract, (bid, ask) in self._last.items()]
            if self._spot is not None:
                spot = Underlying(product(self.root).underlying)
                rows.append((self._index[spot], MISSING, MISSING, to_units(self._spot)))
            self._batch(now, rows)
            now += step
        return self

    def close(self, value: float, when: str = "16:15", symbol: str | None = None, day: dt.date | None = None) -> Tape:
        """An official close arrives."""
        now = self.at(when)
        self.events.append(
            DailyClose(
                ts_known=now,
                ts_event=now,
                seq=len(self.events),
                symbol=symbol or product(self.root).underlying,
                day=day or self.day,
                close=to_units(value),
            )
        )
        return self

    def command(self, when: str, kind: CommandKind, trade_id: int = 0, text: str = "") -> Tape:
        """A person orders something."""
        now = self.at(when)
        n = len(self.events)
        self.events.append(
            Command(ts_known=now, ts_event=now, seq=n, command_id=f"c{n}", kind=kind, trade_id=trade_id, text=text)
        )
        return self

    def sorted(self) -> list[AnyEvent]:
        """The events in the order in which they happen; those of one instant as they were written."""
        return sorted(self.events, key=lambda event: (event.ts_known, event.rank == RANK_COMMAND, event.seq))

    def _require(self, instrument: Instrument, now: int) -> None:
        if instrument not in self._index:
            position = len(self._index)
            self._index[instrument] = position
            self.events.append(
                Listing(ts_known=now, ts_event=now, seq=len(self.events), first=position, instruments=(instrument,))
            )

    def _batch(self, now: int, rows: Sequence[tuple[int, int, int, int]]) -> None:
        table = np.array(rows, np.int64).reshape(-1, 4).astype(np.int32)
        self.events.append(
            ChainBatch(
                ts_known=now,
                ts_event=now,
                seq=len(self.events),
                idx=table[:, 0],
                bid=table[:, 1],
                ask=table[:, 2],
                price=table[:, 3],
            )
        )


def condor_tape(until: str = "16:00", first: str = "09:59") -> Tape:
    """The quotes of ``CONDOR`` around 5350, every minute; strikes are listed every 5 points."""
    return Tape().list(ladder(5300, 5400)).quote(first, CONDOR, spot=SPOT).hold("10:00", until)


def configure(*settings: str) -> Config:
    """The default configuration with ``OFFSET`` and then ``settings`` laid over it."""
    return load(settings=[*OFFSET, *settings])


def make_engine(
    *settings: str,
    day: dt.date = DAY,
    roots: tuple[str, ...] = ("SPXW",),
    meanings: dict[str, PriceMeaning] | None = None,
    strategies: list[AnyStrategy] | None = None,
) -> Engine:
    """A new engine on the real registry; ``strategies`` replaces what the configuration would build."""
    config = configure(*settings)
    built = build_strategies(config.strategies, REGISTRY, list(roots)) if strategies is None else strategies
    return Engine(config, session(day), "main", roots, meanings or {}, built)


@dataclass
class Played:
    """What a session did."""

    engine: Engine
    ticks: list[Tick] = field(default_factory=list)
    events: list[AnyEvent] = field(default_factory=list)

    @property
    def records(self) -> list[AnyRecord]:
        """All records so far."""
        return [record for tick in self.ticks for record in tick.records]

    def of(self, kind: type[R]) -> list[R]:
        """Records of one kind."""
        return [record for record in self.records if isinstance(record, kind)]

    def breakers(self) -> list[BreakerRecord]:
        """Breakers tripped and lifted, but for the silent feed's: these tapes have holes, and end before the day."""
        return [record for record in self.of(BreakerRecord) if record.name != "STALE_FEED"]

    def signals(self, kind: str) -> list[tuple[str, str]]:
        """Key and text of the signals of one kind."""
        return [(signal.key, signal.text) for signal in self.of(SignalRecord) if signal.kind == kind]

    def skipped(self) -> dict[str, str]:
        """Why each window did nothing."""
        return dict(self.signals("skipped"))

    def exits(self) -> list[tuple[str, str, str]]:
        """When each exit began (New York), its scope and its trigger."""
        return [(clock(record.ts), record.scope, record.trigger) for record in self.of(ExitRecord)]

    def fills(self) -> list[tuple[str, int, str, float]]:
        """When each leg filled, signed contracts, its strike and right, and the price in dollars."""
        return [
            (clock(record.ts), record.quantity, short(record.symbol), record.price / 10_000)
            for record in self.of(FillRecord)
        ]

    def notices(self, level: str) -> list[tuple[str, str]]:
        """Time and text of the notices of one level."""
        return [(clock(record.ts), record.text) for record in self.of(NoticeRecord) if record.level == level]

    def orders(self) -> list[str]:
        """Client order ids in the order of creation."""
        return [record.client_order_id for record in self.of(OrderRecord)]

    def trade(self, trade_id: int = 1) -> TradeRecord:
        """How a trade stands."""
        return [record for record in self.of(TradeRecord) if record.trade_id == trade_id][-1]

    def marks(self, trade_id: int = 1) -> list[MarkRecord]:
        """The marks of a trade."""
        return [record for record in self.of(MarkRecord) if record.trade_id == trade_id]

    def held(self) -> dict[str, int]:
        """Signed contracts by strike and right, over all trades."""
        found: dict[str, int] = {}
        for trade in self.engine.state.portfolio:
            for contract, holding in trade.holdings.items():
                if holding.quantity:
                    found[contract.short_name] = found.get(contract.short_name, 0) + holding.quantity
        return found


def clock(ts: int, day: dt.date = DAY) -> str:
    """The time of day in New York."""
    seconds = (ts - at("00:00", day)) / SECOND
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def short(symbol: str) -> str:
    """``5300P`` of an OCC symbol."""
    return f"{int(symbol[-8:]) / 1000:g}{symbol[-9]}"


MOST_EVENTS = 20_000
"""No scenario is as long; one that is, hangs."""


def play(engine: Engine, events: Iterable[AnyEvent], until: int | None = None) -> Played:
    """Feed an engine from a timeline, timers in their places, as a runner does; up to ``until``."""
    played = Played(engine)
    timeline = Timeline(iter(events))
    while (ts := timeline.next_ts) is not None and (until is None or ts <= until):
        event = timeline.take()
        assert event is not None
        tick = engine.process(event)
        timeline.wake_at = tick.wake_at
        played.events.append(event)
        played.ticks.append(tick)
        assert len(played.ticks) < MOST_EVENTS, "the session does not end"
    return played


def run(tape: Tape | Iterable[AnyEvent], *settings: str, until: str | None = None) -> Played:
    """Play a tape with the iron condor."""
    events = tape.sorted() if isinstance(tape, Tape) else tape
    day = tape.day if isinstance(tape, Tape) else DAY
    root = tape.root if isinstance(tape, Tape) else "SPXW"
    engine = make_engine(*settings, day=day, roots=(root,))
    return play(engine, events, None if until is None else at(until, day))


def resumed(events: Iterable[AnyEvent], records: Iterable[AnyRecord], ts: int, epoch: int = 1) -> Iterator[AnyEvent]:
    """What a restarted session sees: the market up to ``ts`` in silence, what the journal holds, then the rest."""
    waiting = [event for event in events if not isinstance(event, SessionStart | Command)]
    yield SessionStart(ts_known=0, day=DAY, epoch=epoch, resumed=True)
    yield Warming(ts_known=0, on=True)
    yield from (event for event in waiting if event.ts_known <= ts)
    yield Warming(ts_known=ts, on=False)
    yield Restore(ts_known=ts, ts_event=ts, records=tuple(records))
    yield from (event for event in waiting if event.ts_known > ts)


def encoded(records: Iterable[AnyRecord]) -> list[bytes]:
    """Records as bytes, to compare sessions exactly."""
    return [msgspec.json.encode(record) for record in records]
