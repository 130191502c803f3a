"""The iron condor's table of the configuration."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from engine.calendar import EventKind, TimeOfDay, parse_time_of_day
from engine.clock import MINUTE
from engine.config import Table
from engine.strategy import SPREADS, Needs
from engine.types import Price, to_units

Dollars = Annotated[float, Field(ge=0)]


class StrikesTable(Table):
    """How the strikes are chosen; see config.toml for what ``short`` and ``wing`` mean under each ``by``."""

    by: Literal["delta", "offset", "premium", "expected_move", "percent"]
    short: Annotated[float, Field(gt=0)]
    wing: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _short_suits_by(self) -> StrikesTable:
        """``short`` has another unit under each ``by``: what only the other unit can mean is refused."""
        least, most, unit = _SHORT[self.by]
        if not least <= self.short <= most:
            raise ValueError(
                f"short = {self.short:g} is no {unit}; set strikes.short together with strikes.by, "
                f"from {least:g} to {most:g}"
            )
        return self


_SHORT = {
    "delta": (0.01, 0.5, "delta of a short leg"),
    "offset": (1.0, 1000.0, "distance in points"),
    "premium": (0.01, 50.0, "net credit of a side"),
    "expected_move": (0.25, 5.0, "multiple of the expected move"),
    "percent": (0.15, 20.0, "percentage of spot"),
}


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
        return round(credit * self.multiple) + self._offset_units

    @cached_property
    def _offset_units(self) -> Price:
        return to_units(self.offset)

    @cached_property
    def max_width_units(self) -> Price:
        """The widest quotes at which the trigger counts, price units."""
        return to_units(self.max_width)

    @property
    def confirm_ns(self) -> int:
        """How long the trigger must hold, ns."""
        return round(self.confirm_s * 1e9)


class BlackoutTable(Table):
    """Around which announcements of the calendar nothing is opened."""

    events: tuple[EventKind, ...]
    before_minutes: Annotated[float, Field(ge=0)]
    after_minutes: Annotated[float, Field(ge=0)]

    @property
    def before_ns(self) -> int:
        """How long before an announcement, ns."""
        return round(self.before_minutes * MINUTE)

    @property
    def after_ns(self) -> int:
        """How long after it, ns."""
        return round(self.after_minutes * MINUTE)


class Settings(Table):
    """``[strategies.iron_condor]`` for one root."""

    entries: list[str]
    entry_tolerance_minutes: Annotated[float, Field(gt=0)]
    quantity: Annotated[int, Field(ge=0)]
    min_credit: Dollars
    min_side_credit: Dollars
    max_imbalance: Annotated[float, Field(ge=0)]
    profit_target: Annotated[float, Field(ge=0, lt=1)]
    buy_back: Dollars
    exit_time: str
    hold_to_settlement: bool
    strikes: StrikesTable
    stop: StopTable
    blackout: BlackoutTable

    @field_validator("max_imbalance")
    @classmethod
    def _imbalance_is_a_ratio(cls, ratio: float) -> float:
        if 0 < ratio < 1:
            raise ValueError(f"{ratio:g} is no ratio of the greater side to the lesser: give 1 or more, or 0 for off")
        return ratio

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

    @cached_property
    def tolerance_ns(self) -> int:
        """How long a window stays open, ns."""
        return round(self.entry_tolerance_minutes * MINUTE)

    @cached_property
    def buy_back_units(self) -> Price:
        """The price at which shorts are bought back; 0 is off."""
        return to_units(self.buy_back)

    @cached_property
    def has_stops(self) -> bool:
        """Whether anything is stopped at all."""
        return self.stop.scope != "none" and not self.hold_to_settlement

    @property
    def exit(self) -> TimeOfDay:
        """The exit time, parsed."""
        return parse_time_of_day(self.exit_time)

    @property
    def needs(self) -> Needs:
        """What an account and a day must have for it; strikes that are not listed may make the width a step more."""
        strikes = self.strikes
        width = strikes.wing - strikes.short if strikes.by == "offset" else strikes.wing
        return Needs(
            level=SPREADS,
            width=to_units(max(0.0, width)),
            entries=tuple(parse_time_of_day(entry) for entry in self.entries),
            exit=None if self.hold_to_settlement else self.exit,
        )
