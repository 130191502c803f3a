"""The positions pane's rows: a trade, and a row a side."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypedDict

from engine.core import OUTSIDE, Engine
from engine.portfolio import Assignment, Trade, TradeMark, cost_to_close
from engine.pricing import intrinsic
from engine.strategy import SidePlan
from engine.types import Contract, Money, Price, product, strike_text
from engine.view.lines import net_text
from engine.view.model import PositionRow, PositionsView
from engine.view.packages import breakevens

INDICATIVE = "indicative"
"""In the name of data whose quotes are not the market's own."""


def stops_doubt(banner: str) -> str:
    """What is wrong with stops on the data that a banner names; empty where nothing is."""
    return f"{INDICATIVE} quotes" if INDICATIVE in banner else ""


def build_positions(engine: Engine, marks: dict[int, TradeMark], doubt: str = "") -> PositionsView:
    """All trades of the session: open and working ones first, then those that are over. ``doubt``: of their stops."""
    trades = sorted(engine.state.portfolio, key=lambda trade: (trade.over, trade.trade_id))
    rows = [row for trade in trades for row in _trade_rows(engine, trade, marks.get(trade.trade_id))]
    open_trades = engine.state.portfolio.open_trades
    return PositionsView(
        rows=tuple(rows),
        open_trades=len(open_trades),
        worst_loss=sum(trade.worst_outcome for trade in open_trades),
        flatten_cost=flatten_cost(engine, marks),
        contracts=sum(abs(holding.quantity) for trade in open_trades for holding in trade.holdings.values()),
        margin=margin(open_trades),
        equity=engine.state.equity,
        stops_doubt=doubt,
    )


def margin(trades: Iterable[Trade]) -> Money | None:
    """What the strikes of all trades may cost, trade by trade: what a broker sets aside for defined risk. None where a
    trade's loss has no bound."""
    total = 0
    for trade in trades:
        lowest = trade.standing.bounds.lowest
        if lowest is None:
            return None
        total += max(0, -lowest) * product(trade.root).multiplier
    return total


def to_breakeven(engine: Engine, trade: Trade) -> Price | None:
    """From spot to the nearest price at which the trade would bring nothing at expiry, fees so far taken off: positive
    while it would win where spot is, negative while it would lose. None without such a price, or without a spot."""
    chain = engine.state.chain(trade.root, trade.expiry)
    spot = chain.spot if chain is not None else None
    held = trade.standing.held
    if spot is None or not held:
        return None
    multiplier = product(trade.root).multiplier
    paid = -(trade.standing.cash // multiplier)
    found = min((abs(each - spot) for each in breakevens(held, paid)), default=None)
    if found is None:
        return None
    wins = sum(quantity * intrinsic(contract, spot) for contract, quantity in held.items()) > paid
    return found if wins else -found


def trade_label(engine: Engine, trade: Trade) -> str:
    """A trade's number and name, with its root where the session has several."""
    root = f"{trade.root} " if len(engine.state.roots) > 1 else ""
    return f"#{trade.trade_id} {root}{trade.label}"


def flatten_cost(engine: Engine, marks: dict[int, TradeMark]) -> int | None:
    """What closing everything now loses against the mids, fees included; None where a quote is missing."""
    total = 0
    for trade in engine.state.portfolio.open_trades:
        found = marks.get(trade.trade_id)
        if found is None or found.pnl_mid is None or found.pnl_now is None:
            return None
        total += found.pnl_mid - found.pnl_now
    return total


def _trade_rows(engine: Engine, trade: Trade, found: TradeMark | None) -> list[PositionRow]:
    if not trade.filled and trade.status == "abandoned":
        return []
    plans = engine.strategies.sides(trade)
    whole = next((plan for plan in plans if plan.label == "package"), None)
    held = {contract: holding.quantity for contract, holding in trade.holdings.items() if holding.quantity}
    cost = _cost(engine, trade, held)
    result = trade.realised
    risks = () if trade.over else engine.assignment.risks(trade)
    parts = [plan for plan in plans if plan.label != "package"]
    of_sides = {contract for plan in parts for contract in plan.contracts}
    rows = [
        PositionRow(
            trade_id=trade.trade_id,
            level="settled" if trade.over else "trade",
            label=trade_label(engine, trade),
            filled=trade.filled,
            wanted=trade.wanted,
            entry=trade.credit if trade.filled else None,
            cost=cost,
            stop_at=whole.stop_at if whole and held else None,
            stop_holder=_trade_holder(engine, trade, whole, cost) if held else "",
            distance=_distance(whole, cost) if held else None,
            pnl_mid=result if result is not None else (found.pnl_mid if found else None),
            pnl_now=result if result is not None else (found.pnl_now if found else None),
            breakeven=None if trade.over else to_breakeven(engine, trade),
            note=_joined(_note(engine, trade, told=bool(parts)), [r for r in risks if r.contract not in of_sides]),
            **({} if parts or trade.over else _chances(engine, held)),
        )
    ]
    if trade.over:
        return rows
    for plan in parts:
        side_held = {contract: held[contract] for contract in plan.contracts if contract in held}
        if not side_held and not trade.filled:
            continue
        side_cost = _cost(engine, trade, side_held)
        short_held = any(quantity < 0 for quantity in side_held.values())
        rows.append(
            PositionRow(
                trade_id=trade.trade_id,
                level="side",
                label=f"{plan.label} {'/'.join(strike_text(c.strike) for c in plan.contracts)}",
                filled=max((abs(quantity) for quantity in side_held.values()), default=0),
                wanted=trade.filled or trade.wanted,
                entry=_side_entry(trade, plan),
                cost=side_cost,
                stop_at=plan.stop_at if short_held else None,
                stop_holder=_holder(engine, trade, plan, side_cost) if short_held else "",
                distance=_distance(plan, side_cost) if short_held else None,
                pnl_mid=None,
                pnl_now=None,
                note=_joined(
                    _side_note(engine, trade, plan, side_held), [r for r in risks if r.contract in plan.contracts]
                ),
                **_chances(engine, side_held),
            )
        )
    return rows


class _Chances(TypedDict, total=False):
    has_short: bool
    itm: float | None
    touch: float | None


def _chances(engine: Engine, held: dict[Contract, int]) -> _Chances:
    """Of the shorts among ``held``, the greater chance to end in the money, and to be touched before; None where one
    of them is not priced."""
    shorts = [contract for contract, quantity in held.items() if quantity < 0]
    itm, touch = [], []
    for contract in shorts:
        chain = engine.state.chain(contract.root, contract.expiry)
        row = chain.layout.row_of.get(contract.strike) if chain is not None else None
        if chain is None or row is None:
            return {"has_short": True}
        side = chain.side(contract.right)
        itm.append(float(side.in_the_money[row]))
        touch.append(float(side.touch[row]))
    if not shorts or any(math.isnan(chance) for chance in (*itm, *touch)):
        return {"has_short": bool(shorts)}
    return {"has_short": True, "itm": max(itm), "touch": max(touch)}


def _joined(note: str, risks: list[Assignment]) -> str:
    return "; ".join(part for part in (note, *(risk.note for risk in risks)) if part)


def _cost(engine: Engine, trade: Trade, held: dict[Contract, int]) -> Price | None:
    """What closing the held part of one package costs at mid."""
    if not held:
        return None
    ratio = {leg.contract: leg.ratio for leg in trade.package.legs}
    each = {contract: ratio[contract] * (1 if quantity > 0 else -1) for contract, quantity in held.items()}
    state = engine.state
    cost = cost_to_close(each, state.market, state.now, state.max_age)
    return None if cost is None else cost.price


def _side_entry(trade: Trade, plan: SidePlan) -> Price | None:
    """What the side brought a package at entry; None once some of it was closed, for its cash is then of both."""
    ratio = {leg.contract: leg.ratio for leg in trade.package.legs}
    if not trade.filled or any(abs(trade.held(c)) != ratio[c] * trade.filled for c in plan.contracts):
        return None
    cash = sum(trade.holdings[c].cash for c in plan.contracts)
    return cash // (trade.filled * product(trade.root).multiplier)


def _trade_holder(engine: Engine, trade: Trade, whole: SidePlan | None, cost: Price | None) -> str:
    if not engine.strategies.managed(trade):
        if trade.standing.only_longs:
            return ""
        return "b" if engine.stops.rests(trade, tuple(trade.holdings)) else "UNARMED"
    return _holder(engine, trade, whole, cost)


def _holder(engine: Engine, trade: Trade, plan: SidePlan | None, cost: Price | None) -> str:
    """Who holds the stop: e the engine, b the broker, eb both; nobody while the engine cannot price it and the broker
    has none."""
    if plan is None or plan.stop_at is None:
        return ""
    engine_too = cost is not None and engine.state.market.feed.state == "ok" and not engine.stops.alone(trade)
    return ("e" if engine_too else "") + ("b" if engine.stops.rests(trade, plan.contracts) else "") or "UNARMED"


def _distance(plan: SidePlan | None, cost: Price | None) -> Price | None:
    return None if plan is None or plan.stop_at is None or cost is None else plan.stop_at - cost


def _note(engine: Engine, trade: Trade, told: bool) -> str:
    """``told``: whether the rows of its sides say what is being closed."""
    entry = next((o for o in engine.state.orders.working(trade.trade_id) if o.kind == "open"), None)
    if entry is not None:
        return f"working: {net_text(entry.limit)}" if entry.status != "pending_cancel" else "entry being cancelled"
    if trade.status == "working":
        return "working"
    if trade.over:
        status = "settled PROVISIONAL" if trade.status == "settled_provisional" else trade.status
        return status if trade.shares is None else f"{status}; {trade.shares.text}"
    if not told and not engine.exits.exiting(trade) <= trade.left:
        return "closing"
    if engine.strategies.managed(trade):
        return ""
    why = "made elsewhere" if trade.strategy == OUTSIDE else "its strategy has stopped"
    return f"{why}: nobody watches it"


def _side_note(engine: Engine, trade: Trade, plan: SidePlan, held: dict[Contract, int]) -> str:
    if not held:
        return "closed"
    notes = []
    exiting = engine.exits.exiting(trade)
    if any(contract in exiting and contract not in trade.left for contract in held):
        notes.append("closing")
    left = [contract.short_name for contract in plan.contracts if contract in trade.left]
    if left:
        notes.append(f"{', '.join(left)} left to expire")
    elif len(held) < len(plan.contracts):
        notes.append(f"holds {', '.join(contract.short_name for contract in held)}")
    return "; ".join(notes)
