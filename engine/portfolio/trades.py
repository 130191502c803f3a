"""Trades and what they hold: a fold over fills and settlements, each counted once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.events import LegFill, TradeStatus
from engine.portfolio.exercise import Shares, delivered, strike_cash
from engine.portfolio.payoff import at_strikes
from engine.pricing import Bounds, intrinsic, payoff_bounds
from engine.types import Contract, Money, Package, Price, product, sign


@dataclass(slots=True)
class Holding:
    """What a trade holds of one contract.

    Attributes:
        quantity: signed contracts.
        cash: net cash of its fills before fees, received positive.
        settled: what it brought at expiry, None before; provisional until the official close. Of what was exercised or
            assigned it is the shares' value at the close less what they cost at the strike.
        shares: signed shares it was exercised or assigned into.
        value: what it settled on, price units.
    """

    quantity: int = 0
    cash: Money = 0
    settled: Money | None = None
    settled_quantity: int = 0
    provisional: bool = False
    shares: int = 0
    value: Price = 0


Held = tuple[tuple[Contract, int], ...]
"""Signed contracts, as they do not change."""


class Standing(NamedTuple):
    """What a trade's fills and settlements come to so far: worked out once after each of them.

    Attributes:
        held: signed contracts held. gross: their number without signs. expiries: the same, expiry by expiry.
        bounds: within which all of them together can be worth anything at expiry, price units.
        cash: of all fills and settlements less fees. realised: the part of what is closed or settled, less all fees.
    """

    held: dict[Contract, int]
    gross: int
    expiries: tuple[tuple[dt.date, Held], ...]
    bounds: Bounds
    cash: Money
    realised: Money

    @property
    def only_longs(self) -> bool:
        """Whether nothing is short."""
        return all(quantity > 0 for quantity in self.held.values())


@dataclass(slots=True)
class Trade:
    """One trade of one strategy: opened by one package, closed in one or several orders.

    Attributes:
        key: what the strategy calls it, such as the window ``10:00``.
        wanted: packages asked for. filled: packages filled.
        credit: net received a package over all opening fills, price units, averaged; negative for a debit.
        worst_case: the most it can lose at expiry, from entry, fees in; money, positive.
        asked: net received a package at the least if its entry is filled, price units.
        left: contracts that are being closed but that nobody bids for now; without a bid they expire.
    """

    trade_id: int
    strategy: str
    root: str
    key: str
    label: str
    expiry: dt.date
    package: Package
    wanted: int
    worst_case: Money
    asked: Price = 0
    status: TradeStatus = "working"
    filled: int = 0
    opened_at: int | None = None
    entry_cash: Money = 0
    fees: Money = 0
    holdings: dict[Contract, Holding] = field(default_factory=dict)
    left: set[Contract] = field(default_factory=set)
    _standing: Standing | None = field(default=None, repr=False, compare=False)

    @property
    def standing(self) -> Standing:
        """What it holds and has brought so far; ``Portfolio`` alone changes that."""
        if self._standing is None:
            held = {contract: holding.quantity for contract, holding in self.holdings.items() if holding.quantity}
            closed = sum(h.cash + (h.settled or 0) for h in self.holdings.values() if not h.quantity)
            cash = closed + sum(h.cash + (h.settled or 0) for h in self.holdings.values() if h.quantity)
            gross = sum(abs(quantity) for quantity in held.values())
            days = dict.fromkeys(contract.expiry for contract in held)
            expiries = tuple((day, tuple(item for item in held.items() if item[0].expiry == day)) for day in days)
            self._standing = Standing(held, gross, expiries, payoff_bounds(held), cash - self.fees, closed - self.fees)
        return self._standing

    def moved(self) -> None:
        """Something was filled or settled."""
        self._standing = None

    @property
    def open(self) -> bool:
        """Whether it holds anything that is not settled."""
        return bool(self.standing.held)

    @property
    def contracts(self) -> tuple[Contract, ...]:
        """Every contract it has held or is to open."""
        return tuple(dict.fromkeys((*self.holdings, *(leg.contract for leg in self.package.legs))))

    @property
    def over(self) -> bool:
        """Whether nothing more can happen to it but a restatement."""
        return self.status in ("closed", "settled", "settled_provisional", "abandoned")

    @property
    def provisional(self) -> bool:
        """Whether its result still waits for an official close."""
        return any(holding.provisional for holding in self.holdings.values())

    @property
    def shares(self) -> Shares | None:
        """Shares that expiry left it with, net; None where there are none, or where as many came as went."""
        of = [(contract, holding) for contract, holding in self.holdings.items() if holding.shares]
        quantity = sum(holding.shares for _, holding in of)
        if not quantity:
            return None
        cash = sum(strike_cash(contract, holding.shares) for contract, holding in of)
        return Shares(product(self.root).underlying, quantity, cash, of[0][1].value)

    @property
    def credit(self) -> Price:
        """Net received a package at entry."""
        contracts = self.filled * product(self.root).multiplier
        return self.entry_cash // contracts if contracts else 0

    @property
    def cash(self) -> Money:
        """Cash of all fills and settlements less fees: the result, once nothing is held but shares, which are valued at
        the close."""
        return self.standing.cash

    @property
    def realised(self) -> Money | None:
        """The result, once it holds nothing; None before."""
        return self.cash if self.filled and not self.open else None

    @property
    def realised_so_far(self) -> Money:
        """Cash of what is closed or settled, less all fees paid so far; the result, once nothing is held."""
        return self.standing.realised

    @property
    def worst_outcome(self) -> Money:
        """The most it can still end up losing, money, positive: ``worst_case`` until it is filled as wanted.

        From then on it is the cash so far and the worst that is still held. A side that was stopped out and another
        that expires in the money lose more together than either could at entry. A short call that has lost its wing
        may lose without a bound: it counts for its strike.
        """
        standing = self.standing
        lowest = standing.bounds.lowest
        if not self.filled:
            return self.worst_case
        if lowest is None:
            bare = sum(quantity for contract, quantity in standing.held.items() if contract.right == "C") < 0
            return max(self.worst_case, at_strikes(standing.held) * product(self.root).multiplier * bare)
        loss = max(0, -self.cash - lowest * product(self.root).multiplier)
        return loss if self.filled == self.wanted else max(loss, self.worst_case)

    def held(self, contract: Contract) -> int:
        """Signed contracts held."""
        holding = self.holdings.get(contract)
        return holding.quantity if holding else 0


class Portfolio:
    """All trades of a session."""

    def __init__(self) -> None:
        self._trades: dict[int, Trade] = {}
        self._executions: set[str] = set()
        self._open: tuple[Trade, ...] | None = ()
        self._realised: Money | None = 0

    def __iter__(self) -> Iterator[Trade]:
        return iter(self._trades.values())

    def get(self, trade_id: int) -> Trade | None:
        """The trade, or None."""
        return self._trades.get(trade_id)

    def add(self, trade: Trade) -> None:
        """Take up a new trade."""
        self._trades[trade.trade_id] = trade
        self._moved(trade)

    def _moved(self, trade: Trade) -> None:
        trade.moved()
        self._open = self._realised = None

    @property
    def open_trades(self) -> tuple[Trade, ...]:
        """Trades that hold something."""
        if self._open is None:
            self._open = tuple(trade for trade in self if trade.open)
        return self._open

    def of(self, strategy: str, root: str) -> list[Trade]:
        """Trades of one strategy on one root."""
        return [trade for trade in self if trade.strategy == strategy and trade.root == root]

    def net(self, contract: Contract) -> int:
        """What the broker sees: the sum over all trades."""
        return sum(trade.held(contract) for trade in self)

    def fold(self, trade_id: int, fill: LegFill, opening: bool, at: int) -> bool:
        """Apply one leg of an execution; False where it was seen before.

        What was settled already is held again, with this execution, until it is settled anew.
        """
        if fill.exec_id in self._executions:
            return False
        trade = self._trades[trade_id]
        self._executions.add(fill.exec_id)
        holding = trade.holdings.setdefault(fill.contract, Holding())
        if holding.settled is not None:  # executed before it expired, and heard of after it was settled
            holding.quantity, holding.settled_quantity = holding.settled_quantity, 0
            holding.settled, holding.provisional, holding.shares = None, False, 0
        signed = sign(fill.side) * fill.quantity
        cash = -signed * fill.price * product(fill.contract.root).multiplier
        holding.quantity += signed
        holding.cash += cash
        trade.fees += fill.fee
        if opening:
            trade.entry_cash += cash
            trade.opened_at = at if trade.opened_at is None else trade.opened_at
        self._moved(trade)
        return True

    def settle(self, trade: Trade, contract: Contract, value: Price, provisional: bool) -> Money | None:
        """Settle one contract at ``value``; the cash that moves, or None where nothing is held or restated.

        Contracts on shares that are in the money become shares, at the strike. A later value replaces a provisional
        one.
        """
        holding = trade.holdings.get(contract)
        if holding is None or not (holding.quantity or holding.provisional):
            return None
        if holding.quantity:
            holding.settled_quantity = holding.quantity
            holding.quantity = 0
        terms = product(contract.root)
        holding.provisional, holding.value = provisional, value
        if terms.settlement == "physical":
            holding.shares = delivered(contract, holding.settled_quantity, value)
            amount = strike_cash(contract, holding.shares)
            holding.settled = amount + holding.shares * value
        else:
            amount = holding.settled = holding.settled_quantity * intrinsic(contract, value) * terms.multiplier
        self._moved(trade)
        return amount

    @property
    def realised(self) -> Money:
        """Cash of all that is closed or settled, less all fees paid."""
        if self._realised is None:
            self._realised = sum(trade.realised_so_far for trade in self)
        return self._realised
