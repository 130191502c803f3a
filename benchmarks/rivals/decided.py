"""Quotes over a real socket through a whole session: how late the engine has decided on them.

    decided.py RATE SECONDS A_FRAME

A shadow session of the iron condor with a condor held: feed, conflation, engine, strategy and journal are the product's
and keep to one core; the server is a process of its own on the others.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from streamed import DAY, ROOT, STRIKES, WARM_SECONDS

from engine.alpaca.keys import Keys
from engine.calendar import session
from engine.clock import MINUTE, SECOND, ScaledClock
from engine.config import load
from engine.config.alpaca import AlpacaTable
from engine.core import Engine
from engine.events import AnyEvent, ChainBatch, Tick
from engine.feed.alpaca.feed import AlpacaFeed
from engine.feed.alpaca.labels import provenance
from engine.journal import JournalWriter
from engine.session.compose import make_engine, session_info
from engine.session.ledger import Ledger
from engine.session.live import LiveSource
from engine.session.runner import Runner
from strategies.registry import REGISTRY

SETTINGS = (
    'strategies.iron_condor.entries=["10:00"]',
    "strategies.iron_condor.min_credit=0",
    "strategies.iron_condor.min_side_credit=0",
    "strategies.iron_condor.max_imbalance=0",
    "strategies.iron_condor.stop.scope=none",
    "strategies.iron_condor.buy_back=0",
    "risk.vix_scale=false",
    "risk.daily_loss=100000",
)


class Timed:
    """Notes when the engine is through with each batch of quotes."""

    def __init__(self, engine: Engine, clock: ScaledClock) -> None:
        self._process = engine.process
        self._clock = clock
        self.on = False
        self.ages: list[float] = []
        engine.process = self.process  # type: ignore[method-assign]

    def process(self, event: AnyEvent) -> Tick:
        """See ``Engine.process``."""
        tick = self._process(event)
        if self.on and isinstance(event, ChainBatch) and event.bid is not None and event.quote_ts is not None:
            self.ages += ((self._clock.now() - event.quote_ts) / 1000).tolist()
        return tick


def main() -> None:
    """Measure, and answer with a line of JSON."""
    rate, seconds, a_frame = sys.argv[1:4]
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    start = session(DAY).open + 30 * MINUTE - 4 * SECOND
    ahead = start - time.time_ns()
    clock = ScaledClock(start, time.monotonic_ns(), 1.0)
    server_file = str(Path(__file__).with_name("streaming_server.py"))
    command = [sys.executable, server_file, ROOT, str(DAY), str(STRIKES), str(ahead)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        if len(cores) > 1:
            os.sched_setaffinity(server.pid, set(cores[:-1]))
            os.sched_setaffinity(0, {cores[-1]})
        port = int(server.stdout.readline())
        answer = _measured(Path(folder), port, server, clock, rate, seconds, a_frame)
        server.stdin.close()
    print(json.dumps(answer))


def _measured(
    folder: Path, port: int, server: subprocess.Popen[str], clock: ScaledClock, rate: str, seconds: str, a_frame: str
) -> dict[str, Any]:
    http = f"http://127.0.0.1:{port}"
    table = AlpacaTable(
        trading_url=http, data_url=http, stream_url=f"ws://127.0.0.1:{port}", option_feed="opra", index_seconds=0
    )
    config = load([], list(SETTINGS))
    today = session(DAY)
    feed = AlpacaFeed(Keys("PKFAKEFAKE", "fake"), table, (ROOT,), today, clock)
    source = LiveSource(today, (ROOT,), (provenance(table, ROOT),), feed, clock, clock.now())
    timed: list[Timed] = []

    def engine() -> Engine:
        made = make_engine(config, REGISTRY, source, "bench")
        timed.append(Timed(made, clock))
        return made

    with JournalWriter(folder / "bench.sqlite", synchronous="FULL") as writer:
        info = session_info(config, REGISTRY, source, "bench", None)
        ledger = Ledger(writer, info, mode="shadow", speed=1.0, for_account=True)
        runner = Runner(source, engine, ledger, banner="bench", speed=1.0, stay=False)
        thread = threading.Thread(target=runner.run, daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not feed.figures["subscribed"]:
            assert time.monotonic() < until, f"nothing is subscribed: {feed.figures}"
            time.sleep(0.01)
        _ask(server, rate, str(4 + float(WARM_SECONDS)), a_frame)  # past ten o'clock, when the condor is entered
        before = dict(feed.figures)
        timed[-1].on = True
        sent = _ask(server, rate, seconds, a_frame)
        time.sleep(0.2)
        timed[-1].on = False
        after = feed.figures
        held = sum(1 for _ in runner._playing.engine.state.portfolio.open_trades)
        runner.stop()
        thread.join(10)
    ages = timed[-1].ages
    return {
        "ages": ages,
        "p50": float(np.percentile(ages, 50)),
        "p99": float(np.percentile(ages, 99)),
        "held": held,
        "sent": sent,
        "came": after["quotes"] - before["quotes"],
        "conflated": after["conflated"] - before["conflated"],
        "decided": len(ages),
    }


def _ask(server: subprocess.Popen[str], rate: str, seconds: str, a_frame: str) -> int:
    """Let quotes come; how many were sent."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{rate} {seconds} {a_frame}\n")
    server.stdin.flush()
    sent: int = json.loads(server.stdout.readline())[0]
    return sent


if __name__ == "__main__":
    main()
