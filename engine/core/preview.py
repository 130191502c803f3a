"""What the gate would say of an order by hand, and of every limit, before anything is sent. Nothing here changes
anything: no record, no order, no memory of the gate's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from engine.core.entries import EntryDesk
from engine.core.state import SessionState
from engine.market import Chain
from engine.risk import Capacity, Decision, Gate, Judged, OpenRequest, capacity, opposes, survey
from engine.types import MANUAL, Contract, Leg, Package, Price, sign


class Collision(NamedTuple):
    """A leg that opposes what is held or working.

    Attributes:
        against: what it opposes, in words. shifted: the same one strike further out, None where none is free.
    """

    leg: Leg
    against: str
    shifted: Contract | None


class Preview(NamedTuple):
    """One order, judged.

    Attributes:
        request: what the gate was asked. decision: what it would say. parts: in how many orders it would be sent.
        capacity: how many packages there is room for; None where the loss has no bound.
        controls: every control, those after the first refusal too.
    """

    request: OpenRequest
    decision: Decision
    parts: int
    capacity: Capacity | None
    controls: tuple[Judged, ...]
    collisions: tuple[Collision, ...]


def preview(
    state: SessionState,
    entries: EntryDesk,
    gate: Gate,
    package: Package,
    root: str,
    quantity: int,
    limit: Price,
    now: int,
) -> Preview:
    """What a person would be told who ordered this at ``now``, which is not before the last event.

    ``quantity`` 0 asks for as many as there is room for.
    """
    book = replace(entries.book(root), now=max(now, state.now))
    request = OpenRequest(MANUAL, root, package, quantity, limit)
    room = None if package.problem() else capacity(request, book, gate)
    if not quantity:
        request = request._replace(quantity=max(1, room.ask) if room else 1)
    decision, parts = entries.judge(request, gate.probe(), book)
    of = decision.quantity if decision.approved else request.quantity
    return Preview(
        request=request,
        decision=decision,
        parts=len(parts),
        capacity=room,
        controls=survey(request, of, book, gate.probe()),
        collisions=tuple(_collisions(state, package)),
    )


def _collisions(state: SessionState, package: Package) -> Iterator[Collision]:
    for leg in package.legs:
        direction = sign(leg.side)
        if leg.effect != "open" or not opposes(leg.contract, direction, state.portfolio, state.orders):
            continue
        held = [
            f"{trade.held(leg.contract):+d} of #{trade.trade_id}"
            for trade in state.portfolio.open_trades
            if trade.held(leg.contract) * direction < 0
        ]
        working = [
            f"the entry of #{order.trade_id}"
            for order in state.orders.working()
            for other in order.package.legs
            if other.contract == leg.contract and other.effect == "open" and other.signed_ratio * direction < 0
        ]
        yield Collision(leg, ", ".join((*held, *working)), _outward(state, leg))


def _outward(state: SessionState, leg: Leg) -> Contract | None:
    """The next listed strike away from the money on which the leg opposes nothing."""
    contract = leg.contract
    chain: Chain | None = state.chain(contract.root, contract.expiry)
    if chain is None:
        return None
    out = 1 if contract.right == "C" else -1
    beyond = sorted(
        (strike for strike in chain.layout.strikes if (strike - contract.strike) * out > 0),
        key=lambda strike: strike * out,
    )
    for strike in beyond:
        other = chain.layout.contract(chain.layout.row_of[strike], contract.right)
        if other is not None and not opposes(other, sign(leg.side), state.portfolio, state.orders):
            return other
    return None
