"""What the tour says of a view: each sentence reads the numbers that stand there, and says so where there are none."""

from __future__ import annotations

from engine.calendar import clock_text
from engine.types import SCALE
from engine.view import PositionRow, RiskRow, View
from zdte_tui.screen.text import money, number, price
from zdte_tui.screen.timeline import speed_text

LONG = 110
"""A quoted line of the log is cut to this many characters."""


def traded(view: View) -> PositionRow | None:
    """The trade to speak of: the first open one with a fill, else the first that was ever filled."""
    filled = [row for row in view.positions.rows if row.level in ("trade", "settled") and row.filled]
    return next((row for row in filled if row.level == "trade"), filled[0] if filled else None)


def ended(view: View) -> PositionRow | None:
    """A trade that is over, or a side that was closed."""
    rows = view.positions.rows
    return next(
        (row for row in rows if row.level == "settled" or (row.level == "side" and row.note.startswith("closed"))), None
    )


def welcome(view: View) -> str:
    """Whose day it is, and where it stands."""
    head, progress = view.header, view.progress
    if head.banner == "SIMULATED":
        whose = "This market is simulated: no exchange ever showed these prices, and no order leaves this program."
    else:
        whose = f"This is {head.day} as it was recorded ({head.banner}); orders go to a simulated exchange only."
    again = _back(view, " To see it from its start: g, open, enter.")
    if progress.finished:
        return f"{whose} The day is over, so the tour looks at what became of it.{again}"
    stands = f" The tour pauses it at {clock_text(progress.now, seconds=False)}, and all keys work as they always do."
    late = progress.now - progress.open > 60 * 60 * 10**9
    return whose + stands + (again if late else "")


def top(view: View) -> str:
    """The header."""
    head = view.header
    short = "none is held" if head.nearest_short is None else f"{number(head.nearest_short / SCALE, 1)} points away"
    coming = f"what comes next by itself ({head.next_deadline})" if head.next_deadline else "what comes next by itself"
    return (
        f"Line one: whose prices these are ([ {head.banner} ]), the account, the time and the feed ({head.feed})."
        f" Line two: the day's result ({money(head.day_pnl, sign=True)}), the nearest short strike ({short}), {coming},"
        f" and at its end the trading state ({head.state})."
    )


def bar(view: View) -> str:
    """The timeline."""
    if view.progress.finished:
        return (
            "The bar is the day from open to close: T a trade, ! a stop, s another signal, c a command. It is played."
        )
    return (
        "The bar is the day from open to close: T a trade, ! a stop, s another signal, c a command."
        f" space plays and pauses the market ({speed_text(view.progress.speed)}: so many seconds of market a second);"
        " it never pauses trading itself. Let it play a minute."
    )


def chain(view: View) -> str:
    """The chain."""
    found = view.chain
    if found is None or not found.rows:
        return "The chain shows calls left and puts right, strike by strike. It is empty now, and says why."
    middle = "n/a" if found.atm is None else f">{price(found.atm, 0)}<".replace(",", "")
    several = " e turns to the next expiry." if len(found.expiries) > 1 else ""
    several += " r turns to the next root." if len(view.header.roots) > 1 else ""
    return (
        f"{found.root} {found.expiry}: calls left, puts right, the strike nearest the money marked ({middle})."
        f" S2 at a strike is two contracts sold short, L1 one bought.{several}"
    )


def windows(view: View) -> str:
    """The signals, until a trade is filled."""
    told = f"The newest: {_signal(view)}." if view.signals else "Nobody has spoken yet."
    words = f"Each strategy says what it waits for, window by window, and why it stayed out. {told}"
    row = traded(view)
    if row is not None:
        return f"{words} {row.label} is filled already."
    return words + (" The day is over, and nothing was filled." if view.progress.finished else "")


def trade(view: View) -> str:
    """A filled trade."""
    row = traded(view)
    if row is None:
        return _no_trade(view)
    cost = "" if row.level == "settled" else f" Closing it now costs {price(row.cost)} at mid."
    entry = "n/a" if row.entry is None else f"{price(abs(row.entry))} {'credit' if row.entry >= 0 else 'debit'}"
    result = (
        f"It ended with {money(row.pnl_mid, sign=True)} after fees ({row.note or 'over'})."
        if row.level == "settled"
        else f"Its result is {money(row.pnl_mid, sign=True)} at mid, {money(row.pnl_now, sign=True)} if liquidated now."
    )
    return f"{row.label}: {row.filled} of {row.wanted} filled for {entry} a package.{cost} {result}"


def stop(view: View) -> str:
    """A stop that stands, and who holds it."""
    who = "e: the engine watches it, only while this program runs; b: the broker; UNARMED: nobody."
    row = next((row for row in view.positions.rows if row.stop_at is not None), None)
    if row is None:
        why = "no trade was made so far" if traded(view) is None else "nothing that is held has a stop now"
        return f"A held side has its own row, with the price at which its stop fires; {why}. Beside it, {who}"
    return (
        f"{row.label}: its stop fires when closing it costs {price(row.stop_at)}; now it costs {price(row.cost)}, which"
        f" leaves {price(row.distance)}. Beside the price stands who holds it ({row.stop_holder or 'n/a'} here). {who}"
    )


def greeks(view: View) -> str:
    """The book's Greeks."""
    if not view.greeks:
        return "Nothing is held, so there are no Greeks now. With trades, each group has a row, in dollars."
    row = view.greeks[0]
    return (
        f"In dollars, {row.group}: a point up in the index changes it by {_dollars(row.delta)}, a minute of time by"
        f" {_dollars(row.theta)}, a point of volatility by {_dollars(row.vega)}. Gamma: how fast the first changes."
    )


def risk(view: View) -> str:
    """The limits, the fullest by name."""
    rows = [row for row in view.risk if row.used is not None and row.limit]
    fullest = max(rows, key=_share, default=None)
    told = (
        "" if fullest is None or not fullest.used else f" The fullest now: {fullest.name}, {_share(fullest):.0%} used."
    )
    return (
        "Every order passes these limits before it leaves; worst cases are counted, open orders included."
        f"{told} A full limit refuses entries, and the day's loss also closes everything."
    )


def log(view: View) -> str:
    """The log, its newest line quoted."""
    if not view.log:
        return "Whatever happens is told here with its reason. Nothing has happened yet."
    row = view.log[-1]
    text = row.text if len(row.text) <= LONG else f"{row.text[: LONG - 1]}…"
    return (
        "Whatever happens is told here with its reason: signals, refusals, each fill with the quote it met, stops."
        f" The newest, {clock_text(row.ts)}, from {row.source}: {text}"
    )


def exits(view: View) -> str:
    """An exit, or the way to one."""
    how = "Trades end by a stop, a target, a time, or at settlement."
    row = ended(view)
    if row is not None:
        result = f", {money(row.pnl_mid, sign=True)} after fees" if row.level == "settled" else ""
        return f"{how} {row.label}: {row.note or 'over'}{result}."
    if traded(view) is None:
        return f"{how} {_no_trade(view)}"
    if view.progress.finished:
        return f"{how} The day is over."
    return f"{how} Nothing has ended yet.{_newest(view)}"


def speed(view: View) -> str:
    """The pace."""
    return (
        f"[ plays slower and ] faster; now {speed_text(view.progress.speed)}. :speed 90 sets a pace of your own, and"
        " max plays as fast as this machine can. What the strategies do is the same at any speed."
    )


def jump(view: View) -> str:
    """Going to a time."""
    again = (
        "A time that lies behind is reached by running the day again from the open, with the same outcome; a command"
        " given in that past begins a branch, and nothing is deleted."
    )
    limited = "This session was continued after a restart, so it cannot go back."
    return f"g takes a time: 10:30, 1030, close-40m. {again if _can_go_back(view) else limited}"


def flatten(view: View) -> str:
    """The kill switch."""
    held = view.positions.open_trades
    many = "nothing is open now" if not held else f"{held} open now"
    toy = "Here a simulated exchange fills it, so y is safe to try; entries then pause until A."
    return (
        f"F closes every open trade ({many}): it names the cost and waits five seconds for y. Enter, any other key or"
        f" no key cancels. P and A, which pause and resume entries, ask the same way. {toy}"
        " K offers milder levels, and the lock of the day."
    )


def keys(_view: View) -> str:
    """Help and the command line."""
    return (
        "? lists every key; z gives a pane the whole screen. : takes any action by its name, and tab completes it:"
        " :flatten, :go 10:30, :speed 300. A key that does nothing says so in the last line."
    )


def goodbye(view: View) -> str:
    """The end."""
    on = "g goes back into the day" if view.progress.finished else "space plays the day on"
    return (
        f"That was the tour. {on}; q leaves, and asks first while trades are open. The day stands in the"
        " journal: zdte-tui sessions lists it. :tour begins again, :tour 6 goes to a step."
    )


def _no_trade(view: View) -> str:
    return f"No trade was made so far.{_newest(view)} A filled trade has a row here, and one a side."


def _newest(view: View) -> str:
    return f" The newest signal: {_signal(view)}." if view.signals else ""


def _signal(view: View) -> str:
    row = max(view.signals, key=lambda row: row.ts)
    return f"{row.strategy} {row.key} {row.kind}" + (f", {row.text}" if row.text else "")


def _share(row: RiskRow) -> float:
    return (row.used or 0.0) / row.limit if row.limit else 0.0


def _dollars(value: float | None) -> str:
    text = number(value, sign=True)
    return text if text == "n/a" else f"{text[0]}${text[1:]}"


def _can_go_back(view: View) -> bool:
    return max(view.progress.earliest, view.progress.open) < view.progress.now


def _back(view: View, words: str) -> str:
    return words if _can_go_back(view) else ""
