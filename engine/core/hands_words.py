"""What a person ordered by hand, in the words that the journal keeps beside the kind of the order."""

from __future__ import annotations

from collections.abc import Sequence

from engine.types import (
    Adopt,
    Annotate,
    CancelAll,
    CancelOrder,
    CloseTrade,
    Manual,
    MoveLimit,
    MoveStop,
    MoveTarget,
    OpenTrade,
    Package,
    PauseStrategy,
    Price,
    RollTrade,
    dollars_text,
)

PARTS = {1: "", 2: "half of ", 4: "a quarter of "}


def words(order: Manual) -> str:
    """One line that says, after the order's kind, what was ordered."""
    match order:
        case OpenTrade():
            return _open(order)
        case CloseTrade():
            return f"{PARTS.get(order.part, f'1/{order.part} of ')}#{order.trade_id}{_of(order.scope)}"
        case RollTrade():
            to = f" to {order.expiry}" if order.expiry is not None else ""
            way = "further out" if order.strikes >= 0 else "nearer"
            return f"#{order.trade_id}{_of(order.scope)} {_many(abs(order.strikes), 'strike')} {way}{to}"
        case MoveStop():
            return f"of #{order.trade_id}{_of(order.scope)}: {_level(order.price)}"
        case MoveTarget():
            return f"of #{order.trade_id}: {_level(order.price)}"
        case MoveLimit():
            return f"of {order.client_order_id}: {net(order.limit)}"
        case CancelOrder():
            return order.client_order_id
        case CancelAll():
            return ""
        case PauseStrategy():
            return f"{order.strategy}{order.root and f' on {order.root}'}{'' if order.paused else ': resumed'}"
        case Adopt():
            return f"#{order.trade_id}"
        case Annotate():
            return f"#{order.trade_id}{remark(order.note, order.tags) or ': no note, no tags'}"


def trade_of(order: Manual) -> int:
    """The trade it names, 0 for none."""
    return getattr(order, "trade_id", 0)


def net(price: Price) -> str:
    """A signed net price as a trader says it."""
    return f"{dollars_text(abs(price))} {'credit' if price < 0 else 'debit'}"


def legs_text(package: Package) -> str:
    """A package as a trader writes it: ``+1 5315P -1 5325P``."""
    return " ".join(f"{leg.signed_ratio:+d} {leg.contract.short_name}" for leg in package.legs)


def remark(note: str, tags: Sequence[str]) -> str:
    """A note and its tags, in words."""
    return (f": {note}" if note else "") + (f" [{', '.join(tags)}]" if tags else "")


def _open(order: OpenTrade) -> str:
    many = f"{order.quantity} x" if order.quantity else "by risk"
    levels = {"stop": order.stop, "stop of a side": order.side_stop, "target": order.target}
    attached = "".join(f", {name} {dollars_text(price)}" for name, price in levels.items() if price is not None)
    name = f"{order.label}: " if order.label else ""
    return (
        f"{order.root} {many} {name}{legs_text(order.package)}, limit {net(order.limit)}"
        f"{attached}{remark(order.note, order.tags)}"
    )


def _of(scope: str) -> str:
    return "" if scope == "package" else f" {scope}"


def _level(price: Price | None) -> str:
    return "none" if price is None else dollars_text(price)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
