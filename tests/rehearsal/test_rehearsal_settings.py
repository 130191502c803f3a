"""What a rehearsal's session is told of its exchange's faster clock."""

from __future__ import annotations

import pytest

from engine.config import load
from engine.session.rehearsal import rehearsed
from engine.session.source import demo_source


@pytest.mark.parametrize(
    ("wanted", "speed", "seconds"), [(5, 1.0, 5), (5, 10.0, 0.5), (5, 60.0, 0.25), (0, 60.0, 0), (5, 0.5, 5)]
)
def test_index_values_are_asked_for_as_often_in_the_markets_time(wanted: float, speed: float, seconds: float) -> None:
    config = load(settings=[f"alpaca.index_seconds={wanted}"])

    alpaca = rehearsed(config, demo_source(config), 1, speed).alpaca

    assert alpaca.index_seconds == seconds
