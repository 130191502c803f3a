"""Reading what Alpaca says: every real answer is read, nothing it may say raises, and what is not known is told."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.alpaca.parse import masked, read_account, read_clock, read_positions
from engine.alpaca.parse_orders import broker_order, executions, read_order, read_orders
from engine.alpaca.parse_values import instant, price, whole
from engine.types import Contract, to_units

ORDERS = (
    "order_routes__get_order_by_client_id",
    "order_routes__get_order_by_id",
    "order_routes__limit_order",
    "order_routes__market_order",
    "order_routes__order_position_intent",
    "order_routes__order_position_intent_2",
    "order_routes__replace_order",
    "position_routes__close_position_with_percentage",
    "position_routes__close_position_with_qty",
    "spec_example__MultilegOptionsOrderResponse",
    "spec_example__OptionOrderResponse",
)
NOT_ASKED = {
    "account_routes__get_account_configurations": "settings of the account are not asked for",
    "account_routes__get_account_configurations_without_deprecated_pdt_fields": "likewise",
    "asset_routes__get_all_assets": "instruments come from chains and the contracts of a day",
    "asset_routes__get_all_assets_params": "likewise",
    "asset_routes__get_asset": "likewise",
    "corporate_announcements__get_announcements": "dividends come from the packaged table",
    "option_routes__get_option_contract": "contracts are the market data side's",
    "option_routes__get_option_contracts": "likewise",
    "option_routes__get_option_contracts_with_multiple_symbols": "likewise",
    "order_routes__cancel_orders": "orders are cancelled one by one, so that each is answered for",
}
DATA = "historical_"


def fixture(shared: Path, name: str) -> Any:
    return json.loads((shared / "fixtures/alpaca" / f"{name}.json").read_text())


def test_every_real_answer_of_the_trading_api_is_read_or_has_a_reason_not_to_be(shared: Path) -> None:
    names = {path.stem for path in (shared / "fixtures/alpaca").glob("*.json")}
    trading = {name for name in names if not name.startswith(DATA)}
    read = {
        *ORDERS,
        "account_routes__get_account",
        "order_routes__get_orders",
        "position_routes__get_all_positions",
        "position_routes__close_all_positions",
    }
    assert trading == read | set(NOT_ASKED)


@pytest.mark.parametrize("name", ORDERS)
def test_a_real_order_is_read(shared: Path, name: str) -> None:
    told: list[str] = []
    raw = fixture(shared, name)
    order = read_order(raw, told)
    assert order is not None
    assert order.client_order_id == raw["client_order_id"]
    assert order.submitted is not None
    assert all("status" not in each for each in told), told


def test_a_real_package_is_read_with_its_legs_and_executions(shared: Path) -> None:
    told: list[str] = []
    order = read_order(fixture(shared, "spec_example__MultilegOptionsOrderResponse"), told)
    assert order is not None
    assert told == []
    known = broker_order(order, told)
    assert known is not None
    assert (known.status, known.quantity, known.package.problem()) == ("filled", 1, None)
    assert [(leg.side, leg.effect, leg.ratio) for leg in known.package.legs] == [
        ("buy", "open", 3),
        ("sell", "open", 1),
    ]
    assert known.package.legs[0].contract == Contract("AAPL", dt.date(2024, 12, 13), to_units(250), "C")
    assert [(fill.exec_id[-2:], fill.quantity, fill.price) for fill in known.executions] == [
        (":1", 1, to_units("0.43")),
        (":2", 1, to_units("0.43")),
        (":3", 1, to_units("0.43")),
        (":1", 1, to_units("0.01")),
    ]
    assert order.filled == 1


def test_orders_and_positions_of_shares_are_read_and_told_as_no_options(shared: Path) -> None:
    told: list[str] = []
    (order,) = read_orders(fixture(shared, "order_routes__get_orders"), told)
    assert broker_order(order, told) is None
    assert "order string is not of options alone: left out" in told
    (held,) = read_positions(fixture(shared, "position_routes__get_all_positions"), told)
    assert (held.symbol, held.contract, held.quantity, held.average) == ("AAPL", None, 5, to_units(100))


def test_the_orders_that_close_everything_are_read(shared: Path) -> None:
    told: list[str] = []
    bodies = [each["body"] for each in fixture(shared, "position_routes__close_all_positions")]
    assert [order.word for order in read_orders(bodies, told)] == ["pending_new"]
    assert sum(1 for each in told if each.startswith("an order without an id")) == 2


def test_the_account_is_read_and_its_number_masked(shared: Path) -> None:
    told: list[str] = []
    account = read_account(fixture(shared, "account_routes__get_account"), told)
    assert told == []
    assert account.number == "******ABCD"
    assert (account.level, account.blocks, account.status) == (1, (), "active")
    assert account.cash == to_units("-23140.2")
    assert account.options_buying_power == to_units("262113.632")


def test_nothing_is_missing_that_alpaca_leaves_out() -> None:
    told: list[str] = []
    account = read_account({}, told)
    assert (account.number, account.status, account.level, account.equity) == ("n/a", "n/a", None, None)
    assert told == []


@pytest.mark.parametrize(
    ("said", "becomes"),
    [("new", "accepted"), ("canceled", "cancelled"), ("done_for_day", "expired"), ("pending_cancel", "pending_cancel")],
)
def test_a_known_status_is_ours(said: str, becomes: str) -> None:
    assert leg_order(status=said).status == becomes


def leg_order(told: list[str] | None = None, **fields: Any) -> Any:
    raw = {
        "id": "a",
        "client_order_id": "own",
        "symbol": "SPY260115C00600000",
        "side": "buy",
        "position_intent": "buy_to_open",
        "qty": "3",
        "filled_qty": "0",
        "status": "new",
        **fields,
    }
    return read_order(raw, [] if told is None else told)


@pytest.mark.parametrize(
    ("fields", "becomes"),
    [
        ({}, "accepted"),
        ({"filled_qty": "1"}, "partially_filled"),
        ({"filled_qty": "3"}, "filled"),
        ({"canceled_at": "2026-01-15T15:00:00Z"}, "cancelled"),
        ({"failed_at": "2026-01-15T15:00:00Z"}, "rejected"),
    ],
)
def test_a_status_nobody_knows_is_told_and_read_from_the_rest_of_the_order(fields: dict, becomes: str) -> None:
    told: list[str] = []
    assert leg_order(told, status="quantum", **fields).status == becomes
    assert told == [f"order own: the status 'quantum' is not known, taken as {becomes}"]


def test_an_order_that_works_and_has_traded_is_partially_filled() -> None:
    assert leg_order(status="new", filled_qty="1").status == "partially_filled"


def test_a_sale_for_at_least_so_much_is_a_credit() -> None:
    assert leg_order(side="sell", position_intent="sell_to_close", limit_price="1.25").limit == -12500
    assert leg_order(limit_price="1.25").limit == 12500


def test_executions_have_the_same_ids_whenever_they_are_seen_and_sum_to_what_was_paid() -> None:
    early = executions(leg_order(filled_qty="1", filled_avg_price="0.4").legs[0])
    late = executions(leg_order(filled_qty="3", filled_avg_price="0.4333333333").legs[0])
    assert [each.exec_id for each in late][:1] == [each.exec_id for each in early]
    assert sum(each.price for each in late) == to_units("1.3")


def test_an_execution_whose_price_is_not_there_yet_is_not_made_up() -> None:
    assert executions(leg_order(filled_qty="3", filled_avg_price=None).legs[0]) == ()


@pytest.mark.parametrize(
    ("raw", "quantity"),
    [({"qty": "-2", "side": "short"}, -2), ({"qty": "2", "side": "short"}, -2), ({"qty": "2", "side": "long"}, 2)],
)
def test_what_is_sold_short_is_negative_however_it_is_said(raw: dict, quantity: int) -> None:
    told: list[str] = []
    (held,) = read_positions([{"symbol": "SPY260115C00600000", "asset_class": "us_option", **raw}], told)
    assert (held.quantity, told) == (quantity, [])


def test_the_clock_is_read_to_the_nanosecond() -> None:
    told: list[str] = []
    raw = {"timestamp": "2026-01-15T10:00:00.123456789-05:00", "is_open": True, "next_open": "soon"}
    clock = read_clock({**raw, "next_close": "2026-01-15T16:00:00-05:00"}, told)
    assert clock.now == 1_768_489_200_123_456_789
    assert (clock.open, clock.next_open) == (True, None)
    assert told == ["clock: next_open is no time: 'soon'"]


FIELDS = st.sampled_from(
    [
        *("id", "client_order_id", "symbol", "asset_class", "side", "position_intent", "qty", "filled_qty", "status"),
        *("filled_avg_price", "limit_price", "stop_price", "ratio_qty", "legs", "submitted_at", "order_class"),
        *("avg_entry_price", "current_price", "unrealized_pl", "timestamp", "is_open", "next_open", "next_close"),
        *("account_number", "cash", "equity", "options_trading_level", "buying_power"),
    ]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["buy", "sell", "mleg", "filled", "1e999", "NaN", "-0", "1.5", "2026-99-99T99:99:99Z", "1" * 40]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=9),
    max_leaves=12,
)


@given(st.dictionaries(FIELDS, JSON, max_size=12))
def test_whatever_is_said_reading_it_never_raises(raw: dict[str, Any]) -> None:
    told: list[str] = []
    read_account(raw, told)
    read_clock(raw, told)
    read_positions([raw], told)
    for order in read_orders([raw, {"id": "a", **raw}, {**raw, "id": "b", "legs": [raw, raw]}], told):
        broker_order(order, told)
    assert all(len(each) < 400 for each in told)


@given(st.integers(-(10**12), 10**12), st.sampled_from([str, float, lambda text: text]))
def test_a_price_is_exact_whether_it_is_text_or_a_number(units: int, form: Any) -> None:
    text = f"{'-' if units < 0 else ''}{abs(units) // 10000}.{abs(units) % 10000:04}"
    assert price(form(text), [], "x") == units


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e400", True, [], {}, "one", float("nan"), "0x10"])
def test_what_is_no_number_is_told(value: Any) -> None:
    told: list[str] = []
    assert price(value, told, "limit_price") is None
    assert whole(value, told, "qty") is None
    assert len(told) == 2


@pytest.mark.parametrize("value", [None, 7, "", "today", "2026-13-01T00:00:00Z", "2026-01-15T10:00:00"])
def test_what_is_no_instant_is_none(value: Any) -> None:
    assert instant(value) is None


@given(st.text(max_size=20))
def test_at_most_four_characters_of_an_accounts_number_are_shown(number: str) -> None:
    shown = masked(number)
    if len(number) > 4:
        assert shown == "*" * (len(number) - 4) + number[-4:]
    else:
        assert set(shown) <= {"*"} or shown == "n/a"
