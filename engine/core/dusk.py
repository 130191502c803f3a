"""Before the broker closes what expires today, we do: all of it, from an instant before the earliest of its cutoffs."""

from __future__ import annotations

from engine.calendar import clock_text
from engine.core.adoption import OUTSIDE
from engine.core.exits import ExitDesk
from engine.core.orders import OrderDesk
from engine.core.state import SessionState
from engine.exchange import NEVER, flat_by
from engine.portfolio import Trade
from engine.strategy import Close


class DuskDesk:
    """Closes what expires today, whoever opened it, from each root's instant on, until nothing of it is held."""

    def __init__(self, state: SessionState, orders: OrderDesk, exits: ExitDesk) -> None:
        self._state = state
        self._orders = orders
        self._exits = exits
        self._flat_by = {root: flat_by(state.config, state.session, root) for root in state.roots}
        self._first = min(self._flat_by.values(), default=NEVER)
        self._told: set[int] = set()

    def flat_by(self, root: str) -> int:
        """From when all of a root that expires today is closed, ns UTC; ``NEVER`` where nothing asks for that."""
        found = self._flat_by.get(root)
        if found is None:  # of a root that only what was traded elsewhere has
            found = self._flat_by[root] = flat_by(self._state.config, self._state.session, root)
        return found

    def next_deadline(self) -> tuple[int, str] | None:
        """When the next of what is held is closed, and in words; None where nothing will be."""
        held = (trade.root for trade in self._state.portfolio.open_trades if self._expires(trade))
        coming = [at for root in held if self._state.now < (at := self.flat_by(root)) < NEVER]
        return (min(coming), f"flat by {clock_text(min(coming), seconds=False)}") if coming else None

    def begin(self) -> None:
        """Ask to be woken; on a market that says nothing it is closed too."""
        for at in self._flat_by.values():
            if at < NEVER:
                self._state.wake(at)

    def run(self) -> None:
        """Where it is time: no entry works on, and everything is being closed."""
        state = self._state
        if state.now < self._first:
            return
        for order in state.orders.working():
            expires = any(leg.contract.expiry == state.session.day for leg in order.package.legs)
            if order.kind == "open" and expires and state.now >= self.flat_by(order.root):
                self._orders.cancel(order, self._why(order.root))
        for trade in state.portfolio.open_trades:
            if state.now >= self.flat_by(trade.root) and self._expires(trade):
                self._close(trade)

    def _expires(self, trade: Trade) -> bool:
        """Whether something of a trade expires today: then all of it goes, for what is left might be bare."""
        return any(trade.held(contract) and contract.expiry == self._state.session.day for contract in trade.holdings)

    def _close(self, trade: Trade) -> None:
        state = self._state
        if trade.strategy == OUTSIDE and state.config.broker.outside == "adopt":
            if trade.trade_id not in self._told:
                self._told.add(trade.trade_id)
                text = f"#{trade.trade_id} was made elsewhere and is left to you: {self._why(trade.root)}"
                state.notice("alarm", "exit", text)
            return
        under_way = self._exits.exiting(trade)
        late = tuple(contract for contract in trade.holdings if trade.held(contract) and contract not in under_way)
        if late:
            why = self._why(trade.root)
            wanted = Close(trade_id=trade.trade_id, scope="package", contracts=late, trigger="cutoff", reason=why)
            self._exits.begin(trade, wanted, "engine")

    def _why(self, root: str) -> str:
        at = clock_text(self.flat_by(root), seconds=False)
        return f"{root} that expires today is flat by {at}, before the broker's cutoffs"
