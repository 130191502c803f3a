"""Whether a session is well: a pure judgement of one look at it, a line a problem."""

from __future__ import annotations

from engine.core.commands import KILLS
from engine.view import View

BREAKER = "BREAKER."
"""How the code of a row of the risk pane begins that tells of a breaker."""
_WANTED = {kill.breaker for kill in KILLS.values() if not kill.latched}
"""Breakers a person pulled and can lift: that is no ailment."""


def problems(view: View | None, error: str, silent: float, limit: float) -> list[str]:
    """What is wrong with a session, the gravest first; nothing where it is well.

    Args:
        view: the newest picture; ``None`` before the first. error: why the engine has stopped, or empty.
        silent: seconds since the engine's loop turned. limit: how many are too many.
    """
    found = [error] if error else []
    if not error and silent >= limit:
        found.append(f"the engine has been silent for {silent:.0f} s")
    if view is None:
        return found or ["no picture of the session yet: it is being opened, or a restart catches up"]
    head = view.header
    if view.alarm:
        found.append(view.alarm)
    if view.error and view.error not in found:
        found.append(view.error)
    feed_ails = head.feed in ("stale", "down")
    if feed_ails:
        found.append(f"the feed is {head.feed}{f': {head.feed_text}' if head.feed_text else ''}")
    for row in view.risk:
        name = row.code.removeprefix(BREAKER)
        if name == row.code or name in _WANTED or (feed_ails and name == "STALE_FEED"):
            continue
        found.append(f"{'the day is locked' if row.text.startswith('HALTED') else 'no new risk'}: {name}: {row.text}")
    unarmed = [row.trade_id for row in view.positions.rows if row.stop_holder == "UNARMED"]
    found += [f"nobody holds a stop of trade {trade_id}" for trade_id in unarmed]
    return [" ".join(line.split()) for line in dict.fromkeys(found)]
