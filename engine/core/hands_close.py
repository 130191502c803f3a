"""Closing by hand: a trade, a side of it, the side that is tested; all of it, or whole packages that are a part."""

from __future__ import annotations

from engine.core.exits import ExitDesk
from engine.core.orders import OrderDesk
from engine.core.state import SessionState
from engine.events import Actor
from engine.portfolio import Trade
from engine.strategy import Close, Refused, side_of
from engine.types import CloseTrade, Contract, Scope


class ClosingHand:
    """Begins exits in a person's name; each walks to the market like any other."""

    def __init__(self, state: SessionState, orders: OrderDesk, exits: ExitDesk) -> None:
        self._state = state
        self._orders = orders
        self._exits = exits

    def close(self, order: CloseTrade, actor: Actor, why: str) -> str:
        """Close what was asked for; what comes of it, in words. Raises ``Refused``."""
        trade_id, part = order.trade_id, order.part
        if order.scope == "package" and part == 1:
            return self._close_all(trade_id, actor, why)
        trade = self.held(trade_id)
        scope = self.scope(trade, order.scope)
        contracts = held_of(trade, scope)
        stays, many, all_of_it = stay_behind(trade, contracts, part)
        if part != 1 and order.held not in (None, all_of_it):
            raise Refused(f"#{trade_id} holds {all_of_it} by now, not {order.held}: no part is closed; order it again")
        wanted = Close(
            trade_id=trade_id,
            scope=scope if many == all_of_it else f"{many} of {all_of_it} {scope}",
            contracts=contracts,
            trigger="person",
            reason=why or "a person closed it",
            stays=stays,
        )
        refused = self._exits.begin(trade, wanted, actor)
        of = "" if scope == "package" else f" {scope}"
        return refused or f"closing {many} of {all_of_it} package{'' if all_of_it == 1 else 's'} of #{trade_id}{of}"

    def held(self, trade_id: int) -> Trade:
        """The trade, of which something is held. Raises ``Refused``."""
        trade = self._state.portfolio.get(trade_id)
        if trade is None:
            raise Refused(f"there is no trade #{trade_id}")
        if not trade.open:
            working = any(order.kind == "open" for order in self._state.orders.working(trade_id))
            raise Refused(
                f"#{trade_id} holds nothing yet: X cancels its entry" if working else f"trade #{trade_id} holds nothing"
            )
        return trade

    def scope(self, trade: Trade, scope: Scope) -> Scope:
        """``scope``, with the tested side by its name: the one whose short strike is nearest to the spot. Raises
        ``Refused``."""
        if scope != "tested":
            return scope
        near = {contract: self._distance(trade, contract) for contract, held in trade.standing.held.items() if held < 0}
        if not near:
            raise Refused(f"#{trade.trade_id} is short nothing: no side of it can be tested")
        if len({side_of(contract) for contract in near}) == 1:
            return side_of(next(iter(near)))
        known = {contract: distance for contract, distance in near.items() if distance is not None}
        if len(known) < len(near):
            raise Refused("the spot is unknown: which side is tested nobody can tell")
        return side_of(min(known, key=lambda contract: known[contract]))

    def _distance(self, trade: Trade, contract: Contract) -> int | None:
        chain = self._state.chain(trade.root, contract.expiry)
        spot = chain.spot if chain is not None else None
        if spot is None:
            return None
        return contract.strike - spot if contract.right == "C" else spot - contract.strike

    def _close_all(self, trade_id: int, actor: Actor, why: str) -> str:
        trade = self._state.portfolio.get(trade_id)
        entries = [order for order in self._state.orders.working(trade_id) if order.kind == "open"]
        for order in entries:
            self._orders.cancel(order, why or "a person closed it")
        working = any(order.working for order in entries)
        if trade is not None and entries and not trade.open and not working:
            return f"cancelled the entry of #{trade_id}"
        if trade is None or not (trade.open or working):
            return f"trade #{trade_id} holds nothing"
        wanted = Close(
            trade_id=trade_id,
            scope="package",
            contracts=trade.contracts,
            trigger="person",
            reason=why or "a person closed it",
        )
        late = "" if trade.open else f"cancelling the entry of #{trade_id}; what it opens before that is closed"
        return self._exits.begin(trade, wanted, actor) or late or f"closing #{trade_id}"


def held_of(trade: Trade, scope: Scope) -> tuple[Contract, ...]:
    """Contracts held of a scope. Raises ``Refused`` where there are none."""
    contracts = tuple(c for c in trade.contracts if trade.held(c) and scope in ("package", side_of(c)))
    if not contracts:
        raise Refused(f"#{trade.trade_id} holds no {scope}")
    return contracts


def packages_held(trade: Trade, contracts: tuple[Contract, ...]) -> int:
    """Packages held of contracts, begun ones counted."""
    ratio = {leg.contract: leg.ratio for leg in trade.package.legs}
    return max(-(-abs(trade.held(contract)) // ratio[contract]) for contract in contracts)


def stay_behind(
    trade: Trade, contracts: tuple[Contract, ...], part: int
) -> tuple[tuple[tuple[Contract, int], ...], int, int]:
    """What stays held of contracts of which a part is closed, how many packages are closed, and of how many.

    Whole packages, rounded up, each side by itself where one has less; what stays is covered: where less is long than
    that would need, fewer longs are closed.
    """
    ratio = {leg.contract: leg.ratio for leg in trade.package.legs}
    stays: dict[Contract, int] = {}
    for right in ("P", "C"):
        side = tuple(contract for contract in contracts if contract.right == right)
        if not side:
            continue
        many = -(-packages_held(trade, side) // part)
        for contract in side:
            held = trade.held(contract)
            left = max(0, abs(held) - many * ratio[contract])
            stays[contract] = left if held > 0 else -left
        bare = -sum(stays[contract] for contract in side)
        for contract in side:
            back = min(max(0, bare), max(0, trade.held(contract)) - max(0, stays[contract]))
            stays[contract] += back
            bare -= back
    all_of_it = packages_held(trade, contracts)
    return tuple((c, left) for c, left in stays.items() if left), -(-all_of_it // part), all_of_it
