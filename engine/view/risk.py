"""The risk pane's rows: each limit, how much of it is used."""

from __future__ import annotations

from engine.core import Engine
from engine.risk import used_by, vix_scale
from engine.types import Money, to_dollars
from engine.view.model import RiskRow


def build_risk(engine: Engine, day_pnl: Money | None) -> tuple[RiskRow, ...]:
    """One row a limit of ``[risk]``, in the order in which they bind."""
    state, gate = engine.state, engine.gate
    limits = state.config.risk
    open_trades = [trade for trade in state.portfolio if not trade.over]
    largest = max((trade.worst_outcome for trade in open_trades), default=0)
    loss = None if day_pnl is None else max(0, -day_pnl)
    rows = [
        RiskRow(
            name="state",
            code="NOT_ACTIVE",
            used=None,
            limit=None,
            unit="text",
            text=f"{state.states.state} {state.states.text}".strip(),
        ),
        RiskRow(
            name="day loss",
            code="DAILY_LOSS",
            used=None if loss is None else to_dollars(loss),
            limit=limits.daily_loss,
            unit="dollars",
            text="realised and open, net; reaching it flattens and locks",
        ),
        RiskRow(
            name="per trade",
            code="PER_TRADE",
            used=to_dollars(largest),
            limit=to_dollars(gate.trade_limit(state.equity)),
            unit="dollars",
            text="worst case of the largest open trade",
        ),
    ]
    rows += [
        RiskRow(
            name=name,
            code="PER_STRATEGY",
            used=to_dollars(used_by(name, state.portfolio)),
            limit=to_dollars(gate.strategy_limit(state.equity)),
            unit="dollars",
            text="worst case of its open trades and working orders",
        )
        for name in sorted(engine.strategies.versions())
    ]
    rows.append(
        RiskRow(
            name="open trades",
            code="MAX_OPEN",
            used=len(open_trades),
            limit=limits.max_open,
            unit="count",
            text="open or working",
        )
    )
    vix = state.vix(state.roots[0])
    scale = vix_scale(vix, limits.vix_scale)
    words = "unknown" if vix.value is None else f"{vix.value:.2f} ({vix.source})"
    sizes = {1.0: "full size", 0.5: "half size", 0.0: "no entries"}[scale]
    rows.append(
        RiskRow(
            name="VIX",
            code="VIX_HIGH",
            used=None,
            limit=None,
            unit="text",
            text=f"{words}: {sizes}" if limits.vix_scale else f"{words}: not scaled",
        )
    )
    return tuple(rows)
