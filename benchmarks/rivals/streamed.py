"""Quotes over a real socket through the product's feed to a consumer that waits: how late, and whether all are told of.

    streamed.py RATE SECONDS A_FRAME

The feed is the product's (``engine.feed.alpaca``, on the real SDK) and keeps to one core; the server is a process of
its own on the others. A quote's time is the server's when it packed it, so the network of this machine is in it too.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from engine.alpaca.keys import Keys
from engine.calendar import session
from engine.clock import SystemClock
from engine.config.alpaca import AlpacaTable
from engine.events import ChainBatch
from engine.feed.alpaca.feed import AlpacaFeed

ROOT, DAY, STRIKES = "SPXW", dt.date(2026, 1, 15), 200
WARM_SECONDS = 1.0


def main() -> None:
    """Measure, and answer with a line of JSON."""
    rate, seconds, a_frame = sys.argv[1:4]
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    command = [sys.executable, str(Path(__file__).with_name("streaming_server.py")), ROOT, str(DAY), str(STRIKES)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        if len(cores) > 1:
            os.sched_setaffinity(server.pid, set(cores[:-1]))
            os.sched_setaffinity(0, {cores[-1]})
        port = int(server.stdout.readline())
        answer = _measured(port, server, rate, seconds, a_frame)
        server.stdin.close()
    print(json.dumps(answer))


def _measured(port: int, server: subprocess.Popen[str], rate: str, seconds: str, a_frame: str) -> dict[str, Any]:
    http = f"http://127.0.0.1:{port}"
    table = AlpacaTable(
        trading_url=http, data_url=http, stream_url=f"ws://127.0.0.1:{port}", option_feed="opra", index_seconds=0
    )
    clock, woken = SystemClock(), threading.Event()
    feed = AlpacaFeed(Keys("PKFAKEFAKE", "fake"), table, (ROOT,), session(DAY), clock)
    feed.start((), woken.set)
    until = time.monotonic() + 20
    while not feed.figures["subscribed"]:
        feed.take(clock.now())
        assert time.monotonic() < until, f"nothing is subscribed: {feed.figures}"
        time.sleep(0.01)
    _run(feed, clock, woken, server, rate, str(WARM_SECONDS), a_frame)
    before, used = dict(feed.figures), _processor()
    ages, bids, told = _run(feed, clock, woken, server, rate, seconds, a_frame)
    used, after = _processor() - used, feed.figures
    sent, last, took = told
    symbols = {symbol: number for symbol, number in feed._book.index.items() if symbol in last}
    wrong = sum(bids.get(number) != round(last[symbol] * 10_000) for symbol, number in symbols.items())
    came = after["quotes"] - before["quotes"]
    feed.close()
    return {
        "ages": ages,
        "sent": sent,
        "came": came,
        "conflated": after["conflated"] - before["conflated"],
        "unreadable": after["unreadable"] - before["unreadable"],
        "wrong": wrong,
        "symbols": len(symbols),
        "processor": used / took,
        "rate": sent / took,
    }


def _run(
    feed: AlpacaFeed,
    clock: SystemClock,
    woken: threading.Event,
    server: subprocess.Popen[str],
    rate: str,
    seconds: str,
    a_frame: str,
) -> tuple[list[float], dict[int, int], Any]:
    """Ages (us) of every quote taken, the last bid taken of each, and what the server says."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{rate} {seconds} {a_frame}\n")
    server.stdin.flush()
    answers: list[str] = []
    reading = threading.Thread(target=lambda: answers.append(server.stdout.readline()))  # type: ignore[union-attr]
    reading.start()
    ages: list[float] = []
    bids: dict[int, int] = {}
    quiet = 0
    while quiet < 10:
        quiet = 0 if woken.wait(0.02) or not answers else quiet + 1
        woken.clear()
        now = clock.now()
        for event in feed.take(now):
            if isinstance(event, ChainBatch) and event.bid is not None and event.quote_ts is not None:
                taken = clock.now()
                ages += ((taken - event.quote_ts) / 1000).tolist()
                bids.update(zip(event.idx.tolist(), event.bid.tolist(), strict=True))
    reading.join()
    return ages, bids, json.loads(answers[0])


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
