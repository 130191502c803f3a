"""Each contract's bytes depend on that contract alone: not on its place, its neighbours, their number, or threads."""

from __future__ import annotations

import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.pricing import bsm, evaluate_full, full_greeks, implied_vol, price
from engine.pricing.columns import run
from engine.pricing.kernel.tile import W


def book(n: int, seed: int) -> list[np.ndarray]:
    """sign, spot, strike, t, price, rate, yield: ordinary, extreme, expired, unpriceable, side by side."""
    rng = np.random.default_rng(seed)
    sign = rng.choice([1.0, -1.0], n)
    strike = 5000 * np.exp(rng.choice([0.002, 0.05, 2.0], n) * rng.standard_normal(n))
    t = 10 ** rng.uniform(-7, 0, n)
    sigma = 10 ** rng.uniform(-2, 1, n)
    rate, paid = rng.choice([0.0, 0.05], n), rng.choice([0.0, 0.013], n)
    worth = np.asarray(bsm.price(sign, 5000.0, strike, t, sigma, rate, paid))
    bad = rng.random(n)
    worth[bad < 0.05] = np.nan
    worth[(bad > 0.05) & (bad < 0.1)] *= -1
    t[(bad > 0.1) & (bad < 0.15)] = 0.0
    worth[(bad > 0.15) & (bad < 0.2)] = np.inf
    return [sign, np.full(n, 5000.0), strike, t, worth, rate, paid]


def table(columns: list[np.ndarray], spot: bool = True) -> np.ndarray:
    """Volatility and all fourteen columns, a row each, as bits."""
    iv, rest = run(spot, True, 14, tuple(columns if spot else [*columns[:5], np.exp(-columns[5] * columns[3])]))
    return np.array([iv, *rest]).view(np.int64)


@pytest.fixture(scope="module")
def whole() -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    columns = book(3 * W + 5, 7)
    return columns, table(columns), table(columns, spot=False)


def test_the_book_has_numbers_and_none(whole: tuple[list[np.ndarray], np.ndarray, np.ndarray]) -> None:
    _, on_spot, on_forward = whole
    for bits in (on_spot, on_forward):
        undefined = np.isnan(bits.view(np.float64))
        assert 0.2 < undefined[0].mean() < 0.8
        # One NaN only: its bits too are part of the promise.
        assert set(bits[undefined].tolist()) == {int(np.array(np.nan).view(np.int64))}


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15)
def test_in_any_order(whole: tuple[list[np.ndarray], np.ndarray, np.ndarray], seed: int) -> None:
    columns, on_spot, on_forward = whole
    order = np.random.default_rng(seed).permutation(len(columns[0]))
    mixed = [column[order] for column in columns]
    assert np.array_equal(table(mixed), on_spot[:, order])
    assert np.array_equal(table(mixed, spot=False), on_forward[:, order])


@given(st.integers(0, 3 * W + 5), st.integers(0, 3 * W + 5), st.integers(1, 4))
@settings(max_examples=60)
def test_in_any_slice(
    whole: tuple[list[np.ndarray], np.ndarray, np.ndarray], start: int, stop: int, stride: int
) -> None:
    columns, on_spot, on_forward = whole
    part = slice(start, stop, stride)  # strided: not contiguous in memory
    assert np.array_equal(table([column[part] for column in columns]), on_spot[:, part])
    assert np.array_equal(table([column[part] for column in columns], spot=False), on_forward[:, part])


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 15, 16, 17, W - 1, W, W + 1, 2 * W])
def test_at_any_length_and_padded(whole: tuple[list[np.ndarray], np.ndarray, np.ndarray], n: int) -> None:
    columns, on_spot, _ = whole
    assert np.array_equal(table([column[:n] for column in columns]), on_spot[:, :n])
    padded = [np.concatenate([np.full(3, np.nan), column[:n], np.zeros(5)]) for column in columns]
    assert np.array_equal(table(padded)[:, 3 : n + 3], on_spot[:, :n])


def test_one_by_one_as_plain_floats(whole: tuple[list[np.ndarray], np.ndarray, np.ndarray]) -> None:
    columns, on_spot, on_forward = whole
    for i in range(0, len(columns[0]), 11):
        alone = [np.array(float(column[i])) for column in columns]
        assert np.array_equal(table(alone), on_spot[:, i])
        assert np.array_equal(table(alone, spot=False), on_forward[:, i])


def test_read_only_and_misaligned_memory(whole: tuple[list[np.ndarray], np.ndarray, np.ndarray]) -> None:
    columns, on_spot, _ = whole
    frozen = []
    for column in columns:
        shifted = np.frombuffer(b"\0" + column.tobytes(), np.uint8)[1:].view(np.float64)
        assert not shifted.flags.aligned
        assert not shifted.flags.writeable
        frozen.append(shifted)
    assert np.array_equal(table(frozen), on_spot)


def test_broadcast_memory_without_a_warning(whole: tuple[list[np.ndarray], np.ndarray, np.ndarray]) -> None:
    columns, on_spot, _ = whole
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(table(list(np.broadcast_arrays(*columns))), on_spot)
        alike = np.broadcast_arrays(columns[0], 5000.0, columns[2], columns[3], columns[4], columns[5], columns[6])
        assert np.array_equal(table(list(alike)), on_spot)


def test_several_threads_at_once(whole: tuple[list[np.ndarray], np.ndarray, np.ndarray]) -> None:
    columns, on_spot, _ = whole
    with ThreadPoolExecutor(4) as pool:
        assert all(np.array_equal(got, on_spot) for got in pool.map(table, [columns] * 24))


def test_one_pass_is_the_passes_one_by_one(whole: tuple[list[np.ndarray], np.ndarray, np.ndarray]) -> None:
    """Whoever reads only the volatility, or only the price, gets what the whole pass gives."""
    sign, forward, strike, t, worth, *_ = whole[0]
    iv, at = evaluate_full(sign, forward, strike, t, worth)
    assert implied_vol(sign, forward, strike, t, worth).tobytes() == iv.tobytes()
    assert price(sign, forward, strike, t, iv).tobytes() == at.price.tobytes()
    assert np.array(full_greeks(sign, forward, strike, t, iv)).tobytes() == np.array(at).tobytes()


def test_nothing_heavy_is_imported_before_the_first_contract() -> None:
    """numba costs a third of a second, which belongs after the screen's first paint."""
    code = "import sys, engine.pricing as p; assert 'numba' not in sys.modules and 'scipy' not in sys.modules\n"
    code += "print(float(p.price(1, 100.0, 90.0, 0.0, 0.2))); assert 'numba' in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "10.0\n"
