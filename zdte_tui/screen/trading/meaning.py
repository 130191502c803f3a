"""Which trade, side, entry or strategy is meant: by the cursor, by words, or because there is only one."""

from __future__ import annotations

import datetime as dt
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from engine.types import Part, Price, Scope
from engine.view import Deal, DealPart, View, WorkingEntry

if TYPE_CHECKING:
    from zdte_tui.screen.workstation import Workstation

SCOPES: dict[str, Scope] = {
    "package": "package", "all": "package", "puts": "puts", "put": "puts", "calls": "calls", "call": "calls",
    "tested": "tested",
}  # fmt: skip
PARTS: dict[str, Part] = {"half": 2, "1/2": 2, "quarter": 4, "1/4": 4, "whole": 1}


class Wanted(NamedTuple):
    """What words or the cursor say: a trade, what of it, how much of it, and a value still to be read."""

    trade_id: int
    scope: Scope | None = None
    part: Part = 1
    rest: str = ""


def view_of(station: Workstation) -> View:
    """The newest view; ``ValueError`` before the first."""
    if station.desk.view is None:
        raise ValueError("no session yet: trades can be worked on from its first view on")
    return station.desk.view


def deal_of(view: View, trade_id: int) -> Deal:
    """A trade that is open or working; ``ValueError`` names those there are."""
    found = next((deal for deal in view.deals.deals if deal.trade_id == trade_id), None)
    if found is None:
        raise ValueError(f"trade #{trade_id} is not open; {_open(view)}")
    return found


def part_of(deal: Deal, scope: Scope) -> DealPart:
    """What is held of a trade; ``ValueError`` where it holds nothing there."""
    if not deal.parts:
        working = ": its entry still works, X cancels that" if deal.working else ""
        raise ValueError(f"#{deal.trade_id} holds nothing{working}")
    if scope == "tested":
        if len(deal.parts) == 1:
            return deal.parts[0]
        if not deal.tested:
            raise ValueError(f"which side of #{deal.trade_id} is tested is not known now: say puts or calls")
        scope = "puts" if deal.tested == "puts" else "calls"
    part = next((part for part in deal.parts if part.scope == scope), None)
    if part is None and len(deal.parts) == 1 and scope == _side(deal.parts[0]):
        return deal.parts[0]
    if part is None:
        raise ValueError(f"#{deal.trade_id} holds no {scope}")
    return part


def _side(part: DealPart) -> str:
    return {"P": "puts", "C": "calls"}.get(part.legs[-1:], "")


def _open(view: View) -> str:
    names = [f"#{deal.trade_id}" for deal in view.deals.deals]
    return f"open or working are {', '.join(names)}" if names else "nothing is open or working"


def at_cursor(station: Workstation) -> Wanted:
    """The trade of the focused row, and on a side's row that side; elsewhere the only one there is. ``ValueError``."""
    view = view_of(station)
    row = station.pane(station.primary).selected
    if row is not None and row.trade:
        key = row.parent or row.key
        words = (row.key if ".side." in row.key else key).partition(".side.")[2].split()
        return Wanted(row.trade, SCOPES.get(words[0]) if words else None)
    return Wanted(only_deal(view).trade_id)


def only_deal(view: View) -> Deal:
    """The only trade that is open or working; ``ValueError`` where there are none or several."""
    deals = view.deals.deals
    if len(deals) == 1:
        return deals[0]
    if not deals:
        raise ValueError("nothing is open or working")
    raise ValueError(f"which trade? {_open(view)}: 2 goes to the positions, or name it")


def read_wanted(station: Workstation, text: str, value: bool = False) -> Wanted:
    """``7 puts half 2.60``: a trade's number, a side, a part and what is left of the words. Without a number, the
    trade at the cursor. With ``value``, one number alone is the value. ``ValueError``."""
    words = text.split()
    first = words[0].lstrip("#") if words else ""
    if first.isdecimal() and (words[0].startswith("#") or len(words) > 1 or not value):
        wanted = Wanted(deal_of(view_of(station), int(first)).trade_id)
        words = words[1:]
    else:
        wanted = at_cursor(station)
        if words and words[0].lower() in SCOPES:
            wanted = wanted._replace(scope=None)
    while words:
        word = words[0].lower()
        if word in SCOPES:
            wanted = wanted._replace(scope=SCOPES[word])
        elif word in PARTS:
            wanted = wanted._replace(part=PARTS[word])
        else:
            break
        words = words[1:]
    return wanted._replace(rest=" ".join(words))


def nothing_more(wanted: Wanted) -> Wanted:
    """Refuse words that mean nothing here, with the nearest that does."""
    if wanted.rest:
        word = wanted.rest.split()[0].lower()
        near = get_close_matches(word, [*SCOPES, *PARTS], n=1)
        hint = f"did you mean {near[0]}?" if near else "write puts, calls or tested, half or quarter"
        raise ValueError(f"{word!r} says nothing here; {hint}")
    return wanted


def entry_of(view: View, name: str) -> WorkingEntry:
    """A working entry by its order id, the end of it, or its trade's number; ``ValueError`` names those there are."""
    entries, word = view.deals.entries, name.strip()
    found = [e for e in entries if e.client_order_id == word]
    if not found and word.lstrip("#").isdecimal():
        found = [e for e in entries if e.trade_id == int(word.lstrip("#"))]
    found = found or [e for e in entries if word and e.client_order_id.endswith(word)]
    if len(found) == 1:
        return found[0]
    ids = [e.client_order_id for e in entries]
    if not ids:
        raise ValueError("no entry works: there is nothing to cancel or to move")
    near = get_close_matches(word, ids, n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"no single working entry is {word!r}; there are {', '.join(ids)}{hint}")


def entry_at_cursor(station: Workstation) -> WorkingEntry:
    """The working entry of the focused row; elsewhere the only one that works. ``ValueError``."""
    view, row = view_of(station), station.pane(station.primary).selected
    key = (row.parent or row.key) if row is not None else ""
    for entry in view.deals.entries:
        if entry.client_order_id == key or (row is not None and row.trade and row.trade == entry.trade_id):
            return entry
    if row is not None and row.trade and station.primary in ("positions", "orders"):
        raise ValueError(f"no entry of #{row.trade} works; C closes what it holds")
    if len(view.deals.entries) == 1:
        return view.deals.entries[0]
    if not view.deals.entries:
        raise ValueError("no entry works")
    raise ValueError(f"which of the {len(view.deals.entries)} working entries? put the cursor on it, or name its trade")


def strategy_of(view: View, name: str) -> tuple[str, str]:
    """A strategy and its root, empty for all of them, by its name or ``name root``; ``ValueError`` with the nearest."""
    words = name.split()
    names = list(dict.fromkeys(each for each, _, _ in view.deals.strategies))
    roots = [root for each, root, _ in view.deals.strategies if words and each == words[0]]
    if words and words[0] in names and (len(words) == 1 or (len(words) == 2 and words[1].upper() in roots)):
        return words[0], words[1].upper() if len(words) == 2 else ""
    if words and words[0] in names:
        raise ValueError(f"{words[0]} runs on {', '.join(roots)}, not on {' '.join(words[1:])!r}")
    near = get_close_matches(words[0] if words else "", names, n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]}?" if near else f"; running here: {', '.join(names) or 'none'}"
    raise ValueError(f"no strategy {name.strip()!r}{hint}")


def strategy_at_cursor(station: Workstation) -> tuple[str, str]:
    """The strategy and root of the focused row of the signals; elsewhere the only one. ``ValueError``."""
    view, pane = view_of(station), station.pane("signals")
    known = view.deals.strategies
    if station.primary == "signals" and pane.selected is not None:
        key = pane.selected.parent or pane.selected.key
        for name, root, _ in known:
            if key.startswith(f"{name}.{root}."):
                return name, root
    if len(known) == 1:
        return known[0][:2]
    names = ", ".join(f"{name} {root}" for name, root, _ in known) or "none runs here"
    raise ValueError(f"which strategy? {names}: put the cursor on its row in the signals (4), or name it")


def paused(view: View, name: str, root: str) -> bool:
    """Whether a person has paused all of it."""
    return all(stands for each, on, stands in view.deals.strategies if each == name and root in ("", on))


class Roll(NamedTuple):
    """How far out, and to which expiry."""

    strikes: int
    expiry: dt.date | None


def read_roll(text: str, view: View) -> Roll:
    """``+1``, ``2``, ``-1 2026-01-16``, ``0 next``; ``ValueError``."""
    words = text.split() or ["+1"]
    try:
        strikes = int(words[0])
    except ValueError:
        raise ValueError(f"{words[0]!r} is no number of strikes: write +1 (away from the money) or -1") from None
    if abs(strikes) > 50:
        raise ValueError(f"{strikes} strikes is too far: 50 at the most")
    expiry: dt.date | None = None
    if len(words) > 1:
        expiry = _expiry(words[1], view)
    if len(words) > 2:
        raise ValueError(f"{' '.join(words[2:])!r} says nothing here: strikes, then an expiry")
    if not strikes and expiry is None:
        raise ValueError("0 strikes and the same expiry is no roll")
    return Roll(strikes, expiry)


def _expiry(word: str, view: View) -> dt.date:
    listed = view.chain.expiries if view.chain is not None else ()
    later = [each for each in listed if each > view.header.day]
    if word.lower() == "next" and later:
        return later[0]
    try:
        found = dt.date.fromisoformat(word)
    except ValueError:
        found = dt.date.min
    if found not in listed:
        raise ValueError(f"{word!r} is no expiry of this chain: {', '.join(map(str, listed)) or 'none is known'}")
    return found


def stop_now(deal: Deal, scope: Scope) -> Price | None:
    """Where the stop of a part stands; None where it has none."""
    return next((part.stop_at for part in deal.parts if part.scope == scope), None)
