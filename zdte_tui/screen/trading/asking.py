"""What each order on a trade says before ``y``: exactly what is sent, what it costs now, what it brings, and where.

Pure: a view and what is wanted in, the question out. ``ValueError`` says in one line why it is not even asked.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.types import (
    Adopt,
    CancelAll,
    CancelOrder,
    CloseTrade,
    Manual,
    Money,
    MoveLimit,
    MoveStop,
    MoveTarget,
    Part,
    PauseStrategy,
    Price,
    RollTrade,
    Scope,
    dollars_text,
    product,
)
from engine.view import Deal, DealPart, View, WorkingEntry
from zdte_tui.screen.text import money
from zdte_tui.screen.ticket.lines import net_words
from zdte_tui.screen.trading.meaning import Roll, part_of, paused, stop_now

FRACTIONS: dict[Part, str] = {1: "", 2: "half of ", 4: "a quarter of "}
PAUSED = "Paused: nothing fills until space plays on."


class Ask(NamedTuple):
    """A question and the message that ``y`` sends.

    Attributes:
        name: what is cancelled if the key is not y. question, detail: as ``Confirm`` has them. said: what the footer
            says once it was sent.
    """

    name: str
    question: str
    detail: str
    order: Manual
    said: str


def close(view: View, deal: Deal, scope: Scope, part: Part) -> Ask:
    """Close a trade, a side, or a part of either."""
    if deal.working and not deal.parts and scope == "package":
        words = f"the working entry of {named(deal)}"
        return Ask(
            "close", f"CLOSE: cancel {words}?", where(view, "It holds nothing yet; what fills before that is closed."),
            CloseTrade(trade_id=deal.trade_id), f"close #{deal.trade_id} sent",
        )  # fmt: skip
    held = part_of(deal, scope)
    if deal.closing:
        raise ValueError(f"#{deal.trade_id} is being closed already")
    many = -(-held.quantity // part)
    side: Scope = "package" if scope == "package" else held.scope
    legs = "" if side == "package" and _names_strikes(deal) else _scope_words(held, side)
    what = f"{FRACTIONS[part]}{named(deal)}{legs}"
    tested = " (the tested side)" if scope == "tested" and side != "package" else ""
    whole = ", which is all of it" if part > 1 and many == held.quantity else ""
    return Ask(
        "close",
        f"CLOSE {what}{tested}: {many} of {held.quantity}{whole}?",
        where(view, f"{costs(held)}; {brings(held, many)}."),
        CloseTrade(trade_id=deal.trade_id, scope=side, part=part, held=None if part == 1 else held.quantity),
        f"close {what} sent; the log and the orders tell what comes of it",
    )


def roll(view: View, deal: Deal, scope: Scope, wanted: Roll) -> Ask:
    """Close a side and open it further out."""
    held = part_of(deal, scope)
    plural = "" if abs(wanted.strikes) == 1 else "s"
    out = "away from" if wanted.strikes > 0 else "toward"
    to = f" {abs(wanted.strikes)} strike{plural} {out} the money" if wanted.strikes else ""
    to += f" to {wanted.expiry}" if wanted.expiry else ""
    side: Scope = held.scope if len(deal.parts) > 1 else "package"
    tested = " (the tested side)" if scope == "tested" and len(deal.parts) > 1 else ""
    return Ask(
        "roll",
        f"ROLL {held.legs} of {named(deal)}{tested}{to}?",
        where(view, f"First it is closed: {costs(held)}; {brings(held, held.quantity)}. Then it is opened again, "
              "if the gate agrees before either."),
        RollTrade(trade_id=deal.trade_id, scope=side, strikes=wanted.strikes, expiry=wanted.expiry),
        f"roll #{deal.trade_id} sent; the log tells what comes of it",
    )  # fmt: skip


def stop(view: View, deal: Deal, scope: Scope, price: Price | None) -> Ask:
    """Move a stop, or take it away."""
    held = part_of(deal, scope) if deal.parts else None
    side: Scope = scope if held is None or scope == "package" else held.scope
    before = stop_now(deal, side)
    was = "it has none now" if before is None else f"it stands at {dollars_text(before)} now"
    of = f"{named(deal)}{'' if side == 'package' else ' ' + side}"
    to = "NO STOP on" if price is None else f"STOP at a cost of {dollars_text(price)} for"
    cost = f"; {costs(held)}" if held is not None else ""
    risk = f"; stopped there, {_at(deal, held, price)}" if held is not None and price is not None else ""
    return Ask(
        "stop", f"{to} {of}?", where(view, f"{_capital(was)}{cost}{risk}."),
        MoveStop(trade_id=deal.trade_id, scope=side, price=price), f"stop of #{deal.trade_id} sent",
    )  # fmt: skip


def target(view: View, deal: Deal, price: Price | None) -> Ask:
    """Move the target, or take it away."""
    held = deal.parts[0] if deal.parts else None
    if price is not None and held is not None and held.mid is not None and price >= held.mid:
        raise ValueError(f"{costs(held)}: a target of {dollars_text(price)} is reached already; C closes it now")
    to = "NO TARGET on" if price is None else f"TARGET at a cost of {dollars_text(price)} for"
    cost = costs(held) if held is not None else "it holds nothing yet"
    then = f"; there, {_at(deal, held, price)}" if held is not None and price is not None else ""
    return Ask(
        "target", f"{to} {named(deal)}?", where(view, f"{_capital(cost)}{then}."),
        MoveTarget(trade_id=deal.trade_id, price=price), f"target of #{deal.trade_id} sent",
    )  # fmt: skip


def limit(view: View, entry: WorkingEntry, price: Price) -> Ask:
    """Give a working entry another limit."""
    now = f"It works at {net_words(entry.limit)}; natural {net_words(entry.natural)}, mid {net_words(entry.mid)}. "
    return Ask(
        "limit",
        f"LIMIT {net_words(price)} for the entry of #{entry.trade_id} {entry.label}?",
        where(view, f"{now}It stays there and walks no more; {entry.quantity - entry.filled} left to fill."),
        MoveLimit(client_order_id=entry.client_order_id, limit=price),
        f"limit of {entry.client_order_id} sent",
    )


def cancel(view: View, entry: WorkingEntry) -> Ask:
    """Cancel a working entry."""
    filled = f"; {entry.filled} filled stay open" if entry.filled else ""
    return Ask(
        "cancel",
        f"CANCEL the entry of #{entry.trade_id} {entry.label}, {entry.quantity} at {net_words(entry.limit)}?",
        where(view, f"{entry.client_order_id}{filled}."),
        CancelOrder(client_order_id=entry.client_order_id),
        f"cancel of {entry.client_order_id} sent",
    )


def cancel_all(view: View) -> Ask:
    """Cancel every working entry."""
    entries = view.deals.entries
    if not entries:
        raise ValueError("no entry works: there is nothing to cancel")
    names = ", ".join(f"#{entry.trade_id} {entry.label}" for entry in entries)
    many = "the working entry" if len(entries) == 1 else f"all {len(entries)} working entries"
    return Ask(
        "cancel", f"CANCEL {many}?", where(view, f"{names}. Strategies may enter again."), CancelAll(),
        "cancel of all entries sent",
    )  # fmt: skip


def pause(view: View, name: str, root: str) -> Ask:
    """Pause a strategy, or resume it where a person has paused it."""
    stands = paused(view, name, root)
    of = f"{name} on {root}" if root else name
    words = "It may open trades again." if stands else "It opens nothing until D resumes it; its exits go on."
    return Ask(
        "resume" if stands else "pause", f"{'RESUME' if stands else 'PAUSE'} {of}?", where(view, words),
        PauseStrategy(strategy=name, root=root, paused=not stands), f"{'resume' if stands else 'pause'} of {of} sent",
    )  # fmt: skip


def adopt(view: View, deal: Deal) -> Ask:
    """Take over a trade that nobody watches."""
    if deal.watched:
        raise ValueError(f"#{deal.trade_id} is watched by {deal.strategy} already: C, S and G work on it")
    return Ask(
        "adopt", f"ADOPT {named(deal)}, {deal.strategy}?",
        where(view, "It becomes a trade by hand: stops and targets can then be set on it."),
        Adopt(trade_id=deal.trade_id), f"adopt #{deal.trade_id} sent",
    )  # fmt: skip


def named(deal: Deal) -> str:
    """``#7 IC 10:00``."""
    return f"#{deal.trade_id} {deal.label}"


def costs(held: DealPart) -> str:
    """What closing one package costs now: ``closing costs 1.35 at mid, 1.50 now``."""
    return f"closing costs {_cost(held.mid)} at mid, {_cost(held.natural)} now"


def brings(held: DealPart, many: int) -> str:
    """What closing so many of its packages realises."""
    part = f" for {many} of {held.quantity}" if many < held.quantity else ""
    return f"that realises {_share(held.pnl_mid, many, held)} at mid, {_share(held.pnl_now, many, held)} now{part}"


def where(view: View, words: str) -> str:
    """``words``, then the mode and the account, and that a paused replay fills nothing."""
    stands = f" {PAUSED}" if view.progress.paused and view.progress.can_control else ""
    return f"{words} {view.header.banner}, account {view.header.account}.{stands}"


def _at(deal: Deal, held: DealPart, price: Price) -> str:
    """What it brings if it is closed at a cost a package."""
    if held.mid is None or held.pnl_mid is None:
        return "its result is not known now"
    brought = held.pnl_mid + (held.mid - price) * product(deal.root).multiplier * held.quantity
    return f"it brings {money(brought, sign=True)}"


def _share(amount: Money | None, many: int, held: DealPart) -> str:
    return money(None if amount is None else amount * many // max(1, held.quantity), sign=True)


def _cost(price: Price | None) -> str:
    return dollars_text(price)


def _names_strikes(deal: Deal) -> bool:
    """Whether the trade's name has every strike of it, as one from the ticket does."""
    strikes = {word for part in deal.parts for word in re.findall(r"[0-9.]+", part.legs)}
    return strikes <= set(re.findall(r"[0-9.]+", deal.label))


def _scope_words(held: DealPart, scope: Scope) -> str:
    return f" {held.legs}" if scope == "package" else f" {scope} {held.legs}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
