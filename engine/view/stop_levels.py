"""Where the underlying would have to be for a stop to fire, with time and every volatility as they are now."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine import pricing
from engine.core import Engine
from engine.market import Chain
from engine.portfolio import Trade
from engine.strategy import SidePlan
from engine.types import SCALE, Contract, Price
from engine.view.chart import ChartStop

REACH = 0.08
"""How far from spot it is looked for, a fraction of spot."""
_NODES = 321


def stop_levels(engine: Engine, trade: Trade, chain: Chain) -> list[ChartStop]:
    """The levels of a trade's stops on either side of spot; none where they lie out of reach, or a leg has no
    volatility, or another expiry's."""
    found: list[ChartStop] = []
    for plan in engine.strategies.sides(trade):
        each = _each(trade, plan)
        if plan.stop_at is None or chain.spot is None or not any(quantity < 0 for quantity in each.values()):
            continue
        prices = _crossings(chain, chain.spot, each, plan.stop_at)
        found += [ChartStop(price, trade.trade_id, plan.label) for price in prices]
    return found


def _each(trade: Trade, plan: SidePlan) -> dict[Contract, int]:
    """Signed contracts a package of what is held of a part."""
    ratio = {leg.contract: leg.ratio for leg in trade.package.legs}
    return {
        contract: ratio.get(contract, 1) * (1 if trade.held(contract) > 0 else -1)
        for contract in plan.contracts
        if trade.held(contract)
    }


def _crossings(chain: Chain, spot: Price, each: dict[Contract, int], stop_at: Price) -> list[Price]:
    """The nearest price below spot and the nearest above at which closing costs ``stop_at``."""
    costs = _costs(chain, spot, each)
    if costs is None:
        return []
    moves, cost = costs
    middle = _NODES // 2
    if not cost[middle] < stop_at / SCALE:  # it would fire where we are
        return []
    found = []
    for side in (range(middle, -1, -1), range(middle, _NODES)):
        order = np.fromiter(side, np.int64)
        over = np.flatnonzero(cost[order] >= stop_at / SCALE)
        if over.size:
            outer, inner = order[over[0]], order[over[0] - 1]
            part = (stop_at / SCALE - cost[inner]) / (cost[outer] - cost[inner])
            found.append(spot + round(float(moves[inner] + part * (moves[outer] - moves[inner])) * SCALE))
    return found


def _costs(
    chain: Chain, spot: Price, each: dict[Contract, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Moves of the underlying in dollars, and what closing one package costs after each."""
    rows = [chain.layout.row_of.get(contract.strike) for contract in each]
    if any(contract.expiry != chain.expiry for contract in each) or None in rows or chain.years <= 0:
        return None
    vols = [float(chain.iv[row]) for row in rows if row is not None]
    forward = chain.pricing_forward
    if not np.isfinite([forward, *vols]).all():
        return None
    moves = np.linspace(-REACH, REACH, _NODES) * spot / SCALE
    cost = np.zeros(_NODES)
    for (contract, quantity), vol in zip(each.items(), vols, strict=True):
        sign = 1.0 if contract.right == "C" else -1.0
        cost -= quantity * pricing.price(sign, forward + moves, contract.strike / SCALE, chain.years, vol)
    return (moves, cost) if np.isfinite(cost).all() else None
