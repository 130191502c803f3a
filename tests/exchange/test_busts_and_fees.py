"""A trade that is taken back; and what a fill costs by root, day and premium."""

from __future__ import annotations

import pytest
from exchange_builders import LC, LP, PUT, QUOTES, SC, SP, exchange, fills, kinds, show_sizes, single, submit
from hypothesis import given
from hypothesis import strategies as st
from quoted_market import DAY, MINUTE, TEN, closing, condor, quote

from engine.config import ConfigError, default_text, load
from engine.exchange.fees import Fees
from engine.types import to_units

# Busts


@pytest.mark.parametrize("leg", [1, 2, 3, 4])
def test_a_bust_takes_the_whole_execution_back_whichever_leg_is_named(leg: int) -> None:
    at = exchange()
    submit(at, condor(), quantity=2)
    (fill,) = fills(at.match(quote(QUOTES), TEN))
    (bust,) = at.bust(f"a.1.{leg}", TEN + MINUTE)
    assert (bust.kind, bust.client_order_id, bust.quantity) == ("busted", "a", 2)
    assert bust.legs == fill.legs
    assert bust.ts_known == TEN + MINUTE
    assert dict(at.positions) == {}
    assert at.bust(f"a.1.{leg}", TEN + 2 * MINUTE) == [], "once"


@pytest.mark.parametrize("exec_id", ["", "a", "a.1", "a.1.5", "a.2.1", "b.1.1", "a.1.1.1"])
def test_what_was_never_executed_is_not_busted(exec_id: str) -> None:
    at = exchange()
    submit(at, condor())
    at.match(quote(QUOTES), TEN)
    assert at.bust(exec_id, TEN) == []
    assert at.positions == {LP: 1, SP: -1, SC: -1, LC: 1}


def test_one_part_of_a_fill_may_be_busted_and_the_other_stands() -> None:
    at, market = exchange(), quote({})
    submit(at, single("sell"), quantity=5)
    for minute in (0, 1):
        show_sizes(market, {PUT: (1.0, 3, 1.1, 3)}, TEN + minute * MINUTE)
        at.match(market, TEN + minute * MINUTE)
    assert at.positions == {PUT: -5}
    (bust,) = at.bust("a.1.1", TEN + 2 * MINUTE)
    assert bust.quantity == 3
    assert at.positions == {PUT: -2}


def test_a_busted_close_opens_the_position_again_and_it_can_be_closed_anew() -> None:
    at, market = exchange(holding={SP: -1, LP: 1, SC: -1, LC: 1}), quote(QUOTES)
    submit(at, closing(condor()))
    at.match(market, TEN)
    assert not at.positions
    at.bust("a.1.2", TEN)
    assert at.positions == {SP: -1, LP: 1, SC: -1, LC: 1}
    submit(at, closing(condor()), name="b")
    assert kinds(at.match(market, TEN)) == ["accepted", "fill"]


# Fees

SPXW = """fees.exchange=[{root="SPXW", from=2024-01-01, premium=0, per_contract=0.36},
 {root="SPXW", from=2024-01-01, premium=1, per_contract=0.45}]"""
REGULATORY = 'fees.regulatory=[{root="SPXW", from=2024-01-01, per_contract=0.14}]'


@pytest.mark.parametrize(
    ("price", "fee"), [(0.0, 0.50), (0.9999, 0.50), (1.0, 0.59), (35.0, 0.59)], ids=["0", "below", "at", "above"]
)
def test_the_exchanges_fee_is_by_premium_and_the_regulators_come_on_top(price: float, fee: float) -> None:
    fees = Fees(load(settings=["fees.per_contract=0", SPXW, REGULATORY]).fees, DAY)
    assert fees.of("SPXW", 3, to_units(price)) == 3 * to_units(fee)


def test_a_fill_pays_the_sum_leg_by_leg() -> None:
    at = exchange("fees.per_contract=0.65", SPXW, REGULATORY)
    submit(at, condor(), quantity=2)
    (fill,) = fills(at.match(quote({**QUOTES, SP: (1.20, 1.30)}), TEN))
    assert [leg.fee for leg in fill.legs] == [2 * to_units(fee) for fee in (1.15, 1.24, 1.15, 1.15)]


def test_estimates_take_the_dearest() -> None:
    fees = load(settings=[SPXW, REGULATORY]).fees
    assert fees.dearest_units("SPXW", DAY) == to_units(0.65 + 0.45 + 0.14)
    assert fees.dearest_units("SPY", DAY) == to_units(0.65)
    assert load().fees.dearest_units("SPXW", DAY) == to_units(0.65)


def test_before_its_date_a_row_costs_nothing() -> None:
    fees = load(settings=[SPXW.replace("2024-01-01", "2024-08-08"), REGULATORY]).fees
    assert fees.bands("SPXW", DAY) == ((0, to_units(0.65 + 0.14)),)


def test_a_newer_table_replaces_the_older_one_whole() -> None:
    newer = SPXW.replace("]", ', {root="SPXW", from=2024-08-01, premium=0, per_contract=0.40}]')
    assert load(settings=["fees.per_contract=0", newer]).fees.bands("SPXW", DAY) == ((0, to_units(0.40)),)


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (
            '{root="SPXW", from=2024-01-01, premium=1, per_contract=0.45}',
            "no fee from 2024-01-01 for a premium below 1",
        ),
        (
            '{root="SPXW", from=2024-01-01, per_contract=0.3}, {root="SPXW", from=2024-01-01, per_contract=0.4}',
            "two fees from 2024-01-01 for a premium of 0",
        ),
        ('{root="SPXW", from=2024-01-01, premium=-1, per_contract=0.3}', "greater than or equal to 0"),
    ],
)
def test_a_table_with_a_hole_is_refused(rows: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        load(settings=[f"fees.exchange=[{rows}]"])


ROWS = st.dictionaries(st.integers(1, 4000), st.integers(0, 500), max_size=5)


@given(ROWS, st.integers(0, 500), st.integers(0, 500), st.integers(0, 5000), st.integers(1, 50))
def test_the_fee_is_the_step_at_or_below_the_price_for_any_table(
    steps: dict[int, int], first: int, flat: int, cents: int, quantity: int
) -> None:
    steps = {0: first, **steps}
    rows = ", ".join(
        f'{{root="SPXW", from=2024-01-01, premium={premium / 100}, per_contract={fee / 100}}}'
        for premium, fee in steps.items()
    )
    table = load(settings=[f"fees.per_contract={flat / 100}", f"fees.exchange=[{rows}]"]).fees
    expected = flat + steps[max(premium for premium in steps if premium <= cents)]
    assert Fees(table, DAY).of("SPXW", quantity, cents * 100) == quantity * expected * 100
    assert table.dearest_units("SPXW", DAY) == (flat + max(steps.values())) * 100


def test_the_tables_offered_in_the_default_file_load_as_they_stand() -> None:
    """The commented rows, taken out of their comments, are what the reference says."""
    lines = default_text().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("exchange = []"))
    end = next(n for n, line in enumerate(lines) if line.startswith("[cutoffs]"))
    text = " ".join(line.partition("#")[2].strip() for line in lines[start:end])
    exchange_rows, _, regulatory_rows = text.partition("added, dated, a root. Second-hand, 2024:")
    offered = [
        f"fees.exchange={exchange_rows[exchange_rows.index('[') :].strip()}",
        f"fees.regulatory={regulatory_rows[regulatory_rows.index('[') :].strip()}",
    ]
    fees = load(settings=["fees.per_contract=0", *offered]).fees
    assert fees.bands("SPXW", DAY) == ((0, to_units(0.50)), (to_units(1), to_units(0.59)))
    assert fees.bands("SPY", DAY) == fees.bands("QQQ", DAY) == ((0, to_units(0.05)),)
