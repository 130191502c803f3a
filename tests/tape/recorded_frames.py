"""Made-up frames as a feed streams them, recorded and put into a store; and what a market knows after each instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from hypothesis import strategies as st

from engine.calendar import session
from engine.clock import SECOND
from engine.events import AnyEvent, ChainBatch, DailyClose, FeedStatus, Listing, Restore, SessionStart, Warming
from engine.market import Market
from engine.session.streamed import Streamed
from engine.tape import DayTable, DayTape, Store
from engine.tape.recording import Recorder
from engine.types import MISSING, Contract, Instrument, Provenance, Underlying

DAY = dt.date(2026, 1, 15)
OPEN = session(DAY).open
NEAR = 900
"""Instants lie at least 1,000 ns apart: what is known so soon after one is known at it, for a test."""

INSTRUMENTS: tuple[Instrument, ...] = (
    Underlying("SPX"),
    Underlying("VIX"),
    *(Contract("SPXW", DAY, strike * 10_000, right) for strike in (5900, 5905) for right in ("C", "P")),
)
LABEL = Provenance("recorded", "simulated", "quote", "0" * 64, "made up")


def record(path: Path, events: Iterable[AnyEvent]) -> Path:
    """A run's recording."""
    with Recorder(path) as recorder:
        for event in events:
            recorder.write(event)
    return path


def start(ts: int = OPEN - 1800 * SECOND, resumed: bool = False) -> SessionStart:
    return SessionStart(ts_known=0 if resumed else ts, day=DAY, resumed=resumed)


def listing(ts: int, first: int = 0, of: Sequence[Instrument] = INSTRUMENTS) -> Listing:
    return Listing(ts_known=ts, ts_event=ts, first=first, instruments=tuple(of))


def quote(ts: int, idx: Sequence[int], bid: Sequence[int], true: Sequence[int] | None = None) -> ChainBatch:
    """A frame of quotes, 500 wide, a row an instrument."""
    return ChainBatch(
        ts_known=ts,
        ts_event=ts,
        idx=np.array(idx, np.int32),
        bid=np.array(bid, np.int32),
        ask=np.array(bid, np.int32) + 500,
        bid_size=np.full(len(idx), 3, np.int32),
        ask_size=np.full(len(idx), 4, np.int32),
        quote_ts=None if true is None else np.array(true, np.int64),
    )


def restarted(before: Sequence[AnyEvent], after: Sequence[AnyEvent]) -> Iterator[AnyEvent]:
    """A run that warms up with what was, and goes on."""
    ts = max((event.ts_known for event in before), default=0)
    yield start(resumed=True)
    yield Warming(ts_known=0, on=True)
    yield from (event for event in before if not isinstance(event, SessionStart))
    yield Warming(ts_known=ts, on=False)
    yield Restore(ts_known=ts, records=())
    yield from after


def taped(store: Store, *paths: Path) -> DayTape:
    """The recordings of one day as the store gives it back."""
    streamed = Streamed()
    for path in paths:
        streamed.read(path)
    day = streamed.of("SPXW", ())
    assert day is not None
    store.save_day(DayTable("SPXW", DAY, LABEL, "test", 1, day.framed.columns, dict(day.framed.counts), (), day.heard))
    return store.open(store.choose("SPXW", DAY, "recorded"))


def known(events: Iterable[AnyEvent], instants: Sequence[int]) -> list[dict[str, object]]:
    """What a market that hears the events knows at each instant."""
    market, ahead, found = Market({"SPXW": "quote"}), iter(events), []
    event = next(ahead, None)
    for instant in instants:
        while event is not None and event.ts_known <= instant:
            match event:
                case Listing():
                    market.list_instruments(event)
                case ChainBatch():
                    market.apply(event)
                case FeedStatus():
                    market.feed_told(event)
                case DailyClose():
                    market.close_arrived(event)
            event = next(ahead, None)
        found.append(
            {
                "instruments": list(market.instruments),
                "feed": (market.feed.state, market.feed.text),
                "closes": {symbol: close.close for symbol, close in market.closes.items()},
                **{one.symbol: _of(market, at, one) for at, one in enumerate(market.instruments)},
            }
        )
    return found


def _of(market: Market, at: int, instrument: Instrument) -> object:
    value = market.value(instrument.symbol) if isinstance(instrument, Underlying) else None
    bar = market.bar(instrument) if isinstance(instrument, Contract) else None
    return market.bid[at].item(), market.ask[at].item(), market.quote_ts[at].item(), market.detail(at), value, bar


@st.composite
def sessions(draw: st.DrawFn) -> list[AnyEvent]:
    """A run from its start: listings in parts, frames of quotes, of sides alone, of trades with bars, of open interest,
    several at an instant, statuses and closes between them."""
    events: list[AnyEvent] = [
        DailyClose(
            ts_known=OPEN - 10**15, ts_event=OPEN - 10**15, symbol="VIX", day=dt.date(2026, 1, 14), close=160_000
        ),
        start(),
    ]
    now, listed, volume = OPEN, 0, dict.fromkeys(range(len(INSTRUMENTS)), 0)
    for _ in range(draw(st.integers(1, 12))):
        now += draw(st.sampled_from([0, 1000, 5_000_000, SECOND]))
        if listed < len(INSTRUMENTS) and (not listed or draw(st.booleans())):
            many = draw(st.integers(1, len(INSTRUMENTS) - listed))
            events.append(listing(now, listed, INSTRUMENTS[listed : listed + many]))
            listed += many
        kind = draw(st.sampled_from(["quotes", "quotes", "side", "trades", "both", "interest", "feed", "close"]))
        if kind == "feed":
            events.append(FeedStatus(ts_known=now, ts_event=now, state=draw(st.sampled_from(["ok", "stale", "down"]))))
        elif kind == "close":
            close = draw(st.integers(1, 3))
            events.append(DailyClose(ts_known=now, ts_event=now, symbol="SPX", day=DAY, close=close))
        else:
            events.append(_frame(draw, kind, now, listed, volume))
    return [msgspec.structs.replace(event, seq=seq) for seq, event in enumerate(events)]


def _frame(draw: st.DrawFn, kind: str, now: int, listed: int, volume: dict[int, int]) -> ChainBatch:
    idx = sorted(draw(st.sets(st.integers(0, listed - 1), min_size=1, max_size=4)))
    value = st.one_of(st.just(MISSING), st.integers(0, 5))

    def column(of: st.SearchStrategy[int] = value) -> np.ndarray:
        return np.array([draw(of) for _ in idx], np.int32)

    columns: dict[str, np.ndarray] = {}
    if kind in ("quotes", "both"):
        columns |= {"bid": column(), "ask": column()}
        if draw(st.booleans()):
            columns |= {"bid_size": column(), "ask_size": column()}
    elif kind == "side":
        columns[draw(st.sampled_from(["bid", "ask"]))] = column()
    elif kind == "interest":
        columns["open_interest"] = column()
    if kind in ("trades", "both"):
        columns["price"] = column()
        for at in idx:
            volume[at] += draw(st.integers(0, 2))
        columns["volume"] = np.array([volume[at] if draw(st.booleans()) else MISSING for at in idx], np.int32)
        if draw(st.booleans()):
            bars = columns["price"]
            columns |= {"high": bars, "low": bars, "open": bars}
    times = np.array([now - draw(st.sampled_from([0, 0, 7, 4_000_000])) for _ in idx], np.int64)
    quote_ts = times if draw(st.booleans()) else None
    return ChainBatch(ts_known=now, ts_event=now, idx=np.array(idx, np.int32), quote_ts=quote_ts, **columns)
