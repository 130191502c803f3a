"""Which limits differ from those the account last traded under: for the log, with who and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.config import RiskTable


class LimitChange(NamedTuple):
    """One limit of ``[risk]`` then and now."""

    name: str
    before: Any
    after: Any

    @property
    def text(self) -> str:
        """``daily_loss 500 -> 800``."""
        return f"{self.name} {_shown(self.before)} -> {_shown(self.after)}"


def changed_limits(trading_text: str, now: RiskTable) -> list[LimitChange]:
    """What is not as in the trading part of a configuration (JSON, as the journal keeps it), in the table's order.

    A limit that the older configuration did not know yet is no change.
    """
    before: Mapping[str, Any] = json.loads(trading_text).get("risk", {})
    after = now.model_dump(mode="json")
    return [
        LimitChange(name, before[name], value)
        for name, value in after.items()
        if name != "why" and name in before and before[name] != value
    ]


def changes_text(changes: list[LimitChange], why: str, who: Mapping[str, str] | None = None) -> str:
    """The line for the log; empty where nothing changed. ``who``: by limit, where it was set, such as ``--set``."""
    told = who or {}
    lines = [each.text + (f" ({told[each.name]})" if each.name in told else "") for each in changes]
    reason = f"; why: {why}" if why else "; why: not said (risk.why)"
    return f"limits changed since the last session: {', '.join(lines)}{reason}" if lines else ""


def _shown(value: Any) -> str:
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f"{value:,g}"
        if isinstance(value, int | float)
        else str(value)
    )
