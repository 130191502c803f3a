"""Five ways to choose the four strikes, each from one chain at one instant.

Every way picks among listed strikes; a tie between two goes outward, away from spot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.market import Chain
from engine.types import Contract, Price, Right, dollars_text, strike_text, to_units
from strategies.iron_condor.settings import StrikesTable


class Strikes(NamedTuple):
    """The four strikes of a condor, price units."""

    long_put: Price
    short_put: Price
    short_call: Price
    long_call: Price


class NotChosen(Exception):
    """Why no strikes could be chosen, in words for a person."""


OUTWARD: dict[Right, int] = {"P": -1, "C": 1}


def choose(chain: Chain, how: StrikesTable) -> Strikes:
    """The strikes ``how`` asks for; raises ``NotChosen`` with the reason."""
    if chain.spot is None or chain.atm is None:
        raise NotChosen("spot is unknown: no fresh index value and no parity pair")
    way = _WAYS[how.by]
    short_put, long_put = way(chain, how, "P")
    short_call, long_call = way(chain, how, "C")
    found = Strikes(long_put, short_put, short_call, long_call)
    if not found.long_put < found.short_put < found.short_call < found.long_call:
        listed = "/".join(strike_text(strike) for strike in found)
        raise NotChosen(f"the strikes listed allow no condor: {listed}")
    return found


def _nearest(chain: Chain, target: Price, right: Right) -> Price:
    strike = chain.nearest_strike(target, right, OUTWARD[right])
    if strike is None:
        raise NotChosen(f"no {'calls' if right == 'C' else 'puts'} are listed")
    return strike


def _wing(chain: Chain, short: Price, how: StrikesTable, right: Right) -> Price:
    """The long leg, ``wing`` points beyond the short."""
    return _nearest(chain, short + OUTWARD[right] * to_units(how.wing), right)


def _by_offset(chain: Chain, how: StrikesTable, right: Right) -> tuple[Price, Price]:
    assert chain.atm is not None
    out = OUTWARD[right]
    return (
        _nearest(chain, chain.atm + out * to_units(how.short), right),
        _nearest(chain, chain.atm + out * to_units(how.wing), right),
    )


def _by_percent(chain: Chain, how: StrikesTable, right: Right) -> tuple[Price, Price]:
    assert chain.spot is not None
    short = _nearest(chain, round(chain.spot * (1 + OUTWARD[right] * how.short / 100)), right)
    return short, _wing(chain, short, how, right)


def _by_expected_move(chain: Chain, how: StrikesTable, right: Right) -> tuple[Price, Price]:
    assert chain.spot is not None
    move = chain.expected_move
    if np.isnan(move):
        raise NotChosen("the expected move is unknown: no fresh straddle at the money")
    short = _nearest(chain, chain.spot + OUTWARD[right] * to_units(round(how.short * move, 4)), right)
    return short, _wing(chain, short, how, right)


def _out_of_the_money(chain: Chain, right: Right) -> list[Price]:
    """Strikes beyond spot whose quote is fresh, nearest first."""
    assert chain.spot is not None
    spot, out, fresh = chain.spot, OUTWARD[right], chain.side(right).fresh
    beyond = [strike for row, strike in enumerate(chain.layout.strikes) if fresh[row] and (strike - spot) * out > 0]
    return sorted(beyond, key=lambda strike: strike * out)


def _by_delta(chain: Chain, how: StrikesTable, right: Right) -> tuple[Price, Price]:
    delta = np.abs(chain.side(right).delta)
    row_of = chain.layout.row_of
    known = [strike for strike in _out_of_the_money(chain, right) if not np.isnan(delta[row_of[strike]])]
    if not known:
        raise NotChosen(f"no fresh {_word(right)} has a delta")
    short = min(known, key=lambda strike: (abs(delta[row_of[strike]] - how.short), -strike * OUTWARD[right]))
    nearest = float(delta[row_of[short]])
    if short == known[-1] and nearest > 1.5 * how.short:
        raise NotChosen(
            f"the farthest fresh {_word(right)} {strike_text(short)} has delta {nearest:.2f}, above {how.short:g}"
        )
    return short, _wing(chain, short, how, right)


def _by_premium(chain: Chain, how: StrikesTable, right: Right) -> tuple[Price, Price]:
    best: tuple[Price, Price, Price] | None = None
    wanted = to_units(how.short)
    for short in _out_of_the_money(chain, right):
        long = _wing(chain, short, how, right)
        credit = side_credit(chain, short, long, right)
        if credit is None or long == short:
            continue
        distance = abs(credit - wanted)
        if best is None or distance <= best[0]:
            best = (distance, short, long)
    if best is None:
        raise NotChosen(f"no {_word(right)} spread has fresh quotes on both legs")
    return best[1], best[2]


def side_credit(chain: Chain, short: Price, long: Price, right: Right) -> Price | None:
    """What selling a side brings at once, the short's bid less the long's ask; None without fresh quotes."""
    side, rows = chain.side(right), chain.layout.row_of
    if not (side.fresh[rows[short]] and side.fresh[rows[long]]):
        return None
    return to_units(round(float(side.bid[rows[short]]), 4)) - to_units(round(float(side.ask[rows[long]]), 4))


def _word(right: Right) -> str:
    return "call" if right == "C" else "put"


def label(strikes: Strikes) -> str:
    """The strikes as a trader writes them: ``5845/5855P 5900/5910C``."""
    long_put, short_put, short_call, long_call = (strike_text(strike) for strike in strikes)
    return f"{long_put}/{short_put}P {short_call}/{long_call}C"


def credit_text(price: Price) -> str:
    """A signed net price as a trader says it: ``2.30 credit``."""
    return f"{dollars_text(abs(price))} {'credit' if price <= 0 else 'debit'}"


def contract(chain: Chain, strike: Price, right: Right) -> Contract:
    """A contract of the chain."""
    return Contract(chain.root, chain.expiry, strike, right)


_WAYS: dict[str, Callable[[Chain, StrikesTable, Right], tuple[Price, Price]]] = {
    "delta": _by_delta,
    "offset": _by_offset,
    "premium": _by_premium,
    "expected_move": _by_expected_move,
    "percent": _by_percent,
}
