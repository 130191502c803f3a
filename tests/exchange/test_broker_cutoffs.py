"""The broker's cutoffs on expiry day, and its liquidation leg by leg as it was reported."""

from __future__ import annotations

import datetime as dt

import pytest
from exchange_builders import LC, LP, QUOTES, SC, SP, kinds, show_sizes, single, submit
from quoted_market import AGE, MINUTE, SECOND, SESSION, at, closing, condor, option, quote, show

from engine.calendar import session
from engine.config import ConfigError, load
from engine.events import FeedStatus
from engine.exchange import Cutoffs, SimulatedExchange
from engine.exchange.cutoffs import NEVER
from engine.types import Contract, to_units

CLOSE = SESSION.product_close("SPXW")
LIQUIDATED = at(15, 30, 34)
CONDOR = {SP: -1, LP: 1, SC: -1, LC: 1}


def broker(*settings: str, holding: dict[Contract, int] | None = None) -> SimulatedExchange:
    """With the default cutoffs."""
    config = load(settings=settings)
    made = SimulatedExchange(config.fills, config.fees, SESSION, config.cutoffs)
    for contract, quantity in (holding or {}).items():
        made.hold(contract, quantity)
    return made


# No opening, no closing


@pytest.mark.parametrize(
    ("root", "last"), [("SPXW", (15, 15)), ("XSP", (15, 15)), ("SPY", (15, 30)), ("QQQ", (15, 30))]
)
def test_what_expires_today_is_not_opened_after_the_cutoff(root: str, last: tuple[int, int]) -> None:
    contract, cutoff = option(500, "C", root=root), at(*last)
    market = quote({contract: (1.0, 1.1)}, cutoff - 1)
    exchange = broker()
    submit(exchange, single("buy", contract=contract), now=cutoff - 1, name="just")
    assert kinds(exchange.match(market, cutoff - 1)) == ["accepted", "fill"]
    submit(exchange, single("buy", contract=contract), now=cutoff, name="late")
    submit(exchange, single("sell", "close", contract), now=cutoff, name="closes")
    late, *closes = exchange.match(market, cutoff)
    assert (late.kind, kinds(closes)) == ("rejected", ["accepted", "fill"])
    assert late.text == f'contract "{contract.symbol}" expires soon, unable to open new positions'


def test_an_order_under_way_at_the_cutoff_is_late() -> None:
    exchange = broker("fills.latency_ms=1000")
    submit(exchange, condor(), now=at(15, 14, 59) + 1)
    assert kinds(exchange.match(quote(QUOTES, at(15, 15)), at(15, 15) + 1)) == ["rejected"]


def test_what_expires_another_day_may_be_opened() -> None:
    friday = option(5300, "P", dt.date(2024, 8, 9))
    exchange = broker()
    submit(exchange, single("buy", contract=friday), now=at(15, 45))
    assert kinds(exchange.match(quote({friday: (1, 1.1)}, at(15, 45)), at(15, 45))) == ["accepted", "fill"]


def test_a_broker_that_takes_no_closing_orders_either() -> None:
    row = '{root="SPXW", from=2024-01-01, close_until="15:40"}'
    exchange = broker(f"cutoffs.schedule=[{row}]", holding=CONDOR)
    market = quote(QUOTES, at(15, 40))
    submit(exchange, closing(condor()), now=at(15, 40))
    (refused,) = exchange.match(market, at(15, 40))
    assert refused.text.endswith("expires soon, unable to close positions")


def test_a_half_day_has_its_own_hours_and_rows_have_their_dates() -> None:
    table = load().cutoffs
    half = Cutoffs(table, session(dt.date(2024, 7, 3))).of("SPXW")
    assert half.open_until == session(dt.date(2024, 7, 3)).close - 45 * MINUTE
    assert Cutoffs(table, session(dt.date(2024, 1, 31))).of("SPXW") == (NEVER, NEVER, NEVER)
    assert Cutoffs(table, session(dt.date(2024, 2, 1))).of("SPXW").liquidate_from != NEVER


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ('{root="SPX", from=2024-01-01}', "unknown root 'SPX'; did you mean SPXW"),
        ('{root="SPXW", from=2024-01-01, open_until="teatime"}', "'teatime' is not a time of day"),
        ('{root="SPXW", from=2024-01-01}, {root="SPXW", from=2024-01-01}', "SPXW has two rows from 2024-01-01"),
        ('{root="SPXW", from=2024-01-01, open_untill="15:00"}', "did you mean open_until"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(row: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        load(settings=[f"cutoffs.schedule=[{row}]"])


# Liquidation


def test_by_default_nobody_liquidates() -> None:
    exchange = broker(holding=CONDOR)
    assert (exchange.idle, exchange.next_wake) == (True, None)
    assert exchange.match(quote(QUOTES, LIQUIDATED), LIQUIDATED) == []


def test_the_broker_buys_back_the_shorts_one_by_one_and_leaves_the_wings() -> None:
    exchange = broker("cutoffs.liquidation=shorts", holding=CONDOR)
    assert (exchange.idle, exchange.next_wake) == (False, LIQUIDATED)
    market = quote(QUOTES, LIQUIDATED - 1)
    assert exchange.match(market, LIQUIDATED - 1) == []
    calls, puts = exchange.match(market, LIQUIDATED)
    assert {calls.kind, puts.kind} == {"fill"}
    assert [report.legs[0].contract for report in (calls, puts)] == sorted([SC, SP])
    for report in (calls, puts):
        (leg,) = report.legs
        assert (leg.side, leg.quantity, report.quantity) == ("buy", 1, 1)
        assert report.client_order_id.startswith("LIQ-20240807-153034")
        assert leg.exec_id == f"{report.client_order_id}.1.1"
        assert f"bought back 1 {leg.contract.short_name} at market" in report.text
        assert report.text.startswith("the simulated broker liquidates")
    assert calls.client_order_id != puts.client_order_id
    assert exchange.positions == {LP: 1, LC: 1}
    assert (exchange.idle, exchange.next_wake) == (True, None)


def test_it_pays_the_ask_and_the_fee() -> None:
    exchange = broker("cutoffs.liquidation=shorts", holding={SP: -2})
    (report,) = exchange.match(quote(QUOTES, LIQUIDATED), LIQUIDATED)
    assert (report.legs[0].price, report.legs[0].fee) == (to_units(1.00), to_units(1.30))


def test_with_all_the_wings_are_sold_after_the_shorts_where_somebody_bids() -> None:
    exchange = broker("cutoffs.liquidation=all", holding=CONDOR)
    market = quote({**QUOTES, LC: (0.0, 0.05)}, LIQUIDATED)
    assert [report.legs[0].contract for report in exchange.match(market, LIQUIDATED)] == sorted([SC, SP])
    assert exchange.next_wake == LIQUIDATED + SECOND
    (sold,) = exchange.match(market, LIQUIDATED + SECOND)
    assert (sold.legs[0].contract, sold.legs[0].side) == (LP, "sell")
    assert exchange.positions == {LC: 1}
    assert exchange.match(market, LIQUIDATED + 2 * SECOND) == []


def test_the_accounts_own_orders_in_a_contract_are_cancelled_before_it_is_closed() -> None:
    exchange = broker("cutoffs.liquidation=shorts", holding=CONDOR)
    market = quote(QUOTES, at(15, 29))
    exchange.submit("own", closing(condor()), 1, to_units(0.10), at(15, 29))
    exchange.match(market, at(15, 29))
    show(market, QUOTES, LIQUIDATED)
    reports = exchange.match(market, LIQUIDATED)
    assert [(r.client_order_id[:3], r.kind) for r in reports] == [
        ("own", "cancelled"),
        ("LIQ", "fill"),
        ("LIQ", "fill"),
    ]
    assert "the simulated broker liquidates" in reports[0].text
    assert exchange.resting == ()


@pytest.mark.parametrize("bad", [(2.0, 1.0), (1.0, None), (None, None)])
def test_without_a_good_quote_it_comes_again_a_second_later(bad: tuple[float | None, float | None]) -> None:
    exchange = broker("cutoffs.liquidation=shorts", holding={SP: -1, LP: 1})
    market = quote({**QUOTES, SP: bad}, LIQUIDATED)
    assert exchange.match(market, LIQUIDATED) == []
    assert (exchange.idle, exchange.next_wake) == (False, LIQUIDATED + SECOND)
    show(market, {SP: (3.0, 3.2)}, LIQUIDATED + SECOND)
    (report,) = exchange.match(market, LIQUIDATED + SECOND)
    assert report.legs[0].price == to_units(3.2)


def test_nor_on_a_feed_that_is_not_live_or_on_an_old_quote() -> None:
    exchange = broker("cutoffs.liquidation=shorts", holding={SP: -1})
    market = quote(QUOTES, LIQUIDATED - AGE - 1)
    assert exchange.match(market, LIQUIDATED) == []
    show(market, QUOTES, LIQUIDATED + SECOND)
    market.feed_told(FeedStatus(ts_known=LIQUIDATED, state="stale"))
    assert exchange.match(market, LIQUIDATED + SECOND) == []


def test_it_takes_no_more_than_is_shown() -> None:
    exchange = broker("cutoffs.liquidation=shorts", holding={SP: -5})
    market = quote({})
    show_sizes(market, {SP: (0.9, 9, 1.0, 3)}, LIQUIDATED)
    assert [report.quantity for report in exchange.match(market, LIQUIDATED)] == [3]
    show_sizes(market, {SP: (0.9, 9, 1.0, 3)}, LIQUIDATED + SECOND)
    assert [report.quantity for report in exchange.match(market, LIQUIDATED + SECOND)] == [2]
    assert not exchange.positions


def test_what_expires_later_and_what_is_past_its_close_is_left_alone() -> None:
    friday = option(5300, "P", dt.date(2024, 8, 9))
    exchange = broker("cutoffs.liquidation=all", holding={friday: -1})
    assert exchange.next_wake is None
    exchange.hold(SP, -1)
    assert exchange.match(quote(QUOTES, CLOSE), CLOSE) == []
    assert exchange.next_wake is None


def test_a_restarted_broker_never_uses_an_id_again() -> None:
    names = set()
    for second in range(3):
        again = broker("cutoffs.liquidation=shorts", holding={SP: -1})
        now = LIQUIDATED + second * SECOND
        (report,) = again.match(quote(QUOTES, now), now)
        names.add(report.legs[0].exec_id)
    assert len(names) == 3
