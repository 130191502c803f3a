"""Flatten with twenty packages open: from the command to the first order that closes, in engine time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kill_days import market
from kill_listening import Watched

from engine.events import CommandRecord, Tick
from engine.view import CommandRequest

PACKAGES = 20
WITHIN_NS = 100_000_000
WINDOWS = ", ".join(f'"09:{minute}"' if minute < 60 else f'"10:{minute - 60:02}"' for minute in range(58, 78))


class Flattening(Watched):
    """Flattens once so many trades are open."""

    pressed = 0.0

    def look(self, tick: Tick) -> None:
        trades = self.composed.runner._playing.engine.state.portfolio.open_trades
        if not self.pressed and len(trades) == PACKAGES and not any(trade.filled < trade.wanted for trade in trades):
            self.pressed = time.perf_counter()
            self.composed.runner.send(CommandRequest("flatten"))


def test_flatten_reaches_the_broker_within_100_ms_of_engine_time_with_twenty_packages_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    watched = Flattening(
        monkeypatch,
        tmp_path,
        market(),
        f"strategies.iron_condor.entries=[{WINDOWS}]",
        "strategies.iron_condor.min_credit=0.2",
        "strategies.iron_condor.min_side_credit=0.05",
        "strategies.iron_condor.max_imbalance=0",
        "strategies.iron_condor.stop.scope=none",
        "strategies.iron_condor.entry_tolerance_minutes=1",
        "account.equity=10000000",
        "risk.daily_loss=1000000",
        "risk.max_open=40",
        "risk.max_repeats=100",
        "fills.size_limit=none",
    )
    watched.run()

    assert watched.pressed, "twenty packages were never open at once"
    ordered = [r.ts for tick in watched.ticks for r in tick.records if isinstance(r, CommandRecord)]
    closing = [
        a for a in watched.broker.asked if a.now >= ordered[0] and a.action in ("submit", "cancel") and a.reduces
    ]
    first = closing[0]
    engine_ns, wall_ms = first.now - ordered[0], (first.wall - watched.pressed) * 1000
    line = f"flatten with {PACKAGES} packages open: first order out after {engine_ns / 1e6:g} ms of engine time"
    record_property("reliability", f"{line}, {wall_ms:.0f} ms on this machine's clock")
    assert engine_ns <= WITHIN_NS
    assert len([a for a in closing if a.now - ordered[0] <= WITHIN_NS]) >= PACKAGES, "and all of them with it"
    assert not watched.broker.exchange.positions
