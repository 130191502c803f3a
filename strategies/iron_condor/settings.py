"""The iron condor's table of the configuration."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from engine.calendar import TimeOfDay, parse_time_of_day
from engine.config import Table
from engine.types import Price, to_units

Dollars = Annotated[float, Field(ge=0)]


class StrikesTable(Table):
    """How the strikes are chosen; see config.toml for what ``short`` and ``wing`` mean under each ``by``."""

    by: Literal["delta", "offset", "premium", "expected_move", "percent"]
    short: Annotated[float, Field(gt=0)]
    wing: Annotated[float, Field(gt=0)]


class StopTable(Table):
    """When a scope is stopped: its closing price at ``multiple`` x total credit + ``offset``."""

    scope: Literal["side", "package", "none"]
    multiple: Annotated[float, Field(gt=0)]
    offset: float
    trigger: Literal["mid", "natural"]
    confirm_s: Annotated[float, Field(ge=0)]
    max_width: Annotated[float, Field(gt=0)]

    def level(self, credit: Price) -> Price:
        """The closing price at which a scope of a trade with that total credit is stopped."""
        return round(credit * self.multiple) + to_units(self.offset)

    @property
    def confirm_ns(self) -> int:
        """How long the trigger must hold, ns."""
        return round(self.confirm_s * 1e9)


class Settings(Table):
    """``[strategies.iron_condor]`` for one root."""

    entries: list[str]
    entry_tolerance_minutes: Annotated[float, Field(gt=0)]
    quantity: Annotated[int, Field(ge=0)]
    min_credit: Dollars
    min_side_credit: Dollars
    profit_target: Annotated[float, Field(ge=0, lt=1)]
    buy_back: Dollars
    exit_time: str
    hold_to_settlement: bool
    strikes: StrikesTable
    stop: StopTable

    @field_validator("entries")
    @classmethod
    def _entries_are_times(cls, entries: list[str]) -> list[str]:
        for entry in entries:
            parse_time_of_day(entry)
        if len(set(entries)) != len(entries):
            raise ValueError("an entry time is named twice")
        return entries

    @field_validator("exit_time")
    @classmethod
    def _exit_is_a_time(cls, text: str) -> str:
        parse_time_of_day(text)
        return text

    @property
    def exit(self) -> TimeOfDay:
        """The exit time, parsed."""
        return parse_time_of_day(self.exit_time)
