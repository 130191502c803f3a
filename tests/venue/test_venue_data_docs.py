"""The table of faults in the documentation is the table of faults."""

from __future__ import annotations

from pathlib import Path

from engine.venue.faults import FAULTS

TEXT = (Path(__file__).parents[2] / "docs" / "local-alpaca.md").read_text()


def test_every_fault_is_documented_with_what_it_does_and_how_often_by_seed() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| `") and line.count("|") == 4]
    told = {line.split("`")[1]: line for line in rows}
    for name, kind in FAULTS.items():
        assert kind.what in told[name]
        assert told[name].endswith(f"| {kind.usual * 100:g}% |" if kind.usual else "| no |")
