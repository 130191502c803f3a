"""Files go into the store whole or not at all, none twice, and a cut-off import goes on from where it was."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tape import Store, StoreBusy
from engine.tape.importers import ImportOptions
from engine.tape.intake import Intake, Outcome, Watch
from engine.tape.ledger import NAME, Ledger
from engine.tape.lock import StoreLock
from engine.tape.looking import look
from engine.tape.staging import FOLDER, waiting

SOUND = "Date,Close\n2024-08-05,38.57\n2024-08-06,27.71\n"
BARS = "time,open,high,low,close,volume\n"
QUIET = Watch(lambda found, share: None, lambda name, rows: None)


def days_file(path: Path, *days: str, bad: str = "") -> Path:
    """A ``mid-json`` file; the price of ``bad`` is none."""
    rows = {
        day: {"10:00": {"spx": 5300.1, "strikes": {"5300": {"C": "x" if day == bad else 12.3, "P": 11.8}}}}
        for day in days
    }
    path.write_text(json.dumps(rows))
    return path


def bring(store: Store, *paths: Path, resume: bool = False, name: str | None = None, **options: str) -> list[Outcome]:
    with StoreLock(store.path):
        intake = Intake(store, ImportOptions(**options), QUIET, resume=resume)
        return list(intake.run(look(paths, store.path, name)))


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder``, hidden ones too, with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_looked_into_and_every_file_accounted_for(store: Store, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "deep" / ".hidden").mkdir(parents=True)
    (data / "README.md").write_text("# about")
    (data / "deep" / "LICENSE").write_text("MIT")
    (data / "deep" / ".hidden" / "vix.csv").write_text(SOUND)
    (data / "deep" / "vix_cboe.csv").write_text(SOUND)
    (data / "noise.bin").write_bytes(bytes(range(256)))
    days_file(data / "mids.json", "2024-08-07")
    (data / "spx_bad.csv").write_text("Date,Close\n2024-08-05,x\n")
    found = {str(one.found.path.relative_to(data)): (one.result, one.why, one.failed) for one in bring(store, data)}
    assert found == {
        "README.md": ("left out", "not market data", False),
        "mids.json": ("imported", "", False),
        "noise.bin": ("not recognised", "", False),
        "spx_bad.csv": ("refused", "row 2 close: not a price: 'x'", True),
        "deep/LICENSE": ("left out", "not market data", False),
        "deep/vix_cboe.csv": ("imported", "", False),
    }
    assert sorted(name for name in tree(store.path) if name.endswith(".parquet")) == [
        "daily/VIX.cboe.parquet",
        "days/SPXW/2024-08-07.midpoints.parquet",
    ]


def test_the_store_inside_an_imported_folder_is_left_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "data" / "store")
    (tmp_path / "data").mkdir()
    days_file(tmp_path / "data" / "mids.json", "2024-08-07")
    assert [one.result for one in bring(store, tmp_path / "data")] == ["imported"]
    assert [one.result for one in bring(store, tmp_path / "data")] == ["unchanged"]


def test_importing_twice_changes_nothing_and_reads_the_bytes_only_for_their_hash(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = days_file(tmp_path / "mids.json", "2024-08-06", "2024-08-07")
    bring(store, path)
    before = tree(store.path)
    from engine.tape.importers.mid_json import MidJson

    monkeypatch.setattr(MidJson, "read", lambda *_: pytest.fail("read again"))
    (outcome,) = bring(store, path)
    assert (outcome.result, len(outcome.files)) == ("unchanged", 2)
    assert tree(store.path) == before


def test_a_stored_day_that_is_gone_or_damaged_is_brought_in_again(store: Store, tmp_path: Path) -> None:
    path = days_file(tmp_path / "mids.json", "2024-08-06", "2024-08-07")
    bring(store, path)
    before = tree(store.path)
    first, second = (entry.path for entry in store.days())
    first.unlink()
    second.write_bytes(second.read_bytes()[:-9])
    (outcome,) = bring(store, path)
    assert (outcome.result, dict(outcome.saved)) == ("imported", {"new": 1, "replaced": 1})
    assert tree(store.path) == before


def test_other_bytes_another_source_and_another_name_are_another_import(store: Store, tmp_path: Path) -> None:
    path = days_file(tmp_path / "mids.json", "2024-08-06")
    bring(store, path)
    assert [one.result for one in bring(store, path, source="mine")] == ["imported"]
    days_file(path, "2024-08-06", "2024-08-07")
    (grown,) = bring(store, path)
    assert (grown.result, dict(grown.saved)) == ("imported", {"replaced": 1, "new": 1})
    renamed = path.rename(tmp_path / "other.json")
    (again,) = bring(store, renamed)
    assert (again.result, dict(again.saved)) == ("imported", {"unchanged": 2})


def test_nothing_of_a_refused_file_is_stored(store: Store, tmp_path: Path) -> None:
    table = tmp_path / "spy_1min.csv"
    rows = [f"2026-03-02 09:{30 + minute},680,681,679,680,100\n" for minute in range(20)]
    rows += [f"2026-03-03 09:{30 + minute},680,681,679,680,100\n" for minute in range(20)]
    table.write_text(BARS + "".join(rows) + "2026-03-03 09:50,680,679,681,680,100\n")
    (outcome,) = bring(store, table, name="index-bars", symbol="SPY")
    assert outcome.result == "refused"
    assert "row 42" in outcome.why
    assert not store.path.exists(), "a store made for nothing is removed again"
    table.write_text(BARS + "".join(rows))
    (outcome,) = bring(store, table, name="index-bars", symbol="SPY")
    assert (outcome.result, len(outcome.files)) == ("imported", 2)


def test_two_files_of_one_run_do_not_overwrite_each_other(store: Store, tmp_path: Path) -> None:
    days_file(tmp_path / "a.json", "2024-08-06", "2024-08-07")
    days_file(tmp_path / "b.json", "2024-08-07", "2024-08-08")
    for _ in range(2):
        first, second = bring(store, tmp_path / "a.json", tmp_path / "b.json")
        assert first.result in ("imported", "unchanged")
        assert second.why == (
            "gives SPXW 2024-08-07 of source midpoints, as a.json has done: give one of them another name with --source"
        )
        assert [str(entry.day) for entry in store.days()] == ["2024-08-06", "2024-08-07"]


def test_a_path_named_twice_is_imported_once(store: Store, tmp_path: Path) -> None:
    path = days_file(tmp_path / "mids.json", "2024-08-07")
    assert len(bring(store, path, tmp_path, path)) == 1


class Cut(BaseException):
    """As a kill: nothing catches it."""


def cut_after(days: int) -> Watch:
    seen = []

    def count(name: str, rows: int) -> None:
        seen.append(name)
        if len(seen) == days:
            raise Cut

    return Watch(lambda found, share: None, count)


def interrupted(store: Store, path: Path, days: int) -> None:
    with pytest.raises(Cut), StoreLock(store.path):
        list(Intake(store, ImportOptions(), cut_after(days)).run(look([path], store.path)))


def test_a_cut_off_import_shows_no_day_and_resumes_from_what_it_had(store: Store, tmp_path: Path) -> None:
    path = days_file(tmp_path / "mids.json", "2024-08-05", "2024-08-06", "2024-08-07")
    interrupted(store, path, 2)
    assert store.days() == []
    assert [told for told, _ in waiting(store)] == [str(path)]
    (outcome,) = bring(store, path, resume=True)
    assert (outcome.result, outcome.resumed, len(outcome.files)) == ("imported", 2, 3)
    other = Store(tmp_path / "other")
    bring(other, path)
    assert tree(store.path) == tree(other.path)


def test_without_resume_what_was_left_is_removed_and_told(store: Store, tmp_path: Path) -> None:
    path = days_file(tmp_path / "mids.json", "2024-08-05", "2024-08-06")
    interrupted(store, path, 1)
    with StoreLock(store.path):
        intake = Intake(store, ImportOptions(), QUIET)
    assert intake.cleaned == [str(path)]
    assert not store.path.joinpath(FOLDER).exists()


def test_what_was_left_is_not_taken_for_other_bytes(store: Store, tmp_path: Path) -> None:
    path = days_file(tmp_path / "mids.json", "2024-08-05", "2024-08-06")
    interrupted(store, path, 1)
    days_file(path, "2024-08-06", "2024-08-07")
    (outcome,) = bring(store, path, resume=True)
    assert (outcome.resumed, [str(entry.day) for entry in store.days()]) == (0, ["2024-08-06", "2024-08-07"])


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_a_kill_while_days_move_in_is_made_good_by_the_next_import(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: int
) -> None:
    path = days_file(tmp_path / "mids.json", "2024-08-05", "2024-08-06")
    real, count = Path.replace, []

    def replace(self: Path, target: Path) -> Path:
        if FOLDER in str(self) and FOLDER not in str(target):
            if len(count) == moved:
                raise Cut
            count.append(target)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(Ledger, "append", lambda *_: (_ for _ in ()).throw(Cut()))
    with pytest.raises(Cut):
        bring(store, path)
    monkeypatch.undo()
    vix = tmp_path / "vix.csv"
    vix.write_text(SOUND)
    bring(store, vix)
    assert [str(entry.day) for entry in store.days()] == ["2024-08-05", "2024-08-06"]
    assert [one.result for one in bring(store, path)] == ["unchanged"]
    assert not store.path.joinpath(FOLDER).exists()


def test_a_full_disk_leaves_the_store_as_it_was(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(store, days_file(tmp_path / "a.json", "2024-08-05"))
    before = tree(store.path)
    from engine.tape import store as module

    real, written = module.write_whole, []

    def full(path: Path, data: bytes, *, durable: bool) -> None:
        if len(written) == 1:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        written.append(path)
        real(path, data)

    monkeypatch.setattr(module, "write_whole", full)
    with pytest.raises(OSError, match="No space left"):
        bring(store, days_file(tmp_path / "b.json", "2024-08-06", "2024-08-07"))
    assert tree(store.path) == before


def test_two_imports_at_once_are_one_too_many(store: Store) -> None:
    with StoreLock(store.path), pytest.raises(StoreBusy, match=r"another import \(process \d+\) is writing the store"):
        StoreLock(store.path)
    with StoreLock(store.path):
        pass


def test_a_line_of_the_ledger_cut_short_is_no_line(store: Store, tmp_path: Path) -> None:
    path = days_file(tmp_path / "mids.json", "2024-08-05")
    bring(store, path)
    whole = (store.path / NAME).read_bytes()
    (store.path / NAME).write_bytes(whole[:-10])
    (outcome,) = bring(store, path)
    assert (outcome.result, dict(outcome.saved)) == ("imported", {"unchanged": 1})
    assert (store.path / NAME).read_bytes() == whole


def test_a_zone_is_refused_where_a_format_has_its_own(store: Store, tmp_path: Path) -> None:
    (outcome,) = bring(store, days_file(tmp_path / "mids.json", "2024-08-05"), zone="America/Chicago")
    assert outcome.why == "--zone has no meaning for the format mid-json"


def test_a_folder_of_another_format_says_what_is_missing(store: Store, tmp_path: Path) -> None:
    days_file(tmp_path / "mids.json", "2024-08-05")
    (outcome,) = bring(store, tmp_path, name="lean")
    assert outcome.result == "refused"
    assert "no LEAN Data folder" in outcome.why


def test_every_real_file_is_imported_left_out_or_refused_with_its_reason(store: Store, shared: Path) -> None:
    outcomes = bring(store, *(shared / "data" / name for name in ("cboe_quotedata", "lean_spxw_nbbo", "vix_daily")))
    results = {one.found.path.name: one.result for one in outcomes}
    assert results["lean_spxw_nbbo"] == "imported"
    assert results["fomc_days_magis.csv"] == "not recognised"
    assert results["spy_2023-06-04_weekend_baddate.csv.gz"] == "refused"
    assert all(one.why for one in outcomes if one.result in ("refused", "left out"))
    assert not store.path.joinpath(FOLDER).exists()


def test_what_is_no_file_and_names_that_would_write_to_a_terminal(store: Store, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "real").mkdir(parents=True)
    (data / "link").symlink_to(data / "real")
    (data / "nowhere").symlink_to(data / "gone")
    os.mkfifo(data / "pipe")
    (data / "vix.csv").write_text(SOUND)
    found = {one.found.path.name: (one.result, one.why) for one in bring(store, data)}
    assert found == {
        "link": ("left out", "a link to a folder: name it to have it imported"),
        "nowhere": ("refused", "a link to nothing"),
        "pipe": ("refused", "not a regular file"),
        "vix.csv": ("imported", ""),
    }


@given(
    st.binary(max_size=400), st.sampled_from(["x.csv", "x.json", "x.csv.gz", "x.parquet", "x.dbn", "spx_1m.csv", "x"])
)
@settings(max_examples=150)
def test_no_bytes_are_more_than_refused_or_not_recognised(data: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        (outcome,) = bring(Store(Path(folder) / "store"), path)
        assert outcome.result in ("not recognised", "refused")
        assert not (Path(folder) / "store").exists()


def test_links_in_a_circle_are_refused_and_stop_nothing_else(store: Store, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "itself").symlink_to("itself")
    (data / "here").symlink_to(".")
    (data / "vix.csv").write_text(SOUND)
    assert [(one.found.path.name, one.result) for one in bring(store, data)] == [
        ("here", "left out"),
        ("itself", "refused"),
        ("vix.csv", "imported"),
    ]


def test_a_file_that_may_not_be_looked_at_is_refused_and_stops_nothing_else(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    (data / "listed only").mkdir(parents=True)
    (data / "listed only" / "vix_a.csv").write_text(SOUND)
    (data / "vix.csv").write_text(SOUND)
    stat = Path.stat

    def refuse(path: Path, **options: bool) -> os.stat_result:
        if "listed only" in path.parts[:-1]:  # what the kernel says of a folder that has r and not x
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", refuse)
    found = {one.found.path.name: (one.result, one.why) for one in bring(store, data)}
    assert found == {"vix.csv": ("imported", ""), "vix_a.csv": ("refused", "cannot be read: Permission denied")}


@pytest.mark.parametrize("name", [b"vix_\xff.csv", b"deep\xfe/vix_a.csv", b"long_\xff.csv"])
def test_names_that_are_no_utf8_are_imported_like_others(store: Store, tmp_path: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.parent.mkdir(exist_ok=True)
    table = "time,root,expiry,strike,right,bid,ask\n2024-08-07 10:00,SPXW,2024-08-07,5300,C,12.3,12.6\n"
    path.write_text(table if path.name.startswith("long") else SOUND)
    assert [one.result for one in bring(store, path)] == ["imported"]
    assert [one.result for one in bring(store, path)] == ["unchanged"]
    assert rb"\\x" in (store.path / NAME).read_bytes()


@pytest.mark.parametrize(("start", "kind"), [(b"PK\3\4", "zip"), (b"\xfd7zXZ\0", "xz"), (b"\x28\xb5\x2f\xfd", "zstd")])
def test_a_packed_table_is_said_to_be_packed(store: Store, tmp_path: Path, start: bytes, kind: str) -> None:
    path = tmp_path / "quotes.csv.packed"
    path.write_bytes(start + b"...")
    (outcome,) = bring(store, path)
    assert outcome.result == "not recognised"
    assert outcome.why.startswith(f"packed by {kind}: unpack it first")
