"""The condor that would be entered now, whatever the time of day, and why it would not be."""

from __future__ import annotations

from engine.calendar import clock_text
from engine.strategy import Context, Proposal
from engine.types import Package
from strategies.iron_condor.blackout import stands
from strategies.iron_condor.entry import OVER, limit_of, price, shift_out, too_thin, window_opens
from strategies.iron_condor.settings import Settings
from strategies.iron_condor.state import State
from strategies.iron_condor.strikes import NotChosen, Strikes, choose, label


def propose(ctx: Context, settings: Settings, state: State) -> Proposal:
    """Its strikes by the same rules as an entry; the first reason against it in ``why``."""
    nothing = Proposal("iron condor", None, settings.quantity, None)
    chain = ctx.chain(ctx.session.day)
    if chain is None:
        return nothing._replace(why=f"no {ctx.root} option that expires today is listed")
    try:
        strikes = choose(chain, settings.strikes)
    except NotChosen as reason:
        return nothing._replace(why=str(reason))
    legs = shift_out(ctx, chain, strikes)
    if isinstance(legs, str):
        return nothing._replace(why=legs)
    found = Proposal(label(Strikes(*(leg.contract.strike for leg in legs))), Package(legs), settings.quantity, None)
    natural, missing = price(ctx, legs)
    if natural is None:
        return found._replace(why=missing)
    blackout = stands(ctx, settings)
    why = too_thin(ctx, settings, legs, natural) or (blackout.why if blackout else "") or _not_now(ctx, state)
    return found._replace(limit=limit_of(ctx.root, natural), why=ctx.may_open or why)


def _not_now(ctx: Context, state: State) -> str:
    """Why no window takes it: none is open."""
    if any(window.status == "open" for window in state.windows.values()):
        return ""
    waiting = [opens for key, window in state.windows.items() if window.status not in OVER
               if (opens := window_opens(ctx, key)) > ctx.now]  # fmt: skip
    if waiting:
        return f"its next window opens {clock_text(min(waiting), seconds=False)}"
    return "it has no window left today"
