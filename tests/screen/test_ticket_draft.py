"""The draft, the structures and what is typed, without a screen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import ticket_views
import views
from checks_ticket import CONDOR, option

from engine.types import to_units
from zdte_tui.screen.ticket import reading
from zdte_tui.screen.ticket.draft import Draft
from zdte_tui.screen.ticket.fields import fields, shown, stepped, typed
from zdte_tui.screen.ticket.lines import figure_lines, limit_lines, verdict_lines
from zdte_tui.screen.ticket.options import read_option
from zdte_tui.screen.ticket.structures import Choice, net, structures

TICK = to_units(0.05)


def test_a_leg_again_adds_and_the_other_side_takes_back() -> None:
    draft = Draft().with_leg(option("5900C"), "sell").with_leg(option("5900C"), "sell")
    assert draft.legs == ((option("5900C"), -2),)
    assert draft.with_leg(option("5900C"), "buy").with_leg(option("5900C"), "buy").legs == ()
    assert Draft(legs=CONDOR).label == "5835/5845P 5900/5910C"
    assert Draft(legs=CONDOR, name="iron condor").label == "IC 5835/5845P 5900/5910C"
    fixed = Draft(legs=CONDOR, pricing="fixed", limit=-5)
    assert fixed.without_leg(0).pricing == "mid"  # a limit typed for four legs is none for three


def test_a_ticket_has_one_root_and_eight_legs() -> None:
    from dataclasses import replace

    xsp = type(option("590C"))("XSP", views.DAY, to_units(590), "C")
    with pytest.raises(ValueError, match="one root"):
        Draft(legs=CONDOR).with_leg(xsp, "buy")
    many = Draft()
    for strike in range(5800, 5840, 5):
        many = many.with_leg(option(f"{strike}P"), "buy")
    with pytest.raises(ValueError, match="8 legs"):
        many.with_leg(option("5900C"), "buy")
    assert replace(many, quantity=2).request() != many.request()


def test_structures_have_a_bound_and_their_widths() -> None:
    chain = views.chain()
    found = {each.name: each.legs for each in structures(chain, Choice(delta=0.10, width=2))}
    condor = [(c.short_name, n) for c, n in found["iron condor"]]
    assert [n for _, n in condor] == [1, -1, -1, 1]
    assert condor == [("5840P", 1), ("5850P", -1), ("5890C", -1), ("5900C", 1)]
    assert [c.short_name for c, _ in found["iron butterfly"]] == ["5860P", "5870P", "5870C", "5880C"]
    for legs in found.values():
        for right in "CP":
            assert sum(n for c, n in legs if c.right == right) >= 0, legs
    at = {each.name: each for each in structures(chain, Choice(to_units(5855), False, 0.1, 3))}
    assert [c.short_name for c, _ in at["put credit spread"].legs] == ["5855P", "5840P"]
    assert net(chain, found["iron condor"]) is not None
    far = {e.name: e for e in structures(chain, Choice(to_units(5770), False, 0.1, 3))}
    assert (far["put credit spread"].legs, far["put credit spread"].why) == (
        (),
        "no put is listed beyond the short one",
    )


def test_without_deltas_it_says_so() -> None:
    from msgspec.structs import replace

    rows = tuple(
        replace(row, call=replace(row.call, delta=None), put=replace(row.put, delta=None)) for row in views.chain().rows
    )
    found = {each.name: each.why for each in structures(views.chain(rows=rows), Choice())}
    assert found["iron condor"] == "no put has a delta now"


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (lambda t: reading.positive(t, TICK, "stop"), "2.60", to_units(2.6)),
        (lambda t: reading.level(t, TICK, to_units(2.3), "stop"), "2x", to_units(4.6)),
        (lambda t: reading.level(t, TICK, None, "stop"), "none", None),
        (lambda t: reading.shifted(t, to_units(2.35), TICK, None, "stop"), "+0.10", to_units(2.45)),
        (lambda t: reading.shifted(t, to_units(2.35), TICK, None, "stop"), "-0.25", to_units(2.10)),
        (lambda t: reading.net(t, TICK, -1), "2.30", to_units(-2.3)),
        (lambda t: reading.net(t, TICK, -1), "2.30 debit", to_units(2.3)),
        (reading.quantity, "risk", 0),
        (reading.quantity, "12", 12),
        (reading.note_and_tags, "held on #CPI, #news", ("held on", ("cpi", "news"))),
        (lambda t: reading.until(t, views.progress()), "15:30", views.at("15:30:00")),
    ],
)
def test_what_is_typed_is_read(read: Callable[[str], object], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "says"),
    [
        (lambda t: reading.positive(t, TICK, "stop"), "2.61", "stop 2.61 is not on the tick of 0.05: 2.60 or 2.65 is"),
        (lambda t: reading.positive(t, TICK, "stop"), "two", "'two' is no stop: write a price such as 2.60"),
        (lambda t: reading.positive(t, TICK, "stop"), "-1", "is no stop"),
        (lambda t: reading.positive(t, TICK, "stop"), "1e3", "is no stop"),
        (lambda t: reading.positive(t, TICK, "stop"), "nan", "is no stop"),
        (lambda t: reading.level(t, TICK, to_units(2), "stop"), "9" * 239 + "x", "is no stop"),
        (lambda t: reading.level(t, TICK, None, "stop"), "2x", "no credit to take a multiple of"),
        (lambda t: reading.shifted(t, None, TICK, None, "stop"), "+1", "there is none to move by that"),
        (lambda t: reading.shifted(t, TICK, TICK, None, "stop"), "-0.10", "write a price above 0"),
        (lambda t: reading.net(t, TICK, -1), "2.30 cash", "write credit or debit"),
        (reading.quantity, "0", "write a number from 1, or risk"),
        (reading.quantity, "1.5", "write a number from 1"),
        (reading.tags, "#a b! c", "'b!' is no tag"),
        (lambda t: reading.until(t, views.progress()), "11:00", "11:00:00 is over"),
        (lambda t: reading.until(t, views.progress()), "23:00", "after the end of trading"),
        (lambda t: read_option(t, views.chain()), "5880X", "write strike and right, such as 5900C"),
        (lambda t: read_option(t, views.chain()), "5881C", "has no 5881C; did you mean 5"),
        (lambda t: read_option(t, None), "5880C", "no chain is on screen"),
    ],
)
def test_what_cannot_be_read_is_named_with_how_to_mend_it(read: Callable[[str], object], text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as told:
        read(text)
    assert "\n" not in str(told.value)


def test_arrows_step_each_field() -> None:
    draft = Draft(legs=CONDOR)
    request = draft.request()
    assert request is not None
    view, chain = ticket_views.answer(request), views.chain()
    assert fields(draft)[4:] == ("quantity", "limit", "until", "stop", "side_stop", "target", "note", "tags")
    assert "side_stop" not in fields(Draft(legs=CONDOR[:2]))
    assert stepped("leg1", draft, view, chain, -1).legs[1] == (option("5840P"), -1)
    joined = stepped("leg1", stepped("leg1", draft, view, chain, -1), view, chain, -1)
    assert joined.legs == CONDOR[2:]  # the short put came to the long one: both are gone
    assert stepped("quantity", draft, view, chain, -1).quantity == 1
    assert stepped("stop", draft, view, chain, 1).stop == to_units(4.5)  # twice the credit to begin with
    assert stepped("target", draft, view, chain, 1).target == to_units(1.1)
    with pytest.raises(ValueError, match="is typed"):
        stepped("note", draft, view, chain, 1)
    with pytest.raises(ValueError, match="no usable quote"):
        stepped("limit", draft, None, chain, 1)
    both = typed("note", "fade the open #open", draft, view, views.progress())
    assert (both.note, both.tags) == ("fade the open", ("open",))
    assert shown("limit", draft, None) == "n/a (mid, follows)"


def test_what_is_not_known_is_shown_missing() -> None:
    request = Draft(legs=CONDOR).request()
    assert request is not None
    view = ticket_views.answer(
        request, max_loss=None, max_gain=None, delta=None, gamma=None, theta=None, vega=None, margin=None, room=None
    )
    words = "\n".join("".join(text for text, _ in line) for line in figure_lines(view, 50))
    assert "no bound / no bound" in words
    assert "$ n/a / n/a a pt" in words
    assert "margin          n/a" in words
    assert "none: its loss has no bound" in words


def test_a_denial_comes_first_with_its_words() -> None:
    request = Draft(legs=CONDOR).request()
    assert request is not None
    view = ticket_views.refusal(request)
    limits = ["".join(text for text, _ in line) for line in limit_lines(view, 54)]
    assert limits[0].startswith("LEG_COLLISION     DENIES buy 5845P")
    assert any("8 -> 9 of 8 DENIES" in line for line in limits)
    assert limits[-1] == "LEG_WIDTH         not asked: STALE_QUOTE first"
    figures = ["".join(text for text, _ in line) for line in figure_lines(view, 80)]
    assert figures[0] == "buy 5835P opposes -2 of #7; 5830P would not"
    words = ["".join(text for text, _ in line) for line in verdict_lines(view, Draft(legs=CONDOR), 80)]
    assert words[0].startswith("Would be denied: LEG_COLLISION")
