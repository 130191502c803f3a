"""``zdte-tui backtest --check-lookahead``: what it prints, its exit codes, and options that do not go together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from session_days import SIM_DAY, json_lines, store_simulated_day, zdte

from engine.events import AnyEvent, ChainBatch
from engine.tape import DayTape, Store
from zdte_tui.main import main


def test_a_clean_day_passes_and_says_what_was_compared(simulated_store: Store, tmp_path: Path) -> None:
    done = zdte(tmp_path, "backtest", "--check-lookahead", "--set", f"data.dir={simulated_store.path}")
    assert (done.returncode, done.stderr) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert lines["data"] == "SIMULATED"
    assert lines["days"] == "1, traded on 1"
    assert lines["instants"].startswith("6, seed 1")
    assert "fills" in lines["compared"]
    assert lines["look-ahead"] == "none found"
    assert "It cannot find: a stamp that is itself wrong" in done.stdout
    assert not list(tmp_path.rglob("*.sqlite")), "nothing is journalled"


def test_json_has_an_object_a_day_and_a_summary_whatever_the_processes(real_store: Store, tmp_path: Path) -> None:
    week = ["--from", "2024-08-05", "--to", "2024-08-07", "--source", "midpoints", "--instants", "2", "--seed", "9"]
    command = ["backtest", "--check-lookahead", "--json", *week, "--set", f"data.dir={real_store.path}"]
    one, two = (zdte(tmp_path, *command, "--jobs", jobs, hash_seed=jobs) for jobs in ("1", "2"))
    assert one.returncode == two.returncode == 0, one.stderr + two.stderr
    assert one.stdout == two.stdout
    *days, last = json_lines(one.stdout)
    assert [day["date"] for day in days] == ["2024-08-05", "2024-08-06", "2024-08-07"]
    assert all(day["difference"] is None and len(day["instants"]) == 2 for day in days)  # type: ignore[arg-type]
    assert last["summary"]["instants"] == 6  # type: ignore[index]
    assert last["summary"]["differences"] == 0  # type: ignore[index]


@pytest.fixture
def a_tape_that_knows_the_next_price(monkeypatch: pytest.MonkeyPatch) -> None:
    real = DayTape.events

    def events(self: DayTape) -> Iterator[AnyEvent]:
        found = list(real(self))
        batches = [event for event in found if isinstance(event, ChainBatch)]
        following = dict(zip(map(id, batches), batches[1:], strict=False))
        for event in found:
            after = following.get(id(event))
            same = isinstance(event, ChainBatch) and after is not None and len(after.idx) == len(event.idx)
            yield msgspec.structs.replace(event, bid=after.bid, ask=after.ask) if same and after else event

    monkeypatch.setattr(DayTape, "events", events)


@pytest.mark.usefixtures("a_tape_that_knows_the_next_price")
def test_look_ahead_is_exit_code_65_with_the_first_difference_by_name(
    simulated_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    command = ["backtest", "--check-lookahead", "--set", f"data.dir={simulated_store.path}"]
    assert main(command) == 65
    out = capsys.readouterr().out
    assert f"{SIM_DAY} market data at " in out
    assert "depends on     SPXW260115" in out
    assert "look-ahead  FOUND on 1 day" in out

    assert main([*command, "--json"]) == 65
    found = json.loads(capsys.readouterr().out.splitlines()[0])["difference"]
    assert found["what"] == "market data"
    assert found["at"] <= found["changed_after"]
    assert found["as_it_is"] != found["with_other_data_later"]
    assert found["datum"].startswith("SPXW260115")


def test_options_that_do_not_go_together_are_one_line_each(tmp_path: Path) -> None:
    for words, told in (
        (["--instants", "3"], "--instants goes with --check-lookahead"),
        (["--seed", "3"], "--seed goes with --check-lookahead"),
        (["--check-lookahead", "--grid", "wing=5,10"], "name it with --set, not with --grid"),
        (["--check-lookahead", "--resume"], "keeps nothing that --resume could go on with"),
        (["--check-lookahead", "--instants", "0"], "is not a number of instants"),
        (["--check-lookahead", "--seed", "x"], "is not a seed"),
    ):
        done = zdte(tmp_path, "backtest", *words)
        assert (done.returncode, done.stdout) == (64, ""), words
        assert told in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_damaged_day_is_told_and_the_others_are_checked(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store_simulated_day(store)
    whole = store.choose("SPXW", SIM_DAY).path
    (whole.parent / f"2026-01-16.{whole.name.split('.')[1]}.parquet").write_bytes(whole.read_bytes()[:2000])
    done = zdte(tmp_path, "backtest", "--check-lookahead", "--instants", "1", "--set", f"data.dir={store.path}")
    assert done.returncode == 0, done.stderr
    assert "2026-01-16 could not be read: " in done.stdout
    assert "days        1, traded on 1" in done.stdout
