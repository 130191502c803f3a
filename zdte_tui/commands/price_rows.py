"""From cells to implied volatility, price and Greeks; and what is wrong with the rows that have none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.pricing import bsm
from zdte_tui.commands.price_cells import Cells
from zdte_tui.commands.price_head import COMPUTED, NUMBERS, PRICE, RIGHT, SIGMA, Head

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MINUTES_A_YEAR = 525_600.0

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_SIGNS = {"C": 1.0, "CALL": 1.0, "P": -1.0, "PUT": -1.0}
_SHOWN = 40  # characters of a cell that a message repeats


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is not priced: the column, or ``""`` where it is the row as a whole, and the reason."""

    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Priced:
    """Rows and what was computed of them.

    Attributes:
        cells: the rows as they came.
        numbers: the number columns, by name; NaN where a cell is none.
        computed: a row for each of ``COMPUTED``, NaN where there is no such number; all NaN for a bad row.
        problems: bad rows.
    """

    cells: Cells
    numbers: dict[str, Floats]
    computed: Floats
    problems: dict[int, Problem]


@dataclass(slots=True)
class _Rows:
    """Cells on their way; the first problem of a row is the one that is told."""

    head: Head
    cells: Cells
    problems: dict[int, Problem] = field(default_factory=dict)

    def column(self, name: str) -> Any:
        return self.cells.columns[self.head.columns[name]]

    def text(self, name: str, at: int) -> str:
        text = self.column(name)[at].as_py().strip()
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."

    def bad(self, where: Mask, column: str, reason: Callable[[int], str]) -> None:
        for at in np.flatnonzero(where).tolist():
            if at not in self.problems:
                self.problems[at] = Problem(column, reason(at))

    def good(self) -> Mask:
        found = np.ones(len(self.cells.lines), np.bool_)
        found[list(self.problems)] = False
        return found


def price_rows(head: Head, cells: Cells) -> Priced:
    """Price rows, or solve them for their volatility."""
    rows = _Rows(head, cells, {at: Problem("", reason) for at, reason in cells.ragged.items()})
    sign = _signs(rows)
    numbers = {name: _numbers(rows.column(name)) for name in (*NUMBERS, SIGMA, PRICE) if name in head.columns}
    for name in NUMBERS:
        _require_number(rows, name, numbers[name], np.isnan(numbers[name]))
    for name in ("S", "K"):
        _require_above_zero(rows, name, numbers[name])
    minutes = numbers["minutes_act365"]
    rows.bad(minutes < 0, "minutes_act365", lambda at: f"{rows.text('minutes_act365', at)} is negative; 0 is expired")
    to_value, to_solve = _targets(rows, numbers)
    inputs = (sign, numbers["S"], numbers["K"], minutes / MINUTES_A_YEAR)
    carry = (numbers["r"], numbers["q"])
    computed = np.full((len(COMPUTED), len(cells.lines)), np.nan)
    good = rows.good()
    value, solve = np.flatnonzero(to_value & good), np.flatnonzero(to_solve & good)
    if value.size:
        _value(rows, computed, value, [column[value] for column in (*inputs, numbers[SIGMA], *carry)])
    if solve.size:
        _solve(rows, computed, solve, [column[solve] for column in (*inputs, numbers[PRICE], *carry)])
    computed[:, list(rows.problems)] = np.nan
    return Priced(cells, numbers, computed, rows.problems)


def _signs(rows: _Rows) -> Floats:
    words = pc.utf8_upper(pc.utf8_trim_whitespace(rows.column(RIGHT)))
    where = pc.index_in(words, pa.array(list(_SIGNS))).fill_null(len(_SIGNS)).to_numpy(zero_copy_only=False)
    sign: Floats = np.array([*_SIGNS.values(), np.nan])[where]
    rows.bad(np.isnan(sign), RIGHT, lambda at: f"{rows.text(RIGHT, at)!r} is neither C nor P")
    return sign


def _numbers(column: Any) -> Floats:
    """NaN where a cell is empty or no finite number."""
    try:
        found = pc.cast(pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column), pa.float64())
        values = np.array(found.to_numpy(zero_copy_only=False), np.float64)
    except pa.ArrowInvalid:
        values = np.array([number(text) for text in column.to_pylist()])
    values[~np.isfinite(values)] = np.nan
    return values


def number(text: str) -> float:
    """A plain decimal number, with an exponent or not; infinite where it is too large, NaN for any other text."""
    text = text.strip()
    return float(text) if _NUMBER.fullmatch(text) else np.nan


def _require_number(rows: _Rows, name: str, values: Floats, where: Mask) -> None:
    def reason(at: int) -> str:
        text = rows.text(name, at)
        return f"{text!r} is not a number" if text else "is empty"

    rows.bad(where & np.isnan(values), name, reason)


def _require_above_zero(rows: _Rows, name: str, values: Floats) -> None:
    rows.bad(values <= 0, name, lambda at: f"{rows.text(name, at)} is not above 0")


def _targets(rows: _Rows, numbers: dict[str, Floats]) -> tuple[Mask, Mask]:
    """Which rows to price and which to solve: those whose ``sigma``, whose ``price`` is filled in."""
    size = len(rows.cells.lines)
    filled = {SIGMA: np.zeros(size, np.bool_), PRICE: np.zeros(size, np.bool_)}
    names = [name for name in filled if name in numbers]
    for name in names:
        trimmed = pc.utf8_trim_whitespace(rows.column(name))
        filled[name] = pc.not_equal(trimmed, "").to_numpy(zero_copy_only=False)
    none = ~(filled[SIGMA] | filled[PRICE])
    rows.bad(none, names[0], lambda _: "is empty" if len(names) == 1 else "neither sigma nor price is filled in")
    rows.bad(filled[SIGMA] & filled[PRICE], SIGMA, lambda _: "sigma and price are both filled in: leave one empty")
    for name in names:
        _require_number(rows, name, numbers[name], filled[name])
        _require_above_zero(rows, name, numbers[name])
    expired = filled[PRICE] & (numbers["minutes_act365"] == 0)
    rows.bad(
        expired, PRICE, lambda _: "no volatility can be solved for at 0 minutes; with sigma it is the intrinsic value"
    )
    return filled[SIGMA], filled[PRICE]


def _value(rows: _Rows, computed: Floats, at: NDArray[np.intp], given: list[Floats]) -> None:
    found = np.array([given[4], *bsm.greeks(*given)])
    # Expired: the intrinsic value is left, of which no volatility and no Greek can be told.
    found[0, given[3] == 0] = np.nan
    _keep(rows, computed, at, found, expired=given[3] == 0)


def _solve(rows: _Rows, computed: Floats, at: NDArray[np.intp], given: list[Floats]) -> None:
    iv, greeks = bsm.evaluate(*given)
    none = np.flatnonzero(np.isnan(iv))
    least, most = _bounds([column[none] for column in given])
    for row, price, low, high in zip(at[none].tolist(), given[4][none].tolist(), least, most, strict=True):
        rows.problems[row] = Problem(PRICE, f"{rows.text(PRICE, row)} {_why_none(price, low, high)}")
    _keep(rows, computed, at, np.array([iv, *greeks]), expired=np.zeros(at.size, np.bool_))


def _bounds(given: list[Floats]) -> tuple[list[float], list[float]]:
    """Between which prices the model's lie, whatever the volatility."""
    sign, spot, strike, years, _, rate, paid = given
    with np.errstate(over="ignore", invalid="ignore"):
        share, cash = spot * np.exp(-paid * years), strike * np.exp(-rate * years)
        return np.maximum(sign * (share - cash), 0.0).tolist(), np.where(sign > 0, share, cash).tolist()


def _why_none(price: float, low: float, high: float) -> str:
    if price < low:
        return f"is below its discounted intrinsic value {low:.10g}: no volatility gives it"
    if price >= high:
        return f"is not below its upper bound {high:.10g}: no volatility gives it"
    if price - low < high - price:
        return f"is its discounted intrinsic value {low:.10g} but for rounding: it tells no volatility"
    return f"is its upper bound {high:.10g} but for rounding: it tells no volatility"


def _keep(rows: _Rows, computed: Floats, at: NDArray[np.intp], found: Floats, *, expired: Mask) -> None:
    """Write what was found, and call bad what is not whole."""
    computed[:, at] = found
    whole = np.isfinite(found).all(axis=0) | (expired & np.isfinite(found[1]))
    lost = np.zeros(len(rows.cells.lines), np.bool_)
    lost[at[~whole]] = True
    rows.bad(lost, "", lambda _: "its figures are beyond what 64-bit numbers can hold")
