"""The demo market's exchange in a process of its own, and the way of a session to it; and one in Alpaca's protocols."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from engine.broker import ExchangeServer, SimulatedBroker, SocketBroker
from engine.calendar import session
from engine.config import Config, exchange_path
from engine.session.source import DemoSource, Source, demo_source, meanings
from engine.venue.clock import VenueClock
from engine.venue.rules import Rules
from engine.venue.venue import Venue

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import web

    from engine.venue.access import Access


def market_text(config: Config, source: Source) -> str:
    """What an exchange plays, in words that differ where its market, its fills, its fees or its cutoffs do."""
    how = (config.fills, config.fees, config.cutoffs)
    notes = " ".join(label.note for label in source.provenance)
    rules = hashlib.sha256(" ".join(table.model_dump_json() for table in how).encode()).hexdigest()
    return f"{'+'.join(source.roots)} {source.day}, {notes}, by the rules {rules[:8]}"


def make_broker(config: Config, source: Source) -> SimulatedBroker:
    """A new exchange at the start of a source's day."""
    return SimulatedBroker(config, session(source.day), meanings(source), source.events())


def make_venue(config: Config, source: Source, clock: VenueClock, accounts: tuple[str, ...]) -> Venue:
    """A source's day as an exchange that speaks Alpaca's protocols plays it, for so many accounts."""
    venue = Venue(config, session(source.day), meanings(source), source.events, clock, accounts)
    venue.plays = {"market": market_text(config, source)}
    if isinstance(source, DemoSource):
        venue.plays |= {name: str(getattr(config.demo, name)) for name in ("expiries", "step_seconds", "scenario")}
    return venue


def make_exchange(
    venue: Venue,
    access: Access,
    rules: Rules | None = None,
    seed: int | None = None,
    keep: Path | None = None,
    *,
    indicative_width: float = 1.0,
    most_in_frame: int = 512,
) -> web.Application:
    """All that the exchange answers: trading, market data, their streams, and the switches of its faults.

    Args:
        seed: faults happen by chance from the start, as this says; None: only those that are switched on.
        keep: a file of what it is asked. If there is one, the venue goes on from it, by the clock it had; see
            ``engine.venue.keeping``, and ``app[KEEPER]`` for whether it does.
        indicative_width: how many times as wide as OPRA's quotes are on the indicative feed. most_in_frame: messages
            in a frame of a data stream.

    Raises ``DiaryError``, only with ``keep``.
    """
    from engine.venue.app import make_app
    from engine.venue.data import data_routes
    from engine.venue.faults import FAULTS_KEY, Faults
    from engine.venue.faults_http import add_faults
    from engine.venue.trading import trading_routes

    def seeded(app: web.Application, _venue: Venue) -> None:
        app[FAULTS_KEY] = Faults(seed or 0, usual=seed is not None)

    parts = (seeded, add_faults, trading_routes(rules), data_routes(indicative_width, most_in_frame))
    app = make_app(venue, access, parts, requests_a_minute=venue.config.alpaca.requests_a_minute)
    if keep is not None:
        from engine.venue.keeping import keep_exchange

        keep_exchange(app, venue, keep, rules or Rules(), seed)
    return app


def exchange_server(config: Config, account: str) -> tuple[ExchangeServer, DemoSource]:
    """The demo market's exchange, listening. Raises ``ConfigError``, and ``OSError`` where it cannot listen."""
    source = demo_source(config)
    text = market_text(config, source)
    return ExchangeServer(exchange_path(config, account), text, lambda: make_broker(config, source)), source


def connect(config: Config, source: Source, account: str, *, goes_on: bool) -> SocketBroker:
    """A session's connection to the exchange. Raises ``BrokerDown``.

    ``goes_on``: whether the session is a restart. One that begins the day lets a simulated exchange begin it too.
    """
    broker = SocketBroker(exchange_path(config, account), market_text(config, source))
    if broker.now and not goes_on:
        broker.start_over()
    return broker
