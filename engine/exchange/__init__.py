"""The simulated exchange: fill models, atomic packages, quoted sizes, cutoffs, liquidation, settlement."""

from engine.exchange.cutoffs import NEVER, Cutoff, Cutoffs, RootCutoffs, cutoffs_of, flat_by
from engine.exchange.fills import Cross, FillModel, Improve, Mid, Priced, Waiting, fill_model
from engine.exchange.resting import Resting
from engine.exchange.settling import Settler
from engine.exchange.simulated import DuplicateOrder, SimulatedExchange

__all__ = [
    "NEVER",
    "Cross",
    "Cutoff",
    "Cutoffs",
    "DuplicateOrder",
    "FillModel",
    "Improve",
    "Mid",
    "Priced",
    "Resting",
    "RootCutoffs",
    "Settler",
    "SimulatedExchange",
    "Waiting",
    "cutoffs_of",
    "fill_model",
    "flat_by",
]
