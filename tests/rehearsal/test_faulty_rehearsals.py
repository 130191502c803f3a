"""Rehearsals in which things go wrong by chance: no order is lost, doubled or left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from agreeing import agree
from either_side import SETTINGS
from rehearsing import at, rehearsal, settings

from engine.session.source import demo_source

FIRST = int(os.environ.get("ZDTE_FAULTY_FROM", "0"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("ZDTE_FAULTY_DAYS", "4")))
SPEED = 120.0


@pytest.mark.parametrize("seed", SEEDS)
def test_every_order_of_a_faulty_day_is_accounted_for(tmp_path: Path, seed: int) -> None:
    config = settings(tmp_path, *SETTINGS)
    with rehearsal(config, demo_source(config), tmp_path, start=at(9, 54), speed=SPEED, seed=seed) as found:
        found.wait(lambda: found.now > at(10, 18) and found.closed(), 120)
        assert agree(found.journal, found.exchange.keys, found.exchange.port, 60) == []
