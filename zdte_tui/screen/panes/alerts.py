"""Pane 9: what was told of, the newest first, and the rules by which."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

from engine.calendar import clock_text
from engine.view import Alert, AlertsView, RuleView, View
from zdte_tui.screen.clean import clean
from zdte_tui.screen.grid import Column, Row, slot_width
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes.flow import flow
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import wrap

COLUMNS = (
    Column("time", "time", 8, justify="left"),
    Column("level", "level", 7, justify="left", drop=1),
    Column("seen", "seen", 4, justify="left"),
    Column("text", "what happened", 20, justify="left", stretch=FLEXIBLE),
)
STYLES = {"info": "text", "warning": "warn", "alarm": "alarm"}
_STATES = {"armed": "text", "fired": "warn", "done": "dim", "waiting": "dim"}
_RULE = "rule "


def content(view: View, width: int) -> Content:
    """Alerts and rules; an alert nobody has acknowledged says ``NEW``.

    A row's key is the alert's number, ``rule N`` of a rule; further lines of a text have it as their parent.
    """
    found = view.alerts
    room = slot_width(COLUMNS, width, "text")
    rows = [line for alert in found.alerts for line in _alert(alert, room)]
    for rule in found.rules:
        rows += _rule(rule, room)
    return Content(
        title=title(found),
        rows=tuple(rows),
        bottom=_bottom(found, width) if rows else (),
        message="" if rows else why(view),
    )


def title(found: AlertsView) -> str:
    """The pane's name, and how many alerts are not acknowledged."""
    return f"alerts  {found.unacknowledged} new" if found.unacknowledged else "alerts"


def why(view: View) -> str:
    """Nothing to tell so far."""
    way = 'A rule of your own: ":alert spot < 5900"; more of them under [alerts] in config.toml.'
    told = "Nothing to tell of on this day." if view.progress.finished else "Nothing to tell of so far."
    return f"{told} Strikes, breakevens, limits, breakers, the feed, orders, fills and stops come here. {way}"


def alert_of(row: Row | None) -> int:
    """The number of the alert under a cursor; 0 where there is none."""
    key = "" if row is None else row.parent or row.key
    return int(key) if key.isdigit() else 0


def level_word(level: str) -> str:
    """A level as it stands in a column: in words, the graver the larger."""
    return {"info": "info", "warning": "WARN", "alarm": "ALARM"}[level]


@lru_cache(maxsize=1024)
def _alert(alert: Alert, room: int) -> tuple[Row, ...]:
    times = f" ({alert.count} times since {clock_text(alert.first_ts)})" if alert.count > 1 else ""
    first, *rest = wrap(clean(alert.text) + times, room)
    style = "dim" if alert.acknowledged else STYLES[alert.level]
    text = "dim" if alert.acknowledged else "warn" if alert.level == "warning" else "strong"
    head = (
        (clock_text(alert.ts), "dim"),
        (level_word(alert.level), style),
        ("ok", "dim") if alert.acknowledged else ("NEW", "strong"),
        (first, text),
    )
    key, blank = str(alert.id), (("", "text"),) * 3
    return (
        Row(key, head, trade=alert.trade_id),
        *(Row(f"{key}.{n}", (*blank, (line, text)), parent=key, trade=alert.trade_id) for n, line in enumerate(rest)),
    )


def _rule(rule: RuleView, room: int) -> list[Row]:
    now = f"; {rule.now}" if rule.now else ""
    whose = ", from config.toml" if rule.by == "config" else ""
    first, *rest = wrap(f"{rule.text}  ({rule.state}{now}{whose})", room)
    style, key = _STATES[rule.state], f"{_RULE}{rule.number}"
    blank = (("", "text"),) * 3
    return [
        Row(key, (("rule", "dim"), (str(rule.number), "key"), ("", "text"), (first, style))),
        *(Row(f"{key}.{n}", (*blank, (line, style)), parent=key) for n, line in enumerate(rest)),
    ]


def _bottom(found: AlertsView, width: int) -> tuple[Row, ...]:
    unseen, rules = found.unacknowledged, len(found.rules)
    items = [
        ((f"{unseen} new", "strong" if unseen else "dim"), ("; a acknowledges" if unseen else "", "dim")),
        ((f"{rules} rule{'' if rules == 1 else 's'}", "dim"), (" at the end" if rules and found.alerts else "", "dim")),
    ]
    return tuple(Row(f"bottom{n}", line, span=True) for n, line in enumerate(flow(items, width)))


class AlertsPane(Pane):
    """The alerts and the rules."""

    NAME = "alerts"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS

    @classmethod
    def part(cls, view: View) -> object:
        """The alerts, and what the empty pane says."""
        return view.alerts, view.progress.finished

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)
