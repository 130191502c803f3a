"""Short options that their holders may well exercise soon: before a dividend, and into shares at the close."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.calendar import ExDividend, NotASession, NotKnown, ex_dividend_on, next_session
from engine.clock import MINUTE
from engine.market import Chain, Market
from engine.pricing import intrinsic
from engine.types import Contract, Price, dollars_text, product

NEAR_CLOSE = 30 * MINUTE
"""From so long before expiring options stop trading, a short leg in the money is said to be assigned at the close."""

Why = Literal["dividend", "close"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One short holding at risk.

    Attributes:
        quantity: contracts that may be assigned, positive.
        in_the_money: by how much, price units.
        time_value: of the quote's mid, price units, not below 0; None without a fresh quote.
        dividend: what the shares pay on the next session, where that is why.
    """

    contract: Contract
    quantity: int
    why: Why
    in_the_money: Price
    time_value: Price | None
    dividend: ExDividend | None

    @property
    def shares(self) -> int:
        """Shares it would come to."""
        return self.quantity * product(self.contract.root).multiplier

    @property
    def note(self) -> str:
        """In a few words, for a row that names the trade."""
        name = self.contract.short_name
        if self.dividend is None:
            return f"{name} in the money: assigned at the close"
        return f"{name} may be assigned tonight: dividend {dollars_text(self.dividend.amount)}"

    @property
    def text(self) -> str:
        """In full, for the log."""
        name = self.contract.short_name
        by = dollars_text(self.in_the_money)
        start = f"short {self.quantity} {name} is in the money by {by}"
        if self.dividend is None:
            deal = "sold" if self.contract.right == "C" else "bought"
            return f"{start} near the close: unless it is closed, {self.shares} shares are {deal} at the strike"
        value = "unknown" if self.time_value is None else dollars_text(self.time_value)
        paid = f"{dollars_text(self.dividend.amount)} a share, ex-day {self.dividend.day}"
        return (
            f"{start}, its time value ({value}) is below the dividend ({paid}): it may be assigned tonight, "
            f"and who is then short {self.shares} shares owes the dividend"
        )


def dividend_tomorrow(root: str, today: dt.date) -> ExDividend | None:
    """The dividend of an American root's shares whose ex-day is the next session; None for none, or another style.

    ``NotKnown`` where the table of dividends does not say.
    """
    terms = product(root)
    if terms.style != "american":
        return None
    try:
        return ex_dividend_on(terms.underlying, next_session(today).day)
    except NotASession as error:
        raise NotKnown(str(error)) from None


def assignment_risks(
    held: Mapping[Contract, int], chain: Chain, market: Market, today: dt.date, max_age: int
) -> tuple[Assignment, ...]:
    """The short holdings of one chain that may be assigned tonight, or will be at the close.

    - A call, on the session before an ex-dividend day: in the money, and worth no more than exercise brings, which is
      where its time value is below the dividend. One without a fresh quote counts: nothing says that it is not.
    - Any option that expires today and is in the money ``NEAR_CLOSE`` before it stops trading.

    Of American options that are exercised into shares, and only where the underlying's value is known.
    """
    terms = product(chain.root)
    spot = chain.spot
    if terms.style != "american" or terms.settlement != "physical" or spot is None or chain.now >= chain.close:
        return ()
    try:
        paid = dividend_tomorrow(chain.root, today)
    except NotKnown:
        paid = None
    near = chain.expiry == today and chain.now >= chain.close - NEAR_CLOSE
    found = []
    for contract, quantity in held.items():
        inside = intrinsic(contract, spot)
        if quantity >= 0 or contract.expiry != chain.expiry or inside <= 0:
            continue
        quote = market.quote(contract)
        known = quote.usable and chain.now - quote.ts <= max_age
        value = max(0, quote.mid2 // 2 - inside) if known else None
        if contract.right == "C" and paid is not None and (value is None or value < paid.amount):
            found.append(Assignment(contract, -quantity, "dividend", inside, value, paid))
        elif near:
            found.append(Assignment(contract, -quantity, "close", inside, value, None))
    return tuple(found)
