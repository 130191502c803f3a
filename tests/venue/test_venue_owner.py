"""What an owner asks of an account beside trading: exercise, settings, history; each as Alpaca's document has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alpaca.trading.enums import PositionSide
from alpaca.trading.requests import GetPortfolioHistoryRequest
from test_venue_schemas import Document, within
from venue_hall import Hall, hall, legs, mleg, single

from engine.config import load
from engine.session.exchange import make_exchange, make_venue
from engine.session.source import demo_source
from engine.types import Contract, Right
from engine.venue.access import Access
from engine.venue.asked import Asked, AskedLeg
from engine.venue.clock import VenueClock
from engine.venue.keeping import KEEPER
from engine.venue.rules import Rules
from engine.venue.trading import DESKS

FUND = ('session.roots=["SPY"]', "account.equity=500000")
MINUTE = 60 * 10**9


@pytest.fixture
def fund() -> Iterator[Hall]:
    with hall(*FUND) as found:
        yield found


@pytest.fixture(scope="module")
def document(shared: Path) -> Document:
    return Document(shared)


def deep(venue: Hall, right: Right) -> Contract:
    """Eight dollars or more in the money, expiring today."""
    return deepest(venue.venue, right)


def deepest(venue: Any, right: Right) -> Contract:
    value = venue.market.value("SPY")[0]
    assert value is not None
    today = [each for each in venue.listed if isinstance(each, Contract) and each.expiry == venue.day.day]
    inside = [
        each
        for each in today
        if each.right == right and abs(each.strike - value) > 80_000 and (each.strike < value) == (right == "C")
    ]
    return min(inside, key=lambda each: abs(each.strike - value))


def test_an_exercise_makes_shares_at_once_of_all_that_is_free(fund: Hall, document: Document) -> None:
    call = deep(fund, "C")
    fund.ask("POST", "/v2/orders", single(call.symbol, "buy", qty=3))
    fund.ask("POST", "/v2/orders", single(call.symbol, "sell", "90", qty=1))  # which holds one of them
    cash = float(fund.client().get_account().cash)
    fund.client().exercise_options_position(call.symbol)
    by_symbol = {each.symbol: each for each in fund.client().get_all_positions()}
    assert {symbol: each.qty for symbol, each in by_symbol.items()} == {"SPY": "200", call.symbol: "1"}
    assert float(by_symbol["SPY"].avg_entry_price) == call.strike / 10_000
    assert float(fund.client().get_account().cash) == cash - 200 * call.strike / 10_000
    status, why = fund.ask("POST", f"/v2/positions/{call.symbol}/exercise")
    assert (status, why["code"], why["message"]) == (403, 40310000, "no qty available to exercise")
    within(document, document.of("POST", "/v2/positions/{symbol_or_contract_id}/exercise", 403), why, set())
    _, rows = fund.ask("GET", "/v2/account/activities?activity_types=OPEXC")
    assert rows == []  # they are told the next day
    exchange = fund.venue.brokers["one"].exchange
    assert dict(exchange.positions) == {call: 1}


def test_what_is_exercised_is_among_the_activities_of_the_next_day(fund: Hall, document: Document) -> None:
    put = deep(fund, "P")
    fund.ask("POST", "/v2/orders", single(put.symbol, "buy", qty=2))
    assert fund.ask("POST", f"/v2/positions/{put.symbol}/exercise") == (200, None)
    (shares,) = fund.client().get_all_positions()
    assert (shares.symbol, shares.qty, shares.side) == ("SPY", "-200", PositionSide.SHORT)
    fund.run(lambda: (fund.clock.set(fund.clock.now() + 24 * 3600 * 10**9), fund.venue.advance()))
    _, rows = fund.ask("GET", "/v2/account/activities?activity_types=OPEXC,OPEXP,OPASN,OPTRD")
    within(document, document.of("GET", "/v2/account/activities", 200), rows, set())
    by_type = {row["activity_type"]: row for row in rows}
    assert by_type.keys() == {"OPEXC", "OPTRD"}
    assert len({row["group_id"] for row in rows}) == 1
    option, traded = by_type["OPEXC"], by_type["OPTRD"]
    assert (option["symbol"], option["qty"], option["net_amount"]) == (put.symbol, "-2", "0")
    assert (traded["symbol"], traded["qty"], float(traded["price"])) == ("SPY", "-200", put.strike / 10_000)
    assert float(traded["net_amount"]) == 200 * put.strike / 10_000


def test_what_is_not_to_be_exercised_expires(fund: Hall) -> None:
    call = deep(fund, "C")
    fund.ask("POST", "/v2/orders", single(call.symbol, "buy"))
    cash = fund.client().get_account().cash
    assert fund.ask("POST", f"/v2/positions/{call.symbol}/do-not-exercise") == (200, None)
    fund.at(16, 50)
    assert fund.client().get_all_positions() == []
    assert fund.client().get_account().cash == cash


@pytest.mark.parametrize("what", ["exercise", "do-not-exercise"])
def test_refusals_of_an_exercise(fund: Hall, what: str) -> None:
    path = "/v2/positions/{}/" + what
    call = deep(fund, "C")
    assert fund.ask("POST", path.format(call.symbol))[1] == {
        "code": 40410000,
        "message": f"long position not found: {call.symbol}",
    }
    status, why = fund.ask("POST", path.format("nothing"))
    assert (status, why["code"], why["message"]) == (422, 42210000, "invalid symbol")
    later = next(each for each in fund.venue.listed if isinstance(each, Contract) and each.expiry > fund.day.day)
    fund.ask("POST", "/v2/orders", single(later.symbol, "buy"))
    fund.ask("POST", "/v2/orders", single(call.symbol, "buy"))
    if what == "do-not-exercise":
        why = fund.ask("POST", path.format(later.symbol))[1]
        assert why["message"] == "dne requests are only accepted on the expiration day of the option contract"
    fund.at(16, 15)
    words = {
        "exercise": "exercise requests are not accepted after market close until midnight",
        "do-not-exercise": "dne requests are not accepted after 16:15",
    }
    status, why = fund.ask("POST", path.format(call.symbol))
    assert (status, why["message"]) == (403, words[what])


def test_european_options_are_not_exercised_early() -> None:
    with hall() as venue:
        four = venue.condor()
        venue.ask("POST", "/v2/orders", mleg(legs(four)))
        status, why = venue.ask("POST", f"/v2/positions/{four[0].symbol}/exercise")
        assert (status, why["message"]) == (403, "early exercise is not allowed for European-style options")
        status, why = venue.ask("POST", f"/v2/positions/{four[0].symbol}/do-not-exercise")
        assert (status, why["message"]) == (403, "do-not-exercise is not applicable for European-style options")
        status, why = venue.ask("POST", f"/v2/positions/{four[1].symbol}/exercise")  # short
        assert (status, why["message"]) == (404, f"long position not found: {four[1].symbol}")


def test_a_call_needs_the_cash_for_its_shares() -> None:
    with hall(FUND[0], "account.equity=20000") as venue:
        call = deep(venue, "C")
        venue.ask("POST", "/v2/orders", single(call.symbol, "buy"))
        status, why = venue.ask("POST", f"/v2/positions/{call.symbol}/exercise")
        assert status == 403
        assert why["message"].startswith(f"insufficient cash available (required: {call.strike // 100}, available: ")


def test_settings_are_the_owners_and_hold(document: Document) -> None:
    with hall() as venue:
        four = venue.condor()
        before = venue.ask("GET", "/v2/account/configurations")[1]
        status, after = venue.ask("PATCH", "/v2/account/configurations", {"suspend_trade": True, "pdt_check": "both"})
        assert (status, after) == (200, before | {"suspend_trade": True})
        within(document, document.of("PATCH", "/v2/account/configurations", 200), after, set())
        assert venue.client().get_account().trade_suspended_by_user is True
        status, why = venue.ask("POST", "/v2/orders", mleg(legs(four)))
        assert (status, why["code"], why["message"]) == (403, 40310000, "new orders are rejected by user request")
        venue.ask("PATCH", "/v2/account/configurations", {"suspend_trade": False, "max_options_trading_level": 2})
        account = venue.client().get_account()
        assert (account.options_approved_level, account.options_trading_level) == (3, 2)
        assert venue.ask("POST", "/v2/orders", mleg(legs(four)))[0] == 403
        assert venue.ask("POST", "/v2/orders", single(four[0].symbol, "buy"))[0] == 200
        sdk = venue.client().get_account_configurations()
        assert sdk.max_options_trading_level == 2


def test_a_level_that_is_set_higher_than_it_was_approved_is_not_had() -> None:
    with hall(rules=Rules(level=1)) as venue:
        venue.ask("PATCH", "/v2/account/configurations", {"max_options_trading_level": 3})
        assert venue.client().get_account().options_trading_level == 1


@pytest.mark.parametrize(
    "body",
    [{"suspend_trade": "yes"}, {"max_margin_multiplier": "3"}, {"max_options_trading_level": 4}, {"colour": 1}, [1]],
)
def test_settings_that_make_no_sense_change_nothing(body: Any) -> None:
    with hall() as venue:
        before = venue.ask("GET", "/v2/account/configurations")
        assert venue.ask("PATCH", "/v2/account/configurations", body)[0] == 422
        assert venue.ask("GET", "/v2/account/configurations") == before


def test_the_history_of_the_day_is_the_equity_at_the_end_of_each_window(document: Document) -> None:
    with hall() as venue:
        venue.ask("POST", "/v2/orders", mleg(legs(venue.condor())))
        equities = {}
        for minute in (1, 5, 6, 15):
            venue.at(10, minute)
            equities[minute] = float(venue.client().get_account().equity)
        _, found = venue.ask("GET", "/v2/account/portfolio/history?period=1D")
        within(document, document.of("GET", "/v2/account/portfolio/history", 200), found, set())
        open_ = venue.day.open // 10**9
        assert (found["timeframe"], found["base_value"]) == ("1Min", 100_000)
        assert found["timestamp"] == [open_ + 60 * n for n in range(46)]
        assert found["equity"][:30] == [100_000] * 30  # nothing was held until ten o'clock
        assert [found["equity"][30 + minute - 1] for minute in equities] == list(equities.values())
        assert found["profit_loss"] == pytest.approx([each - 100_000 for each in found["equity"]])
        _, wide = venue.ask("GET", "/v2/account/portfolio/history?period=1D&timeframe=15Min")
        assert wide["timestamp"] == [open_ + 900 * n for n in range(4)]
        assert wide["equity"][2:] == [equities[15], equities[15]]
        _, day = venue.ask("GET", "/v2/account/portfolio/history")
        assert (day["timeframe"], day["equity"]) == ("1D", [equities[15]])
        within(document, document.of("GET", "/v2/account/portfolio/history", 200), day, set())
        _, some = venue.ask(
            "GET",
            f"/v2/account/portfolio/history?timeframe=1Min&start={venue.day.day}T15:00:00Z&end={venue.day.day}T15:05:00Z",
        )
        assert len(some["timestamp"]) == 6
        of_sdk = venue.client().get_portfolio_history(GetPortfolioHistoryRequest(period="1D", timeframe="1H"))
        assert of_sdk.equity == [equities[15]]
        venue.at(16, 1)
        _, whole = venue.ask("GET", "/v2/account/portfolio/history?period=1D")
        assert len(whole["timestamp"]) == 390


@pytest.mark.parametrize(
    "query", ["period=1X", "period=D", "timeframe=2Min", "period=1D&start=2026-01-15&end=2026-01-16", "start=noon"]
)
def test_a_history_that_cannot_be_is_refused(query: str) -> None:
    with hall() as venue:
        assert venue.ask("GET", f"/v2/account/portfolio/history?{query}")[0] == 422


def test_an_exercise_and_settings_outlive_a_kill(tmp_path: Path) -> None:
    config = load([], [*FUND, "demo.expiries=1"])
    source = demo_source(config)

    def begun() -> Any:
        day = make_venue(config, source, VenueClock(0, 0), ("one",))
        day.clock.set(day.day.open + 30 * MINUTE)
        app = make_exchange(day, Access.made_up(("one",)), keep=tmp_path / "k")
        day.advance()
        return day, app, app[DESKS]["one"]

    day, app, desk = begun()
    call = deepest(day, "C")
    desk.submit(Asked("in", "simple", "market", (AskedLeg(call, "buy", None),), 2, None, None))
    desk.exercise(call.symbol, True)
    desk.configure({"suspend_trade": True})
    app[KEEPER].close()
    _, app, again = begun()
    assert app[KEEPER].requests == 3
    assert again.settings == desk.settings
    assert again.ledger == desk.ledger
    assert [each.symbol for each in again.ledger.held] == ["SPY"]
    app[KEEPER].close()
