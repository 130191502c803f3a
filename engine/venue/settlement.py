"""What an expiry does to an account: index options in cash, options on funds in shares; told the next day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.calendar import clock_text
from engine.clock import MINUTE
from engine.events import AnyEvent, DailyClose
from engine.pricing import intrinsic
from engine.types import CENT, PRODUCTS, Contract, Money, Price, Underlying, parse_symbol, product
from engine.venue.desk import Desk, Shown
from engine.venue.diary_records import Exercised
from engine.venue.errors import forbidden, not_found, unprocessable
from engine.venue.rules import Standing
from engine.venue.wire import money_text

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
        declined: what is not to be exercised.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._closes: dict[str, Price] = {}
        self._day = desk.venue.day
        self.settled: list[Settled] = []
        self.declined: set[Contract] = set()
        desk.exercises = self._asked
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
        declined = quantity > 0 and contract in self.declined
        if worth >= CENT and terms.settlement == "physical" and not declined:
            kind = "OPEXC" if quantity > 0 else "OPASN"
            self._shares(contract, quantity)
        else:
            if worth >= CENT and not declined:
                kind = "OPEXC" if quantity > 0 else "OPASN"
            ledger.settle(contract, -quantity, worth if terms.settlement == "cash" else 0, terms.multiplier)
        self.settled.append(Settled(kind, contract, quantity, value, ledger.cash - before, now))

    def _shares(self, contract: Contract, quantity: int) -> None:
        """So many contracts, signed, become shares at the strike."""
        ledger, terms = self._desk.ledger, product(contract.root)
        ledger.settle(contract, -quantity, 0, terms.multiplier)
        shares = quantity * terms.multiplier * (1 if contract.right == "C" else -1)
        ledger.settle(Underlying(terms.underlying), shares, contract.strike, 1)

    def _asked(self, request: Exercised) -> Shown:
        """Exercise what is long and free at once; or leave it at expiry. Raises ``Refused``, in Alpaca's words."""
        contract, now, venue = _contract(request.symbol), self._desk.venue.now, self._desk.venue
        held, close = self._desk.ledger.quantity(contract), self._day.product_close(contract.root)
        american = product(contract.root).style == "american"
        if held <= 0:
            raise not_found(f"long position not found: {contract.symbol}")
        if not request.wanted:
            if not american:
                raise forbidden("do-not-exercise is not applicable for European-style options")
            if contract.expiry != self._day.day:
                raise forbidden("dne requests are only accepted on the expiration day of the option contract")
            if now >= close:
                raise forbidden(f"dne requests are not accepted after {clock_text(close, seconds=False)}")
            self.declined.add(contract)
            return {}
        if not american:
            raise forbidden("early exercise is not allowed for European-style options")
        if now >= close:
            raise forbidden("exercise requests are not accepted after market close until midnight")
        standing = Standing(self._desk.contracts, self._desk.open_orders, self._desk.available)
        free = held - standing.working(contract)[1]
        if free <= 0:
            raise forbidden("no qty available to exercise")
        required = free * contract.strike * product(contract.root).multiplier if contract.right == "C" else 0
        if required > standing.available:
            required_text, available = money_text(required), money_text(standing.available)
            raise forbidden(f"insufficient cash available (required: {required_text}, available: {available})")
        before = self._desk.ledger.cash
        self._shares(contract, free)
        venue.brokers[self._desk.account].exchange.hold(contract, -free)
        value = venue.market.value(product(contract.root).underlying)[0] or 0
        self.settled.append(Settled("OPEXC", contract, free, value, self._desk.ledger.cash - before, now))
        return {}


def _contract(symbol: str) -> Contract:
    try:
        found = parse_symbol(symbol)
    except ValueError:
        found = None
    if not isinstance(found, Contract):
        raise unprocessable("invalid symbol")
    return found
