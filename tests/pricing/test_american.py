"""American prices against a fine lattice, published values, and the limits in which they are European."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from american_lattice import lattice
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from engine.pricing import _boundary, american, implied_vol
from engine.pricing import greeks as black_greeks
from engine.pricing import price as black

DAY = 1 / 365
MINUTE = DAY / 1440
SPOT = 450.0


def deviations(sign: float, z: float, sigma: float, t: float) -> float:
    """The strike ``z`` standard deviations in the money."""
    return SPOT * math.exp(-sign * z * sigma * math.sqrt(t))


# Rates and yields


@pytest.mark.parametrize("minutes", [1, 30, 390, 1440, 7 * 1440, 30 * 1440])
@pytest.mark.parametrize(("rate", "yield_rate"), [(0.05, 0.0), (0.01, 0.0), (0.05, 0.05), (0.02, 0.06)])
def test_with_rates_and_yields_it_is_the_lattices_price(minutes: int, rate: float, yield_rate: float) -> None:
    """Within a hundred-thousandth of a standard deviation of the spot; nearly all of that is the coarser lattice's."""
    t = minutes * MINUTE
    for sign in (-1.0, 1.0) if yield_rate else (-1.0,):
        for sigma, z in ((0.1, -0.5), (0.1, 0.5), (0.3, 1.5), (0.8, 0.0), (0.8, 2.5)):
            strike = deviations(sign, z, sigma, t)
            expected = lattice(sign, SPOT, strike, t, sigma, rate, yield_rate, steps=400)
            found = american.price(sign, SPOT, strike, t, sigma, rate, yield_rate)
            assert found == pytest.approx(expected, abs=1e-5 * SPOT * sigma * math.sqrt(t)), (sign, sigma, z)


@pytest.mark.parametrize(("days", "z"), [(1, 0.5), (30, 0.5), (30, -0.5)])
def test_against_a_finer_lattice_it_is_right_to_a_few_millionths_of_a_dollar(days: int, z: float) -> None:
    t, sigma = days * DAY, 0.1
    strike = deviations(-1, z, sigma, t)
    expected = lattice(-1, SPOT, strike, t, sigma, 0.05, steps=4000)
    assert american.price(-1, SPOT, strike, t, sigma, 0.05) == pytest.approx(expected, abs=3e-6)


def test_more_nodes_and_points_change_nothing_that_a_quote_could_show(monkeypatch: pytest.MonkeyPatch) -> None:
    days = np.repeat([1 / 1440, 1.0, 7.0, 30.0], 7)
    sigma, sd = np.tile([0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8], 4), np.tile([-1, 0, 0.5, 1, 1.5, 2, 0.2], 4)
    t = days * DAY
    strike = SPOT * np.exp(sd * sigma * np.sqrt(t))

    def prices() -> np.ndarray:
        for each in (_boundary.fractions, _boundary.node_grid, _boundary.whole_grid):
            each.cache_clear()
        return american.price(-1, SPOT, strike, t, sigma, 0.05)

    found = prices()
    with monkeypatch.context() as finer:
        for name, value in (("NODES", 20), ("POINTS", 48), ("FINE_POINTS", 200), ("ROUNDS", 20)):
            finer.setattr(_boundary, name, value)
        expected = prices()
    assert np.array_equal(prices(), found)
    assert np.abs(found - expected).max() < 2e-6


@pytest.mark.parametrize("sign", [-1, 1])
def test_the_premium_of_andersen_lake_and_offengenden(sign: int) -> None:
    """Their table 2 (2016): 0.106952702747 at K = S = 100, r = q = 5%, 25%, a year."""
    premium = american.early_exercise_premium(sign, 100, 100, 1, 0.25, 0.05, 0.05)
    assert premium == pytest.approx(0.106952702747, abs=5e-7)


# Puts S 40, r 4.88%: T, sigma, K, and the "true" value of Ju's exhibit 3 (1999; binomial, 10,000 steps; also in Geske
# and Johnson, 1984, and Huang, Subrahmanyam and Yu, 1996).
TRUE_PUTS = [
    (0.0833, 0.2, 35, 0.0062), (0.3333, 0.2, 35, 0.2004), (0.5833, 0.2, 35, 0.4328),
    (0.0833, 0.2, 40, 0.8522), (0.3333, 0.2, 40, 1.5798), (0.5833, 0.2, 40, 1.9904),
    (0.0833, 0.2, 45, 5.0000), (0.3333, 0.2, 45, 5.0883), (0.5833, 0.2, 45, 5.2670),
    (0.0833, 0.3, 35, 0.0774), (0.3333, 0.3, 35, 0.6975), (0.5833, 0.3, 35, 1.2198),
    (0.0833, 0.3, 40, 1.3099), (0.3333, 0.3, 40, 2.4825), (0.5833, 0.3, 40, 3.1696),
    (0.0833, 0.3, 45, 5.0597), (0.3333, 0.3, 45, 5.7056), (0.5833, 0.3, 45, 6.2436),
    (0.0833, 0.4, 35, 0.2466), (0.3333, 0.4, 35, 1.3460), (0.5833, 0.4, 35, 2.1549),
    (0.0833, 0.4, 40, 1.7681), (0.3333, 0.4, 40, 3.3874), (0.5833, 0.4, 40, 4.3526),
    (0.0833, 0.4, 45, 5.2868), (0.3333, 0.4, 45, 6.5099), (0.5833, 0.4, 45, 7.3830),
]  # fmt: skip


def test_the_puts_of_geske_and_johnson() -> None:
    t, sigma, strike, expected = (np.array(column) for column in zip(*TRUE_PUTS, strict=True))
    assert american.price(-1, 40, strike, t, sigma, 0.0488) == pytest.approx(expected, abs=1.1e-4)


# Barone-Adesi and Whaley's approximation as Haug (1998, page 24) prints it: strike 100, r = q = 10%. The true values
# differ from it by as much as is known of it: up to a cent.
@pytest.mark.parametrize(
    ("sign", "spot", "t", "sigma", "printed"),
    [
        (1, 90, 0.1, 0.15, 0.0206), (1, 100, 0.1, 0.15, 1.8771), (1, 110, 0.1, 0.15, 10.0089),
        (1, 100, 0.5, 0.25, 6.8015), (1, 110, 0.5, 0.35, 15.5689),
        (-1, 90, 0.1, 0.15, 10.0), (-1, 100, 0.1, 0.35, 4.3777), (-1, 110, 0.5, 0.15, 1.0822),
        (-1, 90, 0.5, 0.25, 12.4419),
    ],
)  # fmt: skip
def test_it_is_near_barone_adesi_and_whaley(sign: int, spot: float, t: float, sigma: float, printed: float) -> None:
    found = american.price(sign, spot, 100, t, sigma, 0.1, 0.1)
    assert found == pytest.approx(printed, abs=0.03)
    assert found == pytest.approx(lattice(sign, spot, 100, t, sigma, 0.1, 0.1, steps=400), abs=3e-5)


def test_the_exercise_boundary_is_where_the_price_becomes_the_intrinsic_value() -> None:
    t, sigma, rate = 7 * DAY, 0.2, 0.05
    critical = float(american.exercise_boundary(-1, 450, t, sigma, rate))

    below, above = critical * (1 - 1e-4), critical * (1 + 1e-3)
    assert american.price(-1, below, 450, t, sigma, rate) == 450 - below
    assert american.price(-1, above, 450, t, sigma, rate) > 450 - above
    greeks = american.greeks(-1, below, 450, t, sigma, rate)
    assert (greeks.delta, greeks.gamma, greeks.theta, greeks.vega) == (-1, 0, 0, 0)
    # By the symmetry of calls and puts, S and K, r and q.
    assert american.exercise_boundary(1, 450, t, sigma, 0.0, rate) == pytest.approx(450 * 450 / critical)
    assert american.exercise_boundary([-1, 1], 450, t, sigma, [0.0, rate]).tolist() == [0.0, math.inf]


# One dividend


def test_roll_geske_and_whaleys_call_in_haug() -> None:
    """Haug (1998, page 21): S 80, K 82, a third of a year, 4 dollars after a quarter, r 6%, 30%: 4.3860."""
    assert american.price(1, 80, 82, 0.3333, 0.30, 0.06, 0.0, 4.0, 0.25) == pytest.approx(4.3860, abs=2e-4)


def by_expectation(spot: float, strike: float, t: float, sigma: float, rate: float, cash: float, ex_t: float) -> float:
    """The call's price as the expected greater of exercise and keeping at the dividend, by adaptive quadrature."""
    net, left = spot - cash * math.exp(-rate * ex_t), t - ex_t
    deviation = sigma * math.sqrt(ex_t)

    def worth(x: float) -> float:
        s = net * math.exp(rate * ex_t - 0.5 * deviation**2 + deviation * x)
        kept = float(black(1, s * math.exp(rate * left), strike, left, sigma, math.exp(-rate * left)))
        return max(s + cash - strike, kept) * math.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)

    critical = float(american.dividend_boundary(strike, t, sigma, cash, ex_t, rate)) - cash
    kink = (math.log(critical / net) - rate * ex_t) / deviation + 0.5 * deviation if critical < math.inf else 0.0
    cuts = sorted({-9.0, min(max(kink, -9.0), 9.0), 9.0})
    parts = (quad(worth, *ends, epsabs=1e-12, epsrel=1e-12, limit=200)[0] for ends in itertools.pairwise(cuts))
    return math.exp(-rate * ex_t) * sum(parts)


@pytest.mark.parametrize("days", [1, 2, 7, 30])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.95])
@pytest.mark.parametrize("rate", [0.0, 0.05])
def test_a_call_before_a_dividend_is_worth_the_better_of_exercise_and_keeping(
    days: int, share: float, rate: float
) -> None:
    t = days * DAY
    for cash, sigma, z in ((1.58, 0.1, -1.0), (1.58, 0.1, 0.5), (0.55, 0.3, 0.2), (1.58, 0.8, 1.5), (0.55, 0.1, 3.0)):
        strike = deviations(1, z, sigma, t)
        expected = by_expectation(SPOT, strike, t, sigma, rate, cash, share * t)
        found = float(american.price(1, SPOT, strike, t, sigma, rate, 0.0, cash, share * t))
        assert found == pytest.approx(expected, abs=1e-8), (cash, sigma, z)
    # The tree knows the dividend only through its one step, and errs by its distance from the boundary.
    tree = lattice(1, SPOT, strike, t, sigma, rate, 0.0, cash, share * t, steps=500)
    assert found == pytest.approx(tree, abs=1e-3)


@pytest.mark.parametrize(
    ("days", "share", "cash", "tolerance"),
    [(1, 0.3, 1.58, 2e-5), (7, 0.8, 0.55, 4e-5), (30, 0.3, 1.58, 1e-4), (30, 0.8, 0.55, 2e-4), (30, 0.98, 1.58, 1e-3)],
)
def test_a_put_around_a_dividend_is_the_lattices(days: int, share: float, cash: float, tolerance: float) -> None:
    """In the last two, exercise is worth while before the dividend too: it is farther off than the pause is long.

    Half of the last tolerance is the tree's own.
    """
    t = days * DAY
    for sigma, z in ((0.1, 0.0), (0.1, 1.0), (0.3, 2.0)):
        strike = deviations(-1, z, sigma, t)
        expected = lattice(-1, SPOT, strike, t, sigma, 0.05, 0.0, cash, share * t, steps=500)
        found = american.price(-1, SPOT, strike, t, sigma, 0.05, 0.0, cash, share * t)
        assert found == pytest.approx(expected, abs=tolerance), (sigma, z)


def test_the_dividend_boundary_is_where_exercise_equals_keeping() -> None:
    t, ex_t, sigma, cash = 2 * DAY, 0.05 * DAY, 0.15, 1.58
    for rate in (0.0, 0.05):
        critical = float(american.dividend_boundary(450, t, sigma, cash, ex_t, rate))
        left = t - ex_t
        growth = math.exp(rate * left)
        kept = black(1, (critical - cash) * growth, 450, left, sigma, 1 / growth)
        assert critical - 450 == pytest.approx(float(kept), abs=1e-9)
        at_once = american.early_exercise_premium(
            1, [critical - 0.01, critical + 0.01], 450, left, sigma, rate, 0, cash, 0
        )
        assert at_once[0] == 0.0
        assert 0.0 < at_once[1] < 0.01


def test_a_dividend_below_the_interest_on_the_strike_is_not_worth_exercise() -> None:
    # 450 at 5% for 20 days is 1.23 dollars.
    assert american.dividend_boundary(450, 20 * DAY, 0.2, [1.0, 1.3], 0.0, 0.05)[0] == math.inf
    assert american.dividend_boundary(450, 20 * DAY, 0.2, [1.0, 1.3], 0.0, 0.05)[1] < math.inf
    assert american.early_exercise_premium(1, 470, 450, 20 * DAY, 0.2, 0.05, 0.0, 1.0, 0.0) == 0.0


def test_on_the_eve_a_deep_call_is_worth_its_intrinsic_value_and_the_european_much_less() -> None:
    t, ex_t = DAY, 1.25 / 24 * DAY
    found = float(american.price(1, 450.82, 440, t, 0.11, 0.0, 0.0, 1.5832, ex_t))
    european = float(black(1, 450.82 - 1.5832, 440, t, 0.11))
    assert found == pytest.approx(10.82, abs=1e-6)
    assert found - european == pytest.approx(1.5832, abs=1e-3)
    assert american.early_exercise_premium(1, 450.82, 440, t, 0.11, 0.0, 0.0, 1.5832, ex_t) == pytest.approx(
        found - european
    )


# Limits


@given(
    spot=st.floats(100, 700),
    moneyness=st.floats(-4, 4),
    sigma=st.floats(0.03, 2.0),
    minutes=st.floats(1, 43_200),
    rate=st.floats(0, 0.1),
)
def test_without_reason_for_early_exercise_it_is_european_to_the_bit(
    spot: float, moneyness: float, sigma: float, minutes: float, rate: float
) -> None:
    t = minutes * MINUTE
    strike = spot * math.exp(moneyness * sigma * math.sqrt(t))
    discount, forward = np.exp(-rate * t), spot * np.exp(np.float64(rate) * t)
    call = american.price(1, spot, strike, t, sigma, rate)
    assert call == black(1, forward, strike, t, sigma, discount)
    assert american.early_exercise_premium(1, spot, strike, t, sigma, rate) == 0.0
    assert american.price(-1, spot, strike, t, sigma) == black(-1, spot, strike, t, sigma)
    # A dividend after expiry is nobody's business.
    later = american.price(1, spot, strike, t, sigma, rate, 0.0, 1.58, t)
    assert later == call
    plain = black_greeks(-1, spot, strike, t, sigma)
    mine = american.greeks(-1, spot, strike, t, sigma)
    assert (mine.delta, mine.gamma, mine.vega) == (plain.delta, plain.gamma, plain.vega)
    assert mine.theta == pytest.approx(float(plain.theta), rel=1e-12)


@settings(max_examples=60)
@given(
    sign=st.sampled_from([-1.0, 1.0]),
    moneyness=st.floats(-3, 3),
    sigma=st.floats(0.05, 1.0),
    minutes=st.floats(1, 43_200),
    rate=st.floats(0, 0.1),
    cash=st.floats(0, 3),
    share=st.floats(0, 1.2),
)
def test_it_is_at_least_european_and_at_least_what_exercise_brings(
    sign: float, moneyness: float, sigma: float, minutes: float, rate: float, cash: float, share: float
) -> None:
    t = minutes * MINUTE
    strike = SPOT * math.exp(moneyness * sigma * math.sqrt(t))
    terms = (sign, SPOT, strike, t, sigma, rate, 0.0, cash, share * t)
    found, premium = american.price(*terms), american.early_exercise_premium(*terms)
    pays = cash > 0 and share * t < t
    net = SPOT - (cash * math.exp(-rate * share * t) if pays else 0.0)
    european = black(sign, net * math.exp(rate * t), strike, t, sigma, math.exp(-rate * t))
    assert premium >= 0
    assert found == pytest.approx(float(european + premium), abs=1e-9)
    if rate > 0 or pays:
        assert found >= max(sign * (SPOT - strike), 0.0) - 1e-9


def test_at_expiry_it_is_the_intrinsic_value() -> None:
    assert american.price([1, 1, -1], 450, [440, 460, 460], 0.0, 0.2, 0.05).tolist() == [10, 0, 10]


@pytest.mark.parametrize(
    "bad",
    [
        {"spot": 0.0}, {"spot": math.nan}, {"strike": -1.0}, {"t": -1e-6}, {"sigma": 0.0}, {"sigma": math.nan},
        {"rate": -0.01}, {"yield_rate": -0.01}, {"dividend": -1.0}, {"dividend": 460.0, "ex_t": 0.001},
        {"dividend": 1.0, "ex_t": math.nan}, {"dividend": 1.0, "ex_t": 0.001, "yield_rate": 0.01},
        {"right_sign": math.nan}, {"rate": math.inf},
    ],
)  # fmt: skip
def test_what_is_out_of_its_domain_is_nan_and_leaves_its_neighbours_alone(bad: dict[str, float]) -> None:
    good: dict[str, object] = {
        "right_sign": -1.0, "spot": 450.0, "strike": 455.0, "t": 0.01, "sigma": 0.2, "rate": 0.05,
    }  # fmt: skip
    alone = american.greeks(**good)
    both = {name: [good.get(name, {"ex_t": math.inf}.get(name, 0.0))] * 2 for name in (*good, *bad)}
    for name, value in bad.items():
        both[name][1] = value
    found = american.greeks(**both)
    for each, expected in zip(found, alone, strict=True):
        assert each[0] == expected
        assert math.isnan(each[1])
    if "sigma" not in bad:
        terms = {name: value for name, value in both.items() if name != "sigma"}
        assert math.isnan(american.implied_vol(price=9.0, **terms)[1])


# Greeks and implied volatility

TERMS = [
    (-1, 450.0, 452.0, 7 * DAY, 0.2, 0.05, 0.0, 0.0, math.inf),
    (-1, 450.0, 448.0, 0.5 * DAY, 0.15, 0.05, 0.0, 0.0, math.inf),
    (1, 450.0, 449.0, 7 * DAY, 0.2, 0.02, 0.06, 0.0, math.inf),
    (-1, 450.0, 452.0, 7 * DAY, 0.2, 0.03, 0.03, 0.0, math.inf),
    (1, 450.0, 449.0, 2 * DAY, 0.12, 0.0, 0.0, 1.58, 0.6 * DAY),
    (1, 450.0, 451.0, 2 * DAY, 0.12, 0.05, 0.0, 1.58, 0.6 * DAY),
    (1, 450.0, 445.0, 7 * DAY, 0.2, 0.05, 0.0, 1.58, 4.0 * DAY),
    (-1, 450.0, 455.0, 7 * DAY, 0.2, 0.05, 0.0, 1.58, 4.0 * DAY),
    (-1, 450.0, 470.0, 30 * DAY, 0.2, 0.05, 0.0, 0.55, 25 * DAY),
]


@pytest.mark.parametrize("terms", TERMS)
def test_greeks_are_the_derivatives_of_the_price(terms: tuple[float, ...]) -> None:
    sign, spot, strike, t, sigma, rate, yield_rate, cash, ex_t = terms

    def at(spot: float = spot, sigma: float = sigma, later: float = 0.0) -> float:
        return float(american.price(sign, spot, strike, t - later, sigma, rate, yield_rate, cash, ex_t - later))

    found = american.greeks(*terms)
    assert found.price == at()
    h, v, d = 2e-3 * spot * sigma * math.sqrt(t) * 10, 1e-3 * sigma, 1e-3 * t
    assert found.delta == pytest.approx((at(spot + h) - at(spot - h)) / (2 * h), abs=2e-4)
    assert found.gamma == pytest.approx((at(spot + h) - 2 * at() + at(spot - h)) / h**2, rel=3e-3)
    assert found.vega == pytest.approx((at(sigma=sigma + v) - at(sigma=sigma - v)) / (2 * v), rel=1e-4)
    assert found.theta == pytest.approx((at(later=d) - at(later=-d)) / (2 * d), rel=2e-3)


@pytest.mark.parametrize("terms", TERMS)
def test_the_implied_volatility_gives_the_price_back(terms: tuple[float, ...]) -> None:
    sign, spot, strike, t, sigma, *rest = terms
    paid = american.price(*terms)
    found = american.implied_vol(sign, spot, strike, t, paid, *rest)
    assert found == pytest.approx(sigma, rel=1e-9)


def test_without_early_exercise_the_implied_volatility_is_the_european_one() -> None:
    strike = np.arange(430.0, 471.0)
    paid = black(1, SPOT, strike, DAY, 0.15)
    assert np.array_equal(
        american.implied_vol(1, SPOT, strike, DAY, paid), implied_vol(1, SPOT, strike, DAY, paid), equal_nan=True
    )


def test_a_price_that_exercise_brings_anyway_has_no_volatility() -> None:
    """On the eve a call far in the money costs its intrinsic value at every volatility."""
    on_the_eve = {"dividend": 1.5832, "ex_t": 0.05 * DAY}
    found = american.implied_vol(1, 450.82, [430, 430, 440], DAY, [20.82, 20.5, 10.82], **on_the_eve)
    assert np.isnan(found).all()
    assert np.isnan(american.implied_vol(-1, 450, 500, 7 * DAY, [50.0, 49.9, 500.0], 0.05)).all()


def test_each_element_is_computed_on_its_own() -> None:
    """A chain in pieces is the chain whole, to the bit, whichever models its elements need."""
    columns = [np.array(column) for column in zip(*TERMS, strict=True)]
    whole = american.greeks(*columns)
    for n, terms in enumerate(TERMS):
        for one, all_of_them in zip(american.greeks(*terms), whole, strict=True):
            assert float(one) == pytest.approx(float(all_of_them[n]), rel=1e-13, abs=1e-15)
