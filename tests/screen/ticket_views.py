"""What the engine would say of a ticket, and of the trades of ``views``: for a port that has no engine behind it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from views import FakePort

from engine.types import to_units
from engine.view import (
    CollisionRow,
    ControlRow,
    Deal,
    DealPart,
    DealsView,
    ProposalRow,
    TicketLeg,
    TicketRequest,
    TicketView,
    WorkingEntry,
)

ENTRY = "main-20260115-0-9"


def answer(request: TicketRequest, **changes: Any) -> TicketView:
    """An approval with round figures."""
    quantity = request.quantity or 3
    limit = to_units(-2.25) if request.limit is None else request.limit
    base = TicketView(
        request=request,
        legs=tuple(
            TicketLeg(
                contract=leg.contract, ratio=leg.signed_ratio, bid=to_units(1.2), ask=to_units(1.3), age=400_000_000,
                delta=0.1 if leg.contract.right == "C" else -0.1, touch=0.21 if leg.side == "sell" else None,
            )
            for leg in request.package.legs
        ),
        tick=to_units(0.05),
        natural=to_units(-2.2),
        mid=to_units(-2.3),
        limit=limit,
        quantity=quantity,
        approved=quantity,
        code="OK",
        verdict=f"would be approved for {quantity}",
        room=3,
        binding="PER_TRADE",
        rooms=(("PER_TRADE", 3), ("PER_BOOK", 20)),
        width=to_units(10),
        credit_to_width=0.225,
        fees_open=to_units(2.6) * quantity,
        fees_close=to_units(2.6) * quantity,
        delta=-1.25,
        gamma=-0.42,
        theta=0.85,
        vega=-24.75,
        max_gain=to_units(222.4) * quantity,
        max_loss=to_units(-777.6) * quantity,
        margin=to_units(1000) * quantity,
        loss_both=None if request.side_stop is None else -2 * request.side_stop * 100 * quantity,
        loss_one=None if request.side_stop is None else -request.side_stop * 100 * quantity,
        loss_stop=None if request.stop is None else -request.stop * 100 * quantity,
        gain_target=None if request.target is None else to_units(100),
        breakevens=(to_units(5842.75), to_units(5902.25)),
        oldest=400_000_000,
        controls=(
            ControlRow(code="NOT_ACTIVE", words="the state", now=None, after=None, limit=None, unit="count"),
            ControlRow(code="PER_TRADE", words="a trade", now=None, after=to_units(780), limit=to_units(2000),
                       unit="money"),
            ControlRow(code="MAX_OPEN", words="open trades", now=2, after=3, limit=8, unit="count"),
            ControlRow(code="STALE_QUOTE", words="quotes", now=None, after=400_000_000, limit=90_000_000_000,
                       unit="time"),
            ControlRow(code="LEG_WIDTH", words="width", now=None, after=to_units(0.1), limit=to_units(2), unit="price"),
        ),
        walk="at the limit at once",
    )  # fmt: skip
    return replace(base, **changes)


def refusal(request: TicketRequest) -> TicketView:
    """A denial, by two controls."""
    held = request.package.legs[0].contract
    return answer(
        request,
        approved=0,
        code="LEG_COLLISION",
        verdict="would be denied: LEG_COLLISION a leg opposes what is held or working",
        collisions=(CollisionRow(contract=held, side="buy", against="-2 of #7",
                                 shifted=replace(held, strike=held.strike - to_units(5))),),
        controls=(
            ControlRow(code="LEG_COLLISION", words="opposes", now=None, after=None, limit=None, unit="count",
                       why="buy 5845P opposes what is held or working"),
            ControlRow(code="MAX_OPEN", words="open trades", now=8, after=9, limit=8, unit="count", why="9 of 8"),
            ControlRow(code="LEG_WIDTH", words="width", now=None, after=None, limit=None, unit="price",
                       unasked="STALE_QUOTE"),
        ),
    )  # fmt: skip


def say(port: FakePort, how: Any = answer, **changes: Any) -> TicketView:
    """Publish what the engine says of the ticket that was last asked about."""
    request = next(look.ticket for look in reversed(port.looks) if look.ticket is not None)
    told: TicketView = how(request, **changes)
    port.put(ticket=told)
    return told


def _part(scope: Any, legs: str, **changes: Any) -> DealPart:
    base = DealPart(
        scope=scope, legs=legs, quantity=2, contracts=4, mid=to_units(0.55), natural=to_units(0.65),
        pnl_mid=to_units(108), pnl_now=to_units(88), stop_at=to_units(2.35), distance=to_units(25),
    )  # fmt: skip
    return replace(base, **changes)


def deals(**changes: Any) -> DealsView:
    """#7 with two sides, #12 whose entry works, #15 that nobody watches."""
    seven = Deal(
        trade_id=7, strategy="iron_condor", root="SPXW", label="IC 10:00", tick=to_units(0.05), tested="puts",
        parts=(
            _part("package", "5845/5835P 5900/5910C", contracts=8, mid=to_units(1.35), natural=to_units(1.55),
                  pnl_mid=to_units(186), pnl_now=to_units(146), stop_at=None),
            _part("puts", "5845/5835P"),
            _part("calls", "5900/5910C", mid=to_units(0.8), natural=to_units(0.9), distance=to_units(30)),
        ),
    )  # fmt: skip
    twelve = Deal(
        trade_id=12, strategy="iron_condor", root="SPXW", label="IC 11:00", tick=to_units(0.05), parts=(), working=ENTRY
    )
    fifteen = Deal(
        trade_id=15, strategy="outside", root="SPXW", label="5800P", tick=to_units(0.05), watched=False, note="hedge",
        tags=("cpi",),
        parts=(_part("package", "5800P", quantity=1, contracts=1, stop_at=None),),
    )  # fmt: skip
    entry = WorkingEntry(
        client_order_id=ENTRY, trade_id=12, strategy="iron_condor", label="IC 11:00", quantity=2, filled=1,
        limit=to_units(-2.2), mid=to_units(-2.25), natural=to_units(-2.15), tick=to_units(0.05),
    )  # fmt: skip
    base = DealsView(deals=(seven, twelve, fifteen), entries=(entry,), strategies=(("iron_condor", "SPXW", False),))
    return replace(base, **changes)


def proposals(legs: Any) -> tuple[ProposalRow, ...]:
    """What two strategies propose: one would enter, one cannot choose."""
    return (
        ProposalRow(strategy="iron_condor", root="SPXW", label="5835/5845P 5900/5910C", package=legs, quantity=2,
                    limit=to_units(-2.3), why="its next window opens 13:00"),
        ProposalRow(strategy="other", root="SPXW", label="fly", package=None, quantity=1, limit=None, why="no quotes"),
    )  # fmt: skip
