"""What an expiry does to an account: index options in cash, options on funds in shares; told the next day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.clock import MINUTE
from engine.events import AnyEvent, DailyClose
from engine.pricing import intrinsic
from engine.types import CENT, PRODUCTS, Contract, Money, Price, Underlying, product
from engine.venue.desk import Desk

WITHOUT_CLOSE = 30 * MINUTE
"""How long an official close is waited for; then the last value stands for it."""

Kind = Literal["OPEXP", "OPASN", "OPEXC"]


@dataclass(frozen=True, slots=True)
class Settled:
    """One position at expiry: signed contracts, what it settled on, what it brought in cash (money units)."""

    kind: Kind
    contract: Contract
    quantity: int
    value: Price
    net: Money
    at: int


class Settlement:
    """Settles what expires today in one account, once its product has closed.

    Attributes:
        settled: in order. Alpaca tells it on no stream, and on paper among the activities of the next day only.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._closes: dict[str, Price] = {}
        self._day = desk.venue.day
        self.settled: list[Settled] = []
        desk.venue.happened.append(self._look)
        for closed in {self._day.product_close(root) for root in PRODUCTS}:
            desk.venue.at(closed, self._settle)
            desk.venue.at(closed + WITHOUT_CLOSE, self._settle)

    def _look(self, event: AnyEvent) -> None:
        if isinstance(event, DailyClose) and event.day == self._day.day:
            self._closes[event.symbol] = event.close
            self._desk.venue.at(event.ts_known, self._settle)

    def _settle(self) -> None:
        now = self._desk.venue.now
        for contract, quantity in sorted(self._desk.contracts.items()):
            closed = self._day.product_close(contract.root)
            if contract.expiry != self._day.day or now < closed:
                continue
            symbol = product(contract.root).underlying
            value = self._closes.get(symbol)
            if value is None and now >= closed + WITHOUT_CLOSE:
                value = self._desk.venue.market.value(symbol)[0]
            if value is not None:
                self._one(contract, quantity, value, now)

    def _one(self, contract: Contract, quantity: int, value: Price, now: int) -> None:
        ledger, terms, worth = self._desk.ledger, product(contract.root), intrinsic(contract, value)
        before = ledger.cash
        kind: Kind = "OPEXP"
        if worth >= CENT and terms.settlement == "physical":
            kind = "OPEXC" if quantity > 0 else "OPASN"
            ledger.settle(contract, -quantity, 0, terms.multiplier)
            shares = quantity * terms.multiplier * (1 if contract.right == "C" else -1)
            ledger.settle(Underlying(terms.underlying), shares, contract.strike, 1)
        else:
            if worth >= CENT:
                kind = "OPEXC" if quantity > 0 else "OPASN"
            ledger.settle(contract, -quantity, worth if terms.settlement == "cash" else 0, terms.multiplier)
        self.settled.append(Settled(kind, contract, quantity, value, ledger.cash - before, now))
