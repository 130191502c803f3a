"""The pricing kernel beside what a user would pick instead, in one run, on one core.

Two works: a chain of 200 contracts (implied vol, price, Greeks: all that each rival offers), and the implied vols of a
million; and how far everyone's numbers are off. Everyone runs in a process of its own, in turns; times are medians over
all rounds.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import workload
from benchmarks.environments import pinned, python_with
from benchmarks.processes import ask
from benchmarks.results import OURS, Party, Role, Target, Work, absent, at_least, at_most, party
from engine import pricing

Answers = dict[str, list[dict[str, Any]]]


class Rival(NamedTuple):
    """Who is measured: the script in ``rivals``, and the list of what its environment holds; none is ours."""

    title: str
    script: str
    packages: str = ""


RIVALS = {
    "ours": Rival(OURS, "ours.py"),
    "vollib": Rival("py_vollib_vectorized 0.1.1", "vollib.py", "vollib"),
    "quantlib": Rival("QuantLib 1.44", "quantlib.py", "quantlib"),
    "fast": Rival("fast-vollib 0.2.4", "fast_vollib_rival.py", "fast_vollib"),
    "scipy": Rival("our previous kernel (SciPy)", "scipy_kernel.py", "scipy"),
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
    np.savez(path, allow_pickle=False, **columns)


def measure(say: Callable[[str], None], rounds: int = 3) -> list[Work]:
    """Run everyone in turns."""
    pythons: dict[str, str | Path] = {}
    refused: dict[str, str] = {}
    for name, rival in RIVALS.items():
        say(rival.title)
        made = python_with(rival.packages, pinned(rival.packages)) if rival.packages else sys.executable
        if isinstance(made, str) and rival.packages:
            refused[name] = made
        else:
            pythons[name] = made
    found: Answers = {}
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch) / "work.npz"
        store(work, workload.MILLION)
        for turn in range(rounds):
            for name in [name for name in RIVALS if name in pythons]:
                say(f"{RIVALS[name].title}, round {turn + 1} of {rounds}")
                answer = ask(pythons[name], RIVALS[name].script, work)
                if isinstance(answer, str):
                    refused[name] = answer
                    del pythons[name]
                else:
                    found.setdefault(name, []).append(answer)
    return [_chain(found, refused), _million(found, refused), _accuracy(found, refused)]


def _role(name: str) -> Role:
    return "ours" if name == "ours" else "rival"


def _parties(found: Answers, refused: dict[str, str], of: Callable[[str, list[dict[str, Any]]], Party]) -> list[Party]:
    """Everyone, those who could not be measured too."""
    return [
        of(name, found[name]) if name in found else absent(RIVALS[name].title, refused[name], _role(name))
        for name in RIVALS
        if name in found or name in refused
    ]


def _chain(found: Answers, refused: dict[str, str]) -> Work:
    def of(name: str, rounds: list[dict[str, Any]]) -> Party:
        note = f"{rounds[0]['greeks']} Greeks"
        return party(RIVALS[name].title, np.concatenate([answer["chain"] for answer in rounds]), note, _role(name))

    parties = _parties(found, refused, of)
    title = "200 contracts of a chain: implied vol, price and Greeks"
    work = Work(title, "us", tuple(parties))
    ratios = {party.who: work.ratio(party) for party in parties}
    ours = work.ours
    targets = (
        at_most(20, ours.median if ours else None, "p50", "us"),
        at_most(30, ours.tail if ours else None, "p99", "us"),
        at_least(40, ratios.get(RIVALS["vollib"].title), "ahead of py_vollib_vectorized", "x"),
        at_least(80, ratios.get(RIVALS["quantlib"].title), "ahead of QuantLib", "x"),
    )
    return replace(work, targets=targets, notes=tuple(_differences(found)))


def _differences(found: Answers) -> list[str]:
    """How far everyone's numbers on the chain lie from ours, each on the scale of its largest."""
    if "ours" not in found:
        return []
    ours = {name: np.array(column) for name, column in found["ours"][0]["values"].items()}
    lines = []
    for name, rounds in found.items():
        if name == "ours":
            continue
        worst = {
            of: float(np.nanmax(np.abs(np.array(column, dtype=float) - ours[of])) / np.nanmax(np.abs(ours[of])))
            for of, column in rounds[0]["values"].items()
            if of in ours
        }
        most = max(worst, key=lambda of: worst[of])
        lines.append(
            f"{RIVALS[name].title}: {len(worst)} numbers a contract, at most {worst[most]:.1e} from ours ({most})"
        )
    return lines


def _million(found: Answers, refused: dict[str, str]) -> Work:
    def of(name: str, rounds: list[dict[str, Any]]) -> Party:
        size = rounds[0]["iv_size"]
        taken = np.concatenate([answer["iv"] for answer in rounds]) * (workload.MILLION / size) / 1e3
        note = "" if size == workload.MILLION else f"timed on {size:,} and scaled"
        return party(RIVALS[name].title, taken, note, _role(name))

    parties = _parties(found, refused, of)
    ours = next((party.median for party in parties if party.role == "ours"), None)
    return Work("1,000,000 contracts: implied vol", "ms", tuple(parties), (at_most(60, ours, "p50", "ms"),))


def _accuracy(found: Answers, refused: dict[str, str]) -> Work:
    """The shares of implied vols that are off, in per cent: a table of its own, where less is better too."""

    def row(title: str, told: dict[str, float], role: Role) -> Party:
        none = f"; none for {told['none']:.2%}" if told["none"] else ""
        note = f"more than 1e-9: {told['off_9']:.2%}; worst {told['worst']:.1e}{none}"
        return Party(title, 100 * told["off_6"], note=note, role=role)

    parties = _parties(found, refused, lambda name, rounds: row(RIVALS[name].title, rounds[0]["accuracy"], _role(name)))
    for name, rounds in found.items():
        if "default_accuracy" in rounds[0]:
            parties.append(row(f"{RIVALS[name].title}, default accuracy", rounds[0]["default_accuracy"], "rival"))
    off = found["ours"][0]["accuracy"]["off_9"] if "ours" in found else None
    exact = None if off is None else off == 0.0
    told = "not measured" if off is None else "all are" if exact else f"{off:.2%} are not"
    target = Target("every implied vol of ours within 1e-9", told, exact)
    title = "the same million, a same-day grid: implied vols that are off by more than 1e-6"
    notes = (
        "of those whose price tells the volatility to 1e-9; one that is not found counts as off",
        "prices are made by our kernel, which the tests hold to 60-digit references",
    )
    return Work(title, "%", tuple(parties), (target,), notes)
