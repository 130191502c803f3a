"""What is watched without being asked: strikes, breakevens, stops, limits, breakers, the feed."""

from __future__ import annotations

from collections.abc import Iterator

from engine.alerts.facts import BreakerFact, Facts, FeedFact, LimitFact, ShortFact, TradeFact
from engine.alerts.reading import Reading
from engine.alerts.settings import Settings
from engine.calendar import clock_text
from engine.types import Price, dollars_text

_LESS = 0.9
"""A limit is away again below this part of where it was near."""
_NEVER_NEAR = -1


def conditions(facts: Facts, settings: Settings) -> Iterator[Reading]:
    """One reading a condition that can be judged now; what is not known has none, and changes nothing."""
    for short in facts.shorts:
        yield from _short(short, facts, settings)
    for trade in facts.trades:
        yield from _trade(trade, facts, settings)
    yield feed_reading(facts.feed)
    for breaker in facts.breakers:
        yield breaker_reading(breaker)
    for limit in facts.limits:
        yield _limit(limit, settings)


def margin(spot: Price | None, settings: Settings) -> Price:
    """How far a price must come back to count as away again, price units."""
    return 0 if spot is None else round(spot * settings.rearm)


def _short(short: ShortFact, facts: Facts, settings: Settings) -> Iterator[Reading]:
    away = margin(short.spot, settings)
    name = f"#{short.trade_id} short {short.name}"
    touched = short.distance <= 0
    yield Reading(
        f"short {short.trade_id} {short.root} {short.name}",
        "short",
        touched,
        short.distance > away,
        lambda: f"{name} touched: {short.root} at {_points(short.spot)}",
        short.root,
        short.trade_id,
    )
    near = _near(facts.moves.get(short.root), settings)
    if near <= 0:
        return
    yield Reading(
        f"near {short.trade_id} {short.root} {short.name}",
        "short_near",
        short.distance <= near,
        short.distance > near + away,
        lambda: f"{name} is {_points(short.distance)} points away: {short.root} at {_points(short.spot)}",
        short.root,
        short.trade_id,
        quiet=touched,  # which says more
    )


def _near(move: Price | None, settings: Settings) -> Price:
    return max(settings.near_points, round(move * settings.near_move) if move is not None else _NEVER_NEAR)


def _trade(trade: TradeFact, facts: Facts, settings: Settings) -> Iterator[Reading]:
    name = f"#{trade.trade_id}"
    if trade.inside is not None and trade.breakeven is not None:
        point, spot, inside = trade.breakeven, trade.spot, trade.inside
        yield Reading(
            f"breakeven {trade.trade_id} {trade.breakevens}",  # where a fill moves them, spot has touched nothing
            "breakeven",
            inside <= 0,
            inside > margin(spot, settings),
            lambda: f"{name} breakeven {_points(point)} touched: {trade.root} at {_points(spot)}",
            trade.root,
            trade.trade_id,
            quiet_first=True,
        )
    if not facts.slow:
        return
    yield Reading(
        f"unarmed {trade.trade_id}",
        "unarmed",
        bool(trade.unarmed),
        not trade.unarmed,
        lambda: f"{name} UNARMED: nobody holds a stop for {trade.unarmed}",
        trade.root,
        trade.trade_id,
        hold=settings.unarmed_ns,
    )
    yield Reading(
        f"armed {trade.trade_id}",
        "stop_armed",
        bool(trade.armed),
        False,
        lambda: f"{name} stops armed: {trade.armed}",
        trade.root,
        trade.trade_id,
        once=True,
    )


def feed_reading(feed: FeedFact) -> Reading:
    """The feed as a condition."""
    return Reading("feed", "feed", not feed.well, feed.well, lambda: feed.text, ts=None if feed.well else feed.since)


def breaker_reading(breaker: BreakerFact) -> Reading:
    """A breaker that stands; see ``breaker_gone`` for those that do not."""
    return Reading(
        f"breaker {breaker.name}",
        "breaker",
        True,
        False,
        lambda: f"{breaker.name}: {breaker.text}",
    )


def breaker_gone(name: str) -> Reading:
    """A breaker that stands no more."""
    return Reading(f"breaker {name}", "breaker", False, True, str)


def _limit(limit: LimitFact, settings: Settings) -> Reading:
    near = limit.limit * settings.limit_near
    return Reading(
        f"limit {limit.code} {limit.name}",
        "limit",
        limit.used >= near,
        limit.used < near * _LESS,
        lambda: f"{limit.name}: {limit.text} ({limit.used / limit.limit:.0%} of the limit)",
    )


def silent_text(since: int) -> str:
    """What is told of a feed that brings nothing."""
    return f"no data since {clock_text(since)}"


def _points(price: Price | None) -> str:
    return dollars_text(price)
