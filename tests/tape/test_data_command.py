"""``zdte-tui data``: what a person sees of import, list and verify."""

from __future__ import annotations

import argparse
import errno
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


def test_every_format_is_explained_to_those_who_bring_files() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "data.md").read_text()
    assert [name for name in data.FORMATS if f"### `{name}`: " not in guide] == []


def test_names_found_in_a_folder_write_nothing_to_the_terminal(run, tmp_path, capsys) -> None:
    data = tmp_path / "data"
    data.mkdir()
    daily(data)
    (data / "evil\x1b[2J\nname").write_text("hello")
    run("import", data)
    out = capsys.readouterr().out
    assert "evil\\x1b[2J\\nname" in out
    assert "\x1b" not in out


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
    assert (out, err) == (f"index-daily: imported 1 daily series; {tmp_path / 'store'}\n", "")
    assert run("import", path) == OK
    assert "unchanged: 1 daily series" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words", "code", "says"),
    [
        (None, (), NO_INPUT, "no such file or folder"),
        ("hello", (), DATA, "no importer recognises this; formats are mid-json, lean, "),
        ("Date,Close\n2024-08-05,x\n", (), DATA, "row 2 close: not a price"),
        ("Date,Close\n2024-08-05,1\n", ("--source", "My Data"), USAGE, "--source: 'My Data' cannot name a source"),
        ("Date,Close\n2024-08-05,1\n", ("--symbol", "../VIX"), USAGE, "--symbol: '../VIX' is not a symbol"),
        ("Date,Close\n2024-08-05,1\n", ("--zone", "Chicago"), USAGE, "did you mean America/Chicago?"),
        ("Date,Close\n2024-08-05,1\n", ("--zone", "America/Chicago"), USAGE, "--zone has no meaning"),
        ("Date,Close\n2024-08-05,1\n", ("--map", "time=a", "--map", "time=b"), USAGE, "--map: time is given twice"),
        (
            "Date,Close\n2024-08-05,1\n",
            ("--format", "index-daily", "--map", "time=a"),
            USAGE,
            "--map and --known-after go with the format long, not with index-daily",
        ),
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


@pytest.mark.parametrize("action", [("list",), ("verify",), ("show", "2024-08-07")])
def test_a_store_path_that_is_a_file_is_told_by_every_action(run, tmp_path, action) -> None:
    (tmp_path / "blocked").write_text("a file where the store should be")
    with pytest.raises(CommandError, match="blocked: the day store is a folder, and this is none") as caught:
        run(*action, folder=tmp_path / "blocked")
    assert caught.value.code == CANNOT_CREATE


def test_a_disk_that_cannot_be_written_is_one_line(run, tmp_path, monkeypatch) -> None:
    from engine.tape import lock

    def read_only(*_: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system", str(tmp_path / "store" / ".lock"))

    path = daily(tmp_path)
    monkeypatch.setattr(lock.os, "open", read_only)
    with pytest.raises(CommandError, match=r"\.lock: Read-only file system; see \[data\] dir") as caught:
        run("import", path)
    assert caught.value.code == CANNOT_CREATE


def test_a_folder_gives_a_row_a_file_and_an_exit_code(run, tmp_path, capsys) -> None:
    data = tmp_path / "data"
    data.mkdir()
    daily(data)
    (data / "noise").write_text("hello")
    assert run("import", data) == OK
    head = f"path below {data}"
    assert capsys.readouterr().out.splitlines() == [
        f"{head}  format       result",
        f"{'noise':<{len(head)}}               not recognised",
        f"{'vix_cboe.csv':<{len(head)}}  index-daily  imported 1 daily series",
        f"2 paths: 1 not recognised, 1 imported; {tmp_path / 'store'}",
    ]
    (data / "spx.csv").write_text("Date,Close\n2024-08-05,x\n")
    assert run("import", data, "--json") == DATA
    files = {Path(one["path"]).name: one for one in json.loads(capsys.readouterr().out)["files"]}
    assert {name: one["result"] for name, one in files.items()} == {
        "noise": "not recognised",
        "spx.csv": "refused",
        "vix_cboe.csv": "unchanged",
    }
    assert files["spx.csv"]["why"] == "row 2 close: not a price: 'x'"
    assert files["vix_cboe.csv"]["stored"] == ["daily/VIX.cboe.parquet"]


def test_a_folder_in_which_nothing_is_recognised_is_refused_and_the_store_not_made(run, tmp_path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "a").write_text("hello")
    (data / "README").write_text("hello")
    with pytest.raises(CommandError, match="no importer recognises any of 2 files") as caught:
        run("import", data)
    assert caught.value.code == DATA
    assert not (tmp_path / "store").exists()


def test_an_unrecognised_file_that_was_named_fails_the_import_of_others(run, tmp_path, capsys) -> None:
    (tmp_path / "noise").write_text("hello")
    assert run("import", daily(tmp_path), tmp_path / "noise") == DATA
    assert "1 imported, 1 not recognised" in capsys.readouterr().out


def test_a_bar_on_a_terminal_is_gone_at_the_end(run, tmp_path, capsys, monkeypatch) -> None:
    import sys as system

    monkeypatch.setattr(system.stderr, "isatty", lambda: True, raising=False)
    assert run("import", daily(tmp_path)) == OK
    out, _ = capsys.readouterr()
    assert out.startswith("index-daily: imported 1 daily series")


def test_list_shows_a_line_a_day(run, tmp_path, capsys) -> None:
    Store(tmp_path / "store").save_day(small_day())
    run("import", daily(tmp_path))
    capsys.readouterr()
    assert run("list") == OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == list(DAY_HEADS)
    assert lines[1].split() == ["SPXW", "2024-08-07", "lean", "vendor", "quote", "5", "2", "1", "0"]
    assert lines[4].split() == ["VIX", "2024-08-05", "2024-08-05", "cboe", "vendor", "1"]
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
    assert out == "suspect  SPXW 2024-08-07 lean  stops at 09:32  trust: no\nok       VIX daily cboe\n"
    assert err == "1 ok, 1 suspect\ndays of options: 1 not to be trusted\n"
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
    assert run("import", shared / "data" / "lean_spxw_nbbo" / "Data", "--format", "lean") == OK
    out, err = capsys.readouterr()
    assert out.startswith("lean: imported ")
    assert "left out: " in err
    assert run("verify", "--root", "SPXW") == OK
    lines = capsys.readouterr().out.splitlines()
    days = [line for line in lines if " SPXW " in line]
    assert [line.split()[0] for line in days] == ["ok"] * 5 + ["suspect"]
    trusted = [line.split()[2] for line in days if "trust: yes (only 2 strikes of that day's expiry)" in line]
    assert trusted == ["2021-01-04", "2021-01-06", "2021-01-08"], "only of these an option expires that day"
    assert run("verify", "--root", "SPXW", "--from", "2021-01-06", "--to", "2021-01-07", "--json") == OK
    names = [one["name"] for one in json.loads(capsys.readouterr().out)["results"]]
    assert names == ["SPXW 2021-01-06 lean", "SPXW 2021-01-07 lean"]


def test_a_refused_day_of_a_folder_gives_65_after_the_others_are_stored(run, tmp_path, shared, capsys) -> None:
    source = shared / "data" / "lean_spxw_nbbo" / "Data" / "indexoption" / "usa" / "minute" / "spxw"
    minute = tmp_path / "Data" / "indexoption" / "usa" / "minute" / "spxw"
    minute.mkdir(parents=True)
    good = source / "20210105_quote_european.zip"
    (minute / good.name).write_bytes(good.read_bytes())
    (minute / "20210107_quote_european.zip").write_bytes(good.read_bytes()[:5000])
    assert run("import", tmp_path) == DATA
    out, err = capsys.readouterr()
    assert "imported 1 day (1 refused)" in out
    assert err.startswith("refused: ")
    assert "20210107_quote_european.zip: cannot be unpacked" in err
