"""What a session needs, imported once by the process that the sessions are forked from."""

import either_side as either_side
from alpaca.data.live import OptionDataStream as OptionDataStream
from alpaca.trading.client import TradingClient as TradingClient

from engine.broker.alpaca import broker
from engine.feed.alpaca import feed
from engine.market.rehearsal import rehearse
from engine.session import live_compose
from strategies.registry import REGISTRY as REGISTRY

rehearse()
__all__ = ["broker", "feed", "live_compose"]
