"""What a restart must not carry over: what only the process that died could see."""

from __future__ import annotations

import pytest
from core_builders import condor_tape, make_engine, play, resumed, run

from engine.core.restore import OF_THE_PROCESS
from engine.events import BreakerRecord


@pytest.mark.parametrize("name", sorted(OF_THE_PROCESS))
def test_a_breaker_of_the_process_that_died_does_not_stand_for_the_rest_of_the_day(name: str) -> None:
    """Nobody would lift it: the journal and the line are well, and the clock was never read."""
    events = condor_tape("11:30").sorted()
    first = run(condor_tape("11:30"), until="10:30")
    tripped = BreakerRecord(
        seq=1, ts=first.ticks[-1].now, account="main", name=name, state="REDUCING", latched=False, text="gone"
    )
    again = play(make_engine(), resumed(events, [*first.records, tripped], first.ticks[-1].now), first.ticks[-1].now)

    assert again.engine.state.states.state == "ACTIVE"
    assert [(each.name, each.state) for each in again.of(BreakerRecord)] == [(name, "ACTIVE")]
