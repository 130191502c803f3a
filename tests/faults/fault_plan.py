"""What goes wrong in one session, and what is traded meanwhile: all of it drawn from one seed."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from engine.calendar import session
from engine.clock import MINUTE, SECOND
from engine.config import Config, load

PER_REQUEST: dict[str, tuple[float, float]] = {
    "timeout_before": (0.02, 0.3),  # 504: it never arrived
    "timeout_after": (0.02, 0.3),  # 504: it arrived, the answer did not
    "throttled": (0.02, 0.3),  # 429
    "slow": (0.05, 0.5),  # it arrives late, within the time of an answer
    "zombie": (0.02, 0.2),  # it arrives long after it was given up
}
PER_ANSWER: dict[str, tuple[float, float]] = {
    "dropped": (0.02, 0.4),
    "lost_fills": (0.1, 0.6),
    "duplicated": (0.05, 0.5),
    "delayed": (0.05, 0.6),  # by as much as half a minute: later reports overtake it
    "split": (0.2, 0.9),  # the legs of a fill are told one by one
}
PER_FILL: dict[str, tuple[float, float]] = {
    "partial_mleg": (0.05, 0.4),  # some legs of a package are filled, the others never
}
PER_MINUTE: dict[str, tuple[float, float]] = {
    "liquidation": (0.005, 0.04),  # the broker buys one short back
    "bust": (0.005, 0.03),
    "elsewhere": (0.005, 0.03),  # somebody trades in the account by another way
    "strange_order": (0.003, 0.02),  # an order of somebody else rests there
}
WINDOWS: dict[str, tuple[int, int]] = {  # seconds
    "down": (20, 900),
    "mute": (10, 300),  # nothing is heard, then all at once
    "mute_for_ever": (10, 300),  # nothing is heard, and never will be
    "journal_busy": (5, 600),
    "disk_full": (5, 900),
    "clock_jump": (60, 1200),  # the machine slept: everything comes at its end
    "feed_silent": (30, 900),
}
MOMENTS = ("kill", "command", "late_event", "skew")
KINDS = (*PER_REQUEST, *PER_ANSWER, *PER_FILL, *PER_MINUTE, *WINDOWS, *MOMENTS)

TRUSTING_NOT_WITH = {"slow", "zombie", "partial_mleg", *PER_MINUTE}
"""What only a broker's own refusal to close more than is held can put right."""

CALM_MINUTES = 35
"""So long before the first product's close everything is well again, so that what went wrong must be mended by then."""

ANSWER = 5 * SECOND

Where = Literal["before the send", "after the send", "between events"]


class Window(NamedTuple):
    """From ``start`` up to ``end``, ns UTC. ``hard``: in the worse of its two ways."""

    start: int
    end: int
    hard: bool


class Kill(NamedTuple):
    """The process dies: at the first such place from ``at`` on, and is started again ``down`` ns later.

    ``flushed``: whether what had queued up for the journal still got there.
    """

    at: int
    where: Where
    flushed: bool
    down: int


class Order(NamedTuple):
    """A person's command."""

    at: int
    kind: str


class Market(NamedTuple):
    """A simulated day, as the store of markets makes it."""

    day: dt.date
    roots: tuple[str, ...]
    seed: int
    scenario: str
    step: int
    size: float


MARKETS = (
    Market(dt.date(2026, 1, 15), ("SPXW",), 7, "whipsaw", 60, 4.0),
    Market(dt.date(2026, 1, 15), ("SPXW",), 11, "", 60, 40.0),
    Market(dt.date(2024, 7, 3), ("SPXW",), 3, "", 60, 6.0),  # a half-day
    Market(dt.date(2025, 3, 10), ("SPXW",), 5, "trend", 60, 10.0),  # the first day of summer time
    Market(dt.date(2024, 11, 4), ("XSP",), 9, "calm", 60, 6.0),  # the first day of winter time
    Market(dt.date(2025, 11, 28), ("SPXW", "XSP"), 2, "whipsaw", 60, 8.0),  # a half-day, two roots
    Market(dt.date(2026, 1, 15), ("SPY",), 4, "whipsaw", 60, 12.0),
    Market(dt.date(2026, 1, 16), ("SPXW",), 8, "fomc", 30, 8.0),
)


@dataclass
class Plan:
    """One session's faults.

    Attributes:
        rates: how likely each fault is at each of its occasions.
        hands: when a person orders something by hand, ns UTC.
        trusting: the broker fills whatever is sent, also a second order to close the same.
        calm: from when on nothing goes wrong any more, ns UTC.
        late: instants of the market whose events come with an older time. flush: how often the journal is written of
            its own accord, a chance an event.
    """

    seed: int
    market: Market
    config: Config
    kinds: tuple[str, ...]
    rates: dict[str, float]
    windows: dict[str, list[Window]]
    kills: list[Kill]
    commands: list[Order]
    hands: list[int]
    late: frozenset[int]
    skew: int
    trusting: bool
    calm: int
    flush: float
    settings: list[str] = field(default_factory=list)

    def rate(self, kind: str, now: int) -> float:
        """How likely a fault is now."""
        return self.rates.get(kind, 0.0) if now < self.calm else 0.0

    def window(self, kind: str, now: int) -> Window | None:
        """The window of that kind that now lies in."""
        return next((each for each in self.windows.get(kind, ()) if each.start <= now < each.end), None)

    @property
    def title(self) -> str:
        """In a line."""
        market = self.market
        broker = "a trusting broker" if self.trusting else "a broker that checks"
        faults = ", ".join(self.kinds) or "no fault"
        what = f"{market.day} {'+'.join(market.roots)} {market.scenario or 'ordinary'}"
        return f"seed {self.seed}: {what}, {broker}; {faults}"


def make_plan(seed: int, only: tuple[str, ...] | None = None) -> Plan:
    """The plan of a seed; ``only`` these kinds of faults, where given."""
    rng = random.Random(f"faults {seed}")
    market = rng.choice(MARKETS)
    day = session(market.day)
    settings = _settings(rng, market)
    kinds = _kinds(rng) if only is None else only
    calm = min(day.product_close(root) for root in market.roots) - CALM_MINUTES * MINUTE
    first = day.open + 5 * MINUTE
    windows = {kind: _windows(rng, first, calm, *WINDOWS[kind]) for kind in WINDOWS if kind in kinds}
    rates = {
        kind: rng.uniform(*bounds)
        for table in (PER_REQUEST, PER_ANSWER, PER_FILL, PER_MINUTE)
        for kind, bounds in table.items()
        if kind in kinds
    }
    kills = [_kill(rng, first, calm) for _ in range(rng.randint(1, 4))] if "kill" in kinds else []
    commands = _commands(rng, first, calm) if "command" in kinds else []
    minutes = (calm - first) // MINUTE
    late = (
        frozenset(first + rng.randrange(minutes) * MINUTE for _ in range(5)) if "late_event" in kinds else frozenset()
    )
    skew = rng.choice([-1, 1]) * rng.randrange(10 * SECOND) if "skew" in kinds else 0
    trusting = not TRUSTING_NOT_WITH & set(kinds) and rng.random() < 0.6
    return Plan(
        seed=seed,
        market=market,
        config=load(settings=settings),
        kinds=kinds,
        rates=rates,
        windows=windows,
        kills=sorted(kills),
        commands=commands,
        hands=_hands(seed, first, calm),
        late=late,
        skew=skew,
        trusting=trusting,
        calm=calm,
        flush=rng.choice([0.0, 0.05, 1.0]),
        settings=settings,
    )


def _kinds(rng: random.Random) -> tuple[str, ...]:
    """One kind alone, some, or all of them."""
    how = rng.random()
    if how < 0.4:
        return (rng.choice(KINDS),)
    if how < 0.8:
        chosen = set(rng.sample(KINDS, rng.randint(2, 6)))
        return tuple(kind for kind in KINDS if kind in chosen)
    return KINDS


def _windows(rng: random.Random, first: int, calm: int, shortest: int, longest: int) -> list[Window]:
    found = []
    for _ in range(rng.randint(1, 4)):
        start = first + rng.randrange((calm - first) // SECOND) * SECOND
        end = min(start + rng.randint(shortest, longest) * SECOND, calm)
        found.append(Window(start, end, rng.random() < 0.5))
    return sorted(found)


def _kill(rng: random.Random, first: int, calm: int) -> Kill:
    where: Where = rng.choice(["before the send", "after the send", "between events"])
    at = first + rng.randrange((calm - first) // SECOND) * SECOND
    down = rng.choice([0, rng.randrange(20), rng.randrange(900)])
    return Kill(at, where, rng.random() < 0.3, down * SECOND)


def _commands(rng: random.Random, first: int, calm: int) -> list[Order]:
    kinds = ["pause", "cancel", "flatten", "close_trade", "close_trade", "resume", "resume", "resume", "note"]
    if rng.random() < 0.2:
        kinds.append("lock")
    times = sorted(first + rng.randrange((calm - first) // SECOND) * SECOND for _ in range(rng.randint(2, 10)))
    return [Order(at, rng.choice(kinds)) for at in times]


def _hands(seed: int, first: int, calm: int) -> list[int]:
    """In every second session; from a chance of their own, so that without them it is the session it always was."""
    rng = random.Random(f"hands {seed}")
    many = rng.randint(2, 16) if seed % 2 else 0
    return sorted(first + rng.randrange((calm - first) // SECOND) * SECOND for _ in range(many))


def _settings(rng: random.Random, market: Market) -> list[str]:
    early = session(market.day).early
    hours = (
        ["09:45", "10:15", "10:45", "11:15"]
        if early
        else ["09:45", "10:15", "10:45", "11:15", "12:00", "12:45", "13:30"]
    )
    entries = ",".join(f'"{hour}"' for hour in hours)
    condor = "strategies.iron_condor"
    small = market.roots[0] in ("XSP", "SPY")
    found = {
        f"{condor}.entries": f"[{entries}]",
        f"{condor}.quantity": rng.choice([1, 2, 3, 6, 10]),
        f"{condor}.min_credit": 0.02,
        f"{condor}.min_side_credit": 0.01,
        f"{condor}.max_imbalance": 0,
        f"{condor}.strikes.short": rng.choice([0.1, 0.15, 0.25]),
        f"{condor}.strikes.wing": rng.choice([1, 2]) if small else rng.choice([10, 15, 20]),
        f"{condor}.stop.scope": rng.choice(["side", "side", "package"]),
        f"{condor}.stop.confirm_s": rng.choice([0, 3]),
        f"{condor}.exit_time": rng.choice(["close-40m", "close-60m"]),
        f"{condor}.entry_tolerance_minutes": rng.choice([3, 10]),
        "account.equity": 1_000_000,
        "risk.per_trade": 0.05,
        "risk.per_strategy": rng.choice([0.02, 0.3]),
        "risk.per_book": 0.4,
        "risk.max_open": rng.choice([2, 4, 12]),
        "risk.daily_loss": rng.choice([1500, 100_000, 100_000]),
        "risk.vix_scale": "false",
        "risk.max_rejects": rng.choice([3, 1000, 1000]),
        "risk.max_errors": rng.choice([5, 1000, 1000]),
        "risk.duplicate_seconds": 0,
        "risk.max_contracts_day": 100_000,
        "risk.messages_per_second": 1000,
        "risk.messages_per_minute": 10_000,
        "fills.model": rng.choice(["cross", "cross", "mid", "improve"]),
        "fills.latency_ms": rng.choice([0, 0, 250, 3000]),
        "entries.start": rng.choice(["limit", "mid"]),
        "broker.max_legs": rng.choice([2, 4, 4]),
        "broker.replaces": rng.choice(["true", "true", "false"]),
        "broker.reconcile_seconds": rng.choice([15, 60, 120]),
        "broker.outside": rng.choice(["adopt", "flatten"]),
    }
    for root in ("SPY", "XSP"):
        if root in market.roots:
            for key in ("quantity", "min_credit", "min_side_credit", "strikes.wing"):
                value = found[f"{condor}.{key}"] if market.roots[0] == root else {"strikes.wing": 2}.get(key, 1)
                found[f"{condor}.by_root.{root}.{key}"] = value
    return [f"{key}={value}" for key, value in found.items()]
