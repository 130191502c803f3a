"""Entry windows: each opens at its time, takes the first fresh quotes within its tolerance, and says why if not."""

from __future__ import annotations

from functools import cache

from engine.calendar import Session, clock_text, parse_time_of_day
from engine.clock import MINUTE
from engine.market import Chain
from engine.strategy import Action, Context, Open, Say, Wake
from engine.types import Contract, Leg, Package, Price, Right, Side, dollars_text, product, to_units
from strategies.iron_condor.blackout import announce, next_start, stands
from strategies.iron_condor.settings import Settings
from strategies.iron_condor.state import State, Window
from strategies.iron_condor.strikes import OUTWARD, NotChosen, Strikes, choose, credit_text, label

NO_ENTRY_BEFORE_CLOSE = 90 * MINUTE

OVER = ("entered", "skipped")
"""What a window stays once it is."""


def window_opens(ctx: Context, key: str) -> int:
    """When the window opens today, ns UTC."""
    return _opens_on(key, ctx.session)


@cache
def _opens_on(key: str, session: Session) -> int:
    return parse_time_of_day(key).on(session.day, session.open, session.close)


def begin_windows(ctx: Context, settings: Settings, state: State) -> list[Action]:
    """Announce every window of the day, and skip those too near the close."""
    actions: list[Action] = []
    for key in settings.entries:
        opens = window_opens(ctx, key)
        window = state.windows.setdefault(key, Window())
        if opens > ctx.session.close - NO_ENTRY_BEFORE_CLOSE:
            last = clock_text(ctx.session.close - NO_ENTRY_BEFORE_CLOSE, seconds=False)
            actions += _skip(window, key, f"within 90 minutes of the close: the last entry today is {last}")
        elif opens < ctx.session.open:
            actions += _skip(window, key, "before the open")
        else:
            actions += [
                Say(kind="scheduled", key=key, text=f"opens at {clock_text(opens, seconds=False)}"),
                Wake(opens),
            ]
    return [*actions, *announce(ctx, settings)]


def wakes(ctx: Context, settings: Settings, state: State) -> list[Action]:
    """The timers of windows that are still to open or open now."""
    return [
        Wake(at)
        for key, window in state.windows.items()
        if window.status in ("waiting", "open", "ordered")
        for at in (window_opens(ctx, key), window_opens(ctx, key) + settings.tolerance_ns)
        if at > ctx.now
    ]


def run_windows(ctx: Context, settings: Settings, state: State) -> list[Action]:
    """Move every window that is open or whose time has come."""
    actions: list[Action] = []
    for key, window in state.windows.items():
        if window.status in OVER:
            continue
        opens = window_opens(ctx, key)
        ends = opens + settings.tolerance_ns
        if window.status == "waiting" and ctx.now >= opens:
            window.status = "open"
            actions.append(Wake(ends))
        if window.status == "open":
            actions += _wait(ctx, settings, key, window, ends) if ctx.now < ends else _skip(window, key, _late(window))
        elif window.status == "ordered":
            actions += _follow(ctx, key, window)
    return actions


def _wait(ctx: Context, settings: Settings, key: str, window: Window, ends: int) -> list[Action]:
    """Try to enter; where that has to wait, say for what, once a reason."""
    before = window.why
    actions = _try(ctx, settings, key, window, ends)
    if window.status == "open" and window.why != before:
        text = f"open until {clock_text(ends, seconds=False)}: {window.why}"
        actions.append(Say(kind="waiting", key=key, text=text))
    return actions


def _late(window: Window) -> str:
    return window.why or "no market data came while it was open"


def _skip(window: Window, key: str, why: str) -> list[Action]:
    window.status, window.why = "skipped", why
    return [Say(kind="skipped", key=key, text=why)]


def _try(ctx: Context, settings: Settings, key: str, window: Window, ends: int) -> list[Action]:
    if ctx.may_open:
        if ctx.may_open.startswith("REDUCING"):
            window.why = ctx.may_open  # a feed that was silent may be back, and a person may resume
            return []
        return _skip(window, key, ctx.may_open)
    blackout = stands(ctx, settings)
    if blackout is not None:
        if blackout.end >= ends:
            return _skip(window, key, blackout.why)
        window.why = blackout.why
        return [Wake(blackout.end)]
    chain = ctx.chain(ctx.session.day)
    if chain is None:
        window.why = f"no {ctx.root} option that expires today is listed"
        return []
    try:
        strikes = choose(chain, settings.strikes)
    except NotChosen as reason:
        window.why = str(reason)
        return []
    legs = shift_out(ctx, chain, strikes)
    if isinstance(legs, str):
        return _skip(window, key, legs)
    natural, why = price(ctx, legs)
    if natural is None:
        window.why = why
        return []
    thin = too_thin(ctx, settings, legs, natural)
    if thin:
        return _skip(window, key, thin)
    window.status = "ordered"
    text = f"{label(Strikes(*(leg.contract.strike for leg in legs)))} for {credit_text(natural)}"
    moved = [
        leg.contract.short_name for leg, strike in zip(legs, strikes, strict=True) if leg.contract.strike != strike
    ]
    if moved:
        text += f", shifted off a holding: {', '.join(moved)}"
    return [
        Say(kind="entering", key=key, text=text),
        Open(
            key=key,
            label=f"IC {key}",
            package=Package(legs),
            quantity=settings.quantity,
            limit=limit_of(ctx.root, natural),
            until=next_start(ctx, settings, ends),
            reason=text,
        ),
    ]


def limit_of(root: str, natural: Price) -> Price:
    """The natural price on the package's tick, rounded toward the market."""
    tick = product(root).package_tick
    return -(-natural // tick) * tick


def _follow(ctx: Context, key: str, window: Window) -> list[Action]:
    """After ordering: entered once something is filled, skipped once the order came to nothing."""
    denial = ctx.denial(key)
    if denial is not None:
        return _skip(window, key, f"denied: {denial}")
    trade = next((trade for trade in ctx.trades if trade.key == key), None)
    if trade is None:
        return []
    if trade.filled:
        window.status = "entered"
        text = f"#{trade.trade_id} filled {trade.filled} at {credit_text(-trade.credit)}"
        return [Say(kind="entered", key=key, text=text)]
    if trade.status == "abandoned":
        return _skip(window, key, "the order ended without a fill")
    return []


def shift_out(ctx: Context, chain: Chain, strikes: Strikes) -> tuple[Leg, ...] | str:
    """The four legs, each that would oppose a holding moved one strike outward; in words why that is not possible."""
    wanted: tuple[tuple[Price, Right, Side], ...] = (
        (strikes.long_put, "P", "buy"),
        (strikes.short_put, "P", "sell"),
        (strikes.short_call, "C", "sell"),
        (strikes.long_call, "C", "buy"),
    )
    legs: list[Leg] = []
    for strike, right, side in wanted:
        contract = Contract(chain.root, chain.expiry, strike, right)
        if ctx.opposed(contract, side):
            out = OUTWARD[right]
            beyond = [
                other
                for row, other in enumerate(chain.layout.strikes)
                if (other - strike) * out > 0 and chain.layout.contract(row, right) is not None
            ]
            moved = min(beyond, key=lambda other: abs(other - strike), default=None)
            if moved is None:
                return f"LEG_COLLISION: {contract.short_name} opposes a holding and no strike lies beyond it"
            contract = Contract(chain.root, chain.expiry, moved, right)
            if ctx.opposed(contract, side):
                return f"LEG_COLLISION: {contract.short_name} opposes a holding too"
        legs.append(Leg(contract, side, "open"))
    found = [leg.contract.strike for leg in legs]
    if sorted(set(found)) != found:
        return "LEG_COLLISION: shifted off a holding, the legs no longer make a condor"
    return tuple(legs)


def price(ctx: Context, legs: tuple[Leg, ...]) -> tuple[Price | None, str]:
    """The signed net price of legs at bid and ask, or why they cannot be priced."""
    total = 0
    missing: list[str] = []
    for leg in legs:
        quote = ctx.quote(leg.contract)
        value = None if quote is None else (quote.ask if leg.side == "buy" else quote.bid)
        if value is None or (leg.side == "sell" and value == 0):
            missing.append(leg.contract.short_name)
        else:
            total += leg.signed_ratio * value
    return (None, f"no fresh quote to trade on for {', '.join(missing)}") if missing else (total, "")


def too_thin(ctx: Context, settings: Settings, legs: tuple[Leg, ...], natural: Price) -> str:
    """Why the credit is too small, or empty."""
    if natural > 0:
        return f"it would cost {dollars_text(natural)} instead of bringing a credit"
    if -natural < to_units(settings.min_credit):
        return f"credit {dollars_text(-natural)} is below min_credit {settings.min_credit:.2f}"
    puts, calls = (price(ctx, tuple(leg for leg in legs if leg.contract.right == right))[0] for right in ("P", "C"))
    if puts is None or calls is None:
        return ""
    lesser, greater = sorted((-puts, -calls))
    if settings.max_imbalance and greater > settings.max_imbalance * lesser:
        return (
            f"IMBALANCE: put side {_exact(-puts)}, call side {_exact(-calls)}: "
            f"more than max_imbalance {settings.max_imbalance:g} to 1"
        )
    for word, side in (("put", puts), ("call", calls)):
        if -side < to_units(settings.min_side_credit):
            return f"{word} side credit {dollars_text(-side)} is below min_side_credit {settings.min_side_credit:.2f}"
    return ""


def _exact(price: Price) -> str:
    """A price with two places, or more where it has them: what is told from another must not look like it."""
    return dollars_text(price) if price % 100 == 0 else dollars_text(price, 4).rstrip("0")
