"""The greeks pane's rows: dollar Greeks of the book, by strategy, by expiry and by trade."""

from __future__ import annotations

import math

from engine.core import Engine, Greeks, known
from engine.portfolio import Trade
from engine.types import product
from engine.view.model import GreeksRow
from engine.view.positions import trade_label

_MINUTES_A_DAY = 24 * 60
_MINUTES_A_YEAR = 365 * _MINUTES_A_DAY


def build_greeks(engine: Engine) -> tuple[GreeksRow, ...]:
    """One row a group; none while nothing is held."""
    trades = engine.state.portfolio.open_trades
    if not trades:
        return ()
    # Points of different underlyings are different things: nothing is summed across roots.
    several = len(engine.state.roots) > 1
    groups: dict[str, list[Trade]] = {}
    for trade in trades:
        groups.setdefault(f"book {trade.root}" if several else "book", []).append(trade)
    for trade in trades:
        groups.setdefault(f"{trade.strategy} {trade.root}", []).append(trade)
    for trade in trades:
        groups.setdefault(f"{trade.root} {trade.expiry}", []).append(trade)
    for trade in trades:
        groups[trade_label(engine, trade)] = [trade]
    return tuple(_row(engine, name, members) for name, members in groups.items())


def _row(engine: Engine, group: str, trades: list[Trade]) -> GreeksRow:
    total = Greeks()
    second = [0.0, 0.0, 0.0]
    for trade in trades:
        total = total.plus(engine.state, trade)
        second = [sum(pair) for pair in zip(second, _second_order(engine, trade), strict=True)]
    charm, vanna, vomma = second
    return GreeksRow(
        group=group,
        delta=known(total.delta),
        gamma=known(total.gamma),
        theta=known(total.theta / _MINUTES_A_DAY),
        vega=known(total.vega),
        charm=known(charm / _MINUTES_A_YEAR),
        vanna=known(vanna / 100),
        vomma=known(vomma / 10_000),
    )


def _second_order(engine: Engine, trade: Trade) -> tuple[float, float, float]:
    """Charm (a year), vanna and vomma (1.00 of vol) of what a trade holds, dollars; NaN where a leg has no IV.

    At one strike they are the same for a call and a put.
    """
    charm = vanna = vomma = 0.0
    for contract, holding in trade.holdings.items():
        if not holding.quantity:
            continue
        chain = engine.state.chain(contract.root, contract.expiry)
        row = chain.layout.row_of.get(contract.strike) if chain is not None else None
        if chain is None or row is None:
            return math.nan, math.nan, math.nan
        shares, full = holding.quantity * product(contract.root).multiplier, chain.full_greeks
        charm += shares * float(full.charm[row])
        vanna += shares * float(full.vanna[row])
        vomma += shares * float(full.vomma[row])
    return charm, vanna, vomma
