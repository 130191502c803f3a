"""A live frame's way to a decision: bytes of eight option quotes, decoded, through the engine, to what it answers.

    frames.py STORE DAY FRAMES

The product's feed is measured with its socket by ``streamed.py``. The first step is made here: an Alpaca-like binary
frame (msgpack, a list of messages ``q`` with a Timestamp) becomes one ``ChainBatch``. All after it is the product: the
engine of ``zdte-tui replay`` in the middle of its day, condors open, with a strategy that reads implied vols and Greeks
of all 200 contracts for every frame. Timed from the bytes to the returned tick.
"""

from __future__ import annotations

import datetime as dt
import json
import struct
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmarks import watching
from engine.clock import MINUTE
from engine.config import load
from engine.core import Engine
from engine.events import ChainBatch
from engine.pacing import Timeline
from engine.processes.collecting import collect_seldom
from engine.session.compose import make_engine
from engine.session.source import TapeSource
from engine.tape import Store
from engine.types import SCALE, Contract

QUOTES = 8
WARM = 500
STEP = 5_000_000  # ns of the market's time between frames: the minute's quotes stay fresh
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
TIMESTAMP = -1


class QuoteMessage(
    msgspec.Struct, rename={"symbol": "S", "bid": "bp", "ask": "ap", "bid_size": "bs", "ask_size": "as"}
):
    """What is read of a quote; its exchanges and conditions are not. Prices are dollars."""

    symbol: str
    t: dt.datetime
    bid: float
    ask: float
    bid_size: int
    ask_size: int


class FrameReader:
    """Bytes of a frame into a batch."""

    def __init__(self, engine: Engine) -> None:
        instruments = engine.state.market.instruments
        self.index = {one.symbol: n for n, one in enumerate(instruments) if isinstance(one, Contract)}
        self.decoder = msgspec.msgpack.Decoder(list[QuoteMessage])

    def batch(self, frame: bytes, received: int, seq: int) -> ChainBatch:
        """One batch, in the order of the instruments, each quote with its own time."""
        quotes = sorted((self.index[quote.symbol], quote) for quote in self.decoder.decode(frame))
        times = [round((quote.t - EPOCH).total_seconds() * 1e6) * 1_000 for _, quote in quotes]
        return ChainBatch(
            ts_known=received,
            ts_event=max(times),
            seq=seq,
            idx=np.array([n for n, _ in quotes], np.int32),
            bid=np.array([round(quote.bid * SCALE) for _, quote in quotes], np.int32),
            ask=np.array([round(quote.ask * SCALE) for _, quote in quotes], np.int32),
            bid_size=np.array([quote.bid_size for _, quote in quotes], np.int32),
            ask_size=np.array([quote.ask_size for _, quote in quotes], np.int32),
            quote_ts=np.array(times, np.int64),
        )


def frame(symbols: list[str], bids: list[float], asks: list[float], at: int) -> bytes:
    """As Alpaca sends it: the time a msgpack Timestamp of 64 bits."""
    seconds, rest = divmod(at, 1_000_000_000)
    stamp = msgspec.msgpack.Ext(TIMESTAMP, struct.pack(">Q", (rest << 34) | seconds))
    told = zip(symbols, bids, asks, strict=True)
    return msgspec.msgpack.encode(
        [
            {"T": "q", "S": name, "t": stamp, "bx": "C", "bp": bid, "bs": 12, "ax": "C", "ap": ask, "as": 9, "c": "A"}
            for name, bid, ask in told
        ]
    )


def frames(engine: Engine, count: int, first: int) -> list[tuple[int, bytes]]:
    """Frames of eight contracts near the money, each quote within a tick of where it stands; when each is received."""
    rng = np.random.default_rng(20260115)
    state = engine.state
    chain = state.chain("SPXW", state.session.day)
    assert chain is not None
    near = [
        one
        for one in state.market.instruments
        if isinstance(one, Contract) and abs(one.strike / SCALE - chain.forward) < 60
    ]
    made = []
    for number in range(count):
        chosen = [near[n] for n in rng.choice(len(near), QUOTES, replace=False)]
        quotes = [state.market.quote(contract) for contract in chosen]
        shift = [int(step) * 500 for step in rng.integers(-1, 2, QUOTES)]
        bids = [max((quote.bid or 0) + move, 0) / SCALE for quote, move in zip(quotes, shift, strict=True)]
        asks = [((quote.ask or 500) + max(move, 0)) / SCALE for quote, move in zip(quotes, shift, strict=True)]
        at = first + number * STEP
        made.append((at + 1_000_000, frame([contract.symbol for contract in chosen], bids, asks, at)))
    return made


def at_noon(store: Path, day: dt.date) -> Engine:
    """The engine after every event until 12:00:30."""
    config = load()
    source = TapeSource(Store(store), "SPXW", day)
    engine = make_engine(config, watching.REGISTRY, source, config.account.name)
    timeline = Timeline(source.events())
    until = engine.state.session.open + 150 * MINUTE + MINUTE // 2
    while (event := timeline.take()) is not None and event.ts_known <= until:
        timeline.wake_at = engine.process(event).wake_at
    return engine


def main() -> None:
    """Play until noon, then the frames, and answer."""
    store, day, count = sys.argv[1:]
    engine = at_noon(Path(store), dt.date.fromisoformat(day))
    reader = FrameReader(engine)
    made = frames(engine, WARM + int(count), engine.state.now + STEP)
    collect_seldom()  # as every session of the product does
    decoding, whole, read = [], [], engine.state.tallies[watching.READ]
    for seq, (received, data) in enumerate(made, start=1_000_000):
        begun = time.perf_counter_ns()
        batch = reader.batch(data, received, seq)
        decoded = time.perf_counter_ns()
        engine.process(batch)
        whole.append((time.perf_counter_ns() - begun) / 1e3)
        decoding.append((decoded - begun) / 1e3)
    answer: dict[str, Any] = {
        "whole": whole[WARM:],
        "decoding": decoding[WARM:],
        "read": engine.state.tallies[watching.READ] - read,
        "frames": len(made),
        "open": len(engine.state.portfolio.open_trades),
        "bytes": len(made[0][1]),
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
