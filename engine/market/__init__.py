"""The state of the market: arrays of quotes with their ages, chains priced when read, the VIX to size by."""

from engine.market.chain import Chain
from engine.market.chains import Chains
from engine.market.details import Bar
from engine.market.layout import ChainLayout, lay_out
from engine.market.quote import NEVER, Quote
from engine.market.side import Side
from engine.market.state import NO_PRICE, Market, Parts
from engine.market.vix import VixReading, read_vix

__all__ = [
    "NEVER",
    "NO_PRICE",
    "Bar",
    "Chain",
    "ChainLayout",
    "Chains",
    "Market",
    "Parts",
    "Quote",
    "Side",
    "VixReading",
    "lay_out",
    "read_vix",
]
