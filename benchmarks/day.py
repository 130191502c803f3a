"""A day of an iron condor, from the stored file to the journal's rows, beside nautilus-trader and a bare loop.

Ours is the path of ``zdte-tui backtest`` (plan, prepare, run) on simulated days of exactly 390 minutes and 200
contracts, with a strategy that reads implied vols and Greeks to the second order of the whole chain each minute; and
the same without, where Greeks are computed when somebody reads them. What the journal says was sold is what
nautilus-trader is told to sell.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.days import MINUTES, ROOT, stored
from benchmarks.environments import pinned, python_with
from benchmarks.processes import ask
from benchmarks.results import OURS, Party, Role, Work, absent, at_least, at_most, number, party
from engine.types import Contract, parse_symbol

DAYS = 40
NAUTILUS_DAYS = 5
NAUTILUS = "nautilus-trader 1.221.0"
KINDS = {
    "watching": OURS,
    "lazy": f"{OURS}, Greeks only where they are read",
    "four": f"{OURS}, the same with four condors a day",
}

Answers = list[dict[str, Any]]
Condors = dict[str, list[dict[str, Any]]]


def measure(say: Callable[[str], None], rounds: int = 3) -> list[Work]:
    """Play the days in turns."""
    home, days = stored(DAYS, say)
    say(NAUTILUS)
    nautilus = python_with("nautilus", pinned("nautilus"))
    found: dict[str, Answers] = {name: [] for name in (*KINDS, "loop", "nautilus")}
    failed: dict[str, str] = {}

    def turn(name: str, python: str | Path, script: str, *given: str | Path) -> None:
        if name not in failed:
            answer = ask(python, script, *given)
            if isinstance(answer, str):
                failed[name] = answer
            else:
                found[name].append(answer)

    if isinstance(nautilus, str):
        failed["nautilus"] = nautilus
    with tempfile.TemporaryDirectory() as scratch:
        told = Path(scratch) / "condors.json"
        for number in range(rounds):
            place = f"round {number + 1} of {rounds}"
            for kind, title in KINDS.items():
                say(f"{title}, {DAYS} days, {place}")
                turn(kind, sys.executable, "engine_days.py", home, str(days[0]), str(days[-1]), kind, "1")
            say(f"bare loop, {place}")
            turn("loop", sys.executable, "bare_loop.py", home / "plain", *(str(day) for day in days))
            if not found["lazy"]:
                failed.setdefault("nautilus", "there are no condors to sell: ours failed")
            elif not told.exists():
                told.write_text(json.dumps(condors(found["lazy"][0]["entries"], NAUTILUS_DAYS)), "utf-8")
            say(f"{NAUTILUS}, {NAUTILUS_DAYS} days, {place}")
            turn("nautilus", nautilus, "nautilus_day.py", home / "plain", told)
    return [_work(found, failed)]


def condors(entries: list[list[Any]], days: int) -> Condors:
    """What was sold on the first days: time and legs of each condor, a leg as name, signed contracts and price."""
    sold: dict[str, dict[int, dict[str, Any]]] = {}
    for day, trade, ts, symbol, quantity, price in entries:
        contract = parse_symbol(symbol)
        assert isinstance(contract, Contract)
        legs = sold.setdefault(day, {}).setdefault(trade, {"ts": ts, "legs": []})["legs"]
        legs.append([f"{contract.right}{contract.strike}", quantity, price / 1e4])
    return {day: list(trades.values()) for day, trades in list(sold.items())[:days]}


def _work(found: dict[str, Answers], failed: dict[str, str]) -> Work:
    parties = [_own(kind, title, found[kind], failed) for kind, title in KINDS.items()]
    if found["nautilus"]:
        note = "78,000 quotes, the same condors, nothing priced"
        for key, what in (("whole", "from the file"), ("days", "its run alone")):
            taken = [took for answer in found["nautilus"] for took in answer[key]]
            parties.append(party(f"{NAUTILUS}, {what}", taken, note))
    else:
        parties.append(absent(NAUTILUS, failed["nautilus"]))
    if found["loop"]:
        taken = [took for answer in found["loop"] for took in answer["days"]]
        note = "decode, IV, Greeks and condor logic, without an engine"
        parties.append(party("bare NumPy loop with our kernel", taken, note, "floor"))
    else:
        parties.append(absent("bare NumPy loop with our kernel", failed["loop"], "floor"))
    title = "a day: an iron condor on 390 minutes of 200 contracts, IV and second-order Greeks each minute"
    work = Work(title, "ms", tuple(parties))
    ours, other = work.ours, next((one for one in parties if one.who.endswith("from the file")), None)
    targets = (
        at_most(20, ours.median if ours else None, "a day", "ms"),
        at_least(30, work.ratio(other) if other else None, "ahead of nautilus-trader, both from the file", "x"),
    )
    return replace(work, targets=targets, notes=tuple(_agreement(found)))


def _own(kind: str, title: str, answers: Answers, failed: dict[str, str]) -> Party:
    """Each day carries its share of what comes before the first and after the last."""
    role: Role = "ours" if kind == "watching" else "variant"
    if not answers:
        return absent(title, failed[kind], role)
    taken = []
    for answer in answers:
        share = (answer["whole"] - sum(answer["days"])) / len(answer["days"])
        taken += [took + share for took in answer["days"]]
    return party(title, taken, "decode, engine, risk, fills and journal", role)


def _busy(answers: Answers) -> float:
    """Milliseconds of processor time a day: what a busy machine does not stretch."""
    return float(np.median([answer["busy"] / len(answer["days"]) for answer in answers]))


def _agreement(found: dict[str, Answers]) -> list[str]:
    """Whether everyone did the same work."""
    lines = []
    watching, lazy = found["watching"], found["lazy"]
    if watching and lazy:
        same = watching[0]["entries"] == lazy[0]["entries"] and watching[0]["pnl"] == lazy[0]["pnl"]
        lines.append(
            f"processor time a day: {number(_busy(watching))} ms with Greeks read each minute, "
            f"{number(_busy(lazy))} ms without"
        )
        lines.append(
            f"{lazy[0]['trades']} condors in {len(lazy[0]['days'])} {ROOT} days (SIMULATED), Greeks read in "
            f"{watching[0]['read']:,} of {MINUTES * len(watching[0]['days']):,} minutes (at the close there are none); "
            f"where they are read and where not: {'the same' if same else 'NOT the same'} fills and P&L"
        )
    if lazy and found["nautilus"]:
        wanted = condors(lazy[0]["entries"], NAUTILUS_DAYS)
        equal = total = 0
        for day, fills in found["nautilus"][0]["fills"].items():
            legs = [leg for condor in wanted[day] for leg in condor["legs"]]
            total += len(legs)
            equal += sum(leg == fill for leg, fill in zip(legs, fills, strict=False))
        lines.append(f"{NAUTILUS}: {equal} of {total} opening fills at the same price as ours")
    if lazy and found["loop"]:
        first: dict[str, list[float]] = {}
        for day, trade, _, symbol, _, _ in lazy[0]["entries"]:
            contract = parse_symbol(symbol)
            assert isinstance(contract, Contract)
            if trade == 1:
                first.setdefault(day, []).append(contract.strike / 1e4)
        same_day = sum(found["loop"][0]["sold"][day][0][1] == strikes for day, strikes in first.items())
        lines.append(f"bare loop: the first condor has the same four strikes on {same_day} of {len(first)} days")
    return lines
