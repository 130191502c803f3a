"""``zdte-tui data show``: a day as a picture."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import pytest
from tape_days import DAY, small_day
from test_underlyings import OPEN, bars, chain_alone

from engine.clock import MINUTE
from engine.tape import DayBuilder, DayTable, Store
from engine.types import Contract, Provenance
from zdte_tui.commands import data
from zdte_tui.exits import NO_INPUT, OK, USAGE, CommandError


@pytest.fixture
def run(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "88")
    monkeypatch.setenv("LINES", "40")

    def run_it(*words: object) -> int:
        parser = argparse.ArgumentParser(prog="zdte-tui")
        data.add(parser.add_subparsers())
        args = parser.parse_args(["data", "show", *map(str, words), "--set", f"data.dir={store.path}"])
        return args.run(args)

    return run_it


def test_the_picture_shows_holes_the_path_and_the_hours(run, store: Store, capsys) -> None:
    store.save_day(chain_alone())
    store.save(bars())
    assert run(DAY, "--ascii") == OK
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert text.isascii()
    assert all(len(line) <= 88 for line in lines if "|" in line)
    picture = [line for line in lines if line.endswith("|")]
    assert [line.split()[0] for line in picture] == ["5210", "5200", "5190"]
    assert {len(line) for line in picture} == {88}
    assert "o" in picture[1]
    assert picture[0].count(" ") > 20, "holes are blank"
    assert "11          12          13          14          15" in text
    assert "beside   SPX from bars: vendor bars trade_bar" in text
    assert "trust    no stops: prices of trades, no quotes" in text
    assert "gamma exposure  unknown: no open interest in this file" in text
    assert "2024-08-07        3          3" in text


def test_an_underlyings_day_shows_its_path_and_volume(run, store: Store, capsys) -> None:
    store.save(bars())
    assert run(DAY) == OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "SPX 2024-08-07 bars  vendor bars trade_bar"
    picture = [line for line in lines if line.endswith("│")]
    assert len(picture) == 21
    assert picture[0].rstrip("│").endswith("●"), "it rises all day"
    assert picture[-2].startswith("5200.05 │●")
    assert picture[-1] == f" volume │{'█' * 78}│"


def test_a_simulated_day_says_so_first(run, store: Store, capsys) -> None:
    from dataclasses import replace

    from engine.types import Provenance

    store.save_day(replace(small_day(), provenance=Provenance("demo", "simulated", "quote")))
    assert run(DAY) == OK
    text = capsys.readouterr().out
    assert text.startswith("SPXW 2024-08-07 demo  SIMULATED\n")
    assert "simulated: no market showed these prices" in text


def test_json_holds_what_the_picture_shows(run, store: Store, capsys) -> None:
    store.save_day(chain_alone())
    store.save(bars())
    assert run(DAY, "--json") == OK
    found = json.loads(capsys.readouterr().out)
    assert (found["trust"], found["underlying"]) == ("no stops", {"symbol": "SPX", "source": "bars"})
    rows = found["coverage"]["rows"]
    assert [row["strikes"] for row in rows] == [[5190.0], [5200.0], [5210.0]]
    assert all(len(row["share"]) == len(found["coverage"]["from"]) == 78 for row in rows)
    assert found["coverage"]["underlying"][-1] == 5200 + 3.9
    assert found["figures"]["gamma_expiry"] is None
    assert run(DAY, "--root", "SPX", "--json") == OK
    path = json.loads(capsys.readouterr().out)["path"]
    assert (len(path), path[0]["price"], path[-1]["volume"]) == (390, 5200.01, 3900)


def test_a_day_known_only_after_its_close_has_no_picture_and_says_why(run, store: Store, capsys) -> None:
    store.save_day(chain_alone(range(400, 402)))
    assert run(DAY) == OK
    text = capsys.readouterr().out
    assert f"3 strikes of {DAY}; no picture: nothing of them was known from 09:30 to 16:00" in text
    assert "│" not in text


@pytest.mark.parametrize(("height", "rows"), [(45, True), (24, False)])
def test_on_a_terminal_head_and_figures_stay_in_sight_where_there_is_room(
    run, store: Store, capsys, monkeypatch, height: int, rows: bool
) -> None:
    builder = DayBuilder()
    for strike in range(5000, 5400, 5):
        builder.put(OPEN + MINUTE, OPEN + MINUTE, Contract("SPXW", DAY, strike * 10_000, "C"), bid=100, ask=200)
    label = Provenance("lean", "vendor", "quote", sha256="0" * 64)
    store.save_day(DayTable("SPXW", DAY, label, "test", 1, builder.build()))
    monkeypatch.setenv("LINES", str(height))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run(DAY) == OK
    lines = capsys.readouterr().out.splitlines()
    drawn = sum(line.endswith("│") for line in lines)
    assert (len(lines) < height) is rows
    assert drawn >= 10, "a low terminal scrolls: a picture of a few rows shows nothing"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("2024-08-06",), NO_INPUT, "the nearest stored: 2024-08-07"),
        (("2024-08-10",), USAGE, "2024-08-10 is a Saturday"),
        ((DAY, "--root", "SPWX"), USAGE, "unknown root 'SPWX'; did you mean SPXW?"),
        ((DAY, "--source", "leen"), NO_INPUT, "did you mean lean?"),
        ((DAY, "--root", "SPY"), NO_INPUT, "has no days of SPY, only of SPXW"),
    ],
)
def test_a_day_that_is_not_there_is_one_line(run, store: Store, words, code, says) -> None:
    store.save_day(small_day())
    with pytest.raises(CommandError) as caught:
        run(*words)
    assert caught.value.code == code
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_real_day_can_be_shown(run, store: Store, real: Store, capsys, monkeypatch) -> None:
    monkeypatch.setattr("zdte_tui.commands.data_show.open_store", lambda _: real)
    days = [entry for entry in real.days() if entry.source == "lean"]
    for entry in [*days, *real.days(source="midpoints")[::60]]:
        assert run(entry.day, "--root", entry.root, "--source", entry.source) == OK
    assert capsys.readouterr().out.count("at the last full instant") >= len(days)


def test_a_day_cut_short_on_disk_is_refused(run, store: Store) -> None:
    store.save_day(small_day())
    path: Path = store.days()[0].path
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises((CommandError, ValueError), match="damaged or cut short"):
        run(DAY)
