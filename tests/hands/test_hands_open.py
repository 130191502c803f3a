"""Opening by hand: through the gate, with what ends it attached, and every bad order refused in words."""

from __future__ import annotations

import msgspec
import pytest
from core_builders import CALLS_HIT, CONDOR, PUTS_HIT, SPOT
from hands_days import PUTS, WHOLE, condor, day, legs, order, outcomes, price, puts, trade_by_hand

from engine.core.manual_state import Annotation
from engine.events import CommandRecord, DecisionRecord, IntentRecord, OrderRecord, StateRecord, TradeRecord
from engine.types import OpenTrade, Package


def test_it_goes_through_the_gate_and_the_journal_as_a_persons() -> None:
    played = trade_by_hand(order(day(), "10:05", condor(note="cpi was cool", tags=("cpi", "calm")), text="sure"))

    (intent,) = played.of(IntentRecord)
    assert (intent.actor, intent.strategy, intent.kind, intent.reason) == ("person", "manual", "open", "by hand: IC")
    assert played.of(DecisionRecord)[0].approved
    assert [(o.actor, o.strategy, o.kind) for o in played.of(OrderRecord)] == [("person", "manual", "open")]
    assert played.trade().strategy == "manual"
    assert played.held() == {"5315P": 1, "5325P": -1, "5375C": -1, "5385C": 1}
    (said,) = played.of(CommandRecord)
    assert (said.actor, said.kind, said.trade_id) == ("person", "open", 1)
    assert said.text == (
        "SPXW 1 x IC: +1 5315P -1 5325P -1 5375C +1 5385C, limit 1.40 credit: cpi was cool [cpi, calm] (sure)"
    )
    assert said.outcome == "opening #1: 1 x IC, limit 1.40 credit"
    assert played.engine.state.annotations == {1: Annotation("cpi was cool", ("cpi", "calm"))}


def test_a_trade_without_a_name_has_that_of_its_legs() -> None:
    played = trade_by_hand(order(day(), "10:05", puts(label="")))
    assert played.trade().label == "+1 5315P -1 5325P"


def test_without_a_command_nothing_of_it_is_there() -> None:
    played = trade_by_hand(day())
    assert not [record for record in played.of(StateRecord) if record.strategy == "manual"]
    assert set(played.engine.state.versions) == {("iron_condor", "SPXW")}


def test_by_risk_is_as_many_as_the_limits_allow() -> None:
    """1,000 dollars a trade and 866 a package leave room for one; of ten times that, for eleven."""
    one = trade_by_hand(order(day(), "10:05", condor(quantity=0)), "account.equity=50000")
    many = trade_by_hand(order(day(), "10:05", condor(quantity=0)), "account.equity=500000")
    few = trade_by_hand(order(day(), "10:05", condor(quantity=0)), "account.equity=500000", "risk.max_contracts=13")

    assert one.trade().quantity == 1
    assert many.trade().quantity == 11
    assert few.trade().quantity == 3


def test_more_than_the_limits_allow_is_made_smaller_and_said() -> None:
    played = trade_by_hand(order(day(), "10:05", condor(quantity=5)), "account.equity=100000")
    assert outcomes(played) == [("open", "opening #1: 2 x IC of 5 asked, the limits allow no more, limit 1.40 credit")]


def test_it_walks_as_other_entries_do() -> None:
    walking = ("entries.start=mid", "entries.step_seconds=10", "entries.fraction=0.5")
    played = trade_by_hand(order(day(), "10:05", condor()), *walking)

    limits = [each.limit for each in played.engine.state.orders]
    assert played.of(OrderRecord)[0].limit == price(-1.60)
    assert limits == [price(-1.40)]
    assert played.engine.state.portfolio.get(1).filled == 1  # type: ignore[union-attr]


def test_it_is_given_up_when_its_time_is_over() -> None:
    later = condor(limit=price(-1.60), until=0)
    played = trade_by_hand(order(day(), "10:05", later), "fills.model=cross", until="16:01")
    assert played.trade().status == "abandoned"


BAD: dict[str, tuple[OpenTrade, str]] = {
    "another root": (condor(root="SPY"), "refused: SPY is not traded in this session: SPXW"),
    "no legs": (condor(package=Package(())), "refused: a package needs a leg"),
    "a negative quantity": (condor(quantity=-1), "refused: -1 packages cannot be opened"),
    "a leg that closes": (
        condor(package=Package(tuple(msgspec.structs.replace(leg, effect="close") for leg in WHOLE.legs))),
        "refused: every leg of a new trade opens; C closes what is held",
    ),
    "too late": (condor(until=1), "refused: SPXW is not traded any more at that time"),
    "a stop off the tick": (
        condor(stop=price(3.01)),
        "refused: the stop at 3.0100 is not on the tick of 0.05",
    ),
    "a stop that would fire at once": (
        condor(stop=price(1.60)),
        "refused: the stop at 1.60 would fire at once: package costs 1.60 to close; C closes",
    ),
    "a stop that never fires": (
        condor(stop=price(20.05)),
        "refused: the stop at 20.05 would never fire: package costs 10.00 to close at most",
    ),
    "a stop of a side that would fire at once": (
        condor(side_stop=price(0.80)),
        "refused: the stop at 0.80 would fire at once: puts cost 0.80 to close; C closes",
    ),
    "a target that is reached": (
        condor(target=price(1.60)),
        "refused: the target at 1.60 would close at once: package costs 1.60 to close; C closes",
    ),
    "a target that is never reached": (
        condor(target=price(-0.05)),
        "refused: the target at -0.05 would never be reached: package costs 0.00 to close at least",
    ),
    "a note as long as a book": (condor(note="x" * 2001), "refused: a note has at most 2000 characters, this one 2001"),
    "an empty tag": (condor(tags=(" ",)), "refused: at most 20 tags, each a word of at most 40 characters"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_order_is_refused_in_words_and_leaves_no_order(case: str) -> None:
    wrong, words = BAD[case]
    played = trade_by_hand(order(day("10:10"), "10:05", wrong))
    assert outcomes(played) == [("open", words)]
    assert not played.of(IntentRecord)


DENIED: dict[str, tuple[OpenTrade, str]] = {
    "undefined risk": (condor(package=legs("-5325P")), "UNDEFINED_RISK"),
    "an odd tick": (condor(limit=price(-1.41)), "TICK"),
    "a strike nobody quotes": (condor(package=legs("+5300P", "-5325P")), "STALE_QUOTE"),
    "a ridiculous limit": (condor(limit=price(-9.00)), "COLLAR_BETTER"),
}


@pytest.mark.parametrize("case", DENIED)
def test_what_the_gate_denies_is_told_with_its_code(case: str) -> None:
    wrong, code = DENIED[case]
    played = trade_by_hand(order(day("10:10"), "10:05", wrong))
    ((kind, outcome),) = outcomes(played)
    assert kind == "open"
    assert outcome.startswith(f"denied {code}: ")
    assert not played.of(OrderRecord)
    assert [each.code for each in played.of(DecisionRecord)] == [code]


def test_levels_are_judged_only_on_fresh_quotes() -> None:
    tape = day("10:05").quote("10:06", {"5325P": (None, None)}).hold("10:07", "10:10")
    played = trade_by_hand(order(tape, "10:08", condor(stop=price(3.0))))
    assert outcomes(played)[0][1].startswith("refused: without fresh quotes for package")


def test_a_leg_against_a_holding_is_shifted_as_the_configuration_says() -> None:
    """The first trade is long 5315P; a second that sells it is moved one strike out."""
    second = puts(package=legs("+5305P", "-5315P"), limit=price(0.00))
    shifted = trade_by_hand(order(order(day(), "10:05", puts()), "10:10", second))
    denied = trade_by_hand(order(order(day(), "10:05", puts()), "10:10", second), "risk.on_collision=deny")

    assert outcomes(shifted)[1][1].endswith(", shifted off a holding: 5310P")
    assert shifted.held() == {"5315P": 1, "5325P": -1, "5310P": -1, "5305P": 1}
    assert outcomes(denied)[1][1].startswith("denied LEG_COLLISION: ")


def hit(quotes: dict[str, tuple[float | None, float | None]]) -> object:
    return day("10:10").quote("10:11", quotes, spot=SPOT).hold("10:12", "10:30")


def test_its_stops_close_the_side_or_all_of_it() -> None:
    side = trade_by_hand(order(hit(PUTS_HIT), "10:05", condor(side_stop=price(1.45))))  # type: ignore[arg-type]
    whole = trade_by_hand(order(hit(PUTS_HIT), "10:05", condor(stop=price(2.20))))  # type: ignore[arg-type]
    far = trade_by_hand(order(hit(PUTS_HIT), "10:05", condor(side_stop=price(1.65))))  # type: ignore[arg-type]

    assert side.exits() == [("10:11:03", "puts", "stop")]
    assert side.held() == {"5375C": -1, "5385C": 1}
    assert whole.exits() == [("10:11:03", "package", "stop")]
    assert not whole.held()
    assert far.exits() == []


def test_one_quote_alone_fires_nothing() -> None:
    tape = day("10:10").quote("10:11", PUTS_HIT).quote("10:11:02", CONDOR).hold("10:12", "10:15")
    assert trade_by_hand(order(tape, "10:05", condor(side_stop=price(1.45)))).exits() == []


def test_a_wide_quote_fires_nothing_until_spot_has_passed_the_short() -> None:
    wide = {"5325P": (1.60, 3.40), "5315P": (0.50, 1.20)}
    calm = day("10:10").quote("10:11", wide, spot=SPOT).hold("10:12", "10:15")
    through = day("10:10").quote("10:11", wide, spot=5324.0).hold("10:12", "10:15")

    assert trade_by_hand(order(calm, "10:05", condor(side_stop=price(1.45)))).exits() == []
    assert trade_by_hand(order(through, "10:05", condor(side_stop=price(1.45)))).exits()[0][1:] == ("puts", "stop")


def test_its_target_takes_it_off() -> None:
    cheap = dict.fromkeys(CONDOR, (0.05, 0.15)) | {"5325P": (0.30, 0.40), "5375C": (0.30, 0.40)}
    played = trade_by_hand(order(hit(cheap), "10:05", condor(target=price(0.60))))  # type: ignore[arg-type]
    assert played.exits() == [("10:11:00", "package", "target")]
    assert not played.held()


def test_both_sides_can_be_stopped_one_after_the_other() -> None:
    tape = day("10:10").quote("10:11", PUTS_HIT).hold("10:12", "10:14").quote("10:15", CALLS_HIT).hold("10:16", "10:20")
    played = trade_by_hand(order(tape, "10:05", condor(side_stop=price(1.45))))
    assert [(scope, trigger) for _, scope, trigger in played.exits()] == [("puts", "stop"), ("calls", "stop")]


def test_a_long_spread_is_stopped_where_it_is_worth_too_little() -> None:
    """Bought for 0.90 and worth 0.80: its stop is a closing cost of -0.40, that is 0.40 received."""
    bought = OpenTrade(root="SPXW", package=legs("-5315P", "+5325P"), quantity=1, limit=price(0.90), stop=price(-0.40))
    fallen = {"5325P": (0.50, 0.60), "5315P": (0.20, 0.30)}
    played = trade_by_hand(order(hit(fallen), "10:05", bought))  # type: ignore[arg-type]
    assert played.exits() == [("10:11:03", "package", "stop")]
    assert not played.held()


def test_of_one_side_the_nearer_stop_counts() -> None:
    played = trade_by_hand(order(day(), "10:05", puts(stop=price(3.0), side_stop=price(1.5))), until="10:10")
    trade = played.engine.state.portfolio.get(1)
    assert trade is not None
    assert [(plan.label, plan.stop_at) for plan in played.engine.strategies.sides(trade)] == [("package", price(1.5))]


def test_the_strategy_goes_on_beside_it() -> None:
    """The condor of 10:00 is the strategy's, the puts are the person's; each is counted on its own."""
    tape = order(day("10:10"), "10:05", puts(package=PUTS))
    played = trade_by_hand(tape, 'strategies.iron_condor.entries=["10:00"]')
    assert {(t.strategy, t.trade_id) for t in played.of(TradeRecord)} == {("iron_condor", 1), ("manual", 2)}
