"""The session's process is killed at every kind of send, started again, and compared with the exchange's process."""

from __future__ import annotations

from collections.abc import Callable

from killing import kill, line

POINTS = 250
WITHIN_S = 10.0


def test_a_session_killed_at_its_(
    record_property: Callable[[str, object], None],
) -> None:
    found = kill("--at", "sends", "--points", str(POINTS))

    record_property("reliability", line("sends", found))
    assert found["points"] == POINTS
    assert not found["unreached"], "a point that never came tests nothing"
    assert int(str(found["kills"])) > POINTS, "recoveries were killed too"
    within = found["reconciled_p99_s"]
    assert isinstance(within, float)
    assert within <= WITHIN_S
