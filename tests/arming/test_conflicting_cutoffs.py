"""Sources disagree about a broker's cutoffs: each has rows of its own, and the earliest of each instant counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import Session, clock_text, session
from engine.clock import MINUTE
from engine.config import Config, ConfigError, config_hash, load, trading_text, with_trading
from engine.exchange import NEVER, Cutoffs, cutoffs_of, flat_by

DAY = session(dt.date(2026, 1, 15))
HALF = session(dt.date(2026, 11, 27))


def with_rows(*rows: str, root: str = "SPY") -> Config:
    return load(settings=[f'session.roots=["{root}"]', f"cutoffs.schedule=[{', '.join(rows)}]"])


def row(root: str = "SPY", day: str = "2024-01-01", **fields: str) -> str:
    told = "".join(f', {name} = "{value}"' for name, value in fields.items())
    return f'{{ root = "{root}", from = {day}{told} }}'


def times(config: Config, day: str = "2026-01-15") -> list[str]:
    (found,) = cutoffs_of(config, session(dt.date.fromisoformat(day)))
    return [clock_text(at, seconds=False) if at < NEVER else "-" for at in found.cutoff]


def test_each_instant_is_the_earliest_that_anybody_reports() -> None:
    config = with_rows(
        row(source="docs", open_until="15:30", liquidate_from="15:45"),
        row(source="a user", liquidate_from="15:30"),
        row(source="another", open_until="15:40", close_until="15:50"),
    )
    assert times(config) == ["15:30", "15:50", "15:30"]
    (found,) = cutoffs_of(config, DAY)
    assert found.sources("open_until") == ("docs",)
    assert found.sources("liquidate_from") == ("a user",)


def test_a_newer_row_replaces_those_of_its_own_source_alone() -> None:
    config = with_rows(
        row(source="docs", open_until="15:30", liquidate_from="15:45"),
        row(source="a user", open_until="15:15"),
        row(day="2026-01-13", source="a user"),
        row(day="2026-01-14", source="docs", open_until="15:35"),
    )
    assert times(config, "2026-01-12") == ["15:15", "-", "15:45"]
    assert times(config, "2026-01-13") == ["15:30", "-", "15:45"], "an empty row takes back what was reported"
    assert times(config, "2026-01-14") == ["15:35", "-", "-"]


def test_by_default_the_report_without_an_exception_for_funds_wins() -> None:
    config = load(settings=['session.roots=["SPXW", "SPY", "QQQ"]'])
    spxw, spy, qqq = cutoffs_of(config, DAY)
    assert [clock_text(at, seconds=False) for at in (spxw.cutoff.open_until, spxw.cutoff.liquidate_from)] == [
        "15:15",
        "15:30",
    ]
    for fund in (spy, qqq):
        assert clock_text(fund.cutoff.open_until, seconds=False) == "15:30"
        assert clock_text(fund.cutoff.liquidate_from, seconds=False) == "15:30"
        assert fund.sources("liquidate_from") == ("no ETF exception",)
    assert {each.source for each in spy.reports} == {"docs", "no ETF exception", "seen closed"}


def test_on_a_half_day_all_of_them_are_earlier() -> None:
    (spxw,) = cutoffs_of(load(settings=["broker.profile=alpaca"]), HALF)
    assert [clock_text(at, seconds=False) for at in (spxw.cutoff.open_until, spxw.cutoff.liquidate_from)] == [
        "12:15",
        "12:30",
    ]
    assert clock_text(spxw.flat_by, seconds=False) == "12:00"


@pytest.mark.parametrize(
    ("given", "by"),
    [
        ((), "never"),
        (("broker.profile=alpaca",), "15:00"),
        (("broker.kind=alpaca",), "15:00"),
        (("broker.profile=alpaca", "cutoffs.flat_minutes=30"), "14:45"),
        (("broker.profile=alpaca", "cutoffs.flat_minutes=0"), "never"),
        (("broker.profile=alpaca", "cutoffs.schedule=[]"), "15:45"),
    ],
)
def test_at_alpaca_all_is_to_be_flat_before_the_earliest_of_them(given: tuple[str, ...], by: str) -> None:
    at = flat_by(load(settings=list(given)), DAY, "SPXW")
    assert (clock_text(at, seconds=False) if at < NEVER else "never") == by


def test_a_source_has_one_row_a_root_and_day() -> None:
    with pytest.raises(ConfigError, match="SPY has two rows from 2024-01-01 of 'docs'"):
        with_rows(row(source="docs"), row(source="docs", open_until="15:00"))
    with pytest.raises(ConfigError, match="SPY has two rows from 2024-01-01; give each its source"):
        with_rows(row(), row(open_until="15:00"))


def test_a_report_is_part_of_what_decides_trading() -> None:
    one = with_rows(row(source="docs", open_until="15:30"))
    two = with_rows(row(source="docs", open_until="15:30"), row(source="a user", open_until="15:15"))
    assert config_hash(one) != config_hash(two)
    assert with_trading(load(), trading_text(two)).cutoffs == two.cutoffs


def test_rows_of_before_sources_were_told_are_read_as_they_were() -> None:
    old = '{"cutoffs": {"schedule": [{"root": "SPXW", "from": "2024-02-01", "open_until": "close-45m"}]}}'
    found = with_trading(load(), old).cutoffs
    assert clock_text(Cutoffs(found, DAY).of("SPXW").open_until, seconds=False) == "15:15"


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 28), st.one_of(st.none(), st.integers(1, 200))),
        max_size=8,
        unique_by=lambda each: each[:2],
    ),
    st.integers(1, 28),
)
@settings(max_examples=60, deadline=None)
def test_it_is_never_later_than_what_any_source_says_last(reports: list[tuple[int, int, int | None]], on: int) -> None:
    rows = [
        row("SPXW", f"2026-01-{day:02d}", source=f"s{who}", open_until="" if before is None else f"close-{before}m")
        for who, day, before in reports
    ]
    at = Cutoffs(with_rows(*rows, root="SPXW").cutoffs, _on(on)).of("SPXW").open_until
    last = {who: before for who, day, before in sorted(reports, key=lambda each: each[1]) if day <= on}
    said = [_on(on).close - before * MINUTE for before in last.values() if before is not None]
    assert at == min(said, default=NEVER)


def _on(day: int) -> Session:
    """The hours of 2026-01-15 on a day of that January, whether the exchange is open then or not."""
    return replace(DAY, day=dt.date(2026, 1, day))
