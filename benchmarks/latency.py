"""From the bytes of a quote frame, in process, to what the engine answers."""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks.days import stored
from benchmarks.processes import ask
from benchmarks.results import OURS, Work, absent, at_most, party

FRAMES = 4_000
TITLE = "a live frame: bytes of 8 quotes to a strategy's decision on the Greeks of 200 contracts"


def measure(say: Callable[[str], None], rounds: int = 3) -> list[Work]:
    """Frames into the middle of a simulated day."""
    home, days = stored(1, say)
    whole: list[float] = []
    decoding: list[float] = []
    notes: tuple[str, ...] = ()
    for turn in range(rounds):
        say(f"{FRAMES:,} frames, round {turn + 1} of {rounds}")
        answer = ask(sys.executable, "frames.py", home, str(days[0]), str(FRAMES))
        if isinstance(answer, str):
            return [Work(TITLE, "us", (absent(OURS, answer, "ours"),))]
        whole += answer["whole"]
        decoding += answer["decoding"]
        notes = (
            f"{answer['bytes']} bytes a frame, as Alpaca sends them; {answer['open']} condors open; Greeks were "
            f"read in {answer['read']:,} of {answer['frames']:,} frames",
        )
    ours = party(OURS, whole, "decode, market, IV, Greeks, strategy, exits, risk", "ours")
    part = party(
        "of which the frame to a batch",
        decoding,
        "msgspec; this benchmark's own, the product's feed is measured apart",
        "variant",
    )
    return [Work(TITLE, "us", (ours, part), (at_most(200, ours.tail, "p99", "us"),), notes)]
