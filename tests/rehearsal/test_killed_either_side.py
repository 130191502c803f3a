"""kill -9 of a session or of its exchange, at random moments: what the journal holds is what the exchange holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from agreeing import problems
from either_side import Both

KILLS = 10


@pytest.mark.parametrize("seed", range(5))
def test_both_agree_after_every_kill(tmp_path: Path, seed: int) -> None:
    both = Both(tmp_path, seed)
    try:
        both.wait_for_data(60)
        for _ in range(KILLS):
            both.pause(0.1, 1.2)
            both.kill(both.random.choice(["session", "session", "session", "exchange"]))
        both.wait_until_flat(90)
        found = problems(both.journal, both.keys, both.port)
    finally:
        both.close()
    assert found == []
