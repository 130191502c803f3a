"""Where a chain's contracts stand in the market's columns: made once a listing, read at every instant."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.market.state import Market
from engine.types import SCALE, Contract, Price, Right, product


class Legs(NamedTuple):
    """Signed contracts by where they stand in a chain: rows of their strikes, +1 a call and -1 a put, quantities."""

    rows: NDArray[np.int64]
    signs: tuple[float, ...]
    quantities: tuple[int, ...]


@dataclass(frozen=True)
class ChainLayout:
    """Which index each strike's call and put have in the market's columns; -1 where one is not listed."""

    root: str
    expiry: dt.date
    strikes: tuple[Price, ...]
    calls: NDArray[np.int64]
    puts: NDArray[np.int64]

    @cached_property
    def european(self) -> bool:
        """Whether no contract can be exercised before expiry."""
        return product(self.root).style == "european"

    @cached_property
    def underlying(self) -> str:
        """The symbol it settles on."""
        return product(self.root).underlying

    @cached_property
    def row_of(self) -> dict[Price, int]:
        """Row of each strike."""
        return {strike: row for row, strike in enumerate(self.strikes)}

    @cached_property
    def _legs(self) -> dict[tuple[tuple[Contract, int], ...], Legs | None]:
        return {}

    def legs(self, held: tuple[tuple[Contract, int], ...]) -> Legs | None:
        """Where signed contracts of this expiry stand; None where a strike is not listed."""
        if held not in self._legs:
            rows = [self.row_of.get(contract.strike, -1) for contract, _ in held]
            signs = tuple(1.0 if contract.right == "C" else -1.0 for contract, _ in held)
            found = Legs(np.array(rows, np.int64), signs, tuple(quantity for _, quantity in held))
            self._legs[held] = None if min(rows, default=0) < 0 else found
        return self._legs[held]

    @cached_property
    def dollars(self) -> NDArray[np.float64]:
        """The strikes in dollars."""
        return np.array(self.strikes, np.float64) / SCALE

    @cached_property
    def both(self) -> NDArray[np.int64]:
        """The calls' indices, then the puts'; -1 where one is not listed."""
        return np.concatenate([self.calls, self.puts])

    def contract(self, row: int, right: Right) -> Contract | None:
        """The contract at a row, if it is listed."""
        listed = (self.calls if right == "C" else self.puts)[row] >= 0
        return Contract(self.root, self.expiry, self.strikes[row], right) if listed else None

    @cached_property
    def _listed(self) -> dict[Right | None, tuple[Price, ...]]:
        calls, puts = (
            tuple(strike for strike, index in zip(self.strikes, where.tolist(), strict=True) if index >= 0)
            for where in (self.calls, self.puts)
        )
        return {None: self.strikes, "C": calls, "P": puts}

    def nearest(self, target: Price, right: Right | None = None, outward: int = 0) -> Price | None:
        """The listed strike nearest ``target``; a tie goes up where ``outward`` is +1, else down.

        With ``right``, only strikes at which that right is listed count.
        """
        listed = self._listed[right]
        above = bisect_left(listed, target)
        if above == 0 or above == len(listed):
            return listed[min(above, len(listed) - 1)] if listed else None
        low, high = listed[above - 1], listed[above]
        down, up = target - low, high - target
        return high if up < down or (up == down and outward > 0) else low


def lay_out(market: Market, root: str, expiry: dt.date) -> ChainLayout:
    """The chain of one expiry from what is listed so far."""
    sides: dict[Right, dict[Price, int]] = {"C": {}, "P": {}}
    for contract in market.contracts(root):
        if contract.expiry == expiry:
            sides[contract.right][contract.strike] = market.index[contract]
    strikes = tuple(sorted(sides["C"].keys() | sides["P"].keys()))
    calls = np.array([sides["C"].get(strike, -1) for strike in strikes], np.int64)
    puts = np.array([sides["P"].get(strike, -1) for strike in strikes], np.int64)
    return ChainLayout(root, expiry, strikes, calls, puts)
