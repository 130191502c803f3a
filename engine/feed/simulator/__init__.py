"""The market simulator: a seeded day of a chain that no market ever showed. Everything it makes says so."""

from engine.feed.simulator.day import VERSION, SimulatedDay
from engine.feed.simulator.path import PathModel
from engine.feed.simulator.quoting import QuoteModel
from engine.feed.simulator.smile import SmileModel

__all__ = ["VERSION", "PathModel", "QuoteModel", "SimulatedDay", "SmileModel"]
