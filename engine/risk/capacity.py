"""How many packages the limits leave room for, and which of them binds."""

from __future__ import annotations

from typing import NamedTuple

from engine.portfolio import worst_loss
from engine.risk.dealings import contracts, contracts_opened
from engine.risk.gate import Gate
from engine.risk.request import Book, OpenRequest
from engine.risk.sizing import fits, scaled, used_by, used_by_all, vix_scale
from engine.risk.structure import opening_part, uncovered
from engine.types import Money, product


class Capacity(NamedTuple):
    """Room for a package.

    Attributes:
        ask: how many to ask the gate for. quantity: how many it then approves; smaller where the VIX scales.
        code: the limit that binds. rooms: by code, how many packages each of the limits alone leaves room for.
    """

    ask: int
    quantity: int
    code: str
    rooms: tuple[tuple[str, int], ...]


def loss_each(request: OpenRequest, book: Book) -> Money | None:
    """The most one package can lose, as the gate reckons it; None where that has no bound."""
    opening = opening_part(request.package)
    each = worst_loss(opening, request.limit, request.root, book.fee_each)
    return None if each is None else each + (contracts(request.package) - contracts(opening)) * book.fee_each


def capacity(request: OpenRequest, book: Book, gate: Gate) -> Capacity | None:
    """The most packages that may be asked for, whatever quantity ``request`` has; None where its loss has no bound."""
    limits, each = gate.limits, loss_each(request, book)
    if not request.package.legs or uncovered(request, book, limits) or each is None:
        return None
    a_package = contracts(request.package)
    strikes = sum(leg.ratio * leg.contract.strike for leg in request.package.legs) * product(request.root).multiplier
    most = limits.max_contracts // a_package  # a bound that always is one, also of a package that cannot lose
    losses = {
        "PER_TRADE": gate.trade_limit(book.equity),
        "PER_STRATEGY": gate.strategy_limit(book.equity) - used_by(request.strategy, book.portfolio),
        "PER_BOOK": gate.book_limit(book.equity) - used_by_all(book.portfolio),
    }
    of_loss = {code: fits(room, each, 2 * most) for code, room in losses.items()}
    of_size = {
        "MAX_CONTRACTS": most,
        "MAX_CONTRACTS_DAY": max(0, limits.max_contracts_day - contracts_opened(book.orders)) // a_package,
        "MAX_NOTIONAL": limits.max_notional_units // strikes if strikes else most,
    }
    ask = min(of_loss.values())
    code = min(of_loss, key=lambda each: of_loss[each])
    quantity = scaled(ask, book.vix, limits)
    if quantity < ask:
        code = "VIX_HIGH"
    least = min(of_size, key=lambda each: of_size[each])
    if quantity > of_size[least]:
        quantity, code = of_size[least], least
        ask = round(quantity / vix_scale(book.vix, limits))
    return Capacity(ask, quantity, code, tuple((of_loss | of_size).items()))
