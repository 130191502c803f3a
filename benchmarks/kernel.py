"""The pricing kernel beside what a user would pick instead, in one run, on one core.

    python benchmarks/kernel.py                 everything, three rounds
    python benchmarks/kernel.py --rounds 1 --only quantlib

Two works: a chain of 200 contracts (implied vol, price, Greeks: all that each rival offers), and the implied vols of a
million. Everyone runs in a process of its own, pinned to one core, in turns; times are medians over all rounds, and a
ratio is that to ours in the same run. "off" is the share of implied vols more than 1e-9 from the truth, of those whose
price tells them that well; NaN counts as off. Environments are made at the first run under the user's cache folder.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import workload
from environments import python_with

from engine import pricing

HERE = Path(__file__).parent


class Rival(NamedTuple):
    """Who is measured: the script in ``rivals``, and what its environment needs; none is ours."""

    title: str
    script: str
    packages: tuple[str, ...]


RIVALS = {
    "ours": Rival("this kernel", "ours.py", ()),
    "scipy": Rival("previous SciPy kernel", "scipy_kernel.py", ("numpy==2.4.6", "scipy==1.17.1")),
    "vollib": Rival(
        "py_vollib_vectorized 0.1.1",
        "vollib.py",
        ("py_vollib_vectorized==0.1.1", "py_lets_be_rational==1.0.1", "py_vollib==1.0.1", "setuptools<81"),
    ),
    "quantlib": Rival("QuantLib 1.44", "quantlib.py", ("QuantLib==1.44", "numpy==2.4.6")),
    "fast": Rival("fast-vollib 0.2.4", "fast_vollib_rival.py", ("fast-vollib==0.2.4", "numba")),
}


def store(path: Path, million: int) -> None:
    """The works with their prices: ours, whose accuracy the tests measure against 60 digits."""
    columns: dict[str, np.ndarray] = {}
    few, many = workload.chain(), workload.crowd(million)
    few["sigma"] = workload.smile(few["strike"], few["years"])
    for prefix, work in (("chain", few), ("crowd", many)):
        at = pricing.greeks(work["sign"], workload.FORWARD, work["strike"], work["years"], work["sigma"])
        work["price"] = at.price
        # An ulp of the price must move the volatility by less than 1e-10 for it to be told to 1e-9.
        work["telling"] = np.spacing(at.price) < 1e-10 * at.vega
        columns |= {f"{prefix}_{name}": column for name, column in work.items()}
    np.savez(path, **columns)


def run(python: str | Path, script: str, work: Path) -> dict[str, Any] | str:
    """One process's answer, or one line that says what went wrong."""
    environment = os.environ | dict.fromkeys(("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    environment["PYTHONPATH"] = os.pathsep.join((str(HERE), str(HERE.parent))) if script == "ours.py" else str(HERE)
    command = [str(python), "-W", "ignore", str(HERE / "rivals" / script), str(work)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        return f"failed: {(done.stderr.strip() or 'no message').splitlines()[-1][:160]}"
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def table(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Rows of text: medians, 99th percentiles, ratios."""
    head = f"{'':28}{'Greeks':>7}{'200: p50 us':>13}{'p99 us':>9}{'ratio':>8}"
    lines, ours = [f"{head}{'1M IV ms':>11}{'ratio':>8}{'off':>9}{'worst':>10}"], None
    for key, rounds in found.items():
        chain = np.concatenate([answer["chain"] for answer in rounds])
        iv = np.concatenate([answer["iv"] for answer in rounds]) * (workload.MILLION / rounds[0]["iv_size"]) / 1e3
        middle, tail, million = float(np.median(chain)), float(np.percentile(chain, 99)), float(np.median(iv))
        ours = ours or (middle, million)
        line = f"{RIVALS[key].title:28}{rounds[0]['greeks']:>7}{middle:13.1f}{tail:9.1f}{middle / ours[0]:8.1f}"
        lines.append(f"{line}{million:11.1f}{million / ours[1]:8.1f}{rounds[0]['off']:9.2%}{rounds[0]['worst']:10.1e}")
    return lines


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="turns of each (3)")
    parser.add_argument(
        "--only", action="append", choices=[name for name in RIVALS if name != "ours"], help="beside ours"
    )
    wanted = parser.parse_args()
    chosen = ["ours", *(wanted.only or [name for name in RIVALS if name != "ours"])]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    pythons: dict[str, str | Path] = {"ours": sys.executable}
    for name in chosen[1:]:
        made = python_with(name, RIVALS[name].packages)
        if isinstance(made, str):
            print(f"{RIVALS[name].title}: skipped, {made}")
        else:
            pythons[name] = made
    found: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch) / "work.npz"
        store(work, workload.MILLION)
        for _ in range(wanted.rounds):
            for name, python in list(pythons.items()):
                answer = run(python, RIVALS[name].script, work)
                if isinstance(answer, str):
                    print(f"{RIVALS[name].title}: {answer}")
                    del pythons[name]
                else:
                    found.setdefault(name, []).append(answer)
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, one core{load}")
    print("\n".join(table(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
