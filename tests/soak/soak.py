"""``make soak``: what is too long for ``make test``, one line a part; exit code 1 where one fails.

    python tests/soak/soak.py                       every part
    python tests/soak/soak.py --n 10000 --seed 3    more of it, from another seed
    python tests/soak/soak.py --only endurance --hours 24

A part is a function of ``PARTS``: it takes what was asked for and gives one line, or raises ``Failed`` with what is
wrong and the seed that shows it again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Wanted(NamedTuple):
    """How much: ``n`` sessions of parts that play sessions from seeds, from ``seed`` on; ``hours`` of market time."""

    n: int
    seed: int
    hours: float


class Failed(Exception):
    """What a part found, in a line."""


def endurance(wanted: Wanted) -> str:
    """Sessions back to back in this process: it must hold no more after the last than after the first few."""
    from endurance import HOUR, Endurance, Played, unsteady

    with tempfile.TemporaryDirectory(prefix="zdte-soak-") as folder:
        played: list[Played] = []
        sessions = Endurance(Path(folder))
        for each in sessions.play(wanted.hours):
            played.append(each)
            told = each.after
            _progress(f"{len(played)} sessions, {told.blocks:,} blocks, {told.resident / 1e6:.0f} MB")
    warm_up = min(4 * len(sessions.kinds), len(played) // 2)
    grown = unsteady(played, warm_up)
    if grown:
        raise Failed("; ".join(grown))
    warm, last = played[warm_up - 1].after, played[-1].after
    blocks, resident = last.blocks - warm.blocks, (last.resident - warm.resident) / 1e6
    hours, fills = sum(each.market for each in played) / HOUR, sum(each.fills for each in played)
    return (
        f"{hours:,.0f} hours of market time in {len(played)} sessions, {fills:,} fills; since session {warm_up}: "
        f"{blocks:+,} blocks, {resident:+.1f} MB; {last.threads} thread, {last.files} files, {last.tasks} tasks"
    )


def kill(wanted: Wanted) -> str:
    """Sessions killed with SIGKILL at other points than the tests' own, restarted and compared with their exchange."""
    run = Path(__file__).parents[1] / "kill" / "run.py"
    words = ["--points", str(wanted.n), "--seed", str(wanted.seed)]
    done = subprocess.run([sys.executable, str(run), *words], stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout:
        raise Failed(f"the harness ended with {done.returncode}; python {run.name} {' '.join(words)} shows it again")
    found = json.loads(done.stdout.splitlines()[-1])
    if found["violations"]:
        raise Failed(f"{len(found['violations'])} violations, the first: {found['violations'][0]}")
    return (
        f"{found['points']} points, {found['kills']} SIGKILLs, 0 violations; reconciled in p50 "
        f"{found['reconciled_p50_s']} s, p99 {found['reconciled_p99_s']} s of event time"
    )


def faults(wanted: Wanted) -> str:
    """Whole sessions against a broker, a disk and a clock that misbehave from a seed."""
    run = Path(__file__).parents[1] / "faults" / "fault_soak.py"
    words = ["--first", str(wanted.seed), "--count", str(wanted.n)]
    done = subprocess.run([sys.executable, str(run), *words], stdout=subprocess.PIPE, text=True, check=False)
    lines = done.stdout.splitlines() or ["it said nothing"]
    if done.returncode:
        raise Failed(f"{lines[0]}: {' '.join(lines[1:2])}; python -m tests.faults SEED tells it in full")
    return " ".join(lines[-2:])


def broker(wanted: Wanted) -> str:
    """Conversations of the broker at Alpaca with the local exchange and its faults; a fifth as many."""
    run = Path(__file__).parents[1] / "venue" / "venue_talks.py"
    words = ["--first", str(wanted.seed), "--count", str(max(1, wanted.n // 5))]
    command = [sys.executable, str(run), *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    if not done.stdout:
        raise Failed(f"the harness ended with {done.returncode}; python {run.name} {' '.join(words)} shows it again")
    found = json.loads(done.stdout.splitlines()[-1])
    if found["wrong"]:
        raise Failed(found["wrong"][0])
    faults = sum(found["faults"].values())
    return f"{found['talks']} conversations, {found['orders']} orders, {faults} faults, 0 lost, doubled or orphaned"


def exchange(wanted: Wanted) -> str:
    """The exchange in Alpaca's protocols killed with SIGKILL, started again and compared with a twin; half as often."""
    run = Path(__file__).parents[1] / "venue" / "venue_kill.py"
    words = ["--points", str(max(1, wanted.n // 2)), "--seed", str(wanted.seed)]
    done = subprocess.run([sys.executable, str(run), *words], stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout:
        raise Failed(f"the harness ended with {done.returncode}; python {run.name} {' '.join(words)} shows it again")
    found = json.loads(done.stdout.splitlines()[-1])
    if found["wrong"]:
        raise Failed(f"it is not as its twin, first: {found['wrong'][0]}")
    return (
        f"{found['points']} kills, {found['unanswered']} of them before an answer, {found['orders']} orders, as if "
        f"never killed; started again in p50 {found['restart_p50_s']} s, at most {found['restart_max_s']} s"
    )


def rehearsals(wanted: Wanted) -> str:
    """Shortened days through the real SDK in which things go wrong by chance; a fifth as many."""
    return _rehearsed("--days", max(1, wanted.n // 5), wanted)


def sides(wanted: Wanted) -> str:
    """A session at a local exchange and that exchange, either killed with SIGKILL while they trade; half as often."""
    return _rehearsed("--kills", max(1, wanted.n // 2), wanted)


def _rehearsed(what: str, count: int, wanted: Wanted) -> str:
    run = Path(__file__).parents[1] / "rehearsal" / "rehearse_soak.py"
    words = [what, str(count), "--first", str(wanted.seed)]
    command = [sys.executable, str(run), *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    lines = done.stdout.splitlines()
    if not lines:
        raise Failed(f"the harness ended with {done.returncode}; python {run.name} {' '.join(words)} shows it again")
    if done.returncode:
        raise Failed("; ".join(lines))
    return lines[0]


def keys(wanted: Wanted) -> str:
    """Ten keys, words, clicks and resizes for each session that was asked for, on the screen of demo sessions."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "screen"))
    from key_fuzz import Fuzz

    left, seed, orders = 10 * wanted.n, wanted.seed, 0
    while left > 0:
        many = min(left, 1000)
        with tempfile.TemporaryDirectory(prefix="zdte-keys-") as folder:
            fuzz = Fuzz(Path(folder), seed, many)
            try:
                wrong = fuzz.run()
            except Exception as error:
                raise Failed(f"seed {seed}: {error!r} after {fuzz.acts[-20:]}") from error
            if wrong:
                raise Failed(f"seed {seed}: {wrong[0]} after {fuzz.acts[-20:]}")
        left, seed, orders = left - many, seed + 1, orders + fuzz.orders
        _progress(f"{10 * wanted.n - left:,} keys, {orders} orders")
    return (
        f"{10 * wanted.n:,} keys, words, clicks and resizes, {orders} orders, each approved, engines as their journals"
    )


def tape(wanted: Wanted) -> str:
    """20,000 quotes a second recorded, killed half-way, put on the tape, played: what streamed is what plays."""
    run = Path(__file__).with_name("taped_frames.py")
    words = ["--seconds", "300", "--seed", str(wanted.seed)]
    done = subprocess.run([sys.executable, str(run), *words], stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout:
        raise Failed(f"it ended with {done.returncode}; python {run.name} {' '.join(words)} shows it again")
    found = json.loads(done.stdout.splitlines()[-1])
    if found["wrong"]:
        raise Failed(f"the market that is played is not the one that streamed: {found['wrong'][0]}")
    return (
        f"{found['quotes']:,} conflated quotes in {found['frames']:,} frames: {found['recorded_mb']} MB recorded, "
        f"{found['day_mb']} MB on the tape in {found['tape_s']} s, played in {found['play_s']} s; "
        f"{found['peak_mb']} MB at most"
    )


PARTS: dict[str, Callable[[Wanted], str]] = {
    "broker": broker,
    "endurance": endurance,
    "exchange": exchange,
    "faults": faults,
    "keys": keys,
    "kill": kill,
    "rehearsals": rehearsals,
    "sides": sides,
    "tape": tape,
}


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of up to nine digits")
    return int(text)


def _hours(text: str) -> float:
    if _count(text) < 1:
        raise argparse.ArgumentTypeError("give 1 hour or more")
    return float(text)


def main(arguments: list[str] | None = None) -> int:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(
        prog="make soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=_count, default=1000, metavar="N", help="sessions a part; 1000 if not given")
    parser.add_argument("--seed", type=_count, default=1, metavar="N", help="the first of their seeds; 1 if not given")
    parser.add_argument("--hours", type=_hours, default=240.0, metavar="H", help="of market time, for endurance; 240")
    parser.add_argument("--only", action="append", choices=list(PARTS), metavar="PART", help=f"of {', '.join(PARTS)}")
    args = parser.parse_args(arguments)
    wanted, failed = Wanted(args.n, args.seed, args.hours), False
    for name in dict.fromkeys(args.only or PARTS):
        began = time.monotonic()
        try:
            told = PARTS[name](wanted)
        except Failed as error:
            told, failed = f"FAILED: {error}", True
        _progress("")
        print(f"{name:<12} {told} ({time.monotonic() - began:,.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
