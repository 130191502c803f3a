"""The ticket's fields: what each shows, what the arrows and typed words make of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.calendar import clock_text
from engine.types import Price, dollars_text
from engine.view import ChainView, ProgressView, TicketView
from zdte_tui.screen.ticket import reading
from zdte_tui.screen.ticket.draft import Draft
from zdte_tui.screen.ticket.structures import neighbour

TITLES: Mapping[str, str] = {
    "quantity": "quantity",
    "limit": "limit",
    "until": "until",
    "stop": "stop",
    "side_stop": "stop a side",
    "target": "target",
    "note": "note",
    "tags": "tags",
}
HINTS: Mapping[str, str] = {
    "quantity": "a number, or risk: as many as the limits allow",
    "limit": "a price such as 2.30; 2.30 debit where you pay",
    "until": "a time such as 15:30 or close-40m; none: the end of trading",
    "stop": "closing cost of a package, such as 4.60, or 2x the credit; none",
    "side_stop": "closing cost of the puts or the calls, or 2x the credit; none",
    "target": "closing cost of a package, such as 0.60, or 0.5x the credit; none",
    "note": "words for the journal",
    "tags": "words such as #news #test",
}


def fields(draft: Draft) -> tuple[str, ...]:
    """Names of the fields from top to bottom: a leg each, ``leg0`` on, and the rest."""
    rest = [name for name in TITLES if name != "side_stop" or draft.two_sided]
    return (*(f"leg{n}" for n in range(len(draft.legs))), *rest)


def sign_of(draft: Draft, view: TicketView | None) -> int:
    """-1 where the package brings a credit, +1 where it costs."""
    price = draft.limit if draft.pricing == "fixed" else None
    if price is None and view is not None:
        price = view.mid if view.mid is not None else view.limit
    return 1 if price is not None and price > 0 else -1


def limit_now(draft: Draft, view: TicketView | None) -> Price | None:
    """The limit it has now; None where its quotes give none."""
    if draft.pricing == "fixed":
        return draft.limit
    return view.limit if view is not None else None


def shown(name: str, draft: Draft, view: TicketView | None) -> str:
    """A field's value in words."""
    if name == "quantity":
        if draft.quantity:
            return str(draft.quantity)
        return "risk" if view is None or not view.quantity else f"risk: {view.quantity}"
    if name == "limit":
        price = limit_now(draft, view)
        text = "n/a" if price is None else f"{dollars_text(abs(price))} {'debit' if price > 0 else 'credit'}"
        return text if draft.pricing == "fixed" else f"{text} ({draft.pricing}, follows)"
    if name == "until":
        return clock_text(draft.until, seconds=False) if draft.until else "end of trading"
    if name == "note":
        return draft.note or "-"
    if name == "tags":
        return " ".join(f"#{tag}" for tag in draft.tags) or "-"
    price = getattr(draft, name)
    return "none" if price is None else f"costs {dollars_text(price)} to close"


def stepped(name: str, draft: Draft, view: TicketView | None, chain: ChainView | None, by: int) -> Draft:
    """The field a step up (+1) or down (-1): a contract's next strike, a package, a tick. ``ValueError`` where it has
    no steps."""
    if name.startswith("leg"):
        return _leg_stepped(draft, int(name[3:]), chain, by)
    if name == "quantity":
        now = draft.quantity or (view.quantity if view is not None else 0)
        return replace(draft, quantity=max(1, now + by))
    tick = view.tick if view is not None and view.tick else 0
    if name == "limit":
        price = limit_now(draft, view)
        if price is None or not tick:
            raise ValueError("no price to move: a leg has no usable quote; type one")
        return replace(draft, pricing="fixed", limit=price + by * tick * sign_of(draft, view))
    if name in ("stop", "side_stop", "target"):
        now = getattr(draft, name)
        if now is None:
            price = limit_now(draft, view)
            if price is None or price >= 0:
                raise ValueError(f"no {TITLES[name]} yet: type a closing cost")
            times = 1 if name == "target" else 4
            now = round(-price * times / 2 / (tick or 1)) * (tick or 1)
            return _at_level(draft, name, max(now, tick))
        return _at_level(draft, name, max(tick or 1, now + by * (tick or 1)))
    raise ValueError(f"{TITLES[name]} is typed: i, then {HINTS[name]}")


def _leg_stepped(draft: Draft, index: int, chain: ChainView | None, by: int) -> Draft:
    contract = draft.legs[index][0]
    to = None if chain is None or chain.root != contract.root else neighbour(chain, contract, by)
    if to is None:
        raise ValueError(f"the chain on screen has no strike beyond {contract.short_name} there")
    return draft.moved_leg(index, to)


def typed(name: str, text: str, draft: Draft, view: TicketView | None, progress: ProgressView) -> Draft:
    """The field as a person typed it; ``ValueError`` says what is wrong with it."""
    tick = view.tick if view is not None else 0
    price = limit_now(draft, view)
    credit = None if price is None else -price
    if name == "quantity":
        return replace(draft, quantity=reading.quantity(text))
    if name == "limit":
        word = text.strip().lower()
        if word in ("mid", "m"):
            return replace(draft, pricing="mid")
        if word in ("natural", "n"):
            return replace(draft, pricing="natural")
        return replace(draft, pricing="fixed", limit=reading.net(text, tick, sign_of(draft, view)))
    if name == "until":
        return replace(draft, until=reading.until(text, progress))
    if name == "note":
        note, found = reading.note_and_tags(text)
        return replace(draft, note=note, tags=tuple(dict.fromkeys((*draft.tags, *found))))
    if name == "tags":
        return replace(draft, tags=reading.tags(text))
    if name.startswith("leg"):
        raise ValueError("a leg is moved with up and down, and taken out with x")
    return _at_level(draft, name, reading.level(text, tick, credit, TITLES[name]))


def _at_level(draft: Draft, name: str, price: Price | None) -> Draft:
    if name == "stop":
        return replace(draft, stop=price)
    return replace(draft, side_stop=price) if name == "side_stop" else replace(draft, target=price)


def as_typed(name: str, draft: Draft, view: TicketView | None) -> str:
    """What stands on the line when a field is to be typed."""
    if name == "quantity":
        return str(draft.quantity) if draft.quantity else "risk"
    if name == "limit":
        price = limit_now(draft, view)
        return "" if price is None else dollars_text(abs(price)).replace(",", "")
    if name == "until":
        return clock_text(draft.until, seconds=False) if draft.until else ""
    if name == "note":
        return draft.note
    if name == "tags":
        return " ".join(f"#{tag}" for tag in draft.tags)
    price = getattr(draft, name)
    return "" if price is None else dollars_text(price).replace(",", "")
