"""Faulty rehearsals by the hundred, and sessions and exchanges killed as often; one line, exit code 1 where one fails.

python tests/rehearsal/rehearse_soak.py --days 200 --jobs 4
python tests/rehearsal/rehearse_soak.py --kills 500
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import traceback
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

ROUND = 10


def faulty_day(seed: int) -> list[str]:
    """What is wrong after a shortened day whose faults come from a seed."""
    from agreeing import agree
    from either_side import SETTINGS
    from rehearsing import at, rehearsal, settings

    from engine.session.source import demo_source

    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="zdte-soak-") as name:
        folder = Path(name)
        config = settings(folder, *SETTINGS)
        try:
            with rehearsal(config, demo_source(config), folder, start=at(9, 54), seed=seed) as found:
                found.wait(lambda: found.now > at(10, 18) and found.closed(), 180)
                return agree(found.journal, found.exchange.keys, found.exchange.port, 60)
        except Exception:  # the others go on
            return [traceback.format_exc()]


def killed_round(seed: int) -> list[str]:
    """What is wrong after a shortened day in which either side is killed ten times."""
    from agreeing import agree
    from either_side import Both

    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="zdte-soak-") as name:
        both = Both(Path(name), seed)
        try:
            both.wait_for_data(120)
            for _ in range(ROUND):
                both.pause(0.1, 1.2)
                both.kill(both.random.choice(["session", "session", "session", "exchange"]))
            both.wait_until_flat(180)
            return agree(both.journal, both.keys, both.port, 30)
        except Exception:  # the others go on
            return [traceback.format_exc()]
        finally:
            both.close()


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=0, help="faulty days")
    parser.add_argument("--kills", type=int, default=0, help="SIGKILLs, ten a day")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=3, help="at once: they wait more than they reckon")
    args = parser.parse_args()
    seeds = range(args.first, args.first + (args.days or -(-args.kills // ROUND)))
    with ProcessPoolExecutor(args.jobs, get_context("spawn")) as pool:
        found = list(pool.map(faulty_day if args.days else killed_round, seeds))
    return _tell(args, seeds, found)


def _tell(args: argparse.Namespace, seeds: Iterable[int], found: list[list[str]]) -> int:
    what = f"{args.days} faulty days" if args.days else f"{len(found) * ROUND} SIGKILLs of either side"
    wrong = [(seed, problems) for seed, problems in zip(seeds, found, strict=True) if problems]
    print(f"rehearsed, {what} from seed {args.first}: {len(wrong)} violations")
    for seed, problems in wrong:
        print(f"  seed {seed}: {'; '.join(problems)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
