"""What a new order asks for, read from its JSON: whatever can be said of it without looking at an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import gcd
from typing import Any, cast

from engine.types import SCALE, Contract, Effect, Leg, Price, Side, Underlying, parse_symbol, product
from engine.venue.errors import BAD_REQUEST, Refused, malformed, unprocessable
from engine.venue.orders import OrderClass
from engine.venue.wire import read_number

MOST_CONTRACTS = 10_000
LONGEST_ID = 128
_KINDS = ("market", "limit", "stop", "stop_limit")
_CENT = SCALE // 100

Find = Callable[[str], str]
"""Why a contract cannot be traded, by its symbol, with the symbol in the text; empty: it can."""


@dataclass(frozen=True, slots=True)
class AskedLeg:
    """A leg as it was asked for; ``effect`` is None where it is to be inferred."""

    contract: Contract
    side: Side
    effect: Effect | None
    ratio: int = 1

    def leg(self, effect: Effect) -> Leg:
        """With its effect."""
        return Leg(self.contract, self.side, self.effect or effect, self.ratio)


@dataclass(frozen=True, slots=True)
class Asked:
    """A new order. ``limit`` is the signed net price, a debit positive; ``client_order_id`` may be empty."""

    client_order_id: str
    order_class: OrderClass
    kind: str
    legs: tuple[AskedLeg, ...]
    quantity: int
    limit: Price | None
    stop: Price | None


def read_order(body: Any, untradable: Find) -> Asked:
    """The order in a request's body. Raises ``Refused`` with Alpaca's code."""
    if not isinstance(body, dict):
        raise Refused(400, BAD_REQUEST, "request body format is invalid")
    order_class = body.get("order_class") or "simple"
    if order_class not in ("simple", "mleg"):
        raise unprocessable("complex orders not supported for options trading")
    several = order_class == "mleg"
    kind = _text(body, "type")
    if kind not in _KINDS or (several and "stop" in kind):
        raise unprocessable("invalid options order_type")
    if _text(body, "time_in_force") != "day":
        raise unprocessable("invalid time in force" if several else "invalid option time_in_force")
    if body.get("notional") is not None:
        raise unprocessable("notional orders are not supported for options trading")
    if body.get("extended_hours"):
        raise unprocessable("extended hours is not supported for options trading")
    quantity = read_quantity(body.get("qty"))
    limit, stop = _prices(body, kind, several)
    legs = _legs(body, untradable) if several else (_single(body, untradable),)
    if not several and limit is not None and legs[0].side == "sell":
        limit = -limit
    client_order_id = read_client_order_id(body)
    return Asked(client_order_id, cast("OrderClass", order_class), kind, legs, quantity, limit, stop)


def read_client_order_id(body: Mapping[str, Any]) -> str:
    """Empty where none is given."""
    given = body.get("client_order_id")
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > LONGEST_ID:
        raise malformed(f"client_order_id must be no more than {LONGEST_ID} characters")
    return given


def read_quantity(value: Any) -> int:
    """Whole packages, above 0."""
    if value is None:
        raise malformed("qty is required")
    number = _number("qty", value)
    if number != number.to_integral_value():
        raise unprocessable("qty must be integer for options trading")
    if number <= 0:
        raise malformed("qty must be > 0")
    if number > MOST_CONTRACTS:
        raise unprocessable(f"options order qty must be <= {MOST_CONTRACTS}")
    return int(number)


def read_price(name: str, value: Any, *, signed: bool = False) -> Price:
    """A price in whole cents, above 0 unless ``signed``."""
    number = _number(name, value) * SCALE
    if number % _CENT:
        if signed:
            raise unprocessable("invalid limit price")
        raise unprocessable(f"invalid {name} {value}. sub-penny increment does not fulfill minimum pricing criteria")
    if number <= 0 and not signed:
        raise malformed(f"{name} must be > 0")
    return int(number)


def _number(name: str, value: Any) -> Decimal:
    try:
        return read_number(value)
    except ValueError:
        raise malformed(f"{name} must be a number") from None


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise malformed(f"{name} is required")
    return value


def _prices(body: Mapping[str, Any], kind: str, several: bool) -> tuple[Price | None, Price | None]:
    limit, stop = body.get("limit_price"), body.get("stop_price")
    if limit is not None and "limit" not in kind:
        raise unprocessable("limit price is only valid for limit orders")
    if limit is None and "limit" in kind:
        raise unprocessable("limit price is required for limit orders")
    if stop is not None and "stop" not in kind:
        raise unprocessable("stop price is only valid for stop orders")
    if stop is None and "stop" in kind:
        raise unprocessable("stop price is required for stop orders")
    return (
        None if limit is None else read_price("limit_price", limit, signed=several),
        None if stop is None else read_price("stop_price", stop),
    )


def _single(body: Mapping[str, Any], untradable: Find) -> AskedLeg:
    if body.get("legs"):
        raise malformed("legs are only valid for mleg orders")
    symbol = _text(body, "symbol")
    side, effect = _intent(body, 0)
    contract = _parsed(symbol)
    if not isinstance(contract, Contract):
        raise unprocessable(f'contract "{symbol}" not found')
    if why := untradable(contract.symbol):
        raise unprocessable(why)
    return AskedLeg(contract, side, effect)


def _legs(body: Mapping[str, Any], untradable: Find) -> tuple[AskedLeg, ...]:
    given = body.get("legs")
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise malformed("legs are required for mleg orders")
    if body.get("symbol") or body.get("side"):
        raise malformed("symbol and side are not valid for mleg orders")
    if not 2 <= len(given) <= 4:
        raise unprocessable("mleg orders must have between 2 and 4 legs")
    legs = tuple(_leg(number, each, untradable) for number, each in enumerate(given))
    if len({leg.contract for leg in legs}) < len(legs):
        raise unprocessable("leg symbols must be unique")
    ratios = [leg.ratio for leg in legs]
    if (common := gcd(*ratios)) != 1:
        shown = " ".join(map(str, ratios))
        raise unprocessable(f"leg ratio quantities should be relatively prime: GCD[{shown}] = {common}")
    terms = product(legs[0].contract.root)
    for leg in legs[1:]:
        other = product(leg.contract.root)
        if other.underlying != terms.underlying:
            raise unprocessable(f"underlying asset mismatch: {terms.underlying} != {other.underlying}")
    if terms.style == "european" and len({leg.contract.expiry for leg in legs}) > 1:
        raise unprocessable("European-style option legs in a multi-leg order must have the same expiration date")
    return legs


def _leg(number: int, given: Mapping[str, Any], untradable: Find) -> AskedLeg:
    symbol = _text(given, "symbol")
    contract = _parsed(symbol)
    if isinstance(contract, Underlying):
        raise unprocessable("equity legs are allowed only with a corresponding amount of call contracts")
    if contract is None or (why := untradable(contract.symbol)) == f'contract "{contract.symbol}" not found':
        raise unprocessable(f"asset not found for {symbol}")
    if why:
        raise unprocessable(why)
    ratio = _number("ratio_qty", given.get("ratio_qty"))
    if ratio != ratio.to_integral_value() or not 1 <= ratio <= MOST_CONTRACTS:
        raise unprocessable("leg ratio_qty must be a whole number above 0")
    side, effect = _intent(given, number)
    if effect is None:
        raise unprocessable(f"leg.{number} position intent is required")
    return AskedLeg(contract, side, effect, int(ratio))


def _intent(given: Mapping[str, Any], number: int) -> tuple[Side, Effect | None]:
    """The side, by itself or of the intent, and what it does to the position if that is said."""
    side, intent = given.get("side"), given.get("position_intent")
    parts = intent.split("_to_") if isinstance(intent, str) and intent else [None, None]
    if len(parts) != 2 or parts[0] not in ("buy", "sell", None) or parts[1] not in ("open", "close", None):
        raise malformed(f"leg.{number} position_intent is invalid: {intent!r}")
    found = side or parts[0]
    if found not in ("buy", "sell"):
        raise malformed("side is required" if found is None else f"side is invalid: {found!r}")
    if parts[0] is not None and found != parts[0]:
        inferred = f"{found}_to_{parts[1]}"
        raise unprocessable(f"position intent mismatch, inferred: {inferred}, specified: {intent}")
    return cast("Side", found), cast("Effect | None", parts[1])


def _parsed(symbol: str) -> Contract | Underlying | None:
    try:
        return parse_symbol(symbol)
    except ValueError:
        return None
