"""How a closing order walks to the market: mid, some ticks nearer, marketable, market. It never gives up."""

from __future__ import annotations

from typing import Literal, NamedTuple

from engine.types import Price

Step = Literal["mid", "ticks", "marketable", "market"]
STEPS: tuple[Step, ...] = ("mid", "ticks", "marketable", "market")


class WalkStep(NamedTuple):
    """One step and its signed net limit (a debit positive); None is a market order."""

    step: Step
    limit: Price | None


def step_at(elapsed: int, step_ns: int) -> int:
    """Which step of ``STEPS`` a walk has reached ``elapsed`` ns after it began; the last one for ever."""
    return min(elapsed // step_ns, len(STEPS) - 1)


def to_tick(price: Price, tick: Price) -> Price:
    """Round a net price toward the market: up, so that a debit pays a little more and a credit takes a little less."""
    return -(-price // tick) * tick


def walk_limit(step: int, mid2: int, natural: Price, tick: Price, ticks: int) -> WalkStep:
    """The limit of a step.

    Args:
        step: index into ``STEPS``.
        mid2: twice the package's signed net mid.
        natural: the net price at which it trades at once: asks for purchases, bids for sales.
        tick: the package's tick. ticks: how many the second step adds.
    """
    name = STEPS[step]
    if name == "market":
        return WalkStep(name, None)
    if name == "marketable":
        return WalkStep(name, to_tick(natural, tick))
    middle = to_tick(-(-mid2 // 2), tick)
    wanted = middle if name == "mid" else middle + ticks * tick
    return WalkStep(name, min(wanted, to_tick(natural, tick)))
