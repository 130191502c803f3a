"""A market of 20,000 quotes a second, conflated at 5 ms, recorded, killed, put on the tape and played again.

    python tests/soak/taped_frames.py --seconds 300 --rate 20000 --seed 1

One JSON object: what it took, and ``wrong``: where the played market differs from the one that streamed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from engine.calendar import session
from engine.clock import SECOND
from engine.events import AnyEvent, ChainBatch, Listing, Restore, SessionStart, Warming
from engine.market import Market
from engine.session.streamed import Streamed
from engine.tape import DayTable, Store
from engine.tape.recording import Recorder, read_recording
from engine.types import Contract, Instrument, Provenance, Underlying

DAY = dt.date(2026, 1, 15)
OPEN = session(DAY).open
FRAME = 5_000_000
LOOKS = 50
_CONTRACTS = 1000
_LABEL = Provenance("recorded", "simulated", "quote", "0" * 64, "made up")


def instruments() -> list[Instrument]:
    strikes = range(5500, 5500 + 5 * _CONTRACTS // 2, 5)
    return [Underlying("SPX"), *(Contract("SPXW", DAY, strike * 10_000, right) for strike in strikes for right in "CP")]


def frames(seconds: int, rate: int, seed: int) -> Iterator[ChainBatch]:
    """What a conflated feed hands over: each contract at most once a frame, some of them far more often than others;
    trades of some at the quotes' instant, the index once a second."""
    rng = np.random.default_rng(seed)
    liked = rng.pareto(1.2, _CONTRACTS) + 0.05
    liked /= liked.sum()
    bids = rng.integers(10, 4000, _CONTRACTS + 1) * 500
    a_frame = max(1, rate * FRAME // SECOND)
    for number in range(1, seconds * SECOND // FRAME + 1):
        now = OPEN + number * FRAME + int(rng.integers(0, FRAME // 10))
        idx = np.unique(rng.choice(_CONTRACTS, a_frame, p=liked) + 1).astype(np.int32)
        bids[idx] = np.maximum(500, bids[idx] + 500 * rng.integers(-1, 2, len(idx)))
        bid = bids[idx].astype(np.int32)
        sizes = rng.integers(1, 60, (2, len(idx)), np.int32)
        times = now - rng.integers(0, FRAME, len(idx))
        sold = number % 20 == 0
        yield ChainBatch(
            ts_known=now, ts_event=now, idx=idx, bid=bid, ask=bid + np.int32(1000), bid_size=sizes[0],
            ask_size=sizes[1], quote_ts=times, more=sold,
        )  # fmt: skip
        if sold:
            some = idx[: max(1, len(idx) // 8)]
            yield ChainBatch(
                ts_known=now, ts_event=now, idx=some, price=bids[some].astype(np.int32), volume=some,
                quote_ts=times[: len(some)],
            )  # fmt: skip
        if number % 200 == 0:
            spot = np.array([59_000_000 + number], np.int32)
            yield ChainBatch(ts_known=now + 1000, ts_event=now, idx=np.zeros(1, np.int32), price=spot)


def known(events: Iterable[AnyEvent], looks: list[int]) -> list[bytes]:
    """What a market knows at some instants, as bytes."""
    market, ahead, found = Market({"SPXW": "quote"}), list(reversed(looks)), list[bytes]()
    for event in events:
        while ahead and event.ts_known > ahead[-1]:
            ahead.pop()
            found.append(_state(market))
        if isinstance(event, Listing):
            market.list_instruments(event)
        elif isinstance(event, ChainBatch):
            market.apply(event)
    return [*found, *(_state(market) for _ in ahead)]


def _state(market: Market) -> bytes:
    size = len(market.instruments)
    spot, ts = market.value("SPX")
    parts = (market.bid[:size], market.ask[:size], market.quote_ts[:size], np.array([spot or 0, ts]))
    return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)


def run(folder: Path, seconds: int, rate: int, seed: int) -> dict[str, Any]:
    """Record two runs, the first of them cut off in the middle of a frame; tape them; play the day."""
    listed = Listing(ts_known=OPEN, ts_event=OPEN, first=0, instruments=tuple(instruments()))
    first, second = folder / "a.events", folder / "b.events"
    killed = OPEN + seconds * SECOND // 2
    quotes = rows = 0
    began = time.monotonic()
    with Recorder(first) as one, Recorder(second) as other:
        one.write(SessionStart(ts_known=OPEN - 1800 * SECOND, day=DAY))
        one.write(listed)
        for event in (SessionStart(ts_known=0, day=DAY, resumed=True), Warming(ts_known=0, on=True), listed):
            other.write(event)
        warm = False
        for frame in frames(seconds, rate, seed):
            rows += len(frame.idx)
            quotes += len(frame.idx) if frame.bid is not None else 0
            if frame.ts_known < killed:
                one.write(frame)
                other.write(frame)  # a restart records what it catches up with, too
                continue
            if not warm:
                warm = True
                other.write(Warming(ts_known=killed, on=False))
                other.write(Restore(ts_known=killed, records=()))
            other.write(frame)
    with first.open("ab") as file:
        file.write(b"\xff\x01\0\0half")
    recorded = time.monotonic()
    streamed = Streamed()
    for path in (first, second):
        streamed.read(path)
    day = streamed.of("SPXW", (), last=True)
    assert day is not None
    store = Store(folder / "store")
    store.save_day(DayTable("SPXW", DAY, _LABEL, "soak", 1, day.framed.columns, dict(day.framed.counts), (), day.heard))
    counts, there = dict(day.framed.counts), len(day.framed.columns)
    del streamed, day
    taped = time.monotonic()
    tape = store.open(store.choose("SPXW", DAY))
    events = sum(1 for _ in tape.events())
    played = time.monotonic()
    looks = [OPEN + n * seconds * SECOND // LOOKS + 999_000 for n in range(1, LOOKS + 1)]
    then = known(chain([listed], frames(seconds, rate, seed)), looks)
    now = known(tape.events(), looks)
    wrong = [f"at look {n}" for n, (one, other) in enumerate(zip(then, now, strict=True)) if one != other]
    read = sum(isinstance(event, ChainBatch) for event in read_recording(second))
    return {
        "quotes": quotes, "frames": read, "rows": there, "rows_sent": rows, "events": events, **counts,
        "recorded_mb": round(second.stat().st_size / 1e6, 1), "day_mb": round(tape.path.stat().st_size / 1e6, 1),
        "record_s": round(recorded - began, 1), "tape_s": round(taped - recorded, 1),
        "play_s": round(played - taped, 1), "wrong": wrong,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zdte-tape-") as folder:
        found = run(Path(folder), args.seconds, args.rate, args.seed)
    print(json.dumps(found))
    return 1 if found["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
