"""Alerts: rules as data and in words, and a pure evaluator that tells of each thing once. ``engine.alerts.news`` reads
records, and is imported by itself: the configuration needs only the rules."""

from engine.alerts.book import AlertBook
from engine.alerts.grammar import format_rule, number_text, parse_rule
from engine.alerts.model import (
    KINDS,
    LEVELS,
    MOST_RULES,
    Alert,
    AlertManners,
    AlertRequest,
    AlertsView,
    Kind,
    Level,
    Raised,
    RuleView,
    Setting,
)
from engine.alerts.rule import Rule
from engine.alerts.settings import DEFAULT_LEVELS, Settings

__all__ = [
    "DEFAULT_LEVELS",
    "KINDS",
    "LEVELS",
    "MOST_RULES",
    "Alert",
    "AlertBook",
    "AlertManners",
    "AlertRequest",
    "AlertsView",
    "Kind",
    "Level",
    "Raised",
    "Rule",
    "RuleView",
    "Setting",
    "Settings",
    "format_rule",
    "number_text",
    "parse_rule",
]
