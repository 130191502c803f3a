"""The chance of a fill inside: of seed, id, spread and wait alone; never better than mid, never on an old quote."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import pytest
from exchange_builders import PUT, QUOTES, exchange, fills, kinds, single, submit
from hypothesis import given
from hypothesis import strategies as st
from quoted_market import AGE, SECOND, TEN, condor, quote, show

from engine.config import load
from engine.exchange import Cross, Improve, Mid, Priced, Waiting, fill_model
from engine.exchange.improve import UNIT, Draw, concession, draw, met_inside
from engine.types import to_units

IMPROVE = "fills.model=improve"
WIDTH = to_units(0.20)
T = 30.0


def model(seed: int = 7) -> Improve:
    return Improve(AGE, seed, T, WIDTH, 0.25)


def net(found: Priced | str) -> int:
    assert isinstance(found, Priced), found
    return found.trades_at


def test_at_once_it_pays_the_far_side() -> None:
    market = quote(QUOTES)
    for n in range(50):
        found = model().price(condor(), market, TEN, Waiting(f"o{n}", 0))
        assert isinstance(found, Priced)
        assert (found.trades_at, found.how) == (
            net(Cross(AGE).price(condor(), market, TEN)),
            "simulated at the far side",
        )


def test_waiting_brings_it_nearer_mid_and_never_past_it_nor_beyond_the_far_side() -> None:
    market = quote(QUOTES)
    mid, far = net(Mid(AGE).price(condor(), market, TEN)), net(Cross(AGE).price(condor(), market, TEN))
    paid = []
    for n in range(300):
        prices = [net(model().price(condor(), market, TEN, Waiting(f"o{n}", s * SECOND))) for s in (0, 10, 60, 3600)]
        assert all(mid <= price <= far for price in prices)
        assert prices == sorted(prices, reverse=True)
        paid.append(prices[-1])
    assert mid in paid
    assert far in paid, "a market as wide as this meets some orders never"
    assert any(mid < price < far for price in paid)


@pytest.mark.parametrize(
    ("waited", "width", "chance"),
    [
        (0, 0.0, 0.0),
        (30, 0.0, 1 - math.exp(-1)),
        (30, 0.20, (1 - math.exp(-1)) / 2),
        (30, 0.60, (1 - math.exp(-1)) / 4),
        (3600, 0.20, 0.5),
        (3600, 0.0, 1.0),
    ],
)
def test_the_chance_is_the_formula(waited: int, width: float, chance: float) -> None:
    """Over twenty thousand ids the share that is met lies within four standard errors of the formula."""
    ids = [draw(7, f"main-20240807-0-{n}") for n in range(20_000)]
    met = sum(met_inside(each, waited * SECOND, to_units(width), T, WIDTH) for each in ids) / len(ids)
    assert abs(met - chance) <= 4 * math.sqrt(max(chance * (1 - chance), 1e-9) / len(ids))


def test_of_those_a_quarter_is_met_at_mid_and_the_others_evenly_beyond() -> None:
    parts = [concession(draw(7, f"o{n}"), 0.25) / UNIT for n in range(20_000)]
    assert abs(sum(part == 0 for part in parts) / len(parts) - 0.25) < 0.013
    beyond = [part for part in parts if part]
    assert abs(sum(beyond) / len(beyond) - 0.5) < 0.01
    assert max(beyond) < 1
    assert concession(Draw(0, UNIT - 1), 1.0) == 0


def test_seed_and_id_decide_and_nothing_else() -> None:
    assert draw(7, "a") == draw(7, "a") != draw(8, "a")
    assert draw(7, "a") != draw(7, "b")
    code = "from engine.exchange.improve import draw; print(draw(7, 'main-20240807-0-1'))"
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert said == {f"{draw(7, 'main-20240807-0-1')}\n"}


def test_the_order_of_asking_changes_nothing() -> None:
    market, names = quote(QUOTES), [f"o{n}" for n in range(30)]
    one, other = model(), model()
    forth = {name: one.price(condor(), market, TEN, Waiting(name, 40 * SECOND)) for name in names}
    back = {name: other.price(condor(), market, TEN, Waiting(name, 40 * SECOND)) for name in reversed(names)}
    assert forth == back


def test_an_order_at_the_exchange_is_met_after_a_while_and_its_report_says_where() -> None:
    market = quote(QUOTES)
    filled = 0
    for n in range(60):
        at = exchange(IMPROVE)
        submit(at, condor(), to_units(-1.20), name=f"o{n}")
        assert kinds(at.match(market, TEN)) == ["accepted"]
        show(market, QUOTES, TEN + 89 * SECOND)
        for report in fills(at.match(market, TEN + 89 * SECOND)):
            filled += 1
            assert report.text.startswith("simulated inside, ")
            paid = condor().net(tuple(leg.price for leg in report.legs))
            assert to_units(-1.30) <= paid <= to_units(-1.20)
        show(market, QUOTES, TEN)
    assert 5 < filled < 55


def test_who_buys_at_market_waits_for_nobody() -> None:
    at, market = exchange(IMPROVE), quote({PUT: (1.0, None)})
    submit(at, single("buy"))
    at.match(market, TEN)
    show(market, {PUT: (1.0, 1.2)}, TEN + 3600 * SECOND)
    (fill,) = at.match(market, TEN + 3600 * SECOND)
    assert fill.legs[0].price == to_units(1.2)


@pytest.mark.parametrize("bad", [(0.5, 0.4), (0.5, None), (None, 0.5), (0.0, 0.0)])
def test_a_bad_quote_fills_nothing_however_long_it_waits(bad: tuple[float | None, float | None]) -> None:
    assert isinstance(model().price(single("buy"), quote({PUT: bad}), TEN, Waiting("a", 3600 * SECOND)), str)


def test_nor_does_an_old_one() -> None:
    market = quote({PUT: (1.0, 1.2)})
    late = TEN + AGE + 1
    assert isinstance(model().price(single("buy"), market, late, Waiting("a", 3600 * SECOND)), str)


@given(
    st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 500)), min_size=4, max_size=4),
    st.text("abc", min_size=1, max_size=4),
    st.integers(0, 3600),
)
def test_each_leg_is_rounded_against_us_between_its_mid_and_its_far_side(
    levels: list[tuple[int, int]], name: str, waited: int
) -> None:
    quotes = {leg: (bid / 1000, (bid + width) / 1000) for leg, (bid, width) in zip(QUOTES, levels, strict=True)}
    found = model().price(condor(), quote(quotes), TEN, Waiting(name, waited * SECOND))
    if isinstance(found, str):
        return
    for leg, price, met in zip(condor().legs, found.prices, found.quotes, strict=True):
        assert met.bid is not None
        assert met.ask is not None
        if leg.side == "buy":
            assert met.mid2 <= 2 * price <= 2 * met.ask
        else:
            assert 2 * met.bid <= 2 * price <= met.mid2


def test_the_configuration_sets_it() -> None:
    made = fill_model(load(settings=[IMPROVE, "fills.improve_at_mid=1", "fills.improve_seconds=0.001"]).fills)
    locked_out = made.price(single("buy"), quote({PUT: (1.0, 1.0)}), TEN, Waiting("a", SECOND))
    assert isinstance(locked_out, Priced)
    assert (locked_out.trades_at, locked_out.how[:16]) == (to_units(1.0), "simulated inside")
