"""Day 7, the pin of 2024-10-11: at 10:00 a 25-point condor sold the 5,815 call, and SPX closed at 5,815.03."""

from __future__ import annotations

import pytest
from real_days import CONDOR, PIN, Played, along, at, play, watching

from engine.events import ExitRecord, PositionRecord
from engine.tape import Store
from engine.view import View

OFFSETS = (
    f'{CONDOR}.entries=["10:00"]',
    f"{CONDOR}.strikes.by=offset",
    f"{CONDOR}.strikes.short=25",
    f"{CONDOR}.strikes.wing=40",
    f"{CONDOR}.hold_to_settlement=true",
    "account.equity=500000",
)
# SPY at 0.09975 of SPX, the simulator's usual scale: it closes at 580.05, five cents above the short call.
AS_SPY = (
    'session.roots=["SPY"]',
    f'{CONDOR}.entries=["10:00"]',
    f'{CONDOR}.strikes={{by="offset", short=2, wing=4}}',
    f"{CONDOR}.by_root.SPY.strikes.wing=4",
    f"{CONDOR}.by_root.SPY.quantity=2",
    f"{CONDOR}.by_root.SPY.buy_back=0",
    f"{CONDOR}.stop.scope=none",
    "account.equity=500000",
)
CALL, WING = "SPY241011C00580000", "SPY241011C00582000"


@pytest.fixture(scope="module")
def held(recorded: Store) -> tuple[Played, dict[str, View]]:
    """Held to settlement, and what the screen showed before and after the official close."""
    shown: dict[str, View] = {}
    for event, played, look in watching(along(recorded, PIN, seed=1), *OFFSETS):  # noqa: B007
        if event.ts_known >= at(PIN, "15:59"):
            word = "closed" if event.ts_known >= at(PIN, "16:00") else "trading"
            shown["official" if event.ts_known >= at(PIN, "16:15") else word] = look()
    return played, shown


def test_the_short_call_is_the_one_that_pins(held: tuple[Played, dict[str, View]]) -> None:
    assert "5815/5830C" in held[0].signals("entering")[0][2]


def test_at_four_the_result_is_provisional(held: tuple[Played, dict[str, View]]) -> None:
    played, shown = held
    first = [s for s in played.settlements() if s.ts == at(PIN, "16:00")]
    assert len(first) == 4
    assert all(s.provisional for s in first)
    assert {s.value for s in first} != {58_150_300}  # the last print, not yet the close
    assert not shown["trading"].header.provisional
    assert shown["closed"].header.provisional
    assert [line for line in played.lines("PROVISIONAL until the official close") if line[0] == "16:00:00"]


def test_the_official_close_costs_three_dollars_of_intrinsic_value(held: tuple[Played, dict[str, View]]) -> None:
    played, shown = held
    final = {s.symbol: s for s in played.settlements() if s.ts == at(PIN, "16:15")}
    assert {s.value for s in final.values()} == {58_150_300}
    assert not any(s.provisional for s in final.values())
    assert final["SPXW241011C05815000"].amount == -3_0000
    assert sum(s.amount for s in final.values()) == -3_0000
    assert not shown["official"].header.provisional
    trade = played.results()[1]
    assert trade.status == "settled"
    assert trade.realised == trade.credit * 100 - trade.fees - 3_0000


def test_as_spy_the_condor_is_out_at_twenty_past_three(recorded: Store) -> None:
    played = play(along(recorded, PIN, "SPY", seed=1), *AS_SPY)
    assert {e.ts for e in played.of(ExitRecord)} == {at(PIN, "15:20")}
    bought = [fill for fill in played.fills(1) if fill[2] == CALL and fill[1] > 0]
    assert [quantity for _, quantity, _ in bought] == [2]
    assert "15:20:00" <= bought[0][0] < "15:21:00"
    assert not [record for record in played.of(PositionRecord) if record.symbol == "SPY"]


@pytest.fixture(scope="module")
def assigned(recorded: Store) -> tuple[Played, View]:
    """The same, but nothing was closed."""
    view, source = None, along(recorded, PIN, "SPY", seed=1)
    for event, played, look in watching(source, *AS_SPY, f"{CONDOR}.exit_time=16:20"):  # noqa: B007
        if event.ts_known >= at(PIN, "16:15"):
            view = look()
    assert view is not None
    return played, view


def test_held_to_the_close_its_short_call_is_assigned_into_shares(assigned: tuple[Played, View]) -> None:
    played, _ = assigned
    ((clock, level, text),) = played.lines("overnight, ")
    assert (clock, level) == ("16:15:00", "alarm")
    assert "-200 SPY shares at 580.00 overnight" in text
    shares = [record for record in played.of(PositionRecord) if record.symbol == "SPY"]
    assert [record.quantity for record in shares] == [-200]
    warned = played.lines("short 2 580C is in the money", "200 shares are sold at the strike")
    assert [line[1] for line in warned] == ["warning"]
    assert warned[0][0] < "16:00:00"


def test_the_wing_that_expired_unexercised_is_shown(assigned: tuple[Played, View]) -> None:
    played, _ = assigned
    assert played.lines("582C expires unexercised and covers nothing overnight")
    wing = [s for s in played.settlements() if s.symbol == WING]
    assert {s.amount for s in wing} == {0}


def test_the_holders_right_until_half_past_five_is_shown(assigned: tuple[Played, View]) -> None:
    played, view = assigned
    assert played.lines("580C pinned", "until 17:30")
    assert any("17:30" in row.text for row in view.log if row.level == "alarm")


def test_the_label_says_how_spy_was_made_of_spx(recorded: Store) -> None:
    label = along(recorded, PIN, "SPY", seed=1).provenance[0]
    assert label.label == "SIMULATED"
    assert "SPY as 0.09975 of SPX" in label.note
    assert "on the recorded spot of midpoints" in label.note
