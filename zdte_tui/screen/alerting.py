"""Alerts on the screen: what is new is told in a box, by the bell and the title; what a person asks of them is sent."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from engine.clock import SECOND
from engine.view import (
    ALERT_LEVELS,
    MOST_RULES,
    Alert,
    AlertRequest,
    AlertsView,
    ProgressView,
    View,
    format_rule,
    parse_rule,
)
from zdte_tui.screen.header import Item
from zdte_tui.screen.panes.alerts import alert_of
from zdte_tui.screen.title import Title, alerts_words
from zdte_tui.screen.toasts import Toasts

if TYPE_CHECKING:
    from zdte_tui.screen.workstation import Workstation

BELL_SECONDS = 1.0
"""The bell rings no oftener."""
NEWS_SECONDS = 60
"""Of market time: what is older than this, or than two seconds of the speed played at, is no news."""


_LOUD = {level: loudness for loudness, level in enumerate(ALERT_LEVELS)}


def items(found: AlertsView) -> tuple[Item, ...]:
    """The words of the header, which never give way; nothing while no alarm is open."""
    return (Item((((alerts_words(found.alarms), "alarm"),),), (0,)),) if found.alarms else ()


def _since(progress: ProgressView) -> int:
    """From when on an alert is news, ns UTC: what a jump has passed over stands in the pane and the header alone."""
    return progress.now - round(max(NEWS_SECONDS, 2 * progress.speed) * SECOND)


class Alerting:
    """The alerts of one screen: what of them it has told, and what it has asked for."""

    def __init__(self, station: Workstation) -> None:
        self._station = station
        self._told: int | None = None
        self._asked: set[int] = set()
        self._serial = 0
        self._rang = -BELL_SECONDS
        self.title = Title()

    def look(self, view: View) -> None:
        """Tell of what is new in ``view``. What was there when this screen came is not new."""
        found = view.alerts
        if self._told is None or found.serial < self._told:
            self._told = found.serial
        if found.serial != self._serial:
            self._asked, self._serial = set(), found.serial
        since = _since(view.progress)
        new = [
            alert
            for alert in found.alerts
            if alert.serial > self._told and not alert.acknowledged and alert.ts >= since
        ]
        self._told = found.serial
        toasts = self._station.query_one(Toasts)
        toasts.leaving = self.title.give_back
        toasts.keep({alert.id for alert in found.alerts if not alert.acknowledged})
        if new:
            loud = [alert for alert in new if _LOUD[alert.level] >= _LOUD[found.manners.toast_from]]
            toasts.tell(loud, found.manners.toast_seconds)
            self._ring(found, new)
        self.title.tell(self._station.app, found.alarms if found.manners.title_flash else 0)

    def _ring(self, found: AlertsView, new: list[Alert]) -> None:
        now = monotonic()
        if found.manners.bell and any(alert.level != "info" for alert in new) and now - self._rang >= BELL_SECONDS:
            self._rang = now
            self._station.app.bell()

    # --- what a person asks

    def acknowledge(self, wanted: object) -> None:
        """``all``, a number, or None for the alert under the cursor and elsewhere the newest that is open."""
        view = self._station.desk.view
        if view is None or self._refused():
            return
        if wanted == "all":
            many = view.alerts.unacknowledged
            self._send(AlertRequest("acknowledge_all"), f"{_alerts(many)} acknowledged" if many else "nothing is new")
            return
        alert = self._chosen(view.alerts) if wanted is None else _numbered(view, int(str(wanted)))
        if alert is None:
            self._station.say("nothing to acknowledge: no alert is new")
        elif alert.acknowledged or alert.id in self._asked:
            self._station.say("acknowledged already")
        else:
            self._asked.add(alert.id)
            self._send(AlertRequest("acknowledge", number=alert.id), f"acknowledged: {alert.text}")

    def add(self, text: str) -> None:
        """Watch a rule from now on."""
        if not self._refused():
            self._send(AlertRequest("add", text), f"alert when {text}: 9 shows it; it lasts as long as the session")

    def remove(self, number: int) -> None:
        """Watch a rule no more."""
        if not self._refused():
            self._send(AlertRequest("remove", number=number), f"rule {number} is watched no more")

    def _chosen(self, found: AlertsView) -> Alert | None:
        if self._station.primary == "alerts":
            number = alert_of(self._station.pane("alerts").selected)
            under = next((alert for alert in found.alerts if alert.id == number), None)
            if under is not None:
                return under
        return next((each for each in found.alerts if not each.acknowledged and each.id not in self._asked), None)

    def _refused(self) -> bool:
        """Whether nothing can be asked now, which is said."""
        view = self._station.desk.view
        if self._station.dead:
            self._station.say("the engine has stopped: its alerts stay as they are", alarm=True)
            return True
        if view is not None and view.seat is not None and not view.seat.in_control:
            self._station.say("not sent: this screen only watches; :take-control first")
            return True
        return False

    def _send(self, request: AlertRequest, words: str) -> None:
        try:
            self._station.desk.port.alerts(request)
        except Exception as error:  # a session that is gone
            self._station.say(f"not sent: {error}", alarm=True)
            return
        self._station.say(words)


def to_acknowledge(view: View | None, text: str) -> object:
    """What follows ``acknowledge``: ``all``, the number of an alert, or None for nothing; else ``ValueError``."""
    word = text.strip().lower().removeprefix("#")
    if word in ("", "all"):
        return word or None
    if view is not None and word.isdecimal() and _numbered(view, int(word)) is not None:
        return int(word)
    raise ValueError(f"{text.strip()!r} is no alert: write all, or nothing for the one under the cursor")


def rule_text(view: View | None, text: str) -> str:
    """What follows ``alert``, as a rule is written; ``ValueError`` says what is wrong with it."""
    rule = parse_rule(text)
    found = view.alerts.rules if view is not None else ()
    if len(found) >= MOST_RULES:
        raise ValueError(f"{MOST_RULES} rules are watched already: :alert-remove N makes room")
    written = format_rule(rule)
    for each in found:
        if each.text == written and each.state != "done":
            raise ValueError(f"rule {each.number} watches for this already")
    return written


def rule_number(view: View | None, text: str) -> int:
    """What follows ``alert-remove``; ``ValueError`` names the rules there are."""
    word = text.strip().removeprefix("#")
    numbers = [each.number for each in view.alerts.rules] if view is not None else []
    if word.isdecimal() and int(word) in numbers:
        return int(word)
    if not numbers:
        raise ValueError("there is no rule to remove; :alert spot < 5900 makes one")
    said = f"{word!r} is no rule: write" if word else "write"
    raise ValueError(f"{said} a number of pane 9: {', '.join(map(str, numbers))}")


def _numbered(view: View, number: int) -> Alert | None:
    return next((alert for alert in view.alerts.alerts if alert.id == number), None)


def _alerts(many: int) -> str:
    return "1 alert" if many == 1 else f"{many} alerts"
