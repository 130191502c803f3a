"""Alerts: rules of one's own, and acknowledging what was told."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action


def _acknowledge(station: Any, wanted: object = None) -> None:
    """All, one by its number, or the one under the cursor; elsewhere the newest that is open."""
    station.alerting.acknowledge(wanted)


def _which(station: Any, text: str) -> object:
    from zdte_tui.screen.alerting import to_acknowledge

    return to_acknowledge(station.desk.view, text)


def _add(station: Any, rule: object) -> None:
    if rule is None:
        station.action_command("alert ")
    else:
        station.alerting.add(str(rule))


def _rule(station: Any, text: str) -> object:
    from zdte_tui.screen.alerting import rule_text

    return rule_text(station.desk.view, text)


def _remove(station: Any, number: object) -> None:
    if number is None:
        station.action_command("alert-remove ")
    else:
        station.alerting.remove(int(str(number)))


def _number(station: Any, text: str) -> object:
    from zdte_tui.screen.alerting import rule_number

    return rule_number(station.desk.view, text)


ACTIONS: tuple[Action, ...] = (
    Action(
        "acknowledge", ("a",), "a", "acknowledge", "the alert under the cursor is seen; elsewhere the newest",
        "Alerts", takes="all", run=_acknowledge, reads=_which,
    ),
    Action(
        "alert", (), ":alert RULE", "", "tell me when: spot < 590, pnl < -300 once, short within 10, time 15:30",
        "Alerts", takes="RULE", run=_add, reads=_rule,
    ),
    Action(
        "alert_remove", (), ":alert-remove N", "", "forget a rule, by its number in the alerts", "Alerts",
        takes="N", run=_remove, reads=_number,
    ),
)  # fmt: skip
