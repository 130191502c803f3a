"""A session's figures in Prometheus' text format. What is not known is left out, never written as 0."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from engine.types import to_dollars
from engine.view import View
from engine.watch.health import BREAKER
from engine.watch.vitals import BOUNDS, Spread, Vitals

CONTENT_TYPE = CONTENT_TYPE_LATEST
FEEDS = ("ok", "stale", "down", "closed")
STATES = ("ACTIVE", "REDUCING", "HALTED")
_NS = 1e9


@dataclass(frozen=True)
class Figures:
    """One look at a session, to be written down.

    Attributes:
        about: labels that never change: session, account, mode, day, data, version.
        simulated: whether no market shows what it trades on, or no broker fills it.
        view, age: the newest picture and its age in seconds; ``None`` before the first.
        silent: seconds since the engine's loop turned. ills: how many problems health has.
        queues: how many wait, by name. more: other gauges, by name.
    """

    about: Mapping[str, str]
    simulated: bool
    view: View | None
    age: float | None
    silent: float
    ills: int
    vitals: Vitals
    queues: Mapping[str, int] = field(default_factory=dict)
    more: Mapping[str, float] = field(default_factory=dict)


def exposition(figures: Figures) -> bytes:
    """All of it as text, with the content type ``CONTENT_TYPE``."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(figures))
    return generate_latest(registry)


class _Collector(Collector):
    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        figures = self._figures
        yield InfoMetricFamily("zdte_session", "What session this is", value=dict(figures.about))
        yield _gauge("zdte_simulated", "1 where the market or the fills are SIMULATED", float(figures.simulated))
        yield _gauge("zdte_healthy", "1 where /healthz says 200", float(not figures.ills))
        yield _gauge("zdte_problems", "Lines of /healthz", figures.ills)
        yield _gauge("zdte_start_time_seconds", "When the watch of this session began, Unix time", figures.vitals.began)
        yield _gauge("zdte_uptime_seconds", "Seconds since then", max(0.0, time.time() - figures.vitals.began))
        yield from _engine(figures)
        if figures.view is not None:
            yield from _standing(figures.view)
        yield _labelled("zdte_queue_length", "What waits", "queue", figures.queues)
        for name, value in sorted(figures.more.items()):
            yield _gauge(f"zdte_{name}", "Counted by the feed, the messages or the heartbeat", value)


def _engine(figures: Figures) -> Iterator[Metric]:
    vitals = figures.vitals
    yield _gauge("zdte_engine_silent_seconds", "Since the engine's loop last turned", figures.silent)
    yield from _maybe("zdte_view_age_seconds", "Of the picture these figures are from", figures.age)
    yield _counter("zdte_events", "Events the engine processed in this process", vitals.events)
    yield _spread("zdte_event_seconds", "How long the engine took an event", vitals.took)
    yield _gauge(
        "zdte_engine_late_seconds",
        "How long the newest quotes had waited for the engine, by the session's clock",
        vitals.late / _NS,
    )
    yield _gauge("zdte_engine_late_worst_seconds", "The longest of that in this process", vitals.worst_late / _NS)
    yield _counted("zdte_records", "Records of this process by the journal's table", "table", vitals.records.copy())
    yield _counted("zdte_notices", "Lines of the log by level", "level", vitals.notices.copy())
    yield _labelled("zdte_orders", "Orders of this process by state", "state", vitals.by_state)


def _standing(view: View) -> Iterator[Metric]:
    head, book = view.header, view.positions
    yield _one_of("zdte_feed_state", "1 for the feed's state", "state", FEEDS, head.feed)
    yield _one_of("zdte_trading_state", "1 for the trading state", "state", STATES, head.state)
    yield from _maybe("zdte_held_quote_age_seconds", "The oldest quote of a held leg", _seconds(head.oldest_held_age))
    yield _gauge("zdte_market_time_seconds", "The session's own clock, Unix time", head.now / _NS)
    yield from _maybe("zdte_pnl_dollars", "The day's net P&L", _usd(head.day_pnl))
    yield _gauge("zdte_pnl_realised_dollars", "Net, of trades that are over", to_dollars(head.realised))
    yield from _maybe("zdte_pnl_open_dollars", "Net, of open trades at mid", _usd(head.open_pnl))
    yield _gauge("zdte_pnl_provisional", "1 where an official close is still awaited", float(head.provisional))
    yield _gauge("zdte_open_trades", "Open trades", book.open_trades)
    yield _gauge("zdte_contracts_held", "Contracts held, long and short", book.contracts)
    yield _gauge("zdte_worst_loss_dollars", "The most all open trades can lose together", to_dollars(book.worst_loss))
    yield from _maybe("zdte_margin_dollars", "What the strikes of all trades may cost", _usd(book.margin))
    yield from _maybe("zdte_equity_dollars", "Of the account", _usd(book.equity))
    unarmed = sum(row.stop_holder == "UNARMED" for row in book.rows)
    yield _gauge("zdte_stops_unarmed", "Stops that are wanted and that nobody holds", unarmed)
    yield _gauge("zdte_alarms_open", "Alarms nobody has acknowledged", view.alerts.alarms)
    yield _gauge("zdte_alerts_open", "Alerts nobody has acknowledged", view.alerts.unacknowledged)
    if view.orders is not None:
        yield _gauge("zdte_orders_working", "Orders of which more is expected", view.orders.working)
    yield _gauge("zdte_paused", "1 where a person has paused the play of the day", float(view.progress.paused))
    yield _gauge("zdte_finished", "1 where the day is over", float(view.progress.finished))
    breakers = {row.code.removeprefix(BREAKER): 1 for row in view.risk if row.code.startswith(BREAKER)}
    yield _labelled("zdte_breaker", "1 for each breaker that stands", "name", breakers)
    yield from _limits(view)


def _limits(view: View) -> Iterator[Metric]:
    used = GaugeMetricFamily("zdte_limit_used", "How much of a risk limit is used", labels=("name", "unit"))
    limit = GaugeMetricFamily("zdte_limit", "The risk limit itself", labels=("name", "unit"))
    seen: set[tuple[str, str]] = set()
    for row in view.risk:
        labels = (row.name, row.unit)
        if row.unit == "text" or labels in seen:
            continue
        seen.add(labels)
        if row.used is not None:
            used.add_metric(labels, row.used)
        if row.limit is not None:
            limit.add_metric(labels, row.limit)
    yield used
    yield limit


def _usd(units: int | None) -> float | None:
    return None if units is None else to_dollars(units)


def _seconds(ns: int | None) -> float | None:
    return None if ns is None else ns / _NS


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _maybe(name: str, text: str, value: float | None) -> Iterable[Metric]:
    return () if value is None else (_gauge(name, text, value),)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value=value)


def _counted(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    made = CounterMetricFamily(name, text, labels=(label,))
    for key, value in sorted(values.items()):
        made.add_metric((key,), value)
    return made


def _labelled(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    made = GaugeMetricFamily(name, text, labels=(label,))
    for key, value in sorted(values.items()):
        made.add_metric((key,), value)
    return made


def _one_of(name: str, text: str, label: str, known: tuple[str, ...], value: str) -> Metric:
    return _labelled(name, text, label, {each: int(each == value) for each in dict.fromkeys((*known, value))})


def _spread(name: str, text: str, spread: Spread) -> Metric:
    counts, total = list(spread.counts), 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip((*map(repr, BOUNDS), "+Inf"), counts, strict=True):
        total += count
        buckets.append((bound, total))
    made = HistogramMetricFamily(name, text)
    made.add_metric((), buckets, spread.total)
    return made
