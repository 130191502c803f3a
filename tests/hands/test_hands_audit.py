"""A demo session traded by hand, stopped and continued, through the real runner and journal: its recorded inputs
reproduce every record, the journal is sound, and it says who ordered what."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.calendar import from_new_york
from engine.config import Config, load
from engine.journal.verify import verify
from engine.session.compose import Composed, compose_demo
from engine.session.port import LocalPort
from engine.types import (
    Annotate,
    CloseTrade,
    Contract,
    Leg,
    Manual,
    MoveStop,
    OpenTrade,
    Package,
    PauseStrategy,
    RollTrade,
    to_units,
)
from engine.view import CommandRequest, Pace, View
from strategies.registry import REGISTRY
from zdte_tui.main import main

DAY = dt.date(2026, 1, 15)


def at(text: str) -> int:
    return from_new_york(DAY, dt.time.fromisoformat(text))


class Screen:
    """A demo session and the person before it."""

    def __init__(self, config: Config, fresh: bool = False) -> None:
        self.composed: Composed = compose_demo(config, REGISTRY, speed=0.001, stay=True, fresh=fresh)
        self.port = LocalPort(self.composed.runner)
        self.port.start()
        self.port.pace(Pace("pause"))

    def until(self, condition: Callable[[View], object]) -> View:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            view = self.port.view()
            if view is not None and condition(view):
                return view
            time.sleep(0.01)
        raise AssertionError(f"no view fulfilled the condition; the last: {view and (view.progress, view.error)}")

    def go(self, text: str) -> View:
        """Play to a time and stay there."""
        self.port.pace(Pace("goto", instant=at(text)))
        return self.until(lambda view: view.progress.now >= at(text))

    def order(self, manual: Manual) -> str:
        """Order something by hand; what came of it, from the log."""
        view = self.port.view()
        seen = view.log[-1].n if view is not None and view.log else 0
        self.port.command(CommandRequest(kind="manual", manual=manual))
        kind = str(manual.__struct_config__.tag)
        found = self.until(lambda v: [r for r in v.log if r.n > seen and r.text.startswith(f"{kind}: ")])
        return next(r.text for r in found.log if r.n > seen and r.text.startswith(f"{kind}: "))

    def leave(self) -> None:
        self.port.stop()
        self.composed.close()


def put_spread(view: View) -> OpenTrade:
    """The put spread 20 to 30 points below the money, at bid and ask."""
    chain = view.chain
    assert chain is not None
    assert chain.atm is not None
    rows = {row.strike: row.put for row in chain.rows}
    short, long = chain.atm - to_units(20), chain.atm - to_units(30)
    bid, ask = rows[short].bid, rows[long].ask
    assert bid is not None
    assert ask is not None
    legs = (
        Leg(Contract("SPXW", chain.expiry, long, "P"), "buy", "open"),
        Leg(Contract("SPXW", chain.expiry, short, "P"), "sell", "open"),
    )
    limit = -round((bid - ask) / 500) * 500
    return OpenTrade(
        root="SPXW", package=Package(legs), quantity=2, limit=limit, stop=to_units(9), note="by hand", tags=("audit",)
    )


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(settings=[f"journal.path={tmp_path / 'account.sqlite'}", "account.equity=200000", "demo.expiries=1"])


def test_its_recorded_inputs_reproduce_it(config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = tmp_path / "account.sqlite"
    first = Screen(config)
    view = first.go("10:05:00")
    assert "opening #2" in first.order(put_spread(view))
    first.go("10:06:00")
    assert first.order(CloseTrade(trade_id=2, part=2)).startswith("close: closing 1 of 2 packages of #2")
    first.go("10:08:00")
    assert first.order(MoveStop(trade_id=2, price=to_units(8))).startswith("stop: stop of #2 at 8.00: was 9.00")
    assert first.order(PauseStrategy(strategy="iron_condor")).startswith("pause_strategy: iron_condor opens nothing")
    assert first.order(Annotate(trade_id=1, note="watch the calls")).startswith("annotate: noted on #1")
    first.go("10:10:00")
    first.leave()

    second = Screen(config)
    view = second.until(lambda view: view.progress.now >= at("10:10:00"))
    assert {"#1", "#2"} <= {row.label.split()[0] for row in view.positions.rows}
    stops = {row.label.split()[0]: row.stop_at for row in view.positions.rows if row.trade_id == 2}
    assert stops["#2"] == to_units(8)
    second.go("10:12:00")
    assert second.order(RollTrade(trade_id=2, scope="puts", strikes=1)).startswith("roll: closing #2 puts")
    second.go("10:20:00")
    engine = second.composed.runner._playing.engine
    assert engine.state.annotations[1].note == "watch the calls"
    assert engine.state.annotations[3].tags == ("audit",)
    assert engine.state.hands.paused == [("iron_condor", "SPXW")]
    second.leave()

    assert main(["journal", "audit", "--journal", str(journal)]) == 0, capsys.readouterr()
    assert "reproduced" in (said := capsys.readouterr().out)
    assert "2 run(s)" in said
    assert verify(journal).sound
    connection = sqlite3.connect(journal)
    told = connection.execute("SELECT actor, kind, trade_id, text FROM commands ORDER BY id").fetchall()
    states = connection.execute("SELECT state FROM strategy_states WHERE strategy='manual' AND root=''").fetchall()
    life = connection.execute("SELECT text FROM trade_life WHERE trade_id = 2 AND event = 'command'").fetchall()
    connection.close()
    assert [row[:3] for row in told] == [
        ("person", "open", 2),
        ("person", "close", 2),
        ("person", "stop", 2),
        ("person", "pause_strategy", 0),
        ("person", "annotate", 1),
        ("person", "roll", 2),
    ]
    assert told[0][3].endswith("stop 9.00: by hand [audit]")
    assert json.loads(states[-1][0])["annotations"]["1"] == {"note": "watch the calls", "tags": []}
    assert life[1][0] == "person: close half of #2, closing 1 of 2 packages of #2"
