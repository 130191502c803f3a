"""Five ways of choosing strikes, among the strikes that are listed; a tie goes outward."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from core_builders import DAY, Tape, at, ladder, make_engine, play
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import session
from engine.market import Chain
from engine.pricing import greeks, price, years_to
from engine.types import to_units
from strategies.iron_condor.settings import StrikesTable
from strategies.iron_condor.strikes import NotChosen, choose, label

NOON = "12:00"
VOL = 0.20


def table(by: str, short: float, wing: float) -> StrikesTable:
    return StrikesTable.model_validate({"by": by, "short": short, "wing": wing})


def chain_of(tape: Tape) -> Chain:
    played = play(make_engine("strategies.iron_condor.enabled=false"), tape.sorted(), until=at(NOON))
    chain = played.engine.state.chain(tape.root, DAY)
    assert chain is not None
    return chain


def fair_quotes(spot: float, low: int, high: int, step: int = 5) -> dict[str, tuple[float, float]]:
    """Black-76 prices to the cent at one flat vol, 0.02 wide, noon to 16:00."""
    years = years_to(at(NOON), session(DAY).close)
    quotes: dict[str, tuple[float, float]] = {}
    for strike in range(low, high + 1, step):
        for right, sign in (("C", 1.0), ("P", -1.0)):
            fair = round(float(price(sign, spot, float(strike), years, VOL)), 2)
            quotes[f"{strike}{right}"] = (max(0.0, round(fair - 0.01, 2)), round(fair + 0.01, 2))
    return quotes


def listed(spot: float, *, step: int = 5, quotes: Mapping[str, tuple[float, float]] | None = None) -> Chain:
    """Strikes from 5200 to 5500 are listed, the index stands at ``spot``."""
    return chain_of(Tape().list(ladder(5200, 5500, step)).quote(NOON, quotes or {}, spot=spot))


def test_offset_measures_short_and_wing_from_the_strike_nearest_spot() -> None:
    chain = listed(5351.9)

    assert label(choose(chain, table("offset", 25, 40))) == "5310/5325P 5375/5390C"


def test_spot_halfway_between_two_strikes_takes_the_lower_as_at_the_money() -> None:
    assert label(choose(listed(5352.5), table("offset", 25, 40))) == "5310/5325P 5375/5390C"


def test_a_target_between_two_strikes_goes_outward_on_both_sides() -> None:
    chain = listed(5350.0, step=5)

    assert label(choose(chain, table("offset", 22.5, 42.5))) == "5305/5325P 5375/5395C"


def test_percent_of_spot_and_a_wing_beyond_the_short() -> None:
    chain = listed(5350.0)

    # 1% of 5350 is 53.5: 5296.5 and 5403.5 are nearest to 5295 and 5405.
    assert label(choose(chain, table("percent", 1.0, 20))) == "5275/5295P 5405/5425C"


def test_expected_move_is_the_straddle_at_the_money() -> None:
    quotes = fair_quotes(5350.0, 5200, 5500)
    straddle = sum(sum(quotes[f"5350{right}"]) / 2 for right in "CP")
    chain = listed(5350.0, quotes=quotes)
    strikes = choose(chain, table("expected_move", 1.5, 20))

    assert strikes.short_call - to_units(5350) == to_units(5 * round(1.5 * straddle / 5))
    assert to_units(5350) - strikes.short_put == to_units(5 * round(1.5 * straddle / 5))
    assert strikes.long_call - strikes.short_call == strikes.short_put - strikes.long_put == to_units(20)


def test_expected_move_without_a_straddle_says_what_is_missing() -> None:
    with pytest.raises(NotChosen, match="no fresh straddle at the money"):
        choose(listed(5350.0), table("expected_move", 1.0, 20))


def test_delta_takes_the_out_of_the_money_strike_nearest_the_wanted_delta() -> None:
    chain = listed(5350.0, quotes=fair_quotes(5350.0, 5200, 5500))
    years = years_to(at(NOON), session(DAY).close)
    ladder_strikes = np.arange(5200.0, 5501.0, 5.0)
    above = ladder_strikes[ladder_strikes > 5350]
    below = ladder_strikes[ladder_strikes < 5350]
    call = above[np.argmin(np.abs(greeks(1.0, 5350.0, above, years, VOL).delta - 0.10))]
    put = below[np.argmin(np.abs(greeks(-1.0, 5350.0, below, years, VOL).delta + 0.10))]

    strikes = choose(chain, table("delta", 0.10, 20))

    assert (strikes.short_put, strikes.short_call) == (to_units(put), to_units(call))
    assert (strikes.long_put, strikes.long_call) == (to_units(put - 20), to_units(call + 20))


def test_delta_without_a_strike_far_enough_out_is_not_forced() -> None:
    chain = chain_of(Tape().list(ladder(5340, 5360)).quote(NOON, fair_quotes(5350.0, 5340, 5360), spot=5350.0))

    with pytest.raises(NotChosen, match=r"the farthest fresh put 5340 has delta 0\.\d\d, above 0\.1"):
        choose(chain, table("delta", 0.10, 20))


PREMIUM = {
    # A put spread 10 wide brings 1.00 at 5320, 0.90 at 5315 and 1.10 at 5325.
    "5325P": (3.30, 3.40), "5320P": (2.60, 2.70), "5315P": (2.10, 2.20), "5310P": (1.50, 1.60), "5305P": (1.10, 1.20),
    # Calls bring 0.95 at 5375 and 1.05 at 5370: a tie around 1.00.
    "5370C": (2.65, 2.75), "5375C": (2.05, 2.15), "5380C": (1.50, 1.60), "5385C": (1.00, 1.10),
}  # fmt: skip


def test_premium_takes_the_side_whose_credit_at_bid_and_ask_is_nearest() -> None:
    strikes = choose(listed(5350.0, quotes=PREMIUM), table("premium", 1.00, 10))

    assert label(strikes) == "5310/5320P 5375/5385C"


def test_premium_of_a_tie_goes_outward() -> None:
    tied = PREMIUM | {"5380C": (1.50, 1.60), "5370C": (2.65, 2.75)}
    chain = listed(5350.0, quotes=tied)

    # 5370/5380 brings 1.05 and 5375/5385 brings 0.95: the outer one.
    assert label(choose(chain, table("premium", 1.00, 10))).endswith("5375/5385C")
    # 0.05 more wanted, and the inner one is nearer.
    assert label(choose(chain, table("premium", 1.05, 10))).endswith("5370/5380C")


def test_premium_without_quotes_on_both_legs_says_which_side() -> None:
    puts = {name: pair for name, pair in PREMIUM.items() if name.endswith("P")}

    with pytest.raises(NotChosen, match="no call spread has fresh quotes on both legs"):
        choose(listed(5350.0, quotes=puts), table("premium", 1.00, 10))


def test_without_spot_nothing_is_chosen() -> None:
    with pytest.raises(NotChosen, match="spot is unknown"):
        choose(chain_of(Tape().list(ladder(5200, 5500))), table("offset", 25, 40))


def test_strikes_that_make_no_condor_are_named() -> None:
    chain = chain_of(Tape().list(["5325P", "5350P", "5350C", "5375C"]).quote(NOON, {}, spot=5350.0))

    with pytest.raises(NotChosen, match="allow no condor: 5325/5325/5375/5375"):
        choose(chain, table("offset", 25, 40))


@given(
    spot=st.floats(5210, 5490).map(lambda value: round(value, 2)),
    short=st.integers(1, 60),
    width=st.integers(5, 40),
    step=st.sampled_from([5, 10, 25]),
)
def test_offset_is_the_nearest_listed_strike_ties_outward(spot: float, short: int, width: int, step: int) -> None:
    strikes = list(range(5100, 5601, step))
    chain = _ladders(step, spot)
    atm = min(strikes, key=lambda strike: (abs(strike - spot), strike))
    wanted, long = (
        {side: min(strikes, key=lambda k, s=side, t=atm + side * away: (abs(k - t), -s * k)) for side in (-1, 1)}
        for away in (short, short + width)
    )
    try:
        found = choose(chain, table("offset", short, short + width))
    except NotChosen:
        assert not long[-1] < wanted[-1] < wanted[1] < long[1]
    else:
        assert found == tuple(to_units(strike) for strike in (long[-1], wanted[-1], wanted[1], long[1]))


def _ladders(step: int, spot: float) -> Chain:
    return chain_of(Tape().list(ladder(5100, 5600, step)).quote(NOON, {}, spot=spot))
