"""Opening by hand: a package through the gate like any other, with what is to end it attached."""

from __future__ import annotations

import msgspec

from engine.core.entries import EntryDesk
from engine.core.entry import Denied
from engine.core.exits import ExitDesk
from engine.core.hands_words import legs_text, net
from engine.core.preview import preview
from engine.core.state import SessionState
from engine.core.strategies import StrategyDesk
from engine.portfolio import Trade
from engine.risk import Gate
from engine.strategy import Context, Open, Refused, check_stop, check_target, part_of_package
from engine.types import MANUAL, Leg, MoveStop, MoveTarget, OpenTrade, Package, Scope

SIDES: tuple[Scope, ...] = ("puts", "calls")


class OpeningHand:
    """Opens trades in a person's name, and has their stops and targets watched."""

    def __init__(
        self, state: SessionState, gate: Gate, entries: EntryDesk, exits: ExitDesk, strategies: StrategyDesk
    ) -> None:
        self._state = state
        self._gate = gate
        self._entries = entries
        self._exits = exits
        self._strategies = strategies

    def open(self, order: OpenTrade, command_id: str) -> tuple[Trade | Denied, str]:
        """Send it, if the gate agrees; the trade or why not, and both in words. Raises ``Refused``."""
        state = self._state
        if order.root not in state.roots:
            raise Refused(f"{order.root} is not traded in this session: {', '.join(state.roots)}")
        problem = order.package.problem()
        if problem:
            raise Refused(problem)
        if order.quantity < 0:
            raise Refused(f"{order.quantity} packages cannot be opened")
        if any(leg.effect != "open" for leg in order.package.legs):
            raise Refused("every leg of a new trade opens; C closes what is held")
        until = order.until or state.session.product_close(order.root)
        if until <= state.now:
            raise Refused(f"{order.root} is not traded any more at that time")
        seen = preview(
            state, self._entries, self._gate, order.package, order.root, order.quantity, order.limit, state.now
        )
        package, shifted = order.package, ""
        if state.config.risk.on_collision == "shift" and seen.collisions and not order.exact:
            package, shifted = shifted_off(order.package, {each.leg: each.shifted for each in seen.collisions})
        self.check_levels(self._strategies.context(order.root), package, order)
        label = order.label or legs_text(package)
        wanted = Open(
            key=f"by hand {command_id}",
            label=label,
            package=package,
            quantity=order.quantity or seen.request.quantity,
            limit=order.limit,
            until=until,
            reason=f"by hand: {label}{shifted}",
        )
        found = self._entries.open(MANUAL, order.root, wanted, "person")
        if isinstance(found, Denied):
            return found, f"denied {found.code}: {found.text}"
        self._attach(found, order)
        last = max(leg.contract.expiry for leg in package.legs)
        shifted += f"; it expires on {last}, after this session has ended" if last > state.session.day else ""
        few = f" of {order.quantity} asked, the limits allow no more" if found.wanted < order.quantity else ""
        return found, f"opening #{found.trade_id}: {found.wanted} x {label}{few}, limit {net(order.limit)}{shifted}"

    @staticmethod
    def check_levels(ctx: Context, package: Package, order: OpenTrade) -> None:
        """Raise ``Refused`` for a level that would fire at once, or never, as the market stands."""
        whole = part_of_package(package, "package")
        if order.stop is not None:
            check_stop(ctx, whole, order.stop)
        if order.target is not None:
            check_target(ctx, whole, order.target)
        for scope in SIDES if order.side_stop is not None else ():
            part = part_of_package(package, scope)
            if part.each and order.side_stop is not None:
                check_stop(ctx, part, order.side_stop)

    def _attach(self, trade: Trade, order: OpenTrade) -> None:
        """Have the levels watched that were judged just now."""
        rights = {leg.contract.right for leg in trade.package.legs}
        sides = [scope for scope in SIDES if ("P" if scope == "puts" else "C") in rights]
        moves: list[MoveStop | MoveTarget] = []
        stop = order.stop
        if order.side_stop is not None:
            moves += [MoveStop(trade_id=trade.trade_id, scope=scope, price=order.side_stop) for scope in sides]
            if stop is not None and len(sides) == 1:  # its only side is all of it: the nearer one counts
                stop = min(stop, order.side_stop)
        if stop is not None:
            moves.append(MoveStop(trade_id=trade.trade_id, price=stop))
        if order.target is not None:
            moves.append(MoveTarget(trade_id=trade.trade_id, price=order.target))
        for moved in moves:
            self._strategies.plan(trade, moved)


def shifted_off(package: Package, shifts: dict[Leg, object]) -> tuple[Package, str]:
    """The package with its colliding legs moved off what they oppose, where a strike is free; and that in words."""
    legs = tuple(
        msgspec.structs.replace(leg, contract=shifts[leg]) if shifts.get(leg) is not None else leg
        for leg in package.legs
    )
    moved = [new.contract.short_name for new, old in zip(legs, package.legs, strict=True) if new != old]
    if not moved:
        return package, ""
    if len({leg.contract for leg in legs}) < len(legs) or _order(legs) != _order(package.legs):
        raise Refused("LEG_COLLISION: shifted off a holding, the legs no longer make the same structure")
    return Package(legs), f", shifted off a holding: {', '.join(moved)}"


def _order(legs: tuple[Leg, ...]) -> list[int]:
    """The places of the legs in the order of their rights, expiries and strikes."""
    places = [(leg.contract.right, leg.contract.expiry, leg.contract.strike) for leg in legs]
    return sorted(range(len(legs)), key=lambda n: places[n])
