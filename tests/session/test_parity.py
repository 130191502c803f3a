"""Promise 1: one tape and one configuration give one canonical journal, whatever plays it."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest
from session_days import SIM_DAY, settings_arguments, zdte

from engine.tape import Store

sys.path.insert(0, str(Path(__file__).parents[1] / "terminal"))
from pty_terminal import Terminal, home_env

OFFSET = (
    "strategies.iron_condor.strikes.by=offset",
    "strategies.iron_condor.strikes.short=25",
    "strategies.iron_condor.strikes.wing=40",
    "risk.vix_scale=false",
    "risk.per_trade=0.05",
)
DAYS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "simulated": (SIM_DAY.isoformat(), "demo", ()),
    "mids": ("2024-08-07", "midpoints", OFFSET),
    "quotes": ("2021-01-04", "lean", ()),
}


def canonical(home: Path) -> str:
    """The canonical text of the last session of the research journal in that home."""
    exported = zdte(home, "journal", "export", "--canonical", "--research")
    assert exported.returncode == 0, exported.stderr
    return exported.stdout


def play_in_the_panes(home: Path, arguments: list[str], speed: str) -> str:
    """Replay on a real screen to the end of the day, leave, and return the canonical text."""
    with Terminal(["replay", *arguments, "--speed", speed], home_env(home)) as terminal:
        terminal.wait_until("FINISHED", 90)
        terminal.press("q")
        if terminal.status is None:
            terminal.press("y")
        assert terminal.wait() == 0
    return canonical(home)


@pytest.fixture
def store_of(request: pytest.FixtureRequest) -> Store:
    name = "simulated_store" if request.param == "simulated" else "real_store"
    store: Store = request.getfixturevalue(name)
    return store


@pytest.mark.parametrize(("name", "store_of"), [(name, name) for name in DAYS], indirect=["store_of"])
def test_backtest_headless_replay_and_the_panes_write_the_same_bytes(
    name: str, store_of: Store, tmp_path: Path
) -> None:
    day, source, settings = DAYS[name]
    common = ["--source", source, "--set", f"data.dir={store_of.path}", *settings_arguments(settings)]
    texts = {}

    tested = zdte(tmp_path / "a", "backtest", "--from", day, "--to", day, *common, hash_seed="1")
    assert tested.returncode == 0, tested.stderr
    texts["backtest"] = canonical(tmp_path / "a")

    replayed = zdte(tmp_path / "b", "replay", day, "--no-ui", *common, hash_seed="2")
    assert replayed.returncode == 0, replayed.stderr
    texts["headless replay"] = canonical(tmp_path / "b")

    texts["panes, max"] = play_in_the_panes(tmp_path / "c", [day, *common], "max")
    texts["panes, 20000x"] = play_in_the_panes(tmp_path / "d", [day, *common], "20000")

    digests = {how: hashlib.sha256(text.encode()).hexdigest() for how, text in texts.items()}
    assert len(set(digests.values())) == 1, digests
    assert texts["backtest"].count("\n") > 10
    if name != "quotes":  # only two strikes are on that tape: it trades nothing, and says why
        assert '"record":"fill"' in texts["backtest"]
