"""Says in the log, once for each, which short legs may be assigned."""

from __future__ import annotations

from engine.clock import MINUTE
from engine.core.state import SessionState
from engine.portfolio import Assignment, Trade, assignment_risks
from engine.types import Contract, product


class AssignmentWatch:
    """Looks at the open trades of American roots, once a minute."""

    def __init__(self, state: SessionState) -> None:
        self._state = state
        self._wanted = any(product(root).style == "american" for root in state.roots)
        self._minute = -1
        self._told: set[tuple[int, Contract, str]] = set()

    def risks(self, trade: Trade) -> tuple[Assignment, ...]:
        """What of a trade may be assigned, as of now."""
        state = self._state
        if not self._wanted or product(trade.root).style != "american":
            return ()
        held = {contract: holding.quantity for contract, holding in trade.holdings.items() if holding.quantity < 0}
        found: list[Assignment] = []
        for expiry in sorted({contract.expiry for contract in held}):
            chain = state.chain(trade.root, expiry)
            if chain is not None:
                found += assignment_risks(held, chain, state.market, state.session.day, state.max_age)
        return tuple(found)

    def look(self) -> None:
        """Tell what has not been told."""
        state = self._state
        if not self._wanted or state.now // MINUTE == self._minute:
            return
        self._minute = state.now // MINUTE
        for trade in state.portfolio.open_trades:
            for risk in self.risks(trade):
                key = (trade.trade_id, risk.contract, risk.why)
                if key not in self._told:
                    self._told.add(key)
                    state.notice("warning", "assignment", f"#{trade.trade_id} {trade.root} {risk.text}")
