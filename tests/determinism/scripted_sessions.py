"""Sessions made up from a seed: market, settings, a person's commands and restarts. Run in processes of its own:

    python tests/determinism/scripted_sessions.py FOLDER SEED ...

Prints one JSON object a seed: the hash of the canonical journal, and what the audit of its last session found. FOLDER
gets one journal a seed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import sys
from pathlib import Path
from typing import Any, NamedTuple

from engine.calendar import session
from engine.clock import SECOND
from engine.config import Config, load, with_trading
from engine.core import Engine
from engine.events import Tick
from engine.feed.simulator import SCENARIOS
from engine.journal import JournalReader, export
from engine.session.audit import Audit, audit
from engine.session.compose import Composed, compose_demo
from engine.strategy import build_strategies
from engine.view import CommandRequest
from strategies.registry import REGISTRY

_DAY = dt.date(2026, 1, 15)
_KINDS = ("note", "pause", "resume", "close_trade", "flatten", "resume")
_SETTINGS = (
    ("fills.latency_ms=700",),
    ("strategies.iron_condor.stop.confirm_s=7", "strategies.iron_condor.profit_target=0.25"),
    ("strategies.iron_condor.stop.scope=package", "strategies.iron_condor.stop.trigger=natural"),
    ("fills.model=mid", "risk.daily_loss=200"),
    (),
)


class Script(NamedTuple):
    """What happens in a session besides its market. ``acts``: a command, or None where the program ends and is
    started again; each at an instant, ns UTC, in order."""

    settings: tuple[str, ...]
    acts: tuple[tuple[int, CommandRequest | None], ...]


def script(seed: int, restarts: bool = True) -> Script:
    """The same for the same seed, everywhere."""
    chance = random.Random(seed)
    scenario = chance.choice(["", *sorted(name for name in SCENARIOS if name)])
    roots = chance.choice(['["SPXW"]', '["SPXW", "XSP"]', '["XSP"]'])
    settings = (
        *chance.choice(_SETTINGS),
        f"demo.seed={chance.randint(1, 10_000)}",
        f"demo.scenario={scenario}",
        "demo.expiries=1",
        f"session.roots={roots}",
        "risk.vix_scale=false",
        "risk.per_trade=0.05",
    )
    played = session(_DAY)
    acts: list[tuple[int, CommandRequest | None]] = []
    for _ in range(chance.randint(2, 6)):
        at = chance.randint(played.open // SECOND, played.close // SECOND) * SECOND
        stop = restarts and chance.random() < 0.4
        kind: Any = chance.choice(_KINDS)
        acts.append((at, None if stop else CommandRequest(kind, trade_id=chance.randint(1, 3), text=f"act {at}")))
    return Script(settings, tuple(sorted(acts, key=lambda act: act[0])))


def configured(path: Path, planned: Script) -> Config:
    """The configuration of a scripted session whose journal is ``path``."""
    return load(settings=[*planned.settings, f"journal.path={path}"])


def play(config: Config, planned: Script, speed: float = 0) -> None:
    """Play the day to its end, through all its restarts, in this thread."""
    waiting = list(planned.acts)
    # A half-day lies on another date: its acts are as far from its open.
    holder: list[Composed] = []
    shift = 0
    stopped = False

    def watch(tick: Tick) -> None:
        nonlocal stopped
        while waiting and tick.now >= waiting[0][0] + shift and not stopped:
            _, act = waiting.pop(0)
            if act is None:
                stopped = True
                holder[-1].runner.stop()
            else:
                holder[-1].runner.send(act)

    while True:
        stopped = False
        composed = compose_demo(config, REGISTRY, speed=speed, stay=False, on_tick=watch)
        shift = session(composed.info.day).open - session(_DAY).open
        holder.append(composed)
        try:
            outcome = composed.runner.run()
        finally:
            composed.close()
        assert outcome == ("stopped" if stopped else "completed"), composed.runner.error
        if not stopped:
            return


def canonical(path: Path) -> bytes:
    """All sessions of a journal as canonical text."""
    with JournalReader(path) as reader:
        return b"".join(export(reader, "all", "canonical"))


def audited(path: Path, config: Config) -> Audit:
    """The last session, replayed from its recorded inputs."""
    with JournalReader(path) as reader:
        row = reader.select("last")[-1]
    info = row.info
    traded = with_trading(config, info.config_text)

    def make_engine() -> Engine:
        meanings = {root: label.meaning for root, label in zip(info.roots, info.provenance, strict=False)}
        strategies = build_strategies(traded.strategies, REGISTRY, list(info.roots))
        return Engine(traded, session(info.day), info.account, info.roots, meanings, strategies)

    return audit(path, row, make_engine)


def played(folder: Path, seed: int) -> dict[str, Any]:
    """Play the script of a seed flat out; what came of it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{seed}.sqlite"
    config = configured(path, script(seed))
    play(config, script(seed))
    text, found = canonical(path), audited(path, config)
    return {
        "seed": seed,
        "sha256": hashlib.sha256(text).hexdigest(),
        "records": found.records,
        "signals": found.signals,
        "intents": found.intents,
        "orders": found.orders,
        "runs": found.epochs,
        "commands": text.count(b'"record":"command"'),
        "difference": found.difference,
    }


if __name__ == "__main__":
    for word in sys.argv[2:]:
        print(json.dumps(played(Path(sys.argv[1]), int(word))), flush=True)
