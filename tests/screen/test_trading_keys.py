"""Which trade a key or a word means, and the one clear line where it means none. Without a running screen."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
import ticket_views
import views
from msgspec.structs import replace
from ticket_views import ENTRY

from engine.types import CloseTrade, PauseStrategy, to_units
from engine.view import View
from zdte_tui.screen.grid import Row
from zdte_tui.screen.trading import asking, meaning


def station(row: Row | None = None, pane: str = "positions", **changes: Any) -> Any:
    """A workstation's worth of it: a view, and a row under the cursor."""
    return SimpleNamespace(
        desk=SimpleNamespace(view=views.view(deals=ticket_views.deals(), **changes)),
        primary=pane,
        pane=lambda _name: SimpleNamespace(selected=row),
    )


def row(key: str, trade: int = 7, parent: str = "") -> Row:
    return Row(key, (("", "text"),), parent=parent, trade=trade)


def view(**changes: Any) -> View:
    return views.view(deals=ticket_views.deals(**changes))


@pytest.mark.parametrize(
    ("at", "meant"),
    [
        (row("7.trade.#7 IC 10:00"), (7, None)),
        (row("7.side.puts 5845/5835"), (7, "puts")),
        (row("7.side.calls 5900/5910", parent="7.trade.#7 IC 10:00"), (7, "calls")),
        (row("7.side.puts 5845/5835.0", parent="7.side.puts 5845/5835"), (7, "puts")),
        (row("7.trade.#7 IC 10:00.0", parent="7.trade.#7 IC 10:00"), (7, None)),
    ],
)
def test_the_row_says_which_trade_and_which_side(at: Row, meant: tuple[int, str | None]) -> None:
    found = meaning.at_cursor(station(at))
    assert (found.trade_id, found.scope) == meant


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("7", (7, None, 1, "")),
        ("#7 half", (7, None, 2, "")),
        ("7 puts quarter", (7, "puts", 4, "")),
        ("tested", (7, "tested", 1, "")),
        ("7 calls 2", (7, "calls", 1, "2")),
        ("calls 2.60", (7, "calls", 1, "2.60")),
    ],
)
def test_words_name_a_trade_a_side_and_a_part(text: str, wanted: tuple[Any, ...]) -> None:
    assert tuple(meaning.read_wanted(station(row("7.trade.x")), text)) == wanted


def test_one_number_alone_is_a_price_where_a_price_is_due() -> None:
    at = station(row("7.trade.x"))
    assert tuple(meaning.read_wanted(at, "3", value=True)) == (7, None, 1, "3")
    assert tuple(meaning.read_wanted(at, "12 3", value=True)) == (12, None, 1, "3")


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: meaning.read_wanted(station(), "9"), "trade #9 is not open; open or working are #7, #12, #15"),
        (lambda: meaning.at_cursor(station(None)), "which trade? open or working are #7, #12, #15: 2 goes"),
        (lambda: meaning.nothing_more(meaning.read_wanted(station(row("7.t")), "7 halff")), "did you mean half?"),
        (lambda: meaning.nothing_more(meaning.read_wanted(station(row("7.t")), "7 now")), "write puts, calls or"),
        (lambda: meaning.part_of(meaning.deal_of(view(), 12), "package"), "#12 holds nothing: its entry still works"),
        (lambda: meaning.part_of(meaning.deal_of(view(), 15), "calls"), "#15 holds no calls"),
        (lambda: meaning.entry_of(view(), "x-1"), f"no single working entry is 'x-1'; there are {ENTRY}"),
        (lambda: meaning.entry_of(view(entries=()), ENTRY), "no entry works: there is nothing to cancel"),
        (lambda: meaning.entry_at_cursor(station(row("7.trade.x"))), "no entry of #7 works; C closes what it holds"),
        (lambda: meaning.strategy_of(view(), "iron_condr"), "did you mean iron_condor?"),
        (lambda: meaning.strategy_of(view(), "iron_condor XSP"), "iron_condor runs on SPXW, not on 'XSP'"),
        (lambda: meaning.read_roll("far", view()), "'far' is no number of strikes: write +1"),
        (lambda: meaning.read_roll("0", view()), "0 strikes and the same expiry is no roll"),
        (lambda: meaning.read_roll("1 2026-03-01", view()), "'2026-03-01' is no expiry of this chain: 2026-01-15"),
        (lambda: meaning.read_roll("99", view()), "99 strikes is too far"),
        (lambda: asking.adopt(view(), meaning.deal_of(view(), 7)), "#7 is watched by iron_condor already"),
        (lambda: asking.cancel_all(view(entries=())), "no entry works"),
    ],
)
def test_what_means_nothing_is_answered_in_one_clear_line(ask: Any, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as told:
        ask()
    assert "\n" not in str(told.value)


def test_the_tested_side_must_be_known() -> None:
    blind = replace(ticket_views.deals().deals[0], tested="")
    with pytest.raises(ValueError, match="which side of #7 is tested is not known now: say puts or calls"):
        asking.close(view(), blind, "tested", 1)


def test_what_is_being_closed_is_not_closed_again() -> None:
    closing = replace(ticket_views.deals().deals[0], closing=True)
    with pytest.raises(ValueError, match="#7 is being closed already"):
        asking.close(view(), closing, "package", 1)


def test_what_cannot_be_priced_is_shown_missing_and_can_still_be_closed() -> None:
    seven = ticket_views.deals().deals[0]
    part = replace(seven.parts[0], mid=None, natural=None, pnl_mid=None, pnl_now=None)
    found = asking.close(view(), replace(seven, parts=(part,)), "package", 1)
    assert "closing costs n/a at mid, n/a now; that realises n/a at mid, n/a now" in found.detail
    assert found.order == CloseTrade(trade_id=7)


@pytest.mark.parametrize("banner", ["LIVE", "PAPER", "SIMULATED", "REPLAY vendor lean quote"])
def test_the_question_names_the_mode_and_the_account(banner: str) -> None:
    of = views.view(header=views.header(banner=banner), deals=ticket_views.deals())
    found = asking.close(of, of.deals.deals[0], "calls", 2)
    assert f"{banner}, account main." in found.detail
    assert found.question == "CLOSE half of #7 IC 10:00 calls 5900/5910C: 1 of 2?"


def test_a_name_that_has_its_strikes_is_not_followed_by_them_again() -> None:
    of = view()
    seven = of.deals.deals[0]
    by_hand = replace(seven, label="IC 5835/5845P 5900/5910C")
    assert asking.close(of, by_hand, "package", 2).question == "CLOSE half of #7 IC 5835/5845P 5900/5910C: 1 of 2?"
    assert asking.close(of, by_hand, "calls", 2).question.endswith(" calls 5900/5910C: 1 of 2?")
    assert len(asking.close(of, seven, "package", 2).question) > len("CLOSE half of #7 IC 10:00: 1 of 2?")


def test_a_paused_strategy_is_resumed_by_the_same_key() -> None:
    stands = view(strategies=(("iron_condor", "SPXW", True), ("iron_condor", "XSP", False)))
    found = asking.pause(stands, "iron_condor", "SPXW")
    assert found.question == "RESUME iron_condor on SPXW?"
    assert found.order == PauseStrategy(strategy="iron_condor", root="SPXW", paused=False)
    assert asking.pause(stands, "iron_condor", "").question == "PAUSE iron_condor?"  # one of the two is not paused yet


def test_an_entry_is_closed_by_cancelling_it() -> None:
    found = asking.close(view(), meaning.deal_of(view(), 12), "package", 1)
    assert found.question == "CLOSE: cancel the working entry of #12 IC 11:00?"


def test_a_stop_taken_away_says_so() -> None:
    found = asking.stop(view(), meaning.deal_of(view(), 7), "puts", None)
    assert found.question == "NO STOP on #7 IC 10:00 puts?"
    at = asking.stop(view(), meaning.deal_of(view(), 7), "puts", to_units(2.6))
    assert "stopped there, it brings -$302.00" in at.detail  # 108 at a cost of 0.55, less 2.05 x 100 x 2
