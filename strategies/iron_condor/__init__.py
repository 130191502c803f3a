"""The iron condor on options that expire today."""

from strategies.iron_condor.settings import Settings
from strategies.iron_condor.state import State
from strategies.iron_condor.strategy import IronCondor

__all__ = ["IronCondor", "Settings", "State"]
