"""``[alerts]``: what a session tells of, how loudly, and people's own rules."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import AfterValidator, Field, field_validator

from engine.alerts import MOST_RULES, AlertManners, Kind, Level, Rule, Setting, Settings, format_rule, parse_rule
from engine.config.table import Table
from engine.types import to_units


def _understood(text: str) -> str:
    parse_rule(text)
    return text


RuleText = Annotated[str, AfterValidator(_understood)]


class AlertLevels(Table):
    """``[alerts.levels]``: each kind's level, or off."""

    short: Setting
    short_near: Setting
    breakeven: Setting
    limit: Setting
    breaker: Setting
    feed: Setting
    rejected: Setting
    denied: Setting
    fill: Setting
    stop_armed: Setting
    stop_fired: Setting
    unarmed: Setting
    closed: Setting
    engine: Setting
    rule: Setting


class AlertsTable(Table):
    """``[alerts]``. ``rules`` are read here, so that a wrong one is refused with the line it stands on."""

    rules: Annotated[list[RuleText], Field(max_length=MOST_RULES)] = Field(default_factory=list)
    near_points: Annotated[float, Field(ge=0, le=100_000)]
    near_move: Annotated[float, Field(ge=0, le=10)]
    limit_near: Annotated[float, Field(gt=0, le=1)]
    rearm_percent: Annotated[float, Field(ge=0, le=10)]
    unarmed_seconds: Annotated[float, Field(ge=0, le=3600)]
    toast_seconds: Annotated[float, Field(ge=0, le=60)]
    toast_from: Level
    bell: bool
    title_flash: bool
    levels: AlertLevels

    @field_validator("rules")
    @classmethod
    def _each_once(cls, rules: list[str]) -> list[str]:
        known: set[Rule] = set()
        for rule in map(parse_rule, rules):
            if rule in known:
                raise ValueError(f"the rule {format_rule(rule)!r} is there twice")
            known.add(rule)
        return rules

    @property
    def settings(self) -> Settings:
        """As the alerts take them."""
        return Settings(
            levels=cast("dict[Kind, Setting]", self.levels.model_dump()),
            near_points=to_units(self.near_points),
            near_move=self.near_move,
            limit_near=self.limit_near,
            rearm=self.rearm_percent / 100,
            unarmed_ns=round(self.unarmed_seconds * 1e9),
            rules=tuple(parse_rule(text) for text in self.rules),
            manners=AlertManners(
                toast_seconds=self.toast_seconds,
                toast_from=self.toast_from,
                bell=self.bell,
                title_flash=self.title_flash,
            ),
        )
