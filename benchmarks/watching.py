"""The iron condor as it is, but for reading implied vols and Greeks to the second order of the whole chain each minute.

The product prices a chain only where somebody reads it, and the condor reads one when it chooses strikes. This one
makes the engine do what a screen or a Greeks-driven strategy would. What it trades is the same, order by order.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from engine.strategy import Action, Context, Registry, Tally
from strategies.iron_condor import IronCondor, State

READ = "minutes with Greeks"
"""What a day's figures count: the minutes in which every Greek of the chain was read."""


class WatchingCondor(IronCondor):
    """The condor that reads the whole chain with every news."""

    version: ClassVar[str] = "benchmark"

    def decide(self, ctx: Context, state: State) -> list[Action]:
        """As the condor decides, after a look at every contract."""
        return [*self._look(ctx), *super().decide(ctx, state)] if ctx.news else super().decide(ctx, state)

    def asleep(self, ctx: Context, state: State) -> bool:  # noqa: ARG002
        """Never: every minute is looked at."""
        return False

    def _look(self, ctx: Context) -> list[Action]:
        chain = ctx.chain(ctx.session.day)
        if chain is None:
            return []
        full = chain.full_greeks  # each column to the third order, of every strike
        return [Tally(READ)] if np.isfinite(full.vanna + full.charm + full.vomma).any() else []


REGISTRY: Registry = {IronCondor.name: WatchingCondor}
