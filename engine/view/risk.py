"""The risk pane's rows: the trading state, then each control, how much of its limit is used."""

from __future__ import annotations

from engine.calendar import clock_text
from engine.clock import MINUTE, SECOND
from engine.core import Engine
from engine.market import NEVER
from engine.risk import BREAKERS, Measure, busy_trades, contracts_opened, most_repeated, used_by, used_by_all, vix_scale
from engine.types import SCALE, Money, product, to_dollars
from engine.view.model import RiskRow

ENTRY = "an entry"
"""The group whose figures are of the newest entry asked for, not of what stands now."""


def build_risk(engine: Engine, day_pnl: Money | None, now: int) -> tuple[RiskRow, ...]:
    """One row a control of ``[risk]``, grouped; first the state and every breaker that stands.

    ``now``: what the screen shows, ns UTC; while nothing happens it is later than the engine's time.
    """
    return (
        *_state(engine),
        *_losses(engine, day_pnl),
        *_breakers(engine, now),
        *_dealings(engine, now),
        *_order(engine),
        *_rules(engine),
    )


def _state(engine: Engine) -> list[RiskRow]:
    states = engine.state.states
    standing = f"{states.state} {', '.join(states.breakers)}" if states.breakers else "ACTIVE: entries are allowed"
    rows = [_words("state", "NOT_ACTIVE", standing, "state")]
    for name, breaker in states.breakers.items():
        until = "until the next session" if breaker.latched else "until it is over" if name in BREAKERS else "for now"
        rows.append(_words(name, f"BREAKER.{name}", f"{breaker.state} {until}: {breaker.text}", "state"))
    return rows


def _losses(engine: Engine, day_pnl: Money | None) -> list[RiskRow]:
    state, gate, limits = engine.state, engine.gate, engine.state.config.risk
    loss = None if day_pnl is None else max(0, -day_pnl)
    largest = max((trade.worst_outcome for trade in state.portfolio if not trade.over), default=0)
    strategy, book = gate.strategy_limit(state.equity), gate.book_limit(state.equity)

    def dollars(name: str, code: str, amount: Money | None, limit: Money, text: str) -> RiskRow:
        shown = None if amount is None else to_dollars(amount)
        return _row(name, code, shown, to_dollars(limit), "dollars", "losses", text)

    return [
        dollars("day loss", "DAILY_LOSS", loss, limits.daily_loss_units, "realised and open, net; flattens and locks"),
        dollars(
            "per trade", "PER_TRADE", largest, gate.trade_limit(state.equity), "worst case of the largest open one"
        ),
        *(
            dollars(name, "PER_STRATEGY", used_by(name, state.portfolio), strategy, _paused(engine, name))
            for name in sorted(engine.strategies.versions())
        ),
        dollars("book", "PER_BOOK", used_by_all(state.portfolio), book, "worst case of all strategies together"),
        _row("open trades", "MAX_OPEN", busy_trades(state.portfolio), limits.max_open, "count", "losses"),
        _vix(engine),
    ]


def _paused(engine: Engine, strategy: str) -> str:
    """Where a person has paused a strategy, else what its row measures."""
    roots = [root for name, root in engine.state.hands.paused if name == strategy]
    return f"PAUSED on {', '.join(roots)}: opens nothing" if roots else "worst case, working orders too"


def _vix(engine: Engine) -> RiskRow:
    limits = engine.state.config.risk
    vix = engine.state.vix(engine.state.roots[0])
    words = "unknown" if vix.value is None else f"{vix.value:.2f} ({vix.source})"
    size = {1.0: "full size", 0.5: "half size", 0.0: "no entries"}[vix_scale(vix, limits)]
    if limits.vix_scale and vix.value is None:
        size = "one package at most"
    return _words("VIX", "VIX_HIGH", f"{words}: {size if limits.vix_scale else 'not scaled'}", "losses")


def _breakers(engine: Engine, now: int) -> list[RiskRow]:
    limits, supervision = engine.state.config.risk, engine.supervision
    silent, ahead = supervision.feed_silence(now), supervision.clock_ahead
    begun = engine.state.market.last_batch_ts != NEVER
    seconds = silent // SECOND if silent is not None and begun else None
    skew = None if ahead is None else abs(ahead) / 1e6
    return [
        _row("silent feed", "STALE_FEED", seconds, limits.stale_seconds, "seconds", "breakers"),
        _row("rejects", "REJECTS", supervision.rejects, limits.max_rejects, "count", "breakers"),
        _row("errors", "ERRORS", supervision.errors, limits.max_errors, "count", "breakers"),
        _row("clock skew", "CLOCK_SKEW", skew, limits.max_clock_skew_ms, "ms", "breakers"),
    ]


def _dealings(engine: Engine, now: int) -> list[RiskRow]:
    state, limits, messages = engine.state, engine.state.config.risk, engine.gate.messages
    second, minute = messages.within(now, SECOND), messages.within(now, MINUTE)
    counts = (
        ("contracts", "MAX_CONTRACTS_DAY", contracts_opened(state.orders), limits.max_contracts_day),
        ("same package", "REPEATED", most_repeated(state.portfolio), limits.max_repeats),
        ("messages 1 s", "MESSAGES_SECOND", second, limits.messages_per_second),
        ("messages 1 min", "MESSAGES_MINUTE", minute, limits.messages_per_minute),
    )
    return [_row(name, code, used, limit, "count", "today") for name, code, used, limit in counts]


def _order(engine: Engine) -> list[RiskRow]:
    """Limits of one entry, beside what was measured on the newest one that was asked for."""
    limits, last = engine.state.config.risk, engine.gate.last
    figures: list[tuple[str, str, float, str]] = [
        ("its contracts", "MAX_CONTRACTS", limits.max_contracts, "count"),
        ("notional", "MAX_NOTIONAL", limits.max_notional, "dollars"),
        ("quote age", "STALE_QUOTE", engine.state.config.fills.max_quote_age_seconds, "seconds"),
        ("leg width", "LEG_WIDTH", limits.max_leg_width, "price"),
        ("package width", "PACKAGE_WIDTH", limits.max_package_width, "price"),
        ("past natural", "COLLAR_WORSE", limits.collar_worse, "price"),
        ("inside mid", "COLLAR_BETTER", limits.collar_better, "price"),
    ]
    cover = last.get("COVER_WIDTH")
    if cover is not None:
        figures.append(("cover within", "COVER_WIDTH", to_dollars(cover.limit), "price"))
    rows = [_row(name, code, _used(last.get(code)), limit, unit, ENTRY) for name, code, limit, unit in figures]
    if cover is None:
        rows.append(_words("cover within", "COVER_WIDTH", f"{limits.cover_within:.0%} of the short strike", ENTRY))
    return rows


def _rules(engine: Engine) -> list[RiskRow]:
    state, limits = engine.state, engine.state.config.risk
    hours = []
    for root in state.roots:
        last = state.session.product_close(root) - limits.no_open_minutes * MINUTE
        broker = engine.entries.open_until(root) - limits.no_open_minutes * MINUTE
        hours.append(f"{root} until {clock_text(min(last, broker), seconds=False)}")
    ticks = ", ".join(f"{root} {product(root).package_tick / SCALE:g}" for root in state.roots)
    again = f"not within {limits.duplicate_seconds:g} s" if limits.duplicate_seconds else "not looked for"
    opposing = "shifted one strike, else denied" if limits.on_collision == "shift" else "denied"
    return [
        _words("entries", "CUTOFF", ", ".join(hours), "always"),
        _words("same order", "DUPLICATE", again, "always"),
        _words("ticks", "TICK", ticks, "always"),
        _words("opposed leg", "LEG_COLLISION", opposing, "always"),
        _words("short legs", "UNDEFINED_RISK", "covered within their own order, each with its intent", "always"),
    ]


def _used(measure: Measure | None) -> float | None:
    if measure is None:
        return None
    if measure.unit == "time":
        return measure.used / SECOND
    return float(measure.used) if measure.unit == "count" else measure.used / SCALE


def _row(
    name: str, code: str, used: float | None, limit: float | None, unit: str, group: str, text: str = ""
) -> RiskRow:
    return RiskRow(name=name, code=code, used=used, limit=limit, unit=unit, text=text, group=group)


def _words(name: str, code: str, text: str, group: str) -> RiskRow:
    return _row(name, code, None, None, "text", group, text)
