"""The language of rules: what is written is what is read, and what is wrong is said with the nearest word."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.alerts import LEVELS, Rule, format_rule, parse_rule
from engine.alerts.grammar import LARGEST, SUBJECTS
from engine.alerts.rule import OF_ROOT, OF_TRADE, POSITIVE
from engine.types import PRODUCTS, SCALE, to_units

LEVEL = st.integers(-LARGEST * SCALE, LARGEST * SCALE)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    subject = draw(st.sampled_from(SUBJECTS))
    severity = draw(st.none() | st.sampled_from(LEVELS))
    if subject == "time":
        at = draw(st.sampled_from(["09:31", "15:30", "15:20:30", "close-40m", "open+5m", "close"]))
        return Rule(subject=subject, at=at, once=True, severity=severity)
    once = draw(st.booleans())
    return Rule(
        subject=subject,
        above=draw(st.booleans()),
        inclusive=draw(st.booleans()),
        level=draw(st.integers(1, LARGEST * SCALE) if subject in POSITIVE else LEVEL),
        root=draw(st.sampled_from(["", *sorted(PRODUCTS)])) if subject in OF_ROOT else "",
        trade_id=draw(st.integers(0, 9999)) if subject in OF_TRADE else 0,
        once=once,
        rearm=None if once else draw(st.none() | st.integers(0, LARGEST * SCALE)),
        severity=severity,
    )


@given(rules())
def test_a_rule_is_read_as_it_is_written(rule: Rule) -> None:
    assert parse_rule(format_rule(rule)) == rule
    assert parse_rule(f"Alert when {format_rule(rule).upper()}  ") == rule or rule.subject == "time"


@given(
    st.text(max_size=120)
    | st.lists(st.sampled_from(["spot", "<", "590", "once", "trade", "rearm", "as"])).map(" ".join)
)
@example("spot < ٣")
@example("#")
@example("trade")
@example("time")
def test_whatever_is_typed_is_a_rule_or_one_line_that_says_what_is_wrong(text: str) -> None:
    said = ""
    try:
        rule = parse_rule(text)
    except ValueError as error:
        said = str(error)
    else:
        assert parse_rule(format_rule(rule)) == rule
        return
    assert said
    assert said.isprintable()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("alert when spot < 590", "spot < 590"),
        ("spot>6,000 once", "spot > 6000 once"),
        ("price below 590.50", "spot < 590.5"),
        ("SPY spot <= $590", "SPY spot <= 590"),
        ("day pnl < -300", "pnl < -300"),
        ("day p&l under -$300", "pnl < -300"),
        ("#3 pnl < -100", "trade 3 pnl < -100"),
        ("trade #3 pnl < -100 as alarm", "trade 3 pnl < -100 as alarm"),
        ("nearest short within 10", "short within 10"),
        ("short < 10 rearm 2.5", "short < 10 rearm 2.5"),
        ("vix is above 20", "vix > 20"),
        ("time at 15:30", "time 15:30"),
        ("time close-40m as warning", "time close-40m as warning"),
        ("delta > 50", "delta > 50"),
        ("expected move < 12", "move < 12"),
    ],
)
def test_it_may_be_said_in_several_ways(text: str, written: str) -> None:
    assert format_rule(parse_rule(text)) == written


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", 'write what to watch, such as "spot < 590"'),
        ("alert when", "write what to watch"),
        ("spt < 590", "did you mean spot?"),
        ("deltaa > 5", "did you mean delta?"),
        ("spot", "after spot write < or > and a number"),
        ("spot = 590", "= is met by chance only"),
        ("spot belw 590", "did you mean below?"),
        ("spot < abc", "'abc' is no number"),
        ("spot < 6,00", "'6,00' is no number"),
        ("spot < -5", "spot is always above 0"),
        ("vix > 0", "vix is always above 0"),
        ("spot < nan", "'nan' is no number"),
        ("spot < 590.12345", "is no number"),
        ("spot < 99999999999", "beyond 1,000,000,000"),
        ("spot within 5", "'within' is no comparison"),
        ("spot < 590 onse", "did you mean once?"),
        ("spot < 590 once once", "once is said twice"),
        ("spot < 590 rearm -1", "not negative"),
        ("spot < 590 once rearm 1", "leave it out"),
        ("spot < 590 as loud", "known: info, warning, alarm"),
        ("spot < 590 as", "after as write info, warning or alarm"),
        ("trade pnl < 5", "after trade write its number"),
        ("trade 0 pnl < 5", "after trade write its number"),
        ("trade 3 spot < 590", "leave out trade 3"),
        ("SPY vix > 20", "leave out SPY"),
        ("time 25:00", "is not a time of day"),
        ("time", "after time write a time of day"),
        ("spot < 590" + " " * 100, "at most 100 characters"),
    ],
)
def test_what_is_wrong_is_named_with_how_to_mend_it(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=re.escape(wrong)):
        parse_rule(text)


def test_a_rule_holds_on_its_side_and_at_its_level_where_it_says_so() -> None:
    below, at_most = parse_rule("spot < 590"), parse_rule("spot <= 590")
    assert [below.holds(to_units(value)) for value in (589.99, 590, 590.01)] == [True, False, False]
    assert [at_most.holds(to_units(value)) for value in (589.99, 590, 590.01)] == [True, True, False]


@given(rules().filter(lambda rule: rule.subject != "time"), LEVEL, st.integers(0, 10 * SCALE))
def test_no_value_is_both_true_and_clearly_false(rule: Rule, value: int, margin: int) -> None:
    assert not (rule.holds(value) and rule.over(value, margin))
