"""Contracts have OCC symbols, orders have ids; both read back as what they were, and nothing else reads as one."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.types import ClientOrderId, Contract, Underlying, parse_symbol, strike_text, to_units

DATES = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
CONTRACTS = st.builds(
    Contract,
    root=st.from_regex(r"[A-Z]{1,6}", fullmatch=True),
    expiry=DATES,
    strike=st.integers(1, 99_999_999).map(lambda thousandths: thousandths * 10),
    right=st.sampled_from(["C", "P"]),
)
IDS = st.builds(
    ClientOrderId,
    account=st.from_regex(r"[A-Za-z0-9_]{1,32}", fullmatch=True),
    day=DATES,
    epoch=st.integers(0, 10**6),
    sequence=st.integers(0, 10**9),
    installation=st.just("") | st.from_regex(r"[0-9a-f]{10}", fullmatch=True),
)


@given(CONTRACTS)
@settings(deadline=None)
def test_a_contract_reads_back_from_its_symbol_padded_or_not(contract: Contract) -> None:
    symbol = contract.symbol
    assert parse_symbol(symbol) == contract
    assert parse_symbol(symbol[:-15].ljust(6) + symbol[-15:]) == contract


def test_the_symbol_is_the_occ_one() -> None:
    contract = Contract("SPXW", dt.date(2024, 8, 7), to_units(5300), "P")
    assert contract.symbol == "SPXW240807P05300000"
    assert contract.short_name == "5300P"
    assert parse_symbol("SPY   240807C00427500") == Contract("SPY", dt.date(2024, 8, 7), to_units("427.5"), "C")


@pytest.mark.parametrize(("strike", "text"), [("5300", "5300"), ("427.5", "427.5"), ("0.125", "0.125"), ("10", "10")])
def test_strikes_are_written_without_needless_zeros(strike: str, text: str) -> None:
    assert strike_text(to_units(strike)) == text


def test_what_is_no_option_is_an_underlying() -> None:
    assert parse_symbol("SPX") == Underlying("SPX")
    assert parse_symbol("VIX9D") == Underlying("VIX9D")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "spx",
        "SPX ",
        "SPX\n",
        "SPXW240807P05300000\n",
        "SPXW240807X05300000",
        "SPXW249907P05300000",
        "9SPX",
        "SPXW 1",
    ],
)
def test_any_other_text_is_refused_and_shown(text: str) -> None:
    with pytest.raises(ValueError, match="symbol") as refused:
        parse_symbol(text)
    assert repr(text) in str(refused.value)


@given(st.text(max_size=24))
@settings(deadline=None)
def test_whatever_is_read_writes_itself_again(text: str) -> None:
    try:
        found = parse_symbol(text)
    except ValueError:
        return
    assert found.symbol == text.replace(" ", "")


@given(IDS)
@settings(deadline=None)
def test_an_order_id_reads_back(order_id: ClientOrderId) -> None:
    assert ClientOrderId.parse(str(order_id)) == order_id


@given(IDS, IDS)
@settings(deadline=None)
def test_two_installations_never_give_the_same_order_id(one: ClientOrderId, other: ClientOrderId) -> None:
    assert (str(one) == str(other)) == (one == other)
    assert len(str(one)) + len("K-") <= 128, "what Alpaca takes"


@given(st.text(max_size=40) | st.from_regex(r"[a-z-]{0,4}-[0-9]{7,9}-[0-9]{0,2}-[0-9]{0,2}\n?", fullmatch=True))
@settings(deadline=None)
def test_only_the_written_form_is_an_order_id(text: str) -> None:
    try:
        found = ClientOrderId.parse(text)
    except ValueError:
        return
    assert str(found) == text


def test_an_id_of_an_impossible_day_is_refused() -> None:
    with pytest.raises(ValueError, match="20241301 is no date: 'main-20241301-0-1'"):
        ClientOrderId.parse("main-20241301-0-1")
