"""What a session came to, in a line for the end of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.session.compose import Composed


def result_line(composed: Composed) -> str:
    """The trades and the result of a closed session."""
    from engine.types import dollars_text

    found = composed.summary
    if found is None:
        return "what it came to could not be read from its journal"
    if not found.trades:
        return "no trades"
    parts = [f"{found.trades} trade{'s' * (found.trades != 1)}"]
    parts += [f"{found.open} still open"] if found.open else []
    if found.trades > found.open:
        word = " PROVISIONAL" if found.provisional else ""
        parts.append(f"{found.wins} won, {dollars_text(found.pnl, sign=True)} net{word}")
    return f"{', '.join(parts)}; fees {dollars_text(found.fees)}"
