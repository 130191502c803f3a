"""Trades with fills, priced in dollars."""

from __future__ import annotations

from collections.abc import Mapping

from quoted_market import DAY, condor

from engine.events import LegFill
from engine.portfolio import Portfolio, Trade
from engine.types import Contract, Package, to_units


def trade_of(package: Package | None = None, wanted: int = 1, trade_id: int = 1, worst_case: int = 0) -> Trade:
    package = package or condor()
    return Trade(trade_id, "iron_condor", "SPXW", "10:00", "IC 10:00", DAY, package, wanted, worst_case)


def with_trade(trade: Trade) -> Portfolio:
    portfolio = Portfolio()
    portfolio.add(trade)
    return portfolio


def fill(contract: Contract, signed: int, price: float, exec_id: str, fee: float = 0.0) -> LegFill:
    side = "buy" if signed > 0 else "sell"
    return LegFill(exec_id, contract, side, abs(signed), to_units(price), to_units(fee))


def opened(prices: tuple[float, ...] = (0.30, 0.95, 0.90, 0.25), quantity: int = 1, fee: float = 0.65) -> Portfolio:
    """A portfolio with one condor, filled at these leg prices: by default 1.30 credit."""
    trade = trade_of(wanted=quantity)
    portfolio = with_trade(trade)
    for n, (leg, price) in enumerate(zip(trade.package.legs, prices, strict=True)):
        signed = leg.signed_ratio * quantity
        portfolio.fold(1, fill(leg.contract, signed, price, f"open.{n}", fee * abs(signed)), opening=True, at=5)
    trade.filled = quantity
    trade.status = "open"
    return portfolio


def closed(portfolio: Portfolio, prices: Mapping[Contract, float], fee: float = 0.65) -> None:
    """Close these contracts of trade 1 at these prices."""
    trade = portfolio.get(1)
    assert trade is not None
    for n, (contract, price) in enumerate(prices.items()):
        held = trade.held(contract)
        portfolio.fold(1, fill(contract, -held, price, f"close.{contract.symbol}.{n}", fee * abs(held)), False, at=9)
