"""The configuration as validated values. Strategy tables stay raw here: each strategy validates its own."""

from __future__ import annotations

import datetime as dt
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from engine.types import PRODUCTS, Money, Price, to_units

Fraction = Annotated[float, Field(gt=0, le=1)]
# So large that nobody means it, so small that every sum of it is exact in 64 bits.
Dollars = Annotated[float, Field(gt=0, le=1e12)]


class Table(BaseModel):
    """A table of the configuration: unknown keys fail, numbers are finite, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        """``daily_loss = true`` is a slip of the hand, not one dollar."""
        field = cls.model_fields[info.field_name or ""]
        if isinstance(value, bool) and field.annotation in (int, float):
            raise ValueError("Input should be a number")
        return value


def _known_root(root: str) -> str:
    if root not in PRODUCTS:
        near = get_close_matches(root.upper(), PRODUCTS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"unknown root {root!r}{hint}; known: {', '.join(sorted(PRODUCTS))}")
    return root


def _printable(text: str) -> str:
    if "\0" in text or any(ord(character) < 32 for character in text):
        raise ValueError("a path has no control characters")
    return text


PathText = Annotated[str, AfterValidator(_printable)]


class SessionTable(Table):
    """``[session]``: which mode, which option roots."""

    mode: Literal["auto", "demo", "paper", "live", "shadow"] = "auto"
    roots: Annotated[list[str], Field(min_length=1)] = ["SPXW"]

    @field_validator("roots")
    @classmethod
    def _known(cls, roots: list[str]) -> list[str]:
        for root in roots:
            _known_root(root)
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
    speed: Annotated[float, Field(gt=0, le=100_000)]


class DataTable(Table):
    """``[data]``: where the day store lies."""

    dir: PathText = ""


class PathTable(Table):
    """``[journal]`` and ``[research]``: where a journal lies."""

    path: PathText = ""


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


class FillsTable(Table):
    """``[fills]``: the simulated exchange's fill model."""

    model: Literal["cross", "mid"]
    slippage: Annotated[float, Field(ge=0, le=100)]
    max_quote_age_seconds: Annotated[float, Field(gt=0, le=86_400)]
    latency_ms: Annotated[int, Field(ge=0, le=60_000)]

    @property
    def slippage_units(self) -> Price:
        """Slippage a leg in price units."""
        return to_units(self.slippage)

    @property
    def max_quote_age_ns(self) -> int:
        """The quote age limit in nanoseconds."""
        return round(self.max_quote_age_seconds * 1e9)


class FeeRow(Table):
    """One row of a dated fee table."""

    root: Annotated[str, AfterValidator(_known_root)]
    from_: Annotated[dt.date, Field(alias="from")]
    per_contract: Annotated[float, Field(ge=0, le=1000)]


class FeesTable(Table):
    """``[fees]``: dollars a contract a side, the same always or dated a root."""

    per_contract: Annotated[float, Field(ge=0, le=1000)]
    schedule: list[FeeRow] = []

    @field_validator("schedule")
    @classmethod
    def _one_fee_a_day(cls, rows: list[FeeRow]) -> list[FeeRow]:
        seen: set[tuple[str, dt.date]] = set()
        for row in rows:
            if (row.root, row.from_) in seen:
                raise ValueError(f"{row.root} has two fees from {row.from_}")
            seen.add((row.root, row.from_))
        return rows

    def per_contract_units(self, root: str, day: dt.date) -> Money:
        """The fee for one contract of ``root`` on ``day``, money units: the latest row not after the day."""
        rows = [row for row in self.schedule if row.root == root and row.from_ <= day]
        latest = max(rows, key=lambda row: row.from_, default=None)
        return to_units(latest.per_contract if latest else self.per_contract)


class RiskTable(Table):
    """``[risk]``: limits on worst-case loss, the day's loss, and open trades."""

    per_trade: Fraction
    per_strategy: Fraction
    daily_loss: Dollars
    max_open: Annotated[int, Field(ge=0, le=100_000)]
    vix_scale: bool
    on_collision: Literal["shift", "deny"]
    mark_max_width: Annotated[float, Field(gt=0, le=1_000_000)]

    @property
    def mark_max_width_units(self) -> Price:
        """The widest quote that judges the day's loss, price units."""
        return to_units(self.mark_max_width)

    @property
    def daily_loss_units(self) -> Money:
        """The daily loss limit in money units, positive."""
        return to_units(self.daily_loss)


class ExitsTable(Table):
    """``[exits]``: how a closing order walks to the market."""

    step_seconds: Annotated[float, Field(ge=0.001, le=86_400)]
    ticks: Annotated[int, Field(ge=0, le=10_000)]

    @property
    def step_ns(self) -> int:
        """Nanoseconds between two steps."""
        return round(self.step_seconds * 1e9)


class UiTable(Table):
    """``[ui]``: the screen."""

    refresh_hz: Annotated[float, Field(ge=1, le=30)]
    theme: str


class Config(Table):
    """The whole configuration. ``strategies`` holds one raw table a strategy, validated by its own model."""

    session: SessionTable
    demo: DemoTable
    data: DataTable
    journal: PathTable
    research: PathTable
    cache: CacheTable
    account: AccountTable
    fills: FillsTable
    fees: FeesTable
    risk: RiskTable
    exits: ExitsTable
    strategies: dict[str, dict[str, Any]]
    ui: UiTable
