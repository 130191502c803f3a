"""The demo market's exchange in a process of its own, and the way of a session to it."""

from __future__ import annotations

import hashlib

from engine.broker import ExchangeServer, SimulatedBroker, SocketBroker
from engine.calendar import session
from engine.config import Config, exchange_path
from engine.session.source import DemoSource, Source, demo_source, meanings


def market_text(config: Config, source: Source) -> str:
    """What an exchange plays, in words that differ where its market, its fills, its fees or its cutoffs do."""
    how = (config.fills, config.fees, config.cutoffs)
    notes = " ".join(label.note for label in source.provenance)
    rules = hashlib.sha256(" ".join(table.model_dump_json() for table in how).encode()).hexdigest()
    return f"{'+'.join(source.roots)} {source.day}, {notes}, by the rules {rules[:8]}"


def make_broker(config: Config, source: Source) -> SimulatedBroker:
    """A new exchange at the start of a source's day."""
    return SimulatedBroker(config, session(source.day), meanings(source), source.events())


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
