"""The strategies that can be named in the configuration."""

from __future__ import annotations

from engine.strategy import Registry
from strategies.iron_condor import IronCondor

REGISTRY: Registry = {IronCondor.name: IronCondor}
