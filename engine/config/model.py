"""The configuration as validated values. Strategy tables stay raw here: each strategy validates its own."""

from __future__ import annotations

import datetime as dt
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from engine.config.alerts import AlertsTable
from engine.config.alpaca import AlpacaTable
from engine.config.exchange import CutoffsTable, FeesTable, FillsTable
from engine.config.table import Table, known_root
from engine.config.watch import HealthTable, PushTable
from engine.types import Money, Price, to_units

Fraction = Annotated[float, Field(gt=0, le=1)]
# So large that nobody means it, so small that every sum of it is exact in 64 bits.
Dollars = Annotated[float, Field(gt=0, le=1e12)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
PriceLimit = Annotated[float, Field(gt=0, le=1_000_000)]


def _printable(text: str) -> str:
    if "\0" in text or any(ord(character) < 32 for character in text):
        raise ValueError("a path has no control characters")
    return text


PathText = Annotated[str, AfterValidator(_printable)]


class SessionTable(Table):
    """``[session]``: which mode, which option roots."""

    mode: Literal["auto", "demo", "paper", "live", "shadow"] = "auto"
    roots: Annotated[list[str], Field(min_length=1)] = Field(default_factory=lambda: ["SPXW"])

    @field_validator("roots")
    @classmethod
    def _known(cls, roots: list[str]) -> list[str]:
        for root in roots:
            known_root(root)
        if len(set(roots)) != len(roots):
            raise ValueError("a root is named twice")
        return roots


# The simulator stands above this floor; a test holds these and its own together.
SCENARIO_NAMES = ("calm", "trend", "whipsaw", "fomc", "halfday", "gap", "pin", "outage")


def _known_scenario(name: str) -> str:
    if name and name not in SCENARIO_NAMES:
        near = get_close_matches(name.lower(), SCENARIO_NAMES, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"unknown scenario {name!r}{hint}; known: {', '.join(SCENARIO_NAMES)}")
    return name


class DemoTable(Table):
    """``[demo]``: the embedded market simulator."""

    date: dt.date
    seed: Annotated[int, Field(ge=0)]
    scenario: Annotated[str, AfterValidator(_known_scenario)] = ""
    expiries: Annotated[int, Field(ge=1, le=12)] = 3
    step_seconds: Annotated[int, Field(ge=1, le=300)] = 15
    speed: Annotated[float, Field(gt=0, le=100_000)]


class DataTable(Table):
    """``[data]``: where the day store lies."""

    dir: PathText = ""


class PathTable(Table):
    """``[research]``: where a journal lies."""

    path: PathText = ""


class JournalTable(PathTable):
    """``[journal]``: where an account's journal lies, its backups while a session runs, and how long days stay in it.

    0 backup minutes is none; 0 to keep is all of them; 0 keep days is for ever.
    """

    backup_minutes: Annotated[float, Field(ge=0, le=100_000)]
    backup_keep: Annotated[int, Field(ge=0, le=100_000)]
    keep_days: Annotated[int, Field(ge=0, le=100_000)]


class CacheTable(Table):
    """``[cache]``: where figures of played days are kept, and how many megabytes of them."""

    dir: str
    max_mb: Annotated[int, Field(ge=0, le=100_000)]


class AccountTable(Table):
    """``[account]``: its name, and its equity in simulation, dollars."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,32}$")] = "main"
    equity: Dollars

    @property
    def equity_units(self) -> Money:
        """Start-of-day equity in money units."""
        return to_units(self.equity)


class RiskTable(Table):
    """``[risk]``: what the gate allows an entry, a trade, a strategy and the book, and what trips a breaker."""

    per_trade: Fraction
    per_strategy: Fraction
    per_book: Fraction
    daily_loss: Dollars
    max_open: Annotated[int, Field(ge=0, le=100_000)]
    vix_scale: bool
    vix_half_above: Annotated[float, Field(ge=0, le=1000)]
    vix_none_above: Annotated[float, Field(ge=0, le=1000)]
    on_collision: Literal["shift", "deny"]
    mark_max_width: PriceLimit
    max_contracts: Count
    max_contracts_day: Count
    max_notional: Dollars
    cover_within: Fraction
    collar_worse: Annotated[float, Field(ge=0, le=1_000_000)]
    collar_better: Annotated[float, Field(ge=0, le=1_000_000)]
    max_leg_width: PriceLimit
    max_package_width: PriceLimit
    no_open_minutes: Annotated[int, Field(ge=0, le=390)]
    duplicate_seconds: Annotated[float, Field(ge=0, le=86_400)]
    max_repeats: Count
    messages_per_second: Count
    messages_per_minute: Count
    stale_seconds: Annotated[float, Field(gt=0, le=86_400)]
    max_rejects: Count
    max_errors: Count
    error_seconds: Annotated[float, Field(gt=0, le=86_400)]
    max_clock_skew_ms: Count
    why: str = ""

    @field_validator("vix_none_above")
    @classmethod
    def _no_size_beyond_none(cls, none_above: float, info: ValidationInfo) -> float:
        half_above = info.data.get("vix_half_above")
        if half_above is not None and none_above < half_above:
            raise ValueError(f"must not be below vix_half_above, {half_above:g}")
        return none_above

    @property
    def mark_max_width_units(self) -> Price:
        """The widest quote that judges the day's loss, price units."""
        return to_units(self.mark_max_width)

    @property
    def daily_loss_units(self) -> Money:
        """The daily loss limit in money units, positive."""
        return to_units(self.daily_loss)

    @property
    def max_notional_units(self) -> Money:
        """The largest notional of an order, money units."""
        return to_units(self.max_notional)

    @property
    def collar_worse_units(self) -> Price:
        """How much worse than the natural price an entry's limit may be, price units."""
        return to_units(self.collar_worse)

    @property
    def collar_better_units(self) -> Price:
        """How much better than mid, price units."""
        return to_units(self.collar_better)

    @property
    def max_leg_width_units(self) -> Price:
        """The widest leg of an entry, price units."""
        return to_units(self.max_leg_width)

    @property
    def max_package_width_units(self) -> Price:
        """The widest sum of the legs' widths, price units."""
        return to_units(self.max_package_width)

    @property
    def duplicate_ns(self) -> int:
        """How long the same order is a duplicate, ns."""
        return round(self.duplicate_seconds * 1e9)

    @property
    def stale_ns(self) -> int:
        """How long data may be overdue while something is held, ns."""
        return round(self.stale_seconds * 1e9)

    @property
    def error_window_ns(self) -> int:
        """The window in which errors are counted, ns."""
        return round(self.error_seconds * 1e9)

    @property
    def max_clock_skew_ns(self) -> int:
        """How far the clocks may be apart, ns."""
        return self.max_clock_skew_ms * 1_000_000


class ExitsTable(Table):
    """``[exits]``: how a closing order walks to the market."""

    step_seconds: Annotated[float, Field(ge=0.001, le=86_400)]
    ticks: Annotated[int, Field(ge=0, le=10_000)]

    @property
    def step_ns(self) -> int:
        """Nanoseconds between two steps."""
        return round(self.step_seconds * 1e9)


class StopTable(Table):
    """``[stop]``: who holds the stops of open trades."""

    placement: Literal["engine", "broker", "both"]
    wider: Annotated[float, Field(ge=1, le=100)]


class EntriesTable(Table):
    """``[entries]``: how an opening order works until its time is over."""

    start: Literal["limit", "mid"]
    step_seconds: Annotated[float, Field(ge=0.001, le=86_400)]
    fraction: Annotated[float, Field(gt=0, le=1)]

    @property
    def step_ns(self) -> int:
        """Nanoseconds between two steps."""
        return round(self.step_seconds * 1e9)


_ALPACA_LEGS = 4


class BrokerTable(Table):
    """``[broker]``: where orders go, and what that broker takes.

    Under the profile ``alpaca`` it takes four legs at most and changes no limit, wherever orders go.
    """

    kind: Literal["inside", "socket", "alpaca"]
    profile: Literal["plain", "alpaca"]
    path: PathText = ""
    max_legs: Annotated[int, Field(ge=1, le=20)]
    replaces: bool
    answer_seconds: Annotated[float, Field(ge=0.1, le=3600)]
    reconcile_seconds: Annotated[float, Field(ge=1, le=86_400)]
    outside: Literal["adopt", "flatten"]

    @model_validator(mode="before")
    @classmethod
    def _as_the_profile_has_it(cls, values: Any) -> Any:
        if not isinstance(values, dict) or "alpaca" not in (values.get("profile"), values.get("kind")):
            return values
        legs = values.get("max_legs")
        most = min(legs, _ALPACA_LEGS) if isinstance(legs, int) else legs
        return values | {"profile": "alpaca", "max_legs": most, "replaces": False}

    @property
    def answer_ns(self) -> int:
        """How long an answer may take, nanoseconds."""
        return round(self.answer_seconds * 1e9)

    @property
    def reconcile_ns(self) -> int:
        """Nanoseconds between two comparisons with the broker."""
        return round(self.reconcile_seconds * 1e9)


class TerminalTable(Table):
    """``[terminal]``: what a session does when its terminal is lost, and when nobody looks at it any more."""

    lost: Literal["keep", "cancel", "flatten"]
    after_flat: Literal["stay", "end"]
    linger_minutes: Annotated[float, Field(gt=0, le=10_000)]


def _word(value: Any) -> Any:
    """TOML's own true and false as the words they are written with."""
    return str(value).lower() if isinstance(value, bool) else value


class UiTable(Table):
    """``[ui]``: the screen."""

    refresh_hz: Annotated[float, Field(ge=1, le=30)]
    theme: str
    profile: Literal["auto", "local", "remote"]
    flash: bool
    hover: bool
    ascii: Annotated[Literal["auto", "true", "false"], BeforeValidator(_word)]


class Config(Table):
    """The whole configuration. ``strategies`` holds one raw table a strategy, validated by its own model."""

    session: SessionTable
    demo: DemoTable
    data: DataTable
    journal: JournalTable
    research: PathTable
    cache: CacheTable
    account: AccountTable
    fills: FillsTable
    fees: FeesTable
    cutoffs: CutoffsTable
    risk: RiskTable
    entries: EntriesTable
    exits: ExitsTable
    stop: StopTable
    broker: BrokerTable
    alpaca: AlpacaTable
    strategies: dict[str, dict[str, Any]]
    alerts: AlertsTable
    health: HealthTable
    push: PushTable
    terminal: TerminalTable
    ui: UiTable
