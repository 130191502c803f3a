"""What the market says, a line each: what exists is read, what is missing says why."""

from __future__ import annotations

import msgspec
from core_builders import SPOT, at, condor_tape, ladder, make_engine
from day_watch import Watched

from engine.clock import MINUTE
from engine.events import ChainBatch
from engine.view import ReadingRow, ViewRequest
from engine.view.readings import EVERY


def tape(volume: int | None = None, interest: int | None = None):
    made = condor_tape(until="10:00")
    for n in range(5):
        made.quote(at("10:01") + n * MINUTE, {"5350P": (10, 10.2), "5350C": (10, 10.2)}, spot=SPOT + n)
    for n, event in enumerate(made.events):
        if isinstance(event, ChainBatch):
            more = {
                name: event.idx.copy() * 0 + value
                for name, value in (("volume", volume), ("open_interest", interest))
                if value is not None
            }
            made.events[n] = msgspec.structs.replace(event, **more)
    return made


def read(until: str, *args: int | None) -> dict[str, ReadingRow]:
    seen = Watched(make_engine(), tape(*args).sorted()).play(at(until))
    found = seen.view(at(until), "readings").readings
    assert found is not None
    return {row.name: row for row in found}


def test_there_is_one_line_a_signal_and_it_says_when() -> None:
    found = read("10:03")
    assert list(found) == ["vol term", "average", "gex", "flow"]
    assert {row.ts for row in found.values()} == {at("10:03")}


def test_spot_is_told_against_its_average_and_why_that_is_no_vwap() -> None:
    row = read("10:05")["average"]
    assert row.known
    assert row.text.startswith("spot 5,354.00 is 2.57 above the TWAP 5,351.43")
    assert row.text.endswith("(by time: SPX has no volume here)")


def test_one_expiry_is_no_term_structure_and_says_so() -> None:
    row = read("10:02")["vol term"]
    assert row.text.startswith("08-07 ")
    assert row.text.endswith("one expiry is listed")


def test_two_expiries_are_compared() -> None:
    made = tape()
    far = made.day.replace(day=8)
    made.list(ladder(5300, 5400), "10:00", expiry=far)
    made.quote(
        "10:02", {"5350P": (40, 40.4), "5350C": (40, 40.4), "5345P": (37, 37.4), "5345C": (42, 42.4)}, expiry=far
    )
    seen = Watched(make_engine(), made.sorted()).play(at("10:02"))
    rows = seen.view(at("10:02"), "readings").readings
    assert rows is not None
    assert "08-08 " in rows[0].text
    assert "near " in rows[0].text


def test_what_the_source_does_not_tell_is_missing() -> None:
    found = read("10:05")
    assert not found["gex"].known
    assert "tells no open interest" in found["gex"].text
    assert not found["flow"].known
    assert "tells no volume" in found["flow"].text


def test_volume_is_counted_on_both_sides() -> None:
    row = read("10:05", 100)["flow"]
    assert row.known
    assert "puts to calls 1.00" in row.text
    assert "bought" not in row.text  # the source does not tell who started


def test_gamma_exposure_needs_open_interest() -> None:
    row = read("10:05", 100, 500)["gex"]
    assert row.known
    assert "a 1% move" in row.text
    assert "wall 5,3" in row.text


def test_before_the_first_quotes_all_is_missing() -> None:
    seen = Watched(make_engine(), condor_tape().sorted()).play(at("09:20"))
    rows = seen.view(at("09:20"), "readings").readings
    assert rows is not None
    assert not any(row.known for row in rows)
    again = seen.play(at("10:01")).view(at("10:01"), "readings").readings
    assert again is not None
    assert any(row.known for row in again)


def test_it_is_read_again_in_another_minute_and_not_in_every_view() -> None:
    seen = Watched(make_engine(), tape().sorted()).play(at("10:02"))
    first = seen.view(at("10:02"), "readings").readings
    seen.play(at("10:05"))
    views = [seen.view(at("10:05"), "readings").readings for _ in range(EVERY + 1)]
    assert views[0] is first
    assert views[-1] is not None
    assert {row.ts for row in views[-1]} == {at("10:05")}


def test_who_does_not_ask_gets_none() -> None:
    seen = Watched(make_engine(), tape().sorted()).play(at("10:02"))
    assert seen.builder.build(ViewRequest(), seen.view(at("10:02")).progress).readings is None
