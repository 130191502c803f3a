"""Why a pane is empty, and which key changes that. One function a pane; each is a sentence or three, and true."""

from __future__ import annotations

from functools import lru_cache

from engine.view import ChainView, View


def chain(view: View) -> str:
    """No chain at all, or one without a strike."""
    found = view.chain
    if found is not None and _shows_something(found):
        return ""
    head, progress = view.header, view.progress
    if found is None:
        why = "No chain yet: no quotes have arrived."
    elif found.expiry < head.day:
        why = f"{found.root} {found.expiry} has expired: nothing of it is quoted any more."
    elif found.rows:
        why = f"{len(found.rows)} strikes of {found.root} {found.expiry} are listed, and none has a quote yet."
    else:
        empty = found.why_empty or f"no strike of {found.root} {found.expiry} has a quote yet"
        why = f"{empty[:1].upper()}{empty[1:]}."
    if head.feed in ("stale", "down"):
        why += f" {feed(view)}"
    keys = []
    if found is not None and len(found.expiries) > 1:
        keys.append("e shows the next expiry")
    if len(head.roots) > 1:
        keys.append("r shows the next root")
    if not progress.finished:
        keys.append(_wait(view))
    return f"{why} {'; '.join(keys)}{'.' if keys else ''}{_over(view)}".strip()


@lru_cache(maxsize=8)
def _shows_something(found: ChainView) -> bool:
    """Whether any strike was ever quoted, or is held."""
    return any(side.age is not None or side.held for row in found.rows for side in (row.call, row.put))


def positions(view: View) -> str:
    """No trade was made so far."""
    head = view.header
    if view.progress.finished:
        return f"No trade was made on this day: 4 shows why each window stayed out. {_over(view).lstrip()}"
    if head.state != "ACTIVE":
        way_back = "A resumes trading, after y." if head.state == "REDUCING" else "No key lifts that today."
        return f"No trades. Entries are off: {head.state_text or head.state}. {way_back}"
    return f"No trades today so far. {_next(view)}{_windows(view)}"


def greeks(view: View) -> str:
    """Nothing is held."""
    was = "Flat: what was held is closed." if view.positions.rows else "Flat: nothing is held yet."
    if any(row.level == "trade" and not row.filled for row in view.positions.rows):
        was = "Flat: an order is working, and nothing of it is filled yet; 2 shows it."
    if view.progress.finished:
        return f"{was} {_over(view).lstrip()}"
    return f"{was} Greeks come with the next filled trade. {_next(view)}"


def signals(view: View) -> str:
    """No strategy has spoken."""
    why = "No strategy has said anything yet."
    if view.progress.finished:
        return f"{why} [strategies] in config.toml says which are enabled. {_over(view).lstrip()}"
    return f"{why} Each speaks before its first window; [strategies] in config.toml enables them. {_next(view)}"


def risk(view: View) -> str:
    """No limit is known."""
    return (
        "No limits are known yet: the gate reports them when the session has begun."
        f" [risk] in config.toml sets them; {_wait(view)}."
    )


def smile(view: View) -> str:
    """Nothing is fitted."""
    found = view.smile
    if found is None:
        return (
            "The smile comes with the next view of the session."
            if not view.progress.finished
            else (f"No smile was fitted. {_over(view).lstrip()}")
        )
    if not found.why_empty:
        return ""
    why = f"{found.why_empty[:1].upper()}{found.why_empty[1:]}."
    keys = "e shows the next expiry." if view.chain is not None and len(view.chain.expiries) > 1 else ""
    return f"{why} {keys}{_over(view)}".strip()


def orders(view: View) -> str:
    """No order was sent, and nothing was denied."""
    if view.orders is None:
        return "The orders come with the next view of the session."
    if view.orders.rows:
        return ""
    if view.progress.finished:
        return f"No order was sent on this day: 4 shows why each window stayed out. {_over(view).lstrip()}"
    return f"No order was sent so far, and nothing was denied. {_next(view)}{_windows(view)}"


def chart(view: View) -> str:
    """No price is known."""
    found = view.chart
    if found is None:
        return "The chart comes with the next view of the session."
    if found.times:
        return ""
    told = f"No price of {found.symbol} is known yet: it comes with the first quotes of {found.root}."
    keys = ["r shows the next root"] if len(view.header.roots) > 1 else []
    if not view.progress.finished:
        keys.append(_wait(view))
    return f"{told} {feed(view)} {'; '.join(keys)}{'.' if keys else ''}{_over(view)}".replace("  ", " ").strip()


def equity(view: View) -> str:
    """Nothing was traded."""
    if view.equity is None:
        return "The equity curve comes with the next view of the session."
    if view.equity.times:
        return ""
    if view.progress.finished:
        return f"No trade was filled on this day, so there is no curve. {_over(view).lstrip()}"
    return f"No trade was filled so far: the curve begins with the first fill. {_next(view)}"


def log(view: View) -> str:
    """Nothing has happened."""
    why = "Nothing has happened yet: orders, fills, stops and alarms appear here with their reasons."
    return f"{why} {_over(view).lstrip() or _next(view)}"


def feed(view: View) -> str:
    """What a feed that is not well means for what is shown; empty for a good one."""
    head = view.header
    if head.feed not in ("stale", "down"):
        return ""
    told = f": {head.feed_text}" if head.feed_text else ""
    return f"The feed is {head.feed}{told}."


def _next(view: View) -> str:
    """What comes by itself, and the key that goes there."""
    head, progress = view.header, view.progress
    coming = f"Next: {head.next_deadline}." if head.next_deadline else ""
    if feed(view):
        coming = f"{feed(view)} Nothing is entered without fresh quotes."
    if _by_hand(view):
        coming += " You trade: O opens the order ticket" + ("; space plays on." if progress.paused else ".")
    elif progress.can_control:
        coming += " n plays to the next signal or trade" + ("; space plays on." if progress.paused else ".")
    elif head.feed == "closed" and head.feed_text:
        coming = f"{head.feed_text[:1].upper()}{head.feed_text[1:]}. q leaves."
    return coming.strip() or "The first line tells how the feed is."


def _by_hand(view: View) -> bool:
    """Whether a person practises and no strategy enters anything."""
    return view.progress.practice is not None and view.progress.strategies != "with"


def _windows(view: View) -> str:
    """Where to look for what is still to be entered; nothing where only a person enters."""
    return "" if _by_hand(view) else " 4 shows what each window waits for."


def _wait(view: View) -> str:
    """The key that brings what is not there yet, or where it comes from."""
    if not view.progress.can_control:
        return "quotes come with the feed, and the first line says how it is"
    return "space plays on" if view.progress.paused else "n plays to the next signal or trade"


def _over(view: View) -> str:
    """What is left to do when the day is over; nothing before."""
    progress = view.progress
    if not progress.finished:
        return ""
    back = "g goes back to a time of it, " if progress.can_control and progress.earliest < progress.now else ""
    return f" The day is over: {back}q leaves."
