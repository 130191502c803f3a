"""Orders as Alpaca shows them: single ones, packages with their legs inside, and what has been executed of them.

Alpaca gives no execution ids over REST. So each contract that was executed has one of its own: the leg's order id and
which of its contracts it was. The same contract has the same id after a restart and from every source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.alpaca.parse_values import Told, instant, option, price, shown, units_of_all, whole, word
from engine.events import BrokerOrder, BrokerStatus, LegFill
from engine.types import Contract, Effect, Leg, Package, Price, Side

_STATUS: dict[str, BrokerStatus] = {
    "new": "accepted",
    "accepted": "accepted",
    "pending_new": "accepted",
    "accepted_for_bidding": "accepted",
    "stopped": "accepted",
    "suspended": "accepted",
    "held": "accepted",
    "pending_replace": "accepted",
    "partially_filled": "partially_filled",
    "filled": "filled",
    "pending_cancel": "pending_cancel",
    "canceled": "cancelled",
    "replaced": "cancelled",
    "expired": "expired",
    "done_for_day": "expired",
    "rejected": "rejected",
}
_ENDED: dict[str, BrokerStatus] = {"canceled_at": "cancelled", "expired_at": "expired", "failed_at": "rejected"}
_WORKING = ("accepted", "partially_filled", "pending_cancel")


@dataclass(frozen=True, slots=True)
class AlpacaLeg:
    """One instrument of an order.

    Attributes:
        order_id: Alpaca's id of this leg, or of the order where it has no legs.
        contract: ``None`` where it is no option.
        filled: contracts executed. paid: for all of them, units of 1e-4 dollars a share; ``None`` where not known.
    """

    order_id: str
    symbol: str
    contract: Contract | None
    side: Side
    effect: Effect
    ratio: int
    filled: int
    paid: int | None


@dataclass(frozen=True, slots=True)
class AlpacaOrder:
    """An order as far as it could be read.

    Attributes:
        word: Alpaca's own word for the status.
        quantity: packages, or contracts of a single leg; 0 where it is not known, as for an amount of money.
        limit, stop: signed net price of a package, a debit positive; of a single leg so too. ``None``: none.
    """

    order_id: str
    client_order_id: str
    status: BrokerStatus
    word: str
    legs: tuple[AlpacaLeg, ...]
    quantity: int
    limit: Price | None
    stop: Price | None
    submitted: int | None

    @property
    def working(self) -> bool:
        """Whether it may still trade."""
        return self.status in _WORKING

    @property
    def filled(self) -> int:
        """Whole packages executed."""
        return min((leg.filled // leg.ratio for leg in self.legs), default=0)


def read_order(raw: dict[str, Any], told: Told) -> AlpacaOrder | None:
    """An order, its legs nested or not; ``None``, and told, for what has no id."""
    order_id = raw.get("id")
    if not isinstance(order_id, str) or not order_id:
        told.append(f"an order without an id: {shown(raw)}")
        return None
    own = raw.get("client_order_id")
    own = own if isinstance(own, str) else ""
    name = f"order {own or order_id}"
    quantity = whole(raw.get("qty"), told, f"{name}: qty") or 0
    nested = raw.get("legs")
    parts = [each for each in nested if isinstance(each, dict)] if isinstance(nested, list) else []
    legs = tuple(_leg(each, quantity, told, name) for each in parts) or (_leg(raw, quantity, told, name, single=True),)
    # a single order's price has no sign at Alpaca: its side says whether it is paid or received
    turn = -1 if not parts and legs[0].side == "sell" else 1
    limit, stop = (price(raw.get(key), told, f"{name}: {key}") for key in ("limit_price", "stop_price"))
    return AlpacaOrder(
        order_id=order_id,
        client_order_id=own,
        status=_status(raw, quantity, legs, told, name),
        word=word(raw.get("status")) or "n/a",
        legs=legs,
        quantity=quantity,
        limit=None if limit is None else turn * limit,
        stop=stop,
        submitted=instant(raw.get("submitted_at")),
    )


def is_leg(raw: dict[str, Any]) -> bool:
    """Whether it is a leg that stands alone. Each leg of a package is an order with ids of its own; what was executed
    of it is executed of the package, and not once more."""
    return word(raw.get("order_class")) == "mleg" and bool(raw.get("symbol")) and not raw.get("legs")


def read_orders(raws: list[dict[str, Any]], told: Told) -> list[AlpacaOrder]:
    """Every order that could be read; legs are parts of theirs."""
    whole_ones = (raw for raw in raws if not is_leg(raw))
    return [order for order in (read_order(raw, told) for raw in whole_ones) if order is not None]


def broker_order(order: AlpacaOrder, told: Told) -> BrokerOrder | None:
    """The order as the engine knows one; ``None``, and told, where it is not of options alone."""
    legs = []
    for leg in order.legs:
        if leg.contract is None:
            told.append(f"order {order.client_order_id or order.order_id} is not of options alone: left out")
            return None
        legs.append(Leg(leg.contract, leg.side, leg.effect, leg.ratio))
    return BrokerOrder(
        client_order_id=order.client_order_id or order.order_id,
        status=order.status,
        package=Package(tuple(legs)),
        quantity=order.quantity,
        limit=order.limit,
        stop=order.stop,
        executions=tuple(fill for leg in order.legs for fill in executions(leg)),
    )


def executions(leg: AlpacaLeg) -> tuple[LegFill, ...]:
    """A fill for each contract executed of a leg. They sum to what was paid; none where the price is not known yet."""
    if leg.contract is None or leg.paid is None:
        return ()
    each, rest = divmod(leg.paid, leg.filled) if leg.filled else (0, 0)
    return tuple(
        LegFill(f"{leg.order_id}:{number}", leg.contract, leg.side, 1, each + (number <= rest))
        for number in range(1, leg.filled + 1)
    )


def _leg(raw: dict[str, Any], packages: int, told: Told, name: str, single: bool = False) -> AlpacaLeg:
    symbol = raw.get("symbol")
    symbol = symbol if isinstance(symbol, str) else ""
    name = f"{name} {symbol}".rstrip()
    filled = max(0, whole(raw.get("filled_qty"), told, f"{name}: filled_qty") or 0)
    return AlpacaLeg(
        order_id=str(raw.get("id") or ""),
        symbol=symbol,
        contract=option(symbol, told, name),
        side=_side(raw, told, name),
        effect=_effect(raw, told, name),
        ratio=1 if single else _ratio(raw, packages, told, name),
        filled=filled,
        paid=units_of_all(raw.get("filled_avg_price"), filled, told, f"{name}: filled_avg_price") if filled else 0,
    )


def _ratio(raw: dict[str, Any], packages: int, told: Told, name: str) -> int:
    ratio = whole(raw.get("ratio_qty"), told, f"{name}: ratio_qty")
    if ratio is None:  # not every answer has it; the leg's quantity is the ratio times the packages
        quantity = whole(raw.get("qty"), told, f"{name}: qty") or 0
        ratio = quantity // packages if packages and quantity % packages == 0 else 0
    if ratio >= 1:
        return ratio
    told.append(f"{name}: its ratio is not known, taken as 1")
    return 1


def _side(raw: dict[str, Any], told: Told, name: str) -> Side:
    intent, side = word(raw.get("position_intent")), word(raw.get("side"))
    said = side or intent.split("_")[0]
    if said not in ("buy", "sell"):
        told.append(f"{name}: its side is not known, taken as a purchase: {shown(raw.get('side'))}")
    return "sell" if said == "sell" else "buy"


def _effect(raw: dict[str, Any], told: Told, name: str) -> Effect:
    intent = word(raw.get("position_intent"))
    if intent.endswith("_to_close"):
        return "close"
    if intent and not intent.endswith("_to_open"):
        told.append(f"{name}: position_intent is not known, taken as opening: {shown(intent)}")
    return "open"


def _status(raw: dict[str, Any], quantity: int, legs: tuple[AlpacaLeg, ...], told: Told, name: str) -> BrokerStatus:
    """The status; a word we do not know is told, and read from the times that stand in the order."""
    said = word(raw.get("status"))
    whole_filled = bool(quantity) and all(leg.filled >= leg.ratio * quantity for leg in legs)
    found = _STATUS.get(said)
    known = found is not None or said == "calculated"
    if said == "calculated":  # done for the day, and only its settlement is still being worked out
        found = "filled" if whole_filled else "expired"
    if found is None:
        ended = [status for key, status in _ENDED.items() if raw.get(key)]
        found = "filled" if whole_filled else ended[0] if ended else "accepted"
    if found == "accepted" and any(leg.filled for leg in legs):
        found = "partially_filled"
    if not known:
        told.append(f"{name}: the status {shown(raw.get('status'))} is not known, taken as {found}")
    return found
