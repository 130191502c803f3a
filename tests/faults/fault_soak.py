"""Plays seeds: one with its story, or as many as are asked for, over processes."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from fault_plan import KINDS, make_plan
from fault_session import FaultSession, Outcome


class Played(NamedTuple):
    """A session's outcome, small enough to be sent between processes."""

    seed: int
    title: str
    violations: list[str]
    found: dict[str, int]
    trades: int
    orders: int
    runs: int


def play(seed: int, talk: bool = False, only: tuple[str, ...] | None = None) -> Outcome:
    """Play one seed in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="zdte-faults-") as folder:
        return FaultSession(make_plan(seed, only), Path(folder), talk).play()


def play_quietly(seed: int) -> Played:
    """Play one seed; what the product logs on the way is not shown."""
    logging.disable(logging.WARNING)
    logging.getLogger().handlers or logging.getLogger().addHandler(logging.NullHandler())
    try:
        outcome = play(seed)
    finally:
        logging.disable(logging.NOTSET)  # others in this process are told again
    return Played(
        seed,
        outcome.plan.title,
        outcome.violations,
        outcome.found,
        outcome.trades,
        outcome.orders,
        outcome.runs,
    )


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 where anything was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("seed", nargs="?", type=int, help="this seed alone, told in full")
    parser.add_argument(
        "--only", help="these kinds of faults instead of the seed's own, with commas: " + ", ".join(KINDS)
    )
    parser.add_argument("--count", type=int, default=200, help="how many seeds (default 200)")
    parser.add_argument(
        "--first", type=int, default=0, help="the first of them (default 0); to go on after an interruption"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    args = parser.parse_args(arguments)
    if args.seed is not None:
        return tell(args.seed, None if args.only is None else tuple(filter(None, args.only.split(","))))
    return soak(args.first, args.count, args.jobs)


def tell(seed: int, only: tuple[str, ...] | None) -> int:
    """One seed with its story."""
    logging.getLogger().addHandler(logging.NullHandler())
    outcome = play(seed, True, only)
    print(outcome.plan.title)
    print("settings: " + " ".join(outcome.plan.settings))
    print("\n".join(outcome.story))
    print(f"{outcome.trades} trades, {outcome.orders} orders, {outcome.runs} runs; faults {outcome.found}")
    print("\n".join(f"VIOLATION {text}" for text in outcome.violations) or "nothing was violated")
    return 1 if outcome.violations else 0


def soak(first: int, count: int, jobs: int) -> int:
    """Many seeds; a line for each that fails, and how far it is."""
    began = time.monotonic()
    done = failed = trades = orders = runs = 0
    found: Counter[str] = Counter()
    with ProcessPoolExecutor(jobs) as pool:
        for played in pool.map(play_quietly, range(first, first + count), chunksize=4):
            done += 1
            trades, orders, runs = trades + played.trades, orders + played.orders, runs + played.runs
            found.update(played.found)
            if played.violations:
                failed += 1
                print(f"{played.title}\n  " + "\n  ".join(played.violations), flush=True)
            if sys.stderr.isatty() or done % 200 == 0:
                each = (time.monotonic() - began) / done
                left = f"{each * (count - done):.0f} s left"
                print(f"\rseed {played.seed}: {done} of {count}, {failed} failed, {left}   ", end="", file=sys.stderr)
    seconds = time.monotonic() - began
    print(file=sys.stderr)
    print(f"{done} seeded fault sessions from {first}: {failed} with violations; {trades} trades, {orders} orders, ")
    print(f"{runs} runs, {sum(found.values())} faults in {seconds:.0f} s: {dict(found.most_common())}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
