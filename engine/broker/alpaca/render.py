"""A package as the SDK sends it: a package of legs at one signed price, or a single leg by its side.

Alpaca would turn down what is refused here, or worse take it for something else.
"""

from __future__ import annotations

from decimal import Decimal

from alpaca.trading.enums import OrderClass, OrderSide, PositionIntent, TimeInForce
from alpaca.trading.requests import (
    LimitOrderRequest,
    MarketOrderRequest,
    OptionLegRequest,
    StopLimitOrderRequest,
    StopOrderRequest,
)
from alpaca.trading.requests import OrderRequest as AlpacaRequest

from engine.events import OrderRequest
from engine.types import SCALE, Leg, Price

MOST_LEGS = 4
LONGEST_ID = 128
_CENT = SCALE // 100


class Unsendable(ValueError):
    """An order that Alpaca has no form for, and why."""


def alpaca_order(request: OrderRequest) -> AlpacaRequest:
    """The order of a ``submit``. Raises ``Unsendable``.

    A limit that is no whole number of cents goes to the cent that is no worse for us. Prices leave as the shortest
    decimal of so many cents: the SDK takes floats, and one that was computed would be sent with all its digits.
    """
    package = request.package
    if package is None or (problem := package.problem()) is not None:
        raise Unsendable("no package" if package is None else problem)
    if request.quantity < 1:
        raise Unsendable(f"a quantity of {request.quantity}")
    if len(package.legs) > MOST_LEGS:
        raise Unsendable(f"an order has {MOST_LEGS} legs at the most, not {len(package.legs)}")
    if not 0 < len(request.client_order_id) <= LONGEST_ID:
        raise Unsendable(f"an order's id has 1 to {LONGEST_ID} characters")
    limit = None if request.limit is None else request.limit // _CENT * _CENT
    if len(package.legs) == 1:
        return _single(request, package.legs[0], limit)
    return _several(request, package.legs, limit)


def _several(request: OrderRequest, legs: tuple[Leg, ...], limit: Price | None) -> AlpacaRequest:
    if request.stop is not None:
        raise Unsendable("a stop order has one leg")
    sides = {leg.side for leg in legs}
    if limit is not None and ((limit < 0 and sides == {"buy"}) or (limit > 0 and sides == {"sell"})):
        raise Unsendable(f"{'a credit for what is only bought' if limit < 0 else 'a debit for what is only sold'}")
    common = {
        "qty": float(request.quantity),
        "order_class": OrderClass.MLEG,
        "time_in_force": TimeInForce.DAY,
        "client_order_id": request.client_order_id,
        "legs": [
            OptionLegRequest(
                symbol=leg.contract.symbol,
                ratio_qty=float(leg.ratio),
                side=OrderSide(leg.side),
                position_intent=PositionIntent(leg.position_intent),
            )
            for leg in legs
        ],
    }
    return MarketOrderRequest(**common) if limit is None else LimitOrderRequest(**common, limit_price=_dollars(limit))


def _single(request: OrderRequest, leg: Leg, limit: Price | None) -> AlpacaRequest:
    """One leg: its price has no sign at Alpaca, the side says whether it is paid or received."""
    common = {
        "symbol": leg.contract.symbol,
        "qty": float(request.quantity),
        "side": OrderSide(leg.side),
        "order_class": OrderClass.SIMPLE,
        "time_in_force": TimeInForce.DAY,
        "position_intent": PositionIntent(leg.position_intent),
        "client_order_id": request.client_order_id,
    }
    price = None
    if limit is not None:
        paid = limit if leg.side == "buy" else -limit
        if paid <= 0:
            raise Unsendable(f"a {'purchase' if leg.side == 'buy' else 'sale'} at {_dollars(paid):.2f} a share")
        price = _dollars(paid)
    if request.stop is None:
        return MarketOrderRequest(**common) if price is None else LimitOrderRequest(**common, limit_price=price)
    # a stop to buy triggers no earlier than asked, and so does one to sell
    trigger = -(-request.stop // _CENT) * _CENT if leg.side == "buy" else request.stop // _CENT * _CENT
    if trigger <= 0:
        raise Unsendable(f"a stop at {_dollars(trigger):.2f}")
    if price is None:
        return StopOrderRequest(**common, stop_price=_dollars(trigger))
    return StopLimitOrderRequest(**common, stop_price=_dollars(trigger), limit_price=price)


def _dollars(units: Price) -> float:
    return float(Decimal(units) / SCALE)
