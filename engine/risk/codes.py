"""Why the gate says no: a code for machines and logs, and what it means."""

from __future__ import annotations

CODES: dict[str, str] = {
    "OK": "approved",
    "NOT_ACTIVE": "the trading state allows no new risk",
    "DAILY_LOSS": "the day's loss limit was reached; the day is locked",
    "BAD_PACKAGE": "legs that no exchange takes as one order",
    "UNDEFINED_RISK": "a short leg without cover, or a loss without bound",
    "CLOSED": "outside the hours in which this product may be opened",
    "TICK": "the limit is not on the package's tick",
    "STALE_QUOTE": "a leg has no fresh, uncrossed quote",
    "LEG_COLLISION": "a leg opposes what is held or working",
    "MAX_OPEN": "as many trades are open or working as allowed",
    "VIX_HIGH": "no entries at this VIX",
    "PER_TRADE": "one package alone could lose more than a trade may",
    "PER_STRATEGY": "the strategy's open trades and orders leave no room",
    "SIZE_ZERO": "sizing leaves no whole package",
}
