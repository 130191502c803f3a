"""``make bench``: every part in one run, a table on the screen, and benchmarks/RESULTS.md.

    python -m benchmarks                            everything, about twenty minutes
    python -m benchmarks --only kernel --rounds 1   one part; RESULTS.md stays as it is
    make bench ARGS="--only day --only latency"

A rival that cannot be installed is shown as such. The exit code is 1 where something of ours could not be measured;
RESULTS.md then stays as it is.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import parts
from benchmarks.machine import load, machine
from benchmarks.report import markdown, reached, text
from benchmarks.results import OURS, Section, Work, absent

RESULTS = Path(__file__).parent / "RESULTS.md"


def _rounds(given: str) -> int:
    value = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{given!r} is not a number of rounds from 1 to 999")
    return value


def _file(given: str) -> Path:
    path = Path(given)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{given} cannot be written: name a file in a folder that is there")
    return path


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ", ".join(parts.PARTS)
    parser.add_argument("--only", action="append", choices=list(parts.PARTS), metavar="PART", help=f"of {names}")
    parser.add_argument("--rounds", type=_rounds, default=3, metavar="N", help="turns of each; 3 if not given")
    parser.add_argument(
        "--output", type=_file, metavar="FILE", help="where to write; RESULTS.md, if everything is run, unless given"
    )
    wanted = parser.parse_args()
    output = wanted.output or (None if wanted.only else RESULTS)
    where, begun = machine(), time.monotonic()
    print("\n".join(where.lines), end="\n\n", flush=True)
    sections: list[Section] = []
    try:
        for name in dict.fromkeys(wanted.only or parts.PARTS):
            title, measure = parts.PARTS[name]
            before = load()
            works = _measured(title, measure, partial(_say, begun, name), wanted.rounds)
            sections.append(Section(name, title, tuple(works), (before, load())))
            print(text(sections[-1]), flush=True)
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return 130
    print(reached(sections))
    lost = [work.title for section in sections for work in section.works if not _ours_measured(work)]
    if lost:
        print(f"\nnot measured, and so nothing is written: {'; '.join(lost)}", file=sys.stderr)
        return 1
    if output is not None:
        output.write_text(markdown(sections, where), encoding="utf-8")
        print(f"\nwritten to {output}")
    return 0


def _say(begun: float, part: str, line: str) -> None:
    print(f"[{time.monotonic() - begun:4.0f} s] {part}: {line}", file=sys.stderr, flush=True)


def _measured(title: str, measure: parts.Measure, say: Callable[[str], None], rounds: int) -> list[Work]:
    """A part's works; one that fails is told as such, and the others go on."""
    try:
        return measure(say, rounds)
    except Exception as error:
        traceback.print_exc()
        why = f"{type(error).__name__}: {error}".splitlines()[0][:160]
        return [Work(title, "", (absent(OURS, f"failed: {why}", "ours"),))]


def _ours_measured(work: Work) -> bool:
    return work.ours is not None and work.ours.median is not None


if __name__ == "__main__":
    sys.exit(main())
