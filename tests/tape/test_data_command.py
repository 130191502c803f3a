"""``zdte-tui data``: what a person sees of import, list and verify."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tape_days import small_day

from engine.tape import Store
from engine.tape.importers import IMPORTERS
from zdte_tui.commands import data
from zdte_tui.exits import CANNOT_CREATE, DATA, NO_INPUT, OK, USAGE, CommandError

DAY_HEADS = ("root", "day", "source", "origin", "meaning", "rows", "minutes", "expiries", "crossed", "flags")


@pytest.fixture
def run(tmp_path: Path):
    """Runs ``data ...`` on a store of its own; returns the exit code."""

    def run_it(*words: object, folder: Path = tmp_path / "store") -> int:
        parser = argparse.ArgumentParser(prog="zdte-tui")
        data.add(parser.add_subparsers())
        args = parser.parse_args(["data", *map(str, words), "--set", f"data.dir={folder}"])
        return args.run(args)

    return run_it


def daily(folder: Path, name: str = "vix_cboe.csv") -> Path:
    path = folder / name
    path.write_text("Date,Open,High,Low,Close\n2024-08-05,23.39,65.73,23.39,38.57\n")
    return path


def test_the_formats_told_in_help_are_those_there_are() -> None:
    assert {name: importer.description for name, importer in IMPORTERS.items()} == data.FORMATS


def test_help_loads_neither_numpy_nor_arrow() -> None:
    code = "import sys, zdte_tui.commands.data; print([m for m in ('numpy', 'pyarrow', 'rich') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_empty_store_says_which_command_fills_it(run, capsys) -> None:
    assert run("list") == OK
    assert "zdte-tui data import PATH" in capsys.readouterr().out
    assert run("verify") == OK
    assert "zdte-tui data import PATH" in capsys.readouterr().out
    assert run("list", "--json") == OK
    assert json.loads(capsys.readouterr().out)["days"] == []


def test_import_finds_the_format_and_a_second_time_changes_nothing(run, tmp_path, capsys) -> None:
    path = daily(tmp_path)
    assert run("import", path) == OK
    out, err = capsys.readouterr()
    assert (out, err) == (f"index-daily: 1 new; {tmp_path / 'store'}\n", "")
    assert run("import", path) == OK
    assert "1 unchanged" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words", "code", "says"),
    [
        (None, (), NO_INPUT, "no such file or folder"),
        ("hello", (), DATA, "no importer recognises this; formats are mid-json, lean, index-daily"),
        ("Date,Close\n2024-08-05,x\n", (), DATA, "row 2 close: not a price"),
        ("Date,Close\n2024-08-05,1\n", ("--source", "My Data"), DATA, "cannot name a source"),
        ('{"2024-08-07": {}}', ("--format", "mid-json", "--symbol", "SPX"), USAGE, "--symbol has no meaning"),
    ],
)
def test_what_cannot_be_imported_is_one_line_and_an_exit_code(run, tmp_path, text, words, code, says) -> None:
    path = tmp_path / "vix.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CommandError) as caught:
        run("import", path, *words)
    assert caught.value.code == code
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "store").exists()


def test_a_store_that_cannot_be_written_is_told(run, tmp_path) -> None:
    (tmp_path / "blocked").write_text("a file where the store should be")
    with pytest.raises(CommandError, match="blocked") as caught:
        run("import", daily(tmp_path), folder=tmp_path / "blocked")
    assert caught.value.code == CANNOT_CREATE


def test_list_shows_a_line_a_day(run, tmp_path, capsys) -> None:
    Store(tmp_path / "store").save_day(small_day())
    run("import", daily(tmp_path))
    capsys.readouterr()
    assert run("list") == OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == list(DAY_HEADS)
    assert lines[1].split() == ["SPXW", "2024-08-07", "lean", "vendor", "quote", "5", "2", "1", "0"]
    assert lines[4].split() == ["VIX", "2024-08-05", "2024-08-05", "cboe", "1"]
    assert run("list", "--root", "spy") == OK
    assert "holds no days of SPY yet" in capsys.readouterr().out
    run("list", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["days"][0]["counts"]["rows"], found["daily"][0]["symbol"]) == (5, "VIX")


def test_verify_exits_65_only_for_a_broken_file(run, tmp_path, capsys) -> None:
    store = Store(tmp_path / "store")
    store.save_day(small_day())
    run("import", daily(tmp_path))
    capsys.readouterr()
    assert run("verify") == OK
    out, err = capsys.readouterr()
    assert out == "suspect  SPXW 2024-08-07 lean  stops at 09:32\nok       VIX daily cboe\n"
    assert err == "1 ok, 1 suspect\n"
    path = store.days()[0].path
    path.write_bytes(path.read_bytes()[:-1])
    assert run("verify") == DATA
    out = capsys.readouterr().out
    assert out.startswith(f"broken   SPXW 2024-08-07 lean  {path}: damaged or cut short")
    assert out.count("\n") == 2
    assert run("list") == OK
    assert "BROKEN" in capsys.readouterr().out
    assert run("verify", "--json") == DATA
    assert json.loads(capsys.readouterr().out)["results"][0]["state"] == "broken"


def test_the_real_folder_imports_with_what_it_leaves_out(run, shared, capsys) -> None:
    assert run("import", shared / "data" / "lean_spxw_nbbo") == OK
    out, err = capsys.readouterr()
    assert out.startswith("lean: 7 new; ")
    assert err.count("left out: ") == 1
    assert run("verify") == OK
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["ok"] * 5 + ["suspect", "ok"]


def test_a_refused_day_of_a_folder_gives_65_after_the_others_are_stored(run, tmp_path, shared, capsys) -> None:
    source = shared / "data" / "lean_spxw_nbbo" / "Data" / "indexoption" / "usa" / "minute" / "spxw"
    minute = tmp_path / "Data" / "indexoption" / "usa" / "minute" / "spxw"
    minute.mkdir(parents=True)
    good = source / "20210105_quote_european.zip"
    (minute / good.name).write_bytes(good.read_bytes())
    (minute / "20210107_quote_european.zip").write_bytes(good.read_bytes()[:5000])
    assert run("import", tmp_path) == DATA
    out, err = capsys.readouterr()
    assert "1 new, 1 refused" in out
    assert err.startswith("refused: ")
    assert "20210107_quote_european.zip: cannot be unpacked" in err
