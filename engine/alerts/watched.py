"""Rules, judged: the figure a rule names at one instant, and the condition it makes."""

from __future__ import annotations

from engine.alerts.conditions import margin
from engine.alerts.facts import Facts
from engine.alerts.grammar import format_rule
from engine.alerts.reading import Reading
from engine.alerts.rule import DISTANCES, GREEKS, Rule
from engine.alerts.settings import Settings
from engine.types import dollars_text


def value_of(rule: Rule, facts: Facts) -> int | None:
    """The figure a rule is about, units of 1e-4 of its own unit; None where it is not known, or there is none."""
    root = rule.root or facts.roots[0]
    match rule.subject:
        case "spot":
            return facts.spots.get(root)
        case "move":
            return facts.moves.get(root)
        case "vix":
            return facts.vix
        case "open pnl":
            return facts.open_pnl
        case "pnl" if not rule.trade_id:
            return facts.day_pnl
        case "pnl":
            return next((trade.pnl for trade in facts.trades if trade.trade_id == rule.trade_id), None)
        case "short":
            found = [short.distance for short in facts.shorts if rule.trade_id in (0, short.trade_id)]
            return min(found, default=None)
        case "breakeven":
            trades = [trade for trade in facts.trades if rule.trade_id in (0, trade.trade_id)]
            return min((trade.inside for trade in trades if trade.inside is not None), default=None)
        case subject if subject in GREEKS:
            return facts.figures.get((root, subject))
    return None


def rule_reading(number: int, rule: Rule, facts: Facts, settings: Settings) -> Reading | None:
    """The condition a rule makes now; None where its figure is not known. Of a rule of time see ``time_reading``."""
    value = value_of(rule, facts)
    if value is None:
        return None
    root = rule.root or facts.roots[0]
    return Reading(
        f"rule {number}",
        "rule",
        rule.holds(value),
        rule.over(value, margin(facts.spots.get(root), settings)),
        lambda: f"{format_rule(rule)}: {value_text(rule, value, facts.vix_source)}",
        rule.root,
        rule.trade_id,
        once=rule.once,
        level=rule.severity,
    )


def time_reading(number: int, rule: Rule, now: int, at: int) -> Reading:
    """The condition that ``at`` has come, ns UTC; what was over when the rule was made is no news."""
    return Reading(
        f"rule {number}",
        "rule",
        now >= at,
        False,
        lambda: f"it is {rule.at}",
        once=True,
        quiet_first=True,
        ts=at,
        level=rule.severity,
    )


def value_text(rule: Rule, value: int, vix_source: str = "") -> str:
    """A figure as people read it; of a VIX that is not the index's own, ``vix_source`` too."""
    text = dollars_text(value, sign="pnl" in rule.subject or rule.subject in GREEKS)
    source = f" ({vix_source})" if vix_source and rule.subject == "vix" else ""
    return f"now {text}{' points' if rule.subject in DISTANCES else ''}{source}"
