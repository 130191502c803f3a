"""The alerts of a session: repeats folded, acknowledged or not, and taken back where the session goes back."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from engine.alerts.model import Alert, Raised

FOLD = 300_000_000_000
"""Of one key, what comes within so many ns of the last is one alert."""
MOST = 5_000
SHOWN = 200


class _Occurrence(NamedTuple):
    """When something was raised, by the session's clock and its events, and what it changed."""

    at: int
    seq: int
    key: str
    id: int
    before: Alert | None
    newest_before: int | None


class AlertBook:
    """Every alert so far. What is raised decides numbers and folding, never what a person has seen of it."""

    def __init__(self) -> None:
        self._alerts: dict[int, Alert] = {}
        self._newest: dict[str, int] = {}
        self._occurrences: list[_Occurrence] = []
        self._seen: dict[int, int] = {}
        self._shown: tuple[Alert, ...] | None = ()
        self._last_id = 0
        self.serial = 0
        """How many occurrences there were."""

    @property
    def shown(self) -> tuple[Alert, ...]:
        """The newest alerts, the newest first."""
        if self._shown is None:
            newest = sorted(self._alerts.values(), key=lambda alert: -alert.serial)[:SHOWN]
            self._shown = tuple(self._told(alert) for alert in newest)
        return self._shown

    @property
    def open(self) -> list[Alert]:
        """Those that are not acknowledged, the oldest first."""
        return [alert for alert in map(self._told, self._alerts.values()) if not alert.acknowledged]

    def add(self, raised: Raised, at: int, seq: int) -> Alert:
        """Take something up; the alert it is, or is now part of. ``at``: the session's clock, which never goes back."""
        newest = self._newest.get(raised.key)
        before = self._alerts.get(newest) if newest is not None else None
        if before is not None and raised.ts - before.ts > FOLD:
            before = None
        self.serial += 1
        if before is None:
            self._last_id += 1
        alert = Alert(
            id=before.id if before is not None else self._last_id,
            serial=self.serial,
            ts=raised.ts,
            first_ts=before.first_ts if before is not None else raised.ts,
            level=raised.level,
            kind=raised.kind,
            text=raised.text,
            root=raised.root,
            trade_id=raised.trade_id,
            count=before.count + 1 if before is not None else 1,
            acknowledged=False,
        )
        self._alerts[alert.id] = alert
        self._newest[raised.key] = alert.id
        self._occurrences.append(_Occurrence(at, seq, raised.key, alert.id, before, newest))
        self._shown = None
        self._keep_small()
        return alert

    def acknowledge(self, id: int) -> Alert | None:  # noqa: A002 - the field's name
        """Take note that a person has seen an alert; None where there is none of that number."""
        alert = self._alerts.get(id)
        if alert is not None:
            self._seen[id] = alert.count
            self._shown = None
        return alert

    def acknowledge_all(self) -> int:
        """The same for all; how many that were."""
        found = self.open
        for alert in found:
            self.acknowledge(alert.id)
        return len(found)

    def take_back(self, instant: int, seq: int) -> None:
        """Be as before everything that was raised after an instant, or after the event of a number.

        What a person has seen of the rest stays seen.
        """
        while self._occurrences and (self._occurrences[-1].at > instant or self._occurrences[-1].seq > seq):
            last = self._occurrences.pop()
            self.serial -= 1
            if last.before is not None:
                self._alerts[last.id] = last.before
                continue
            self._alerts.pop(last.id, None)
            self._last_id = last.id - 1
            if last.newest_before is None:
                self._newest.pop(last.key, None)
            else:
                self._newest[last.key] = last.newest_before
        for id_, count in list(self._seen.items()):
            if id_ not in self._alerts:
                del self._seen[id_]
            else:
                self._seen[id_] = min(count, self._alerts[id_].count)
        self._shown = None

    def _told(self, alert: Alert) -> Alert:
        seen = self._seen.get(alert.id, 0) >= alert.count
        return replace(alert, acknowledged=True) if seen else alert

    def _keep_small(self) -> None:
        if len(self._occurrences) > MOST:
            del self._occurrences[: MOST // 2]
        if len(self._alerts) > MOST:
            for id_ in sorted(self._alerts)[: MOST // 2]:
                del self._alerts[id_]
                self._seen.pop(id_, None)
            self._newest = {key: id_ for key, id_ in self._newest.items() if id_ in self._alerts}
