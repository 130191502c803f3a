"""Builds the order ticket's part of a view, and what the strategies would enter now. Nothing is sent or remembered."""

from __future__ import annotations

import math

from msgspec.structs import replace

from engine.core import Engine
from engine.core.hands_open import OpeningHand, shifted_off
from engine.core.manual_strategy import ByHand
from engine.core.preview import Preview, preview
from engine.core.strategies import StrategyContext
from engine.orders import to_tick
from engine.pricing import Bounds, payoff_bounds
from engine.risk import CODES
from engine.strategy import Refused
from engine.types import Leg, Money, OpenTrade, Package, Price, product
from engine.view.packages import Prices, breakevens, greeks, prices, tick_of
from engine.view.ticket import CollisionRow, ControlRow, ProposalRow, TicketLeg, TicketRequest, TicketView

_MINUTES_A_DAY = 24 * 60

REFUSED = "REFUSED"
"""The code of what the engine would not even ask the gate."""


def build_ticket(engine: Engine, request: TicketRequest, now: int) -> TicketView:
    """The package of ``request`` at ``now``, which is not before the engine's last event."""
    state, package = engine.state, request.package
    problem = package.problem() or ("" if request.root in state.roots else f"{request.root} is not traded here")
    if not problem and (root := package.legs[0].contract.root) != request.root:
        problem = f"its legs are of {root}, not of {request.root}"
    if problem:
        return TicketView(request=request, problem=problem)
    now = max(now, state.now)
    found = prices(package, state, now)
    limit = _limit(request, found)
    legs = tuple(_leg(engine, leg, now) for leg in package.legs)
    tick = tick_of(package, limit or found.mid or 0)
    if limit is None:
        missing = ", ".join(each.contract.short_name for each in legs if each.bid is None or each.ask is None)
        return TicketView(
            request=request,
            problem=f"no price: {missing or 'a leg'} has no usable quote",
            legs=legs,
            tick=tick,
            oldest=found.oldest,
            walk=_walk(engine),
        )
    told = preview(state, engine.entries, engine.gate, package, request.root, request.quantity, limit, now)
    made = _view(engine, request, found, limit, tick, legs, told)
    try:
        shifted = _shifted(engine, told)
        _check_levels(engine, request, shifted[0] if shifted else package)
    except Refused as refused:
        return replace(made, approved=0, code=REFUSED, verdict=f"would be refused: {refused}")
    if shifted is None:
        return made
    again = preview(state, engine.entries, engine.gate, shifted[0], request.root, request.quantity, limit, now)
    decision = again.decision
    verdict = f"{_verdict(again)}{shifted[1]}"
    return replace(
        made, quantity=again.request.quantity, approved=decision.quantity, code=decision.code, verdict=verdict
    )


def _shifted(engine: Engine, told: Preview) -> tuple[Package, str] | None:
    """The package that would be sent in place of one that opposes a holding, and that in words; None where it is sent
    as it is. Raises ``Refused``."""
    if engine.state.config.risk.on_collision != "shift" or not told.collisions:
        return None
    package, words = shifted_off(told.request.package, {each.leg: each.shifted for each in told.collisions})
    return (package, words) if words else None


def _check_levels(engine: Engine, request: TicketRequest, package: Package) -> None:
    """Raise ``Refused`` for a stop or a target that could not stand there."""
    window = StrategyContext(engine.state, engine.exits, ByHand(request.root))
    order = OpenTrade(
        root=request.root,
        package=package,
        quantity=request.quantity,
        limit=0,
        stop=request.stop,
        side_stop=request.side_stop,
        target=request.target,
    )
    OpeningHand.check_levels(window, package, order)


def build_proposals(engine: Engine) -> tuple[ProposalRow, ...]:
    """What each strategy would enter now, also where it would not, with the reason."""
    rows = []
    for name, root, made in engine.strategies.proposals():
        rows.append(
            ProposalRow(
                strategy=name,
                root=root,
                label=made.label,
                package=made.package,
                quantity=made.quantity,
                limit=made.limit,
                why=made.why,
            )
        )
    return tuple(rows)


def _limit(request: TicketRequest, found: Prices) -> Price | None:
    if request.limit is not None:
        return request.limit
    price = found.mid if request.at == "mid" else found.natural
    if price is None:
        return None
    rounded = to_tick(price, tick_of(request.package, price))
    return rounded if found.natural is None else min(rounded, to_tick(found.natural, tick_of(request.package, price)))


def _leg(engine: Engine, leg: Leg, now: int) -> TicketLeg:
    contract = leg.contract
    quote, chain = engine.state.market.quote(contract), engine.state.chain(contract.root, contract.expiry)
    row = None if chain is None else chain.layout.row_of.get(contract.strike)
    delta = touch = math.nan
    if chain is not None and row is not None:
        side = chain.side(contract.right)
        delta, touch = float(side.delta[row]), float(side.touch[row])
    known = quote.bid is not None or quote.ask is not None
    return TicketLeg(
        contract=contract,
        ratio=leg.signed_ratio,
        bid=quote.bid,
        ask=quote.ask,
        age=now - quote.ts if known else None,
        delta=None if math.isnan(delta) else delta,
        touch=None if math.isnan(touch) or leg.side == "buy" else touch,
    )


def _view(
    engine: Engine,
    request: TicketRequest,
    found: Prices,
    limit: Price,
    tick: Price,
    legs: tuple[TicketLeg, ...],
    told: Preview,
) -> TicketView:
    package, state = request.package, engine.state
    quantity = told.decision.quantity or told.request.quantity
    held = {leg.contract: leg.signed_ratio for leg in package.legs}
    bounds, multiplier = payoff_bounds(held), product(request.root).multiplier
    fees = state.fee_each(request.root) * sum(leg.ratio for leg in package.legs) * quantity
    total = multiplier * quantity
    exposed = greeks(package, state)
    delta, gamma, theta, vega = exposed or (None, None, None, None)
    width = None if bounds.lowest is None else max(0, -bounds.lowest)
    decision = told.decision

    def closed_at(cost: Price | None) -> Money | None:
        """P&L where closing a package costs so much, fees both ways in."""
        return None if cost is None else -(limit + cost) * total - 2 * fees

    sides = _sides_with_shorts(package)
    both = closed_at(None if request.side_stop is None or sides < 2 else 2 * request.side_stop)
    one = closed_at(request.side_stop) if sides else None
    return TicketView(
        request=request,
        legs=legs,
        tick=tick,
        natural=found.natural,
        mid=found.mid,
        limit=limit,
        quantity=told.request.quantity,
        approved=decision.quantity,
        code=decision.code,
        verdict=_verdict(told),
        parts=told.parts,
        room=told.capacity.quantity if told.capacity else None,
        binding=told.capacity.code if told.capacity else "",
        rooms=told.capacity.rooms if told.capacity else (),
        width=width,
        credit_to_width=-limit / width if width and limit < 0 else None,
        fees_open=fees,
        fees_close=fees,
        delta=_times(delta, quantity),
        gamma=_times(gamma, quantity),
        theta=_times(theta, quantity / _MINUTES_A_DAY),
        vega=_times(vega, quantity),
        max_gain=None if bounds.highest is None else (bounds.highest - limit) * total - fees,
        max_loss=None if bounds.lowest is None else (bounds.lowest - limit) * total - fees,
        margin=_margin(bounds, total),
        loss_both=both,
        loss_one=one,
        loss_stop=closed_at(request.stop),
        gain_target=closed_at(request.target),
        breakevens=breakevens(held, limit),
        oldest=found.oldest,
        collisions=tuple(
            CollisionRow(contract=each.leg.contract, side=each.leg.side, against=each.against, shifted=each.shifted)
            for each in told.collisions
        ),
        controls=tuple(
            ControlRow(
                code=each.code,
                words=CODES[each.code],
                now=each.now,
                after=each.after,
                limit=each.limit,
                unit=each.unit,
                why=each.why,
                unasked=each.unasked,
            )
            for each in told.controls
        ),
        walk=_walk(engine),
    )


def _margin(bounds: Bounds, total: int) -> Money | None:
    """What the strikes may cost, as ``engine.view.positions.margin`` has it of trades."""
    return None if bounds.lowest is None else max(0, -bounds.lowest) * total


def _sides_with_shorts(package: Package) -> int:
    return len({leg.contract.right for leg in package.legs if leg.side == "sell"})


def _verdict(told: Preview) -> str:
    decision, asked = told.decision, told.request.quantity
    if not decision.approved:
        return f"would be denied: {decision.code} {decision.text}"
    of = f" of {asked}" if decision.quantity < asked else ""
    parts = f", in {told.parts} orders one after the other" if told.parts > 1 else ""
    why = f": {decision.text}" if decision.text else ""
    return f"would be approved for {decision.quantity}{of}{parts}{why}"


def _walk(engine: Engine) -> str:
    entries = engine.state.config.entries
    if entries.start == "limit":
        return "at the limit at once"
    seconds = entries.step_ns / 1_000_000_000
    return f"from the mid to the limit, {entries.fraction:.0%} of the way every {seconds:g} s"


def _times(value: float | None, by: float) -> float | None:
    return None if value is None else value * by
