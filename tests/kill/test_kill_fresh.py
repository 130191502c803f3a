"""The program as a person starts it, killed by its exchange, and started again as a person would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kill_checks import finished, violations
from kill_exchange import said

from engine.config import Config, exchange_path, journal_path, load
from engine.session.exchange import market_text
from engine.session.source import demo_source

WHEN = ("before", "after", "0", "before", "after", "7", "before", "after", "30", "2")
POINTS = [(1 + 3 * i, WHEN[i % len(WHEN)]) for i in range(20)]

SETTINGS = (
    "broker.kind=socket",
    "demo.date=2026-11-27",
    "demo.expiries=1",
    "demo.step_seconds=60",
    "journal.backup_minutes=0",
    "account.equity=1000000",
    "risk.daily_loss=100000",
    "strategies.iron_condor.quantity=3",
    'strategies.iron_condor.entries=["09:45", "10:00", "10:15", "10:30", "10:45"]',
    "strategies.iron_condor.min_credit=0.2",
    "strategies.iron_condor.min_side_credit=0.05",
    "strategies.iron_condor.max_imbalance=0",
    "strategies.iron_condor.strikes.short=0.25",
)


class Fresh:
    """A folder with a deadly exchange, and sessions in interpreters of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places = (f"journal.path={folder / 'kill.sqlite'}", f"broker.path={folder / 'x.sock'}")
        self.config: Config = load([], [*SETTINGS, *self.places])
        self.market = market_text(self.config, demo_source(self.config))
        script = Path(__file__).with_name("deadly_exchange.py")
        self.exchange = subprocess.Popen(
            [sys.executable, str(script), str(folder), *SETTINGS, *self.places], stdout=subprocess.PIPE, text=True
        )
        assert self.exchange.stdout is not None
        assert self.exchange.stdout.readline() == "listens\n"

    def plan(self, number: int, when: str) -> None:
        (self.folder / "plan").write_text(f"{number} {when}")

    def session(self) -> subprocess.CompletedProcess[str]:
        """``zdte-tui --no-ui --demo`` to its end."""
        words = [word for setting in (*SETTINGS, *self.places) for word in ("--set", setting)]
        homes = {name: str(self.folder) for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
        return subprocess.run(
            [sys.executable, "-m", "zdte_tui", "--no-ui", "--demo", "--speed", "max", *words],
            env={**os.environ, **homes},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def clean(self) -> None:
        journal = journal_path(self.config, "demo")
        for path in journal.parent.glob(f"{journal.name}*"):
            path.unlink()

    def close(self) -> None:
        self.exchange.kill()
        self.exchange.wait()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Fresh]:
    made = Fresh(tmp_path)
    yield made
    made.close()


def test_killed_by_its_exchange_a_fresh_program_goes_on_and_agrees_with_it(
    fresh: Fresh, record_property: Callable[[str, object], None]
) -> None:
    kills, broken = 0, []
    for number, when in POINTS:
        fresh.clean()
        fresh.plan(number, when)

        first = fresh.session()

        assert first.returncode == -signal.SIGKILL, f"at {number} {when}: {first.stderr[-800:]}"
        kills += 1
        if not finished(fresh.config):
            second = fresh.session()
            assert second.returncode == 0, second.stderr[-800:]
        found = violations(fresh.config, fresh.market, said(exchange_path(fresh.config, "demo")), day_locks=False)
        broken += [f"request {number}, {when}: {each}" for each in found]
    text = f"kill harness, fresh interpreters: {len(POINTS)} points, {kills} SIGKILLs, {len(broken)} violations"
    record_property("reliability", text)
    assert not broken, "\n".join(broken)
