"""With the exchange inside, it dies with the session: what was working is closed as absent, what was filled is kept."""

from __future__ import annotations

from collections.abc import Callable

from killing import kill, line

POINTS = 60


def test_a_session_killed_with_its_exchange_inside_keeps_what_was_filled_and_closes_what_was_working(
    record_property: Callable[[str, object], None],
) -> None:
    found = kill("--inside", "--at", "commits", "--points", str(POINTS))

    record_property("reliability", line("commits, exchange inside", found))
    assert found["points"] == POINTS
    assert not found["unreached"]
    assert int(str(found["kills"])) > POINTS
