"""Why the gate says no, and what makes the session trade less: a code for machines and logs, and what it means."""

from __future__ import annotations

CODES: dict[str, str] = {
    "OK": "approved",
    "NOT_ACTIVE": "the trading state allows no new risk",
    "DAILY_LOSS": "the day's loss limit was reached; the day is locked",
    "STRATEGY_PAUSED": "a person has paused this strategy",
    "BAD_PACKAGE": "legs that no exchange takes as one order",
    "INTENT": "a leg that does not say what it does to the position, or says what is not so",
    "UNDEFINED_RISK": "a short leg without cover, or a loss without bound",
    "COVER_WIDTH": "a short leg's cover is too far away",
    "CLOSED": "outside the hours in which this product may be opened",
    "CUTOFF": "too near to the time from which this product may not be opened",
    "TICK": "the limit is not on the package's tick",
    "STALE_QUOTE": "a leg has no fresh, uncrossed quote",
    "LEG_WIDTH": "a leg's quote is too wide",
    "PACKAGE_WIDTH": "the quotes of the legs together are too wide",
    "COLLAR_WORSE": "the limit is worse than the price it would trade at now",
    "COLLAR_BETTER": "the limit is better than mid by what nobody gives",
    "LEG_COLLISION": "a leg opposes what is held or working",
    "MAX_OPEN": "as many trades are open or working as allowed",
    "DUPLICATE": "the same strategy has just sent the same order",
    "REPEATED": "the same strategy has opened the same package as often as allowed today",
    "MESSAGES_SECOND": "as many messages were sent within a second as allowed",
    "MESSAGES_MINUTE": "as many messages were sent within a minute as allowed",
    "VIX_HIGH": "no entries at this VIX",
    "PER_TRADE": "one package alone could lose more than a trade may",
    "PER_STRATEGY": "the strategy's open trades and orders leave no room",
    "PER_BOOK": "all open trades and orders together leave no room",
    "SIZE_ZERO": "sizing leaves no whole package",
    "MAX_CONTRACTS": "more contracts than an order may have",
    "MAX_CONTRACTS_DAY": "more contracts than may be opened in a day",
    "MAX_NOTIONAL": "a larger notional than an order may have",
}
"""The gate's answers."""

BREAKERS: dict[str, str] = {
    "DAILY_LOSS": "the day's loss reached its limit",
    "STALE_FEED": "no fresh data while something is held",
    "REJECTS": "orders rejected one after the other",
    "BROKER_UNREAD": "the broker's account was not compared yet",
    "BROKER_DOWN": "the broker cannot be reached",
    "RECONCILE": "the broker's account is not as the journal has it",
    "CLOCK_SKEW": "this machine's clock and the broker's differ",
    "ERRORS": "errors of strategies, engine or broker, too many in a short time",
}
"""Breakers that trip of themselves. Others are a person's, or one strategy's."""
