"""The simulated exchange: fill models, atomic packages, expiry and settlement."""

from engine.exchange.fills import Cross, FillModel, Mid, Priced, fill_model
from engine.exchange.simulated import SimulatedExchange

__all__ = ["Cross", "FillModel", "Mid", "Priced", "SimulatedExchange", "fill_model"]
