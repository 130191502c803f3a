"""The market simulator: a seeded day of a chain that no market ever showed. Everything it makes says so."""

from engine.feed.simulator.day import VERSION, Evening, SimulatedDay
from engine.feed.simulator.path import PathModel
from engine.feed.simulator.quoting import QuoteModel
from engine.feed.simulator.recorded import RecordedPath
from engine.feed.simulator.scenario import FULL_MINUTES, Scenario
from engine.feed.simulator.scenarios import SCENARIOS, is_half_day, playable, scenario
from engine.feed.simulator.smile import SmileModel
from engine.feed.simulator.trading import TradeModel

__all__ = [
    "FULL_MINUTES",
    "SCENARIOS",
    "VERSION",
    "Evening",
    "PathModel",
    "QuoteModel",
    "RecordedPath",
    "Scenario",
    "SimulatedDay",
    "SmileModel",
    "TradeModel",
    "is_half_day",
    "playable",
    "scenario",
]
