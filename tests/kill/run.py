"""Kill the session's process at many points, and say what was broken: ``python tests/kill/run.py --help``.

Everything is imported once; each session is a forked child, the exchange another one that outlives them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # children are forked: nothing may run beside this thread
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from kill_days import DAYS, market  # noqa: E402
from kill_points import COMMITS, SENDS, Point  # noqa: E402
from kill_round import Bench, Round, spread  # noqa: E402
from kill_session import play_on, warm_up  # noqa: E402


def main() -> int:
    """Run as asked; 0 where nothing was broken."""
    args = _arguments()
    started = time.monotonic()
    short = market()
    _ = short.played
    play_on(short)
    shm = Path("/dev/shm")  # a killed process leaves what the kernel has, whatever the disk
    base = shm if os.access(shm, os.W_OK) else None
    days = [DAYS[name] for name in args.day or DAYS]
    stages = {"commits": COMMITS, "sends": SENDS, "all": COMMITS + SENDS}[args.at]
    played: list[Round] = []
    with tempfile.TemporaryDirectory(prefix="zk", dir=base) as folder:
        warm_up(DAYS["saga"], Path(folder) / "warm")
        for n, day in enumerate(days):
            bench = Bench(day, short, Path(folder) / day.name, inside=args.inside)
            try:
                share = args.points * (n + 1) // len(days) - args.points * n // len(days)
                for round_ in _rounds(args, bench, stages, share):
                    played.append(round_)
                    if round_.found:
                        print(f"BROKEN {round_}", *round_.found, sep="\n    ", file=sys.stderr, flush=True)
                        if args.keep:
                            bench.keep(Path(args.keep) / f"{len(played)}")
                    elif args.verbose:
                        print(f"sound  {round_}: {round_.killed} killed", file=sys.stderr, flush=True)
            finally:
                bench.end()
    waits = sorted(each for round_ in played for each in round_.reconciled)
    result = {
        "points": len(played),
        "kills": sum(round_.killed for round_ in played),
        "unreached": [str(round_) for round_ in played if not round_.killed],
        "violations": [f"{round_}: {found}" for round_ in played for found in round_.found],
        "restarts": len(waits),
        "reconciled_p50_s": waits[len(waits) // 2] / 1e9 if waits else None,
        "reconciled_p99_s": waits[min(len(waits) - 1, len(waits) * 99 // 100)] / 1e9 if waits else None,
        "seconds": round(time.monotonic() - started, 1),
    }
    print(json.dumps(result))
    return 1 if result["violations"] else 0


def _rounds(args: argparse.Namespace, bench: Bench, stages: tuple[str, ...], share: int):  # type: ignore[no-untyped-def]
    if args.point:
        yield bench.play(tuple(Point.parse(text) for text in args.point))
        return
    counts = bench.counts()
    for i, first in enumerate(spread(counts, stages, share, args.seed)):
        # Every third recovery is killed too, early: at one of its first commits or sends.
        later = COMMITS if args.inside else COMMITS + SENDS
        again = (later[(i // 3) % len(later)], 1 + (i // 18) % 4) if i % 3 == 2 else None
        later_points = (Point(*again),) if again else ()
        n = first.n
        round_ = bench.play((first, *later_points))
        while not round_.killed and not round_.found and n > 1:  # how many commits there are is the disk's affair
            n = n * 2 // 3
            round_ = bench.play((Point(first.stage, n), *later_points))
        yield round_


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=500, help="how many points, shared by the days (500)")
    parser.add_argument("--at", choices=("commits", "sends", "all"), default="all")
    parser.add_argument("--day", action="append", choices=list(DAYS), help="only this day; may be repeated")
    parser.add_argument(
        "--inside", action="store_true", help="the exchange is in the session's process and dies with it"
    )
    parser.add_argument("--seed", type=int, default=0, help="shifts the points: another seed kills elsewhere")
    parser.add_argument("--point", action="append", metavar="'STAGE N'", help="this one; a second kills the recovery")
    parser.add_argument("--keep", metavar="DIR", help="keep the journals of broken points there")
    parser.add_argument("--verbose", action="store_true", help="a line a point")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
