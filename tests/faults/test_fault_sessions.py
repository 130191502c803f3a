"""Whole sessions against a broker, a disk and a clock that misbehave from a seed: 200 of them, and nothing is violated.

A seed that fails is told in full by ``python -m tests.faults SEED``; ``make soak`` plays as many more as you like.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fault_soak import Played, play_quietly

SEEDS = 200
BATCH = 20


class Half:
    """Batches of seeds; two classes, so that two workers share them."""

    def played(self, batch: int, record_property: Callable[[str, object], None]) -> list[Played]:
        sessions = [play_quietly(seed) for seed in range(batch * BATCH, (batch + 1) * BATCH)]
        violations = [f"{each.title}: {text}" for each in sessions for text in each.violations]
        trades, faults = sum(each.trades for each in sessions), sum(sum(each.found.values()) for each in sessions)
        seeds = f"seeds {batch * BATCH} to {(batch + 1) * BATCH - 1}"
        line = f"faults, {seeds}: {BATCH} sessions, {trades} trades, {faults} faults, {len(violations)} violations"
        record_property("reliability", line)
        assert violations == []
        return sessions


class TestFirstHalf(Half):
    @pytest.mark.parametrize("batch", range(SEEDS // BATCH // 2))
    def test_nothing_is_violated(self, batch: int, record_property: Callable[[str, object], None]) -> None:
        sessions = self.played(batch, record_property)
        assert sum(each.trades for each in sessions) > BATCH
        assert sum(sum(each.found.values()) for each in sessions) > BATCH


class TestSecondHalf(Half):
    @pytest.mark.parametrize("batch", range(SEEDS // BATCH // 2, SEEDS // BATCH))
    def test_nothing_is_violated(self, batch: int, record_property: Callable[[str, object], None]) -> None:
        sessions = self.played(batch, record_property)
        assert sum(each.trades for each in sessions) > BATCH
        assert sum(sum(each.found.values()) for each in sessions) > BATCH


def test_a_seed_played_again_is_the_same_session() -> None:
    assert play_quietly(3) == play_quietly(3)
