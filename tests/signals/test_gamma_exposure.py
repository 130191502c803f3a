"""Gamma exposure: signs, walls and the zero level by hand, and the real table of 2022-07-12 against its own gammas."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from cboe_market import Snapshot, open_snapshot, printed_columns
from hypothesis import given
from hypothesis import strategies as st

from engine import pricing
from engine.signals import GammaExposure, chains_gamma_exposure, gamma_exposure
from engine.tape import Store
from engine.types import Contract, parse_symbol

YEARS = 0.02


def exposure(*contracts: tuple[int, float, float], spot: float = 5000.0, **more: object) -> GammaExposure:
    """Of (sign, strike, open interest), all at a volatility of 20%."""
    sign, strike, held = zip(*contracts, strict=True)
    found = gamma_exposure(sign, strike, YEARS, 0.2, held, spot, **more)
    assert found is not None
    return found


def test_a_contract_is_gamma_times_interest_times_a_hundred_times_spot_squared_for_one_percent() -> None:
    gamma = math.exp(-0.5 * (0.1 * math.sqrt(YEARS)) ** 2) / math.sqrt(2 * math.pi) / (5000 * 0.2 * math.sqrt(YEARS))
    found = exposure((1, 5000, 700))
    assert found.net == pytest.approx(gamma * 700 * 100 * 5000**2 * 0.01, rel=1e-9)
    assert (found.total_puts, found.priced, found.unpriced) == (0, 700, 0)
    assert exposure((-1, 5000, 700)).net == pytest.approx(-found.net)
    assert exposure((1, 5000, 700), multiplier=10).net == pytest.approx(found.net / 10)


def test_a_move_of_one_percent_changes_the_dollars_of_delta_by_the_exposure() -> None:
    """For a small move: delta times spot in dollars, with the shares of the delta revalued at one price."""
    spot, move = 5000.0, 0.0001
    low, high = (pricing.greeks(1, spot * (1 + step), 5020, YEARS, 0.2).delta for step in (-move, move))
    dollars = float(high - low) * 300 * 100 * spot / (2 * move) * 0.01
    assert exposure((1, 5020, 300)).net == pytest.approx(dollars, rel=1e-4)


def test_strikes_hold_calls_and_puts_and_the_walls_are_the_largest_of_each() -> None:
    found = exposure((1, 5100, 900), (-1, 4900, 800), (1, 4900, 100), (-1, 5000, 50), (1, 5050, 0))
    assert found.strikes.tolist() == [4900, 5000, 5050, 5100]
    assert (found.call_wall, found.put_wall) == (5100, 4900)
    assert found.by_strike == pytest.approx(found.calls + found.puts)
    assert (found.calls >= 0).all()
    assert (found.puts <= 0).all()
    assert found.net == pytest.approx(float(found.by_strike.sum()))
    assert exposure((1, 5100, 900)).put_wall is None
    assert exposure((1, 4900, 100), (1, 5100, 100), spot=5001.0).call_wall == 5100


def test_the_zero_level_is_where_the_net_changes_sign() -> None:
    found = exposure((1, 5100, 1000), (-1, 4900, 1000))
    assert found.zero_gamma is not None
    assert 4950 < found.zero_gamma < 5050
    at_zero = gamma_exposure([1, -1], [5100, 4900], YEARS, 0.2, [1000, 1000], found.zero_gamma)
    assert at_zero is not None
    assert abs(at_zero.net) < 0.002 * at_zero.total_calls


def test_without_a_change_of_sign_there_is_no_zero_level() -> None:
    assert exposure((1, 5100, 1000)).zero_gamma is None
    assert exposure((1, 5000, 1000), (-1, 5000, 10)).zero_gamma is None


@given(st.floats(0.9, 1.1), st.floats(0.05, 0.6), st.integers(1, 10_000))
def test_the_forward_moves_with_the_spot_and_scales_out(ratio: float, sigma: float, held: int) -> None:
    """Strikes and forward times a factor at the same spot: the same moneyness, the same exposure times its square."""
    plain = gamma_exposure(1, 5000, YEARS, sigma, held, 5000)
    scaled = gamma_exposure(1, 5000 * ratio, YEARS, sigma, held, 5000, forward=5000 * ratio)
    assert plain is not None
    assert scaled is not None
    assert scaled.net == pytest.approx(plain.net * ratio)


def test_what_has_no_gamma_is_counted_and_in_no_figure() -> None:
    found = gamma_exposure(
        [1, 1, -1, 1], [5000, 5100, 4900, 5050], YEARS, [0.2, np.nan, 0.2, 0.2], [10, 20, 30, np.nan], 5000
    )
    assert found is not None
    assert (found.priced, found.unpriced) == (40, 20)
    assert 5100 not in found.strikes
    expired = gamma_exposure([1, 1], 5000, [YEARS, -0.001], 0.2, [10, 7], 5000)
    assert expired is not None
    assert (expired.priced, expired.unpriced) == (10, 7)


@pytest.mark.parametrize(
    ("sigma", "held", "spot"),
    [(np.nan, 10, 5000), (0.2, 0, 5000), (0.2, np.nan, 5000), (0.2, 10, np.nan), (0.2, 10, 0)],
)
def test_nothing_to_go_by_is_missing_and_not_zero(sigma: float, held: float, spot: float) -> None:
    assert gamma_exposure(1, 5000, YEARS, sigma, held, spot) is None


# The real table of 2022-07-12, 11:55: quotes of 11:40

NET, CALLS, PUTS = 0.5904e9, 2.1280e9, -1.5376e9
ALL_EXPIRIES = -17.487e9


@pytest.fixture(scope="module")
def path(shared: Path) -> Path:
    return shared / "data" / "cboe_quotedata" / "spx_2022-07-12_1155ET.csv.gz"


@pytest.fixture(scope="module")
def july(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return open_snapshot(path, Store(tmp_path_factory.mktemp("july")))


def with_cboes_gamma(path: Path, today_only: bool, root: str | None = None) -> tuple[float, float]:
    """Calls and puts from Cboe's printed gamma, open interest and index value."""
    totals = {"C": 0.0, "P": 0.0}
    for symbol, printed in printed_columns(path).items():
        contract = parse_symbol(symbol)
        assert isinstance(contract, Contract)
        if (not today_only or f"{contract.expiry}" == "2022-07-12") and root in (None, contract.root):
            totals[contract.right] += printed.gamma * printed.open_interest * 100 * 3856.28**2 * 0.01
    return totals["C"], -totals["P"]


def test_cboes_own_gammas_give_the_reference(path: Path) -> None:
    calls, puts = with_cboes_gamma(path, today_only=True)
    assert (calls, puts, calls + puts) == pytest.approx((CALLS, PUTS, NET), rel=1e-3)
    assert sum(with_cboes_gamma(path, today_only=False)) == pytest.approx(ALL_EXPIRIES, rel=1e-3)
    assert sum(with_cboes_gamma(path, today_only=False, root="SPXW")) == pytest.approx(-3.496e9, rel=1e-3)


def test_our_gammas_of_the_imported_day_agree_with_it(july: Snapshot) -> None:
    """Puts are 1.1% larger: nearly all of it in puts of 3750 to 3800, bid at 5 to 30 cents, where a gamma of 0.0004 to
    0.002 is printed with four decimals and about one of the last lower than the printed volatility would have it."""
    found = chains_gamma_exposure(july.market, july.chains[:1])
    assert found is not None
    assert found.spot == 3856.28
    assert found.net == pytest.approx(NET, rel=0.01)
    assert found.total_calls == pytest.approx(CALLS, rel=0.01)
    assert found.total_puts == pytest.approx(PUTS, rel=0.012)
    assert (found.priced, found.unpriced) == (121_030, 0)
    assert (found.call_wall, found.put_wall) == (3875, 3850)
    assert found.zero_gamma == pytest.approx(3846.3, abs=1)


def test_rounded_as_cboe_rounds_them_all_three_are_within_a_percent(july: Snapshot) -> None:
    chain = july.chains[0]
    totals = {}
    for right, side in (("C", chain.calls), ("P", chain.puts)):
        where = chain.layout.calls if right == "C" else chain.layout.puts
        held = np.array([july.market.detail(int(index))["open_interest"] for index in where])
        totals[right] = float((np.round(side.gamma, 4) * held).sum()) * 100 * 3856.28**2 * 0.01
    assert totals["C"] == pytest.approx(CALLS, rel=0.01)
    assert -totals["P"] == pytest.approx(PUTS, rel=0.01)
    assert totals["C"] - totals["P"] == pytest.approx(NET, rel=0.01)


def test_fifteen_minutes_change_the_volatility_and_not_the_exposure(july: Snapshot) -> None:
    """The gamma of a quoted price hangs on its total volatility, which the clock does not change."""
    chain = july.chains[0]
    held = np.array([july.market.detail(int(index))["open_interest"] for index in chain.layout.calls])
    at = {}
    for minutes in (0, 15):
        years = chain.years - minutes / (365 * 24 * 60)
        sigma = chain.iv * math.sqrt(chain.years / years)
        at[minutes] = gamma_exposure(1, chain.strikes, years, sigma, held, 3856.28, chain.forward)
    assert at[0] is not None
    assert at[15] is not None
    assert at[15].net == pytest.approx(at[0].net)


def test_all_expiries_of_spxw_alone_are_near_what_cboes_gammas_give(july: Snapshot) -> None:
    found = chains_gamma_exposure(july.market, july.chains)
    assert found is not None
    assert found.net == pytest.approx(-3.496e9, rel=0.035)
    assert found.priced == 3_405_289


def test_of_a_table_printed_after_the_close_the_expired_options_are_unpriced(shared: Path, tmp_path: Path) -> None:
    path = shared / "data" / "cboe_quotedata" / "spx_2023-09-14_1631ET.csv.gz"
    after = open_snapshot(path, Store(tmp_path))
    assert chains_gamma_exposure(after.market, after.chains[:1]) is None
    found = chains_gamma_exposure(after.market, after.chains)
    assert found is not None
    assert found.unpriced >= 238_402
    assert chains_gamma_exposure(after.market, []) is None
