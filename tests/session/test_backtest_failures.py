"""A strategy that fails in a backtest: its days are no days without a trade, and the command says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from session_days import SIM_DAY

from engine.config import load
from engine.session import backtest
from engine.session.abreast import run_abreast
from engine.session.compose import make_engine
from engine.session.lookahead import LookaheadPlayer
from engine.session.source import TapeSource
from engine.strategy import Action, Context
from engine.tape import Store
from strategies.iron_condor import IronCondor
from strategies.iron_condor.state import State
from strategies.registry import REGISTRY
from zdte_tui.main import main

FAILURE = "iron_condor on SPXW failed: ZeroDivisionError: by noon"


@pytest.fixture
def fails_at_noon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = IronCondor.decide

    def decide(self: IronCondor, ctx: Context, state: State) -> list[Action]:
        if ctx.now >= ctx.session.open + 9_000 * 10**9:
            raise ZeroDivisionError("by noon")
        return real(self, ctx, state)

    monkeypatch.setattr(IronCondor, "decide", decide)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))


@pytest.mark.usefixtures("fails_at_noon")
def test_the_figures_of_a_day_tell_what_failed_alone_and_abreast(simulated_store: Store, tmp_path: Path) -> None:
    config = load(settings=[f"research.path={tmp_path / 'r.sqlite'}"])
    chosen = backtest.plan(simulated_store, "SPXW", None, None, None)
    (day,) = backtest.run(config, REGISTRY, backtest.prepare(config, REGISTRY, chosen), 1)
    assert day.failed == FAILURE
    assert backtest.summarise([day], 0).failed_days == 1
    source = TapeSource(simulated_store, "SPXW", SIM_DAY)
    (abreast,) = run_abreast(source, lambda chains: [make_engine(config, REGISTRY, source, "main", chains=chains)])
    assert abreast == day


@pytest.mark.usefixtures("fails_at_noon")
@pytest.mark.parametrize("more", [[], ["--check-lookahead", "--instants", "1"], ["--grid", "wing=10,20", "--no-cache"]])
def test_the_command_ends_with_code_70_and_one_line(
    simulated_store: Store, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    assert main(["backtest", "--set", f"data.dir={simulated_store.path}", *more]) == 70
    told = capsys.readouterr()
    line = told.err.splitlines()[-1]
    assert "it did nothing more, and the figures are without it: the traceback is in" in line
    assert ("with wing 10 a strategy failed" if "--grid" in more else FAILURE) in line
    if not more:
        assert "FAILED iron_condor" in told.out


@pytest.mark.usefixtures("fails_at_noon")
def test_json_says_it_of_the_day_and_of_the_whole(simulated_store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backtest", "--json", "--set", f"data.dir={simulated_store.path}"]) == 70
    day, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert day["failed"] == FAILURE
    assert last["summary"]["failed_days"] == 1


def test_a_day_on_which_nothing_failed_says_nothing(simulated_store: Store) -> None:
    found = LookaheadPlayer(load(), REGISTRY, simulated_store.path, "SPXW", 1, 1).play(SIM_DAY, "demo")
    assert found.failed == ""
