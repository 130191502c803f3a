"""Which limits are not those of the last session, in words, with where they were set and why."""

from __future__ import annotations

import json

import pytest

from engine.config import ConfigError, load, trading_text
from engine.risk import changed_limits, changes_text


def test_nothing_has_changed_under_the_same_table() -> None:
    config = load()
    assert changed_limits(trading_text(config), config.risk) == []
    assert changes_text([], "because") == ""


def test_each_change_is_told_with_both_figures() -> None:
    before = trading_text(load())
    now = load(settings=["risk.daily_loss=800", "risk.vix_scale=false", 'risk.on_collision="deny"']).risk
    changes = changed_limits(before, now)
    assert [change.text for change in changes] == [
        "daily_loss 500 -> 800",
        "vix_scale true -> false",
        "on_collision shift -> deny",
    ]
    text = changes_text(changes, "agreed on Monday", {"daily_loss": "--set"})
    assert text == (
        "limits changed since the last session: daily_loss 500 -> 800 (--set), vix_scale true -> false, "
        "on_collision shift -> deny; why: agreed on Monday"
    )
    assert changes_text(changes, "").endswith("; why: not said (risk.why)")


def test_a_reason_alone_is_no_change_nor_is_a_limit_the_older_configuration_did_not_know() -> None:
    older = json.loads(trading_text(load()))
    del older["risk"]["per_book"]
    now = load(settings=["risk.per_book=0.5", 'risk.why="tired"']).risk
    assert changed_limits(json.dumps(older), now) == []
    assert changed_limits("{}", now) == []


def test_the_size_may_not_be_halved_above_where_it_is_none() -> None:
    with pytest.raises(ConfigError, match=r"risk.vix_none_above: must not be below vix_half_above, 30"):
        load(settings=["risk.vix_half_above=30", "risk.vix_none_above=29"])
    assert load(settings=["risk.vix_half_above=30", "risk.vix_none_above=30"]).risk.vix_none_above == 30
