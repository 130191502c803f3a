"""Structures made of the chain on screen: where their strikes lie, from a delta or from the cursor, and a width."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from engine.types import Contract, Price, Right, product
from engine.view import ChainRow, ChainView, SideView

DELTAS = (0.05, 0.08, 0.10, 0.12, 0.15, 0.16, 0.20, 0.25, 0.30, 0.40)
WIDTHS = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20)
"""In usual distances between strikes."""

OUT: dict[Right, int] = {"P": -1, "C": 1}
Legs = tuple[tuple[Contract, int], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """How strikes are chosen.

    Attributes:
        at: the strike under the chain's cursor, None where the chain follows the money. by_delta: shorts are chosen by
            ``delta`` even so. width: of a spread, in usual distances between strikes.
    """

    at: Price | None = None
    by_delta: bool = True
    delta: float = 0.10
    width: int = 2


class Structure(NamedTuple):
    """A structure: its legs, or why there is none."""

    name: str
    legs: Legs
    why: str = ""


def structures(chain: ChainView, choice: Choice) -> tuple[Structure, ...]:
    """Each kind once, for this chain."""
    return tuple(_made(name, make, chain, choice) for name, make in _KINDS.items())


def side_of(row: ChainRow, right: Right) -> SideView:
    """The call or the put of a strike."""
    return row.call if right == "C" else row.put


def listed(side: SideView) -> bool:
    """Whether there is such an option: it has a quote, however old."""
    return side.bid is not None or side.ask is not None or side.age is not None


def net(chain: ChainView, legs: Legs, natural: bool = False) -> Price | None:
    """What a package costs halfway (rounded up) or at once, by the chain on screen; None where a leg has no quote."""
    rows, twice = {row.strike: row for row in chain.rows}, 0
    for contract, ratio in legs:
        row = rows.get(contract.strike)
        side = side_of(row, contract.right) if row is not None and contract.expiry == chain.expiry else SideView()
        if side.bid is None or side.ask is None:
            return None
        twice += ratio * ((2 * (side.ask if ratio > 0 else side.bid)) if natural else side.bid + side.ask)
    return -(-twice // 2)


def neighbour(chain: ChainView, contract: Contract, by: int) -> Contract | None:
    """The same option ``by`` listed strikes up (negative: down); None where there is none."""
    strikes = [row.strike for row in chain.rows if listed(side_of(row, contract.right))]
    if contract.expiry != chain.expiry or contract.strike not in strikes:
        return None
    at = strikes.index(contract.strike) + by
    if not 0 <= at < len(strikes):
        return None
    return Contract(contract.root, contract.expiry, strikes[at], contract.right)


class _None(Exception):
    """Why there is no such structure."""


def _made(name: str, make: Callable[[ChainView, Choice], Legs], chain: ChainView, choice: Choice) -> Structure:
    try:
        return Structure(name, make(chain, choice))
    except _None as reason:
        return Structure(name, (), str(reason))


def _strikes(chain: ChainView, right: Right) -> list[Price]:
    return [row.strike for row in chain.rows if listed(side_of(row, right))]


def _nearest(chain: ChainView, target: Price, right: Right) -> Price:
    strikes = _strikes(chain, right)
    if not strikes:
        raise _None(f"no {_word(right)}s are listed")
    return min(strikes, key=lambda strike: (abs(strike - target), -strike * OUT[right]))


def _short(chain: ChainView, choice: Choice, right: Right) -> Price:
    """The strike of a short: the cursor's, or the one whose delta is nearest."""
    if choice.at is not None and not choice.by_delta:
        return _nearest(chain, choice.at, right)
    known = [
        (abs(abs(side.delta) - choice.delta), -row.strike * OUT[right], row.strike)
        for row in chain.rows
        if (side := side_of(row, right)).delta is not None
    ]
    if not known:
        raise _None(f"no {_word(right)} has a delta now")
    return min(known)[2]


def _wing(chain: ChainView, choice: Choice, short: Price, right: Right) -> Price:
    wide = choice.width * product(chain.root).strike_step
    long = _nearest(chain, short + OUT[right] * wide, right)
    if (long - short) * OUT[right] <= 0:
        raise _None(f"no {_word(right)} is listed beyond the short one")
    return long


def _spread(chain: ChainView, choice: Choice, right: Right, short: Price | None = None) -> Legs:
    short = _short(chain, choice, right) if short is None else short
    long = _wing(chain, choice, short, right)
    return (_contract(chain, short, right), -1), (_contract(chain, long, right), 1)


def _condor(chain: ChainView, choice: Choice) -> Legs:
    by_delta = Choice(None, True, choice.delta, choice.width)
    puts, calls = _spread(chain, by_delta, "P"), _spread(chain, by_delta, "C")
    if puts[0][0].strike >= calls[0][0].strike:
        raise _None("its short strikes meet: choose a smaller delta")
    return (puts[1], puts[0], calls[0], calls[1])


def _butterfly(chain: ChainView, choice: Choice) -> Legs:
    middle = _middle(chain, choice)
    if not all(middle in _strikes(chain, right) for right in OUT):
        raise _None("the strike in the middle has no put or no call")
    puts, calls = _spread(chain, choice, "P", middle), _spread(chain, choice, "C", middle)
    return (puts[1], puts[0], calls[0], calls[1])


def _single(right: Right) -> Callable[[ChainView, Choice], Legs]:
    return lambda chain, choice: ((_contract(chain, _short(chain, choice, right), right), 1),)


def _straddle(chain: ChainView, choice: Choice) -> Legs:
    middle = _middle(chain, choice)
    return tuple((_contract(chain, _nearest(chain, middle, right), right), 1) for right in OUT)


def _strangle(chain: ChainView, choice: Choice) -> Legs:
    by_delta = Choice(None, True, choice.delta, choice.width)
    return tuple((_contract(chain, _short(chain, by_delta, right), right), 1) for right in OUT)


def _middle(chain: ChainView, choice: Choice) -> Price:
    middle = chain.atm if choice.at is None or choice.by_delta else choice.at
    if middle is None:
        raise _None("nobody knows which strike is at the money")
    return middle


def _contract(chain: ChainView, strike: Price, right: Right) -> Contract:
    return Contract(chain.root, chain.expiry, strike, right)


def _word(right: Right) -> str:
    return "put" if right == "P" else "call"


_KINDS: dict[str, Callable[[ChainView, Choice], Legs]] = {
    "iron condor": _condor,
    "iron butterfly": _butterfly,
    "put credit spread": lambda chain, choice: _spread(chain, choice, "P"),
    "call credit spread": lambda chain, choice: _spread(chain, choice, "C"),
    "long put": _single("P"),
    "long call": _single("C"),
    "long straddle": _straddle,
    "long strangle": _strangle,
}
"""All of a loss with a bound: what would be a naked straddle or strangle is the butterfly or the condor."""
