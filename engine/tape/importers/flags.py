"""What a reader must know of an imported day: half-day, cut short, rows outside the session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.calendar import Session, clock_text
from engine.clock import MINUTE

_EARLY_END: Final = 5 * MINUTE


def day_flags(
    of: Session, last_known: int, counts: Mapping[str, int], close: int | None = None, patience: int = _EARLY_END
) -> tuple[str, ...]:
    """Flags of a day whose newest datum was known at ``last_known`` (ns UTC).

    ``truncated:HH:MM`` where that is more than ``patience`` ns before ``close`` (the session's if not given); a source
    of few trades wants more patience than one of quotes by the minute.
    """
    end = of.close if close is None else close
    flags = ["half_day"] if of.early else []
    if end - last_known > patience:
        flags.append(f"truncated:{clock_text(last_known, seconds=False)}")
    if counts.get("after_close"):
        flags.append("after_close")
    return tuple(flags)
