"""What is rehearsed through Alpaca's protocols and the real SDK is filled as the direct simulation of the same tape."""

from __future__ import annotations

from pathlib import Path

import pytest
from rehearsing import DAY, at, fills, rehearsal, settings

from engine.session.compose import compose_replay
from engine.session.source import TapeSource
from engine.tape import Store
from strategies.registry import REGISTRY


@pytest.fixture(scope="module")
def minute_tape(tmp_path_factory: pytest.TempPathFactory) -> TapeSource:
    """A simulated day, a minute a step."""
    import sys

    sys.path.insert(0, str(Path(__file__).parents[1] / "session"))
    from session_days import store_simulated_day

    store = Store(tmp_path_factory.mktemp("store"))
    store_simulated_day(store)
    return TapeSource(Store(store.path), "SPXW", DAY)


def test_a_condor_is_opened_and_closed_at_the_same_prices_in_the_same_minutes(
    minute_tape: TapeSource, tmp_path: Path
) -> None:
    config = settings(tmp_path, "broker.profile=alpaca")
    direct = compose_replay(config, REGISTRY, minute_tape, speed=0, stay=False)
    assert direct.runner.run() == "completed"
    direct.close()
    expected = fills(tmp_path / "direct.sqlite")
    assert {kind for *_, kind in expected} == {"open", "close"}

    with rehearsal(config, minute_tape, tmp_path, start=at(9, 55), speed=60.0) as found:
        found.wait(found.closed)

    assert fills(tmp_path / "live.sqlite") == expected
