"""The iron condor: sells a put and a call spread that expire today, at set times, each side with its stop."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from engine.calendar import clock_text
from engine.config import ConfigError, Table
from engine.strategy import Action, Context, Deadline, Moved, Proposal, SidePlan, Strategy, TradeInfo, Wake, Watch
from engine.types import product
from strategies.iron_condor.blackout import deadlines
from strategies.iron_condor.entry import OVER, begin_windows, run_windows, wakes, window_opens
from strategies.iron_condor.exit import exit_at, manage, watch
from strategies.iron_condor.levels import adjust, side_plans
from strategies.iron_condor.proposing import propose
from strategies.iron_condor.settings import Settings
from strategies.iron_condor.state import State


class IronCondor(Strategy[Settings, State]):
    """Entry windows, five ways to choose strikes, and exits by time, target, buy-back and stop."""

    name: ClassVar[str] = "iron_condor"
    version: ClassVar[str] = "1"
    settings_model: ClassVar[type[Table]] = Settings
    state_model: ClassVar[type[msgspec.Struct]] = State

    def __init__(self, root: str, settings: Settings) -> None:
        super().__init__(root, settings)
        if settings.hold_to_settlement and product(root).settlement == "physical":
            raise ConfigError(
                f"config: strategies.iron_condor.hold_to_settlement is refused for {root}: "
                "it settles in shares, and is never held"
            )

    def begin(self, ctx: Context) -> tuple[State, list[Action]]:
        """Announce the day's windows."""
        state = State()
        actions = begin_windows(ctx, self.settings, state)
        return state, [*actions, *self._exit_wake(ctx)]

    def resume(self, ctx: Context, state: State) -> list[Action]:
        """Ask again for the timers a restart has lost; a stop under confirmation asks for its own when it is judged."""
        return [*wakes(ctx, self.settings, state), *self._exit_wake(ctx)]

    def _exit_wake(self, ctx: Context) -> list[Action]:
        at = exit_at(ctx, self.settings)
        return [Wake(at)] if not self.settings.hold_to_settlement and at > ctx.now else []

    def decide(self, ctx: Context, state: State) -> list[Action]:
        """Exits first, entries after."""
        return [*manage(ctx, self.settings, state), *run_windows(ctx, self.settings, state)]

    def asleep(self, ctx: Context, state: State) -> bool:  # noqa: ARG002
        """While every window is still to open or over: a window's timer comes when it opens."""
        return all(window.status == "waiting" or window.status in OVER for window in state.windows.values())

    def watch(self, ctx: Context, state: State) -> Watch | None:
        """While it is asleep but for its exits, the prices at which one of those would begin."""
        return watch(ctx, self.settings, state) if self.asleep(ctx, state) else None

    def sides(self, trade: TradeInfo, state: State) -> tuple[SidePlan, ...]:
        """The whole package where it has a stop of its own, and its two sides."""
        return side_plans(self.settings, state, trade)

    def adjust(self, ctx: Context, state: State, trade: TradeInfo, moved: Moved) -> str:
        """Any stop and the target can be moved; not where all is held to settlement."""
        return adjust(ctx, self.settings, state, trade, moved)

    def propose(self, ctx: Context, state: State) -> Proposal | None:
        """The condor of now."""
        return propose(ctx, self.settings, state)

    def next_deadline(self, ctx: Context, state: State) -> Deadline | None:
        """The next window to open, an announcement of the blackout, or the exit time where something is held."""
        found = deadlines(ctx, self.settings)
        found += [
            Deadline(opens, f"entry {key}")
            for key, window in state.windows.items()
            if window.status == "waiting" and not ctx.may_open and (opens := window_opens(ctx, key)) > ctx.now
        ]
        at = exit_at(ctx, self.settings)
        if any(trade.held for trade in ctx.trades) and not self.settings.hold_to_settlement and at > ctx.now:
            found.append(Deadline(at, f"exit {clock_text(at, seconds=False)}"))
        return min(found, default=None)
