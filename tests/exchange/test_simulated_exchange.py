"""The simulated exchange: atomic fills, latency, what it refuses, the product's close."""

from __future__ import annotations

import datetime as dt

import pytest
from exchange_builders import LP, PUT, QUOTES, SC, SP, exchange, kinds, single, submit
from hypothesis import given, settings
from hypothesis import strategies as st
from quoted_market import AGE, MINUTE, SECOND, SESSION, TEN, closing, condor, option, quote, show

from engine.events import BrokerReport
from engine.types import Leg, Package, to_units

CLOSE = SESSION.product_close("SPXW")


def the_fill(reports: list[BrokerReport]) -> BrokerReport:
    (found,) = [report for report in reports if report.kind == "fill"]
    return found


def test_a_package_fills_whole_each_leg_on_its_own_quote_and_that_quotes_age() -> None:
    market = quote(QUOTES)
    show(market, {SP: (0.95, 1.05)}, TEN + 20 * SECOND)
    at = exchange()
    submit(at, condor(), quantity=3, now=TEN + 30 * SECOND)
    reports = at.match(market, TEN + 30 * SECOND)
    assert kinds(reports) == ["accepted", "fill"]
    fill = the_fill(reports)
    assert fill.quantity == 3
    assert [leg.quantity for leg in fill.legs] == [3, 3, 3, 3]
    assert [leg.price for leg in fill.legs] == [to_units(price) for price in (0.35, 0.95, 0.85, 0.30)]
    assert [leg.quote_age_ns for leg in fill.legs] == [age * SECOND for age in (30, 10, 30, 30)]
    assert (fill.legs[1].bid, fill.legs[1].ask) == (to_units(0.95), to_units(1.05))
    assert [leg.side for leg in fill.legs] == ["buy", "sell", "sell", "buy"]
    assert at.match(market, TEN + 31 * SECOND) == []


def test_legs_times_ratios_are_the_packages_price_and_contracts() -> None:
    fly = Package(
        (
            Leg(option(5380, "C"), "buy", "open", 1),
            Leg(SC, "sell", "open", 2),
            Leg(option(5420, "C"), "buy", "open", 1),
        )
    )
    at = exchange()
    submit(at, fly, quantity=2)
    fill = the_fill(at.match(quote({**QUOTES, option(5380, "C"): (3.0, 3.2)}), TEN))
    assert [leg.quantity for leg in fill.legs] == [2, 4, 2]
    cash = sum((1 if leg.side == "buy" else -1) * leg.quantity * leg.price for leg in fill.legs)
    assert cash == 2 * fly.net(tuple(leg.price for leg in fill.legs)) == 2 * to_units(3.2 - 2 * 0.85 + 0.30)


@pytest.mark.parametrize(
    ("limit", "fills"), [(-1.10, True), (-1.1001, False), (-1.15, False), (-1.05, True), (None, True)]
)
def test_a_package_fills_at_its_limit_or_better_and_at_the_quotes_prices(limit: float | None, fills: bool) -> None:
    at = exchange()
    submit(at, condor(), None if limit is None else to_units(limit))
    reports = at.match(quote(QUOTES), TEN)
    assert kinds(reports) == ["accepted", "fill"][: 1 + fills]
    if fills:
        assert condor().net(tuple(leg.price for leg in the_fill(reports).legs)) == to_units(-1.10)


def test_a_resting_order_fills_when_the_market_comes_to_it() -> None:
    at, market = exchange(), quote(QUOTES)
    submit(at, condor(), to_units(-1.20))
    assert kinds(at.match(market, TEN)) == ["accepted"]
    assert at.match(market, TEN + SECOND) == []
    show(market, {SP: (1.00, 1.10)}, TEN + MINUTE)
    assert kinds(at.match(market, TEN + MINUTE)) == ["fill"]


def test_a_new_limit_takes_the_place_of_the_old() -> None:
    at, market = exchange(), quote(QUOTES)
    submit(at, condor(), to_units(-1.30))
    at.match(market, TEN)
    assert at.replace("a", to_units(-1.10), TEN) == []
    assert at.replace("nobody", to_units(-9), TEN) == []
    assert kinds(at.match(market, TEN)) == ["fill"]


@pytest.mark.parametrize(
    "bad",
    [(0.5, 0.4), (0.5, None), (None, 0.5), (0.0, 0.0), (0.0, 1.0)],
    ids=["crossed", "no ask", "no bid", "zeros", "bid 0 of a short"],
)
def test_one_bad_leg_and_nothing_of_the_package_fills(bad: tuple[float | None, float | None]) -> None:
    at, market = exchange(), quote({**QUOTES, SP: bad})
    submit(at, condor())
    assert kinds(at.match(market, TEN)) == ["accepted"]
    submit(at, single("buy", contract=LP), name="b")
    assert kinds(at.match(market, TEN)) == ["accepted", "fill"]
    show(market, {SP: (0.9, 1.0)}, TEN + SECOND)
    assert kinds(at.match(market, TEN + SECOND)) == ["fill"]


def test_a_stale_leg_does_not_fill() -> None:
    at, market = exchange(), quote(QUOTES)
    submit(at, condor(), now=TEN + AGE + 1)
    assert kinds(at.match(market, TEN + AGE + 1)) == ["accepted"]


def test_execution_ids_are_all_different() -> None:
    at, market = exchange(), quote(QUOTES)
    submit(at, condor(), name="a")
    submit(at, condor(), name="b")
    ids = [leg.exec_id for report in at.match(market, TEN) for leg in report.legs]
    assert len(ids) == len(set(ids)) == 8


def test_fees_are_by_contract_root_and_day() -> None:
    dated = 'fees.schedule=[{root="SPXW", from=2024-08-07, per_contract=0.50}]'
    for settings_, fee in (((), 0.65), ((dated,), 0.50), ((dated.replace("08-07", "08-08"),), 0.65)):
        at = exchange(*settings_)
        submit(at, condor(), quantity=3)
        assert [leg.fee for leg in the_fill(at.match(quote(QUOTES), TEN)).legs] == [3 * to_units(fee)] * 4


# Latency


def test_an_order_arrives_after_its_latency_and_not_a_nanosecond_before() -> None:
    at, market = exchange("fills.latency_ms=250"), quote(QUOTES)
    submit(at, condor())
    arrival = TEN + SECOND // 4
    assert at.next_wake == arrival
    assert at.match(market, arrival - 1) == []
    assert kinds(at.match(market, arrival)) == ["accepted", "fill"]
    assert at.next_wake is None


def test_it_meets_the_quotes_of_its_arrival_not_those_it_was_decided_on() -> None:
    at, market = exchange("fills.latency_ms=250"), quote(QUOTES)
    submit(at, condor())
    show(market, {SP: (0.70, 0.80)}, TEN + SECOND // 8)
    assert the_fill(at.match(market, TEN + SECOND)).legs[1].price == to_units(0.70)


def test_without_latency_an_order_meets_the_market_at_once() -> None:
    at = exchange()
    submit(at, condor())
    assert at.next_wake == TEN
    assert kinds(at.match(quote(QUOTES), TEN)) == ["accepted", "fill"]


def test_a_cancelled_order_never_fills_and_is_cancelled_once() -> None:
    at, market = exchange(), quote(QUOTES)
    submit(at, condor())
    (report,) = at.cancel("a", TEN, "its window is over")
    assert (report.kind, report.text, report.client_order_id) == ("cancelled", "its window is over", "a")
    assert at.cancel("a", TEN, "again") == []
    assert at.match(market, TEN + SECOND) == []


# Refusals


@pytest.mark.parametrize(
    ("side", "effect", "held", "answer"),
    [
        ("sell", "open", 1, "rejected"),
        ("buy", "open", -1, "rejected"),
        ("sell", "open", -1, "accepted"),
        ("buy", "open", 1, "accepted"),
        ("sell", "open", 0, "accepted"),
        ("sell", "close", 2, "accepted"),
        ("buy", "close", -2, "accepted"),
        ("sell", "close", 1, "rejected"),
        ("buy", "close", -1, "rejected"),
        ("buy", "close", 2, "rejected"),
        ("sell", "close", 0, "rejected"),
    ],
)
def test_two_contracts_against_what_is_held(side: str, effect: str, held: int, answer: str) -> None:
    at = exchange(holding={PUT: held})
    submit(at, single(side, effect), quantity=2)  # type: ignore[arg-type]
    reports = at.match(quote(QUOTES), TEN)
    assert reports[0].kind == answer
    if answer == "rejected":
        assert "position intent mismatch: " in reports[0].text
        assert PUT.symbol in reports[0].text
        assert len(reports) == 1


def test_what_was_filled_here_is_held_here() -> None:
    at, market = exchange(), quote(QUOTES)
    submit(at, condor(), name="a")
    submit(at, closing(condor()), name="b")
    submit(at, closing(condor()), name="c")
    assert kinds(at.match(market, TEN)) == ["accepted", "fill", "accepted", "fill", "rejected"]


def test_contracts_that_an_order_at_work_would_close_are_not_free_for_another() -> None:
    at, market = exchange(holding={PUT: 3}), quote(QUOTES)
    for name, quantity in (("a", 2), ("b", 2), ("c", 1)):
        submit(at, single("sell", "close"), to_units(-5), quantity, name=name)
    assert [(r.client_order_id, r.kind) for r in at.match(market, TEN)] == [
        ("a", "accepted"),
        ("b", "rejected"),
        ("c", "accepted"),
    ]
    at.cancel("a", TEN, "")
    submit(at, single("sell", "close"), None, 2, name="d")
    assert kinds(at.match(market, TEN)) == ["accepted", "fill"]


def test_an_opening_leg_may_not_oppose_one_at_work() -> None:
    at, market = exchange(), quote(QUOTES)
    submit(at, single("buy"), to_units(0.10), name="a")
    submit(at, single("sell"), name="b")
    submit(at, single("buy"), name="c")
    assert [(r.client_order_id, r.kind) for r in at.match(market, TEN)] == [
        ("a", "accepted"),
        ("b", "rejected"),
        ("c", "accepted"),
        ("c", "fill"),
    ]


@pytest.mark.parametrize("package", [Package(()), Package((Leg(PUT, "buy", "open", 2),))])
def test_what_is_no_package_is_rejected(package: Package) -> None:
    at = exchange()
    submit(at, package)
    (report,) = at.match(quote(QUOTES), TEN)
    assert (report.kind, report.text) == ("rejected", package.problem())


# The close


@pytest.mark.parametrize(("root", "minutes_past_four"), [("SPXW", 0), ("XSP", 0), ("SPY", 15), ("QQQ", 15)])
def test_orders_live_to_the_products_close(root: str, minutes_past_four: int) -> None:
    close = SESSION.close + minutes_past_four * MINUTE
    contract = option(500, "C", root=root)
    at, market = exchange(), quote({contract: (1.0, 1.1)}, close - 1)
    submit(at, single("buy", contract=contract), to_units(0.50), now=close - 1, name="rests")
    assert kinds(at.match(market, close - 1)) == ["accepted"]
    submit(at, single("buy", contract=contract), now=close - 1, name="crosses")
    assert kinds(at.match(market, close - 1)) == ["accepted", "fill"]
    submit(at, single("buy", contract=contract), now=close, name="late")
    found = {report.client_order_id: (report.kind, report.text) for report in at.match(market, close)}
    assert found == {"rests": ("expired", "the product's close"), "late": ("rejected", f"{root} is not trading")}


def test_before_the_open_nothing_trades() -> None:
    at = exchange()
    submit(at, condor(), now=SESSION.open - 1)
    assert kinds(at.match(quote(QUOTES, SESSION.open - 1), SESSION.open - 1)) == ["rejected"]


def test_an_order_on_its_way_at_the_close_is_rejected() -> None:
    at = exchange("fills.latency_ms=1000")
    submit(at, condor(), now=CLOSE - 1)
    assert kinds(at.match(quote(QUOTES, CLOSE - 1), CLOSE + SECOND)) == ["rejected"]


# As a whole

ACTS = st.lists(
    st.tuples(
        st.sampled_from([SP, SC]),
        st.sampled_from(["buy", "sell"]),
        st.sampled_from(["open", "close"]),
        st.integers(1, 3),
        st.sampled_from([None, -5000, 5000, 20_000]),
        st.integers(0, 40),
    ),
    max_size=12,
)


@given(ACTS, st.sampled_from([0, 3000]))
@settings(max_examples=80, deadline=None)
def test_no_sequence_of_orders_turns_a_position_around_by_closing_or_fills_an_order_twice(
    acts: list, latency: int
) -> None:
    at, market = exchange(f"fills.latency_ms={latency}"), quote(QUOTES)
    held: dict[object, int] = {SP: 0, SC: 0}
    asked, done, now = {}, set(), TEN
    for n, (contract, side, effect, quantity, limit, pause) in enumerate(acts):
        now += pause * SECOND // 4
        asked[str(n)] = (contract, side, effect, quantity)
        at.submit(str(n), single(side, effect, contract), quantity, limit, now)
        show(market, QUOTES, now)
        for report in at.match(market, now):
            assert report.client_order_id not in done
            if report.kind != "accepted":  # no sizes are told here, so that a fill is whole
                done.add(report.client_order_id)
            for leg in report.legs:
                traded, its_side, its_effect, wanted = asked[report.client_order_id]
                assert (leg.contract, leg.side, leg.quantity) == (traded, its_side, wanted)
                before = held[traded]
                held[traded] += leg.quantity if leg.side == "buy" else -leg.quantity
                if its_effect == "close":
                    assert abs(held[traded]) == abs(before) - wanted
                else:
                    assert abs(held[traded]) == abs(before) + wanted


def test_other_days_contracts_do_not_cover_one_another() -> None:
    friday = option(5300, "P", dt.date(2024, 8, 9))
    at = exchange(holding={friday: 1})
    submit(at, single("sell", "close"))
    assert kinds(at.match(quote(QUOTES), TEN)) == ["rejected"]
