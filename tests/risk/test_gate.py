"""The gate says no with one code, at each limit exactly there and not a unit before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quoted_market import AGE, DAY, MINUTE, SESSION, TEN, condor, option, quote
from risk_builders import (
    CREDIT,
    EACH,
    QUOTES,
    UNCOLLARED,
    book,
    filled_trades,
    gate,
    order_sent,
    request,
    trades,
    working,
)

from engine.calendar import session
from engine.events import LegFill
from engine.market import VixReading
from engine.portfolio import Portfolio, Trade, worst_loss
from engine.risk import CODES, Decision, TradingStates, used_by
from engine.types import Contract, Leg, Package, to_units

CLOSE = SESSION.product_close("SPXW")
PUT, CALL = option(5300, "P"), option(5400, "C")


def locked(name: str = "DAILY_LOSS") -> TradingStates:
    states = TradingStates()
    states.trip(name, "HALTED", True, "day -500.00 reached -500.00")
    return states


def short(contract: Contract) -> Package:
    return Package((Leg(contract, "sell", "open"),))


def test_the_default_condor_is_approved_at_its_worst_case() -> None:
    assert gate().check(request(), book()) == Decision("OK", "", 1, EACH)
    assert to_units(1872.60) == EACH


WRONG: dict[str, Callable[[], Decision]] = {
    "OK": lambda: gate().check(request(), book()),
    "NOT_ACTIVE": lambda: gate().check(request(), book(states=locked("PAUSED"))),
    "DAILY_LOSS": lambda: gate().check(request(), book(states=locked())),
    "STRATEGY_PAUSED": lambda: gate().check(request(), book(paused=[("iron_condor", "SPXW")])),
    "BAD_PACKAGE": lambda: gate().check(request(Package(())), book()),
    "UNDEFINED_RISK": lambda: gate().check(request(short(CALL)), book()),
    "INTENT": lambda: gate().check(request(Package((Leg(PUT, "buy", "close"),))), book()),
    "COVER_WIDTH": lambda: gate(cover_within=0.001).check(request(), book()),
    "CLOSED": lambda: gate().check(request(), book(now=CLOSE)),
    "CUTOFF": lambda: gate().check(request(), book(now=CLOSE - MINUTE)),
    "TICK": lambda: gate().check(request(limit=CREDIT + 1), book()),
    "STALE_QUOTE": lambda: gate().check(request(), book(market=quote({}))),
    "LEG_WIDTH": lambda: gate(max_leg_width=0.09).check(request(), book()),
    "PACKAGE_WIDTH": lambda: gate(max_package_width=0.39).check(request(), book()),
    "COLLAR_WORSE": lambda: gate().check(request(limit=0), book()),
    "COLLAR_BETTER": lambda: gate().check(request(limit=-26_000), book()),
    "LEG_COLLISION": lambda: gate().check(request(), book(orders=working(short(option(5420, "C"))))),
    "MAX_OPEN": lambda: gate(max_open=0).check(request(), book()),
    "DUPLICATE": lambda: gate().check(request(), book(orders=working(condor()))),
    "REPEATED": lambda: gate(max_repeats=1).check(request(), book(portfolio=filled_trades(1))),
    "MESSAGES_SECOND": lambda: gate(messages_per_second=1).check(request(), book(records=[order_sent("a", TEN)])),
    "MESSAGES_MINUTE": lambda: gate(messages_per_minute=1).check(request(), book(records=[order_sent("a", TEN)])),
    "VIX_HIGH": lambda: gate().check(request(), book(vix=VixReading(36.0, "streamed"))),
    "PER_TRADE": lambda: gate().check(request(), book(equity=to_units(1000))),
    "PER_STRATEGY": lambda: gate().check(request(), book(portfolio=trades(to_units(99_000)))),
    "PER_BOOK": lambda: gate().check(request(), book(portfolio=trades(to_units(249_000), strategy="another"))),
    "SIZE_ZERO": lambda: gate().check(request(quantity=0), book()),
    "MAX_CONTRACTS": lambda: gate(max_contracts=3).check(request(), book()),
    "MAX_CONTRACTS_DAY": lambda: gate(max_contracts_day=3).check(request(), book()),
    "MAX_NOTIONAL": lambda: gate(max_notional=2_139_999.99).check(request(), book()),
}


@pytest.mark.parametrize("code", CODES)
def test_each_code_has_its_case_and_its_words(code: str) -> None:
    decision = WRONG[code]()
    assert decision.code == code
    assert decision.approved == (code == "OK")
    if code != "OK":
        assert decision.quantity == 0
        assert decision.text.startswith(CODES[code])


def test_a_locked_day_is_named_before_anything_else_that_is_wrong() -> None:
    decision = gate(max_open=0).check(request(Package(())), book(states=locked(), now=CLOSE))
    assert (decision.code, decision.text.split(": ")[1]) == ("DAILY_LOSS", "day -500.00 reached -500.00")


def test_legs_of_another_root_are_not_the_root_that_was_asked_for() -> None:
    decision = gate().check(request(condor(root="XSP")), book())
    assert (decision.code, decision.text.split(": ")[1]) == ("BAD_PACKAGE", "its legs are of XSP, not of SPXW")


def test_a_long_of_another_root_covers_nothing() -> None:
    mixed = Package((Leg(CALL, "sell", "open"), Leg(option(500, "C", root="SPY"), "buy", "open")))
    assert gate().check(request(mixed), book()).code == "BAD_PACKAGE"


@pytest.mark.parametrize(
    "package",
    [
        short(PUT),
        short(CALL),
        Package((Leg(CALL, "sell", "open", 2), Leg(option(5420, "C"), "buy", "open", 1))),
        Package((Leg(CALL, "sell", "open"), Leg(PUT, "buy", "open"))),
        Package((Leg(CALL, "sell", "open"), Leg(option(5420, "C"), "buy", "close"))),
        Package((Leg(CALL, "sell", "open"), Leg(option(5420, "C", dt.date(2024, 8, 9)), "buy", "open"))),
    ],
)
def test_a_short_leg_without_a_long_of_its_right_expiry_and_number_is_undefined_risk(package: Package) -> None:
    listed = {leg.contract: (0.9, 1.0) for leg in package.legs}
    assert gate().check(request(package), book(market=quote(listed))).code == "UNDEFINED_RISK"


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (SESSION.open - 1, "CLOSED"),
        (SESSION.open, "OK"),
        (CLOSE - 1, "OK"),
        (CLOSE, "CLOSED"),
    ],
)
def test_opening_is_allowed_from_the_open_to_just_before_the_products_close(now: int, code: str) -> None:
    assert gate(no_open_minutes=0).check(request(), book(now=now, market=quote(QUOTES, now))).code == code


def test_a_half_day_closes_at_one() -> None:
    half = session(dt.date(2024, 7, 3))
    legs = tuple(Leg(option(s, r, half.day), side, "open") for s, r, side in [(90, "P", "buy"), (95, "P", "sell")])  # type: ignore[arg-type]
    listed = {leg.contract: (0.9, 1.0) for leg in legs}
    for now, code in ((half.close - 1, "OK"), (half.close, "CLOSED")):
        entry = request(Package(legs), limit=-500)
        found = gate(no_open_minutes=0, **UNCOLLARED).check(
            entry, book(now=now, session=half, market=quote(listed, now))
        )
        assert found.code == code
    assert "from 09:30:00 to 13:00:00" in found.text


def test_what_has_expired_cannot_be_opened() -> None:
    yesterday = dt.date(2024, 8, 6)
    legs = tuple(Leg(option(s, "P", yesterday), side, "open") for s, side in [(5280, "buy"), (5300, "sell")])  # type: ignore[arg-type]
    decision = gate().check(request(Package(legs)), book())
    assert (decision.code, "2024-08-06 has expired" in decision.text) == ("CLOSED", True)


@pytest.mark.parametrize(
    ("limit", "code"), [(-13_000, "OK"), (-13_001, "TICK"), (-12_999, "TICK"), (-12_500, "OK"), (-10_000, "OK")]
)
def test_the_limit_is_on_the_packages_tick(limit: int, code: str) -> None:
    assert gate().check(request(limit=limit), book()).code == code


@pytest.mark.parametrize(("age", "code"), [(AGE - 1, "OK"), (AGE, "OK"), (AGE + 1, "STALE_QUOTE")])
def test_quotes_may_be_as_old_as_the_limit_and_no_older(age: int, code: str) -> None:
    assert gate().check(request(), book(now=TEN + age)).code == code


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ((0.5, 0.4), "STALE_QUOTE"),
        ((None, 0.4), "STALE_QUOTE"),
        ((0.5, None), "STALE_QUOTE"),
        ((0.0, 0.0), "STALE_QUOTE"),
        ((0.4, 0.4), "OK"),
        ((0.0, 0.4), "OK"),
    ],
)
def test_every_leg_needs_an_uncrossed_quote(bad: tuple[float | None, float | None], code: str) -> None:
    decision = gate(**UNCOLLARED).check(request(), book(market=quote({**QUOTES, PUT: bad})))
    assert decision.code == code
    assert decision.approved or decision.text.split(": ")[1].startswith("5300P ")


def holding(contract: Contract, signed: int) -> Portfolio:
    portfolio = trades(0, status="open")
    fill = LegFill("x", contract, "buy" if signed > 0 else "sell", abs(signed), 100)
    portfolio.fold(1, fill, True, 0)
    return portfolio


@pytest.mark.parametrize(
    ("contract", "signed", "code"),
    [
        (option(5300, "P"), 1, "LEG_COLLISION"),
        (option(5300, "P"), -1, "OK"),
        (option(5280, "P"), -1, "LEG_COLLISION"),
        (option(5280, "P"), 1, "OK"),
        (option(5300, "C"), 1, "OK"),
        (option(5300, "P", dt.date(2024, 8, 9)), 1, "OK"),
        (option(5300, "P"), 0, "OK"),
    ],
)
def test_a_leg_may_not_oppose_what_the_account_holds(contract: Contract, signed: int, code: str) -> None:
    assert gate().check(request(), book(portfolio=holding(contract, signed))).code == code


@pytest.mark.parametrize(
    ("side", "effect", "status", "code"),
    [
        ("buy", "open", "sent", "LEG_COLLISION"),
        ("buy", "open", "pending_cancel", "LEG_COLLISION"),
        ("buy", "open", "cancelled", "OK"),
        ("sell", "open", "sent", "OK"),
        ("buy", "close", "sent", "OK"),
    ],
)
def test_nor_an_opening_order_at_work(side: str, effect: str, status: str, code: str) -> None:
    orders = working(Package((Leg(PUT, side, effect),)))  # type: ignore[arg-type]
    next(iter(orders)).status = status  # type: ignore[assignment]
    decision = gate().check(request(), book(orders=orders))
    assert decision.code == code
    if code != "OK":
        assert decision.text.endswith("sell 5300P opposes what is held or working")


@pytest.mark.parametrize(("busy", "code"), [(1, "OK"), (2, "MAX_OPEN"), (3, "MAX_OPEN")])
def test_as_many_trades_as_allowed_and_no_more(busy: int, code: str) -> None:
    assert gate(max_open=2).check(request(), book(portfolio=trades(*[0] * busy))).code == code


@pytest.mark.parametrize("status", ["closed", "settled", "settled_provisional", "abandoned"])
def test_trades_that_are_over_take_no_room(status: str) -> None:
    over = trades(to_units(99_999), status=status)
    assert gate(max_open=1).check(request(), book(portfolio=over)).code == "OK"
    assert used_by("iron_condor", over) == 0


@pytest.mark.parametrize(("missing", "code"), [(1, "PER_TRADE"), (0, "OK"), (-1, "OK")])
def test_a_package_may_lose_what_a_trade_may_and_not_a_unit_more(missing: int, code: str) -> None:
    equity = (EACH - missing) * 50  # two per cent of it is a trade's limit
    decision = gate(per_strategy=1.0).check(request(), book(equity=equity))
    assert (decision.code, decision.worst_case) == (code, EACH)


@pytest.mark.parametrize(("missing", "code"), [(1, "PER_STRATEGY"), (0, "OK"), (-1, "OK")])
def test_open_and_working_trades_leave_the_strategy_exactly_its_room(missing: int, code: str) -> None:
    used = trades(to_units(3000), to_units(700))
    equity = (EACH + to_units(3700) - missing) * 10
    decision = gate(per_trade=1.0).check(request(), book(equity=equity, portfolio=used))
    assert (decision.code, decision.worst_case) == (code, EACH)


def test_each_strategy_has_its_own_room() -> None:
    others = trades(to_units(99_999), strategy="another")
    assert gate().check(request(), book(portfolio=others)).code == "OK"


def test_a_side_lost_already_takes_more_room_than_the_trade_did_at_entry() -> None:
    trade = Trade(1, "iron_condor", "SPXW", "k", "l", DAY, condor(), 1, EACH)
    portfolio = Portfolio()
    portfolio.add(trade)
    for n, (leg, price) in enumerate(zip(condor().legs, (3000, 9500, 9000, 2500), strict=True)):
        portfolio.fold(1, LegFill(f"o{n}", leg.contract, leg.side, 1, price, 6500), True, 0)
    trade.filled, trade.status = 1, "open"
    assert used_by("iron_condor", portfolio) == EACH
    portfolio.fold(1, LegFill("c1", PUT, "buy", 1, to_units(9)), False, 0)
    portfolio.fold(1, LegFill("c0", option(5280, "P"), "sell", 1, to_units(2)), False, 0)
    assert used_by("iron_condor", portfolio) == EACH + to_units(700)


@pytest.mark.parametrize(
    ("vix", "quantity"), [(24.99, 10), (25.0, 10), (25.01, 5), (35.0, 5), (35.01, 0), (80.0, 0), (None, 1)]
)
def test_size_is_halved_above_25_and_nothing_above_35_and_one_package_where_none_is_known(
    vix: float | None, quantity: int
) -> None:
    decision = gate().check(request(quantity=10), book(vix=VixReading(vix, "streamed" if vix else "unknown")))
    assert decision.quantity == quantity
    assert decision.worst_case == (EACH * quantity or EACH)


def test_vix_scaling_can_be_turned_off() -> None:
    decision = gate(vix_scale=False).check(request(quantity=10), book(vix=VixReading(80.0, "streamed")))
    assert decision.quantity == 10


def test_one_contract_at_half_size_is_no_contract() -> None:
    decision = gate().check(request(quantity=1), book(vix=VixReading(30.0, "prior close")))
    assert decision.code == "SIZE_ZERO"
    assert decision.text.endswith("asked 1, VIX 30.0 (prior close) scales by 0.5")


@pytest.mark.parametrize(
    ("room", "vix", "quantity", "text"),
    [
        (10.0, 15.0, 10, ""),
        (7.999, 15.0, 7, "sized down from 10 by the limit of a trade"),
        (7.999, 30.0, 3, "sized down from 10 by the limit of a trade, VIX 30.0 (streamed)"),
        (10.0, 30.0, 5, "sized down from 10 by VIX 30.0 (streamed)"),
    ],
)
def test_sizes_round_down_and_say_what_lowered_them(room: float, vix: float, quantity: int, text: str) -> None:
    found = gate(per_strategy=1.0).check(
        request(quantity=10), book(equity=round(EACH * room * 50), vix=VixReading(vix, "streamed"))
    )
    assert (found.quantity, found.text, found.worst_case) == (quantity, text, EACH * quantity)


def test_a_strategys_room_lowers_the_size_too() -> None:
    found = gate(per_trade=1.0).check(request(quantity=10), book(equity=EACH * 35))
    assert (found.quantity, found.text) == (3, "sized down from 10 by the strategy's room")


@given(
    st.integers(0, 20), st.integers(0, 10**9), st.lists(st.integers(0, 10**8), max_size=4), st.floats(5, 60) | st.none()
)
@settings(max_examples=150, deadline=None)
def test_no_approval_ever_breaks_a_limit(quantity: int, equity: int, used: list[int], vix: float | None) -> None:
    state = book(equity=equity, portfolio=trades(*used), vix=VixReading(vix, "streamed"))
    checker = gate()
    decision = checker.check(request(quantity=quantity), state)
    if not decision.approved:
        assert decision.quantity == 0
        return
    assert 1 <= decision.quantity <= quantity
    assert decision.worst_case == EACH * decision.quantity <= checker.trade_limit(equity)
    assert sum(used) + decision.worst_case <= checker.strategy_limit(equity)
    assert vix is None or vix <= 35
    assert (vix is not None and vix <= 25) or decision.quantity <= quantity // 2


def test_a_later_expiry_may_be_opened_within_todays_hours() -> None:
    friday = dt.date(2024, 8, 9)
    legs = tuple(Leg(option(s, "P", friday), side, "open") for s, side in [(5280, "buy"), (5300, "sell")])  # type: ignore[arg-type]
    package = Package(legs)
    market = quote({leg.contract: (0.9, 1.0) for leg in legs}, TEN + MINUTE)
    decision = gate(**UNCOLLARED).check(request(package, limit=-500), book(now=TEN + MINUTE, market=market))
    assert decision.worst_case == worst_loss(package, -500, "SPXW", to_units(0.65))
