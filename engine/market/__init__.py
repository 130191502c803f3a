"""The state of the market: arrays of quotes with their ages, chains priced when read, the VIX to size by."""

from engine.market.chain import Chain, ChainLayout, Side, lay_out
from engine.market.state import NEVER, Market, Quote
from engine.market.vix import VixReading, read_vix

__all__ = ["NEVER", "Chain", "ChainLayout", "Market", "Quote", "Side", "VixReading", "lay_out", "read_vix"]
