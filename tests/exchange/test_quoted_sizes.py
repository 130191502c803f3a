"""A look fills no more than is shown; what was taken is gone until the quote is another; packages fill in parts."""

from __future__ import annotations

import pytest
from exchange_builders import LC, LP, PUT, QUOTES, SC, SP, exchange, fills, kinds, show_sizes, single, submit
from hypothesis import given
from hypothesis import strategies as st
from quoted_market import MINUTE, SECOND, TEN, condor, option, quote, show

from engine.market import Market
from engine.types import Contract, Leg, Package, to_units

Sized = dict[Contract, tuple[float, int, float, int]]


def sized(sizes: dict[Contract, int] | int = 100) -> Sized:
    """``QUOTES`` with these sizes on both sides."""
    of = dict.fromkeys(QUOTES, sizes) if isinstance(sizes, int) else sizes
    return {leg: (bid or 0.0, of[leg], ask or 0.0, of[leg]) for leg, (bid, ask) in QUOTES.items()}


def market_of(quotes: Sized, ts: int = TEN) -> Market:
    market = Market({})
    show_sizes(market, quotes, ts)
    return market


def test_the_smallest_size_among_the_legs_is_what_a_package_gets_and_the_rest_waits_for_a_new_quote() -> None:
    at, market = exchange(), market_of(sized({LP: 50, SP: 3, SC: 40, LC: 7}))
    submit(at, condor(), quantity=10)
    accepted, first = at.match(market, TEN)
    assert (accepted.kind, first.quantity, first.text) == ("accepted", 3, "3 of 10, all that is quoted")
    assert at.match(market, TEN + SECOND) == [], "the same quote does not refill"
    show_sizes(market, sized({LP: 50, SP: 3, SC: 40, LC: 7}), TEN + MINUTE)
    (second,) = at.match(market, TEN + MINUTE)
    assert second.quantity == 3
    show_sizes(market, sized(100), TEN + 2 * MINUTE)
    (third,) = at.match(market, TEN + 2 * MINUTE)
    assert (third.quantity, third.text) == (4, "")
    assert at.idle
    ids = [leg.exec_id for report in (first, second, third) for leg in report.legs]
    assert ids == [f"a.{n}.{leg}" for n in (1, 2, 3) for leg in (1, 2, 3, 4)]
    assert at.positions == {LP: 10, SP: -10, SC: -10, LC: 10}


def test_a_leg_taken_twice_needs_twice_the_size() -> None:
    far, near = option(5380, "C"), option(5420, "C")
    fly = Package((Leg(far, "buy", "open"), Leg(SC, "sell", "open", 2), Leg(near, "buy", "open")))
    at = exchange()
    market = market_of({far: (3.0, 9, 3.2, 9), SC: (0.85, 5, 0.95, 5), near: (0.2, 9, 0.3, 9)})
    submit(at, fly, quantity=4)
    (fill,) = fills(at.match(market, TEN))
    assert [leg.quantity for leg in fill.legs] == [2, 4, 2], "5 are shown: two packages of two"
    assert at.match(market, TEN + SECOND) == [], "one is left of it, and two are needed"


def test_buys_use_the_ask_size_and_sales_the_bid_size() -> None:
    quotes = {PUT: (1.0, 2, 1.1, 7)}
    for side, wanted in (("buy", 7), ("sell", 2)):
        at = exchange()
        submit(at, single(side), quantity=10)  # type: ignore[arg-type]
        assert fills(at.match(market_of(quotes), TEN))[0].quantity == wanted


def test_orders_share_what_is_shown() -> None:
    at, market = exchange(), market_of({PUT: (1.0, 9, 1.1, 5)})
    submit(at, single("buy"), quantity=3, name="a")
    submit(at, single("buy"), quantity=3, name="b")
    got = [(report.client_order_id, report.quantity) for report in fills(at.match(market, TEN))]
    assert got == [("a", 3), ("b", 2)]


def test_a_quote_that_shows_nothing_fills_nothing() -> None:
    at = exchange()
    submit(at, single("buy"))
    assert kinds(at.match(market_of({PUT: (1.0, 9, 1.1, 0)}), TEN)) == ["accepted"]


def test_another_size_at_the_same_time_is_another_quote() -> None:
    at, market = exchange(), market_of({PUT: (1.0, 9, 1.1, 2)})
    submit(at, single("buy"), quantity=5)
    assert fills(at.match(market, TEN))[0].quantity == 2
    show_sizes(market, {PUT: (1.0, 9, 1.1, 3)}, TEN)
    assert fills(at.match(market, TEN))[0].quantity == 3


@pytest.mark.parametrize(
    ("limit", "kind", "text"),
    [("quoted", "fill", "quoted size not known"), ("required", "accepted", ""), ("none", "fill", "")],
)
def test_where_a_tape_tells_no_sizes_the_configuration_decides_and_it_is_said(limit: str, kind: str, text: str) -> None:
    at, market = exchange(f"fills.size_limit={limit}"), quote(QUOTES)
    submit(at, condor(), quantity=500)
    last = at.match(market, TEN)[-1]
    assert (last.kind, last.text, last.quantity) == (kind, text, 500 if kind == "fill" else 0)


def test_one_contract_is_in_any_quote_and_needs_no_word() -> None:
    at = exchange()
    submit(at, condor())
    assert fills(at.match(quote(QUOTES), TEN))[0].text == ""


def test_without_a_limit_a_thousand_fill_on_one() -> None:
    at = exchange("fills.size_limit=none")
    submit(at, condor(), quantity=1000)
    assert fills(at.match(market_of(sized(1)), TEN))[0].quantity == 1000


def test_sizes_that_were_looked_at_by_a_screen_are_the_same() -> None:
    market = market_of(sized({LP: 50, SP: 3, SC: 40, LC: 7}))
    before = [market.sizes(contract) for contract in QUOTES]
    market.detail(0)
    assert [market.sizes(contract) for contract in QUOTES] == before == [(50, 50), (3, 3), (40, 40), (7, 7)]
    show(market, {SP: (0.95, 1.05)}, TEN + SECOND)
    assert market.sizes(SP) == (3, 3), "a batch without sizes says nothing of them"
    assert market.sizes(option(9999, "C")) == (None, None)


def test_a_partly_filled_order_keeps_only_its_rest_from_others() -> None:
    at, market = exchange(holding={PUT: 10}), market_of({PUT: (1.0, 4, 1.1, 4)})
    submit(at, single("sell", "close"), quantity=8, name="a")
    at.match(market, TEN)
    submit(at, single("sell", "close"), quantity=3, name="b")
    submit(at, single("sell", "close"), quantity=2, name="c")
    assert [(r.client_order_id, r.kind) for r in at.match(market, TEN)] == [("b", "rejected"), ("c", "accepted")]


LOOKS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans()), min_size=1, max_size=12)


@given(LOOKS, st.integers(1, 12))
def test_what_was_filled_is_never_more_than_was_shown_nor_than_was_wanted(
    looks: list[tuple[int, int, bool]], wanted: int
) -> None:
    at, market, now, shown, got = exchange(), Market({}), TEN, 0, 0
    spread = Package((Leg(SP, "sell", "open"), Leg(LP, "buy", "open")))
    submit(at, spread, quantity=wanted)
    for bid_size, ask_size, new in looks:
        if new or now == TEN:
            now += SECOND
            show_sizes(market, {SP: (0.9, bid_size, 1.0, 9), LP: (0.2, 9, 0.3, ask_size)}, now)
            shown += min(bid_size, ask_size)
        for report in fills(at.match(market, now)):
            got += report.quantity
            net = spread.net(tuple(leg.price for leg in report.legs))
            assert net == to_units(-0.6)
            assert all(leg.quantity == report.quantity for leg in report.legs)
    assert got == min(wanted, shown)
    held = {SP: -got, LP: got} if got else {}
    assert at.positions == held
