"""What is refused before a session on a real market begins, and what is only told: each line says how to mend it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from engine.alpaca.parse import Account
from engine.calendar import session
from engine.config import Config, load
from engine.exchange import NEVER, flat_by
from engine.session.rules import UNRELIABLE, Mode, as_at_alpaca, as_in_shadow, refusals, warnings
from engine.strategy import plan_strategies
from strategies.registry import REGISTRY

DAY = session(dt.date(2026, 11, 23))
HALF = session(dt.date(2026, 11, 27))
HELD = "strategies.iron_condor.hold_to_settlement=true"
OFF = "cutoffs.flat_minutes=0"
ACCOUNT = Account("*****6789", "active", (), 3, None, None, None, None)


def config_of(mode: Mode, *settings: str) -> Config:
    """As a session of that mode trades it; with real quotes, which live trading needs."""
    config = load(settings=['alpaca.option_feed="opra"', *settings])
    return as_in_shadow(config) if mode == "shadow" else as_at_alpaca(config)


def refused(mode: Mode, *settings: str, account: Account | None = None, day: str = "") -> list[str]:
    config = config_of(mode, *settings)
    planned = plan_strategies(config.strategies, REGISTRY, config.session.roots)
    return refusals(config, mode, planned, HALF if day == "half" else DAY, account)


def warned(mode: Mode, *settings: str) -> list[str]:
    return warnings(config_of(mode, *settings), mode, DAY)


@pytest.mark.parametrize("mode", ["paper", "live", "shadow"])
def test_the_default_with_real_quotes_may_begin(mode: Mode) -> None:
    assert refused(mode, account=None if mode == "shadow" else ACCOUNT) == []
    assert refused(mode, day="half") == []


def test_live_trading_refuses_quotes_that_are_not_the_markets() -> None:
    (line,) = refused("live", "alpaca.option_feed=indicative")
    assert line == (
        "live trading refuses the indicative option feed, whose quotes are not the market's: "
        'set alpaca.option_feed = "opra", or trade paper'
    )
    assert refused("paper", "alpaca.option_feed=indicative") == []
    assert refused("shadow", "alpaca.option_feed=indicative") == []


@pytest.mark.parametrize("mode", ["paper", "shadow"])
def test_elsewhere_stops_on_such_quotes_are_called_unreliable(mode: Mode) -> None:
    assert UNRELIABLE in warned(mode, "alpaca.option_feed=indicative")
    assert UNRELIABLE not in warned(mode)
    local = 'alpaca.stream_url="ws://127.0.0.1:8787"'
    assert UNRELIABLE not in warned(mode, "alpaca.option_feed=indicative", local), "the exchange here changes no quotes"


@pytest.mark.parametrize("mode", ["paper", "live"])
@pytest.mark.parametrize("root", ["SPXW", "XSP"])
def test_nothing_is_held_to_settlement_at_alpaca_until_that_is_proven(mode: Mode, root: str) -> None:
    (line,) = refused(mode, HELD, f'session.roots=["{root}"]')
    assert line.startswith(f"strategies.iron_condor.hold_to_settlement is refused for {root} at Alpaca")
    assert line.endswith("set strategies.iron_condor.hold_to_settlement = false")


def test_what_settles_in_cash_may_be_held_where_the_exchange_is_ours() -> None:
    assert refused("shadow", HELD) == []


@pytest.mark.parametrize("mode", ["paper", "live", "shadow"])
@pytest.mark.parametrize("root", ["SPY", "QQQ"])
def test_what_settles_in_shares_is_never_held(mode: Mode, root: str) -> None:
    (line,) = refused(mode, HELD, f'session.roots=["{root}"]')
    assert f"is refused for {root}, which settles in shares" in line


def test_an_exit_after_the_earliest_cutoff_is_refused_where_nothing_else_closes() -> None:
    (line,) = refused("paper", OFF)
    assert line == (
        "strategies.iron_condor.exit_time = close-40m is 15:20, and the earliest cutoff of SPXW 15:15: "
        "leave before it, or set cutoffs.flat_minutes = 15"
    )
    assert refused("paper", OFF, "strategies.iron_condor.exit_time=15:15") != []
    assert refused("paper", OFF, "strategies.iron_condor.exit_time=15:14:59") == []
    assert refused("shadow", OFF) == []


def test_a_shadow_session_is_flat_when_one_at_alpaca_is() -> None:
    plain = load(settings=["broker.profile=plain", "broker.max_legs=8", "broker.replaces=true"])
    shadow, paper = as_in_shadow(plain), as_at_alpaca(plain)
    assert flat_by(plain, DAY, "SPXW") == NEVER
    assert flat_by(shadow, DAY, "SPXW") == flat_by(paper, DAY, "SPXW") < DAY.close
    assert (shadow.broker.kind, shadow.broker.max_legs, shadow.broker.replaces) == ("inside", 4, False)


def test_on_a_half_day_a_time_of_day_may_come_after_everything() -> None:
    late = "strategies.iron_condor.exit_time=15:00"
    assert refused("live", OFF, late) == []
    (line,) = refused("live", OFF, late, day="half")
    assert "is 15:00, and the earliest cutoff of SPXW 12:15" in line
    assert refused("live", late, day="half") == [], "it is closed at noon, whatever the strategy says"


def test_what_nobody_closes_or_knows_is_told() -> None:
    assert warned("paper") == []
    assert warned("paper", OFF) == ["nothing closes SPXW before the broker does: cutoffs.flat_minutes is 0"]
    assert warned("paper", "cutoffs.schedule=[]") == [
        "no cutoffs of SPXW are known on 2026-11-23: add a row to cutoffs.schedule"
    ]
    assert warned("shadow") == []
    (line,) = warned("shadow", OFF)
    assert line.startswith("nothing closes SPXW before the cutoffs: cutoffs.flat_minutes is 0; at Alpaca the broker")


def test_strategies_that_are_off_refuse_nothing() -> None:
    assert refused("live", HELD, "strategies.iron_condor.enabled=false") == []


@pytest.mark.parametrize(
    ("mode", "setting", "line"),
    [
        ("paper", "alpaca.trading_url=https://api.alpaca.markets", "where real money is"),
        ("shadow", "alpaca.trading_url=https://api.alpaca.markets", "where real money is"),
        ("live", "alpaca.live_url=https://paper-api.alpaca.markets", "where paper money is"),
        (
            "paper",
            "alpaca.trading_url=http://example.com",
            "alpaca.trading_url is http://example.com, which is not encryp",
        ),
        ("live", "alpaca.live_url=http://example.com", "write https://"),
        ("paper", "alpaca.stream_url=ws://example.com", "write wss://"),
        ("paper", "alpaca.data_url=http://example.com", "alpaca.data_url is http://example.com"),
    ],
)
def test_an_address_of_the_other_money_or_in_the_clear_is_refused(mode: Mode, setting: str, line: str) -> None:
    (found,) = refused(mode, setting)
    assert line in found


@pytest.mark.parametrize("mode", ["paper", "live"])
def test_a_local_exchange_needs_no_encryption(mode: Mode) -> None:
    here = ("trading_url=http://127.0.0.1:8787", "live_url=http://[::1]:8787", "stream_url=ws://localhost:8787")
    assert refused(mode, *(f"alpaca.{each}" for each in here)) == []


def test_an_account_that_cannot_trade_spreads_is_refused() -> None:
    (line,) = refused("paper", account=replace(ACCOUNT, level=2))
    assert line.startswith("account *****6789 has options level 2, and iron_condor needs 3: apply for it at Alpaca")
    assert refused("paper", "strategies.iron_condor.enabled=false", account=replace(ACCOUNT, level=0)) == []


def test_a_level_that_is_not_told_stops_real_money_alone() -> None:
    assert refused("paper", account=replace(ACCOUNT, level=None)) == []
    assert "options level is not told" in refused("live", account=replace(ACCOUNT, level=None))[0]


def test_an_account_that_is_blocked_is_refused() -> None:
    (line,) = refused("paper", account=replace(ACCOUNT, status="account_updated", blocks=("trading is blocked",)))
    assert line == ("account *****6789 may not trade: its status is account_updated; trading is blocked: ask Alpaca")


def test_several_lines_come_together_and_none_twice() -> None:
    found = refused("live", HELD, 'session.roots=["SPXW", "SPY"]', "alpaca.option_feed=indicative")
    assert len(found) == len(set(found)) == 3
