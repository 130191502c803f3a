"""Two seconds of a loud market, killed half-way, are on the tape as they streamed."""

from __future__ import annotations

from pathlib import Path

from taped_frames import run


def test_a_loud_market_is_on_the_tape_as_it_streamed(tmp_path: Path) -> None:
    found = run(tmp_path, seconds=2, rate=20_000, seed=1)
    assert found["wrong"] == []
    assert found["quotes"] > 20_000
    assert found["rows"] + found["merged"] == found["rows_sent"]
    assert found["merged"] > 50, "trades at the quotes' instant"
