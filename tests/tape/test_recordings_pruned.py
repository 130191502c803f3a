"""What sessions recorded is listed with its size, and goes only where that was asked for and nobody needs it."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
from pathlib import Path

import pytest
from recorded_frames import LABEL, OPEN, listing, quote, record, start, taped

from engine.clock import SECOND
from engine.config import load
from engine.journal import JournalWriter, SessionInfo
from engine.session.aftermath import short_of_room
from engine.session.checklist import WARN_BYTES
from engine.session.ledger import recording_path
from engine.session.recordings import recordings
from engine.tape import Store
from engine.tape.lock import StoreLock
from engine.types import Provenance
from zdte_tui.main import main

DAY = dt.date(2026, 1, 15)
OLD = dt.datetime(2026, 2, 1, 17, tzinfo=dt.UTC)
WORLD = Provenance("alpaca-opra", "vendor", "quote")


class Home:
    """A state directory of its own, with sessions that have recorded something."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "main.sqlite"
        self.store = folder / "store"
        self.settings = [f"journal.path={self.journal}", f"data.dir={self.store}"]

    def session(self, *, label: Provenance = LABEL, ended: bool = True, old: bool = True) -> str:
        """A session that has recorded two minutes of a market; its name."""
        writer = JournalWriter(self.journal)
        info = SessionInfo(
            account="main", day=DAY, roots=("SPXW",), provenance=(label,), config_text="{}", config_hash="c",
            code_version="t", seed=None,
        )  # fmt: skip
        number = writer.begin_session(info, mode="paper", speed=1.0)
        if ended:
            writer.end_session("completed")
        else:
            writer.stop("stopped")
        writer.close()
        name = f"main-2026-01-15-SPXW-{number}"
        path = recording_path(self.journal, name, 0)
        path.parent.mkdir(exist_ok=True)
        record(path, [start(), listing(OPEN), quote(OPEN + SECOND, [2], [100])])
        if old:
            os.utime(path, (OLD.timestamp(), OLD.timestamp()))
        return name

    def there(self) -> set[str]:
        return {path.name.partition(".")[0] for path in self.journal.with_suffix(".inputs").glob("*")}

    def prune(self, *words: str) -> int:
        return main(["data", "prune", *words, *(word for each in self.settings for word in ("--set", each))])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Home(tmp_path)


def answered(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(text))


def test_without_a_limit_it_lists_and_removes_nothing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    name = home.session()
    size = recording_path(home.journal, name, 0).stat().st_size
    assert home.prune() == 0
    told = capsys.readouterr().out
    assert name in told
    assert "free at" in told
    assert home.prune("--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["kind"], row["name"], row["bytes"], row["written"], row["stays"]) == (
        "inputs",
        name,
        size,
        "2026-02-01",
        "",
    )
    assert home.there() == {name}


def test_nobody_is_there_to_be_asked(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    name = home.session()
    assert home.prune("--before", "2026-06-01") == 64
    assert "add --yes" in capsys.readouterr().err
    assert home.there() == {name}
    assert home.prune("--before", "2026-06-01", "--yes") == 0
    assert home.there() == set()


@pytest.mark.parametrize(
    ("answer", "goes"), [("y\n", True), ("Y\n", True), ("\n", False), ("yes please\n", False), ("", False)]
)
def test_only_y_removes(answer: str, goes: bool, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    name = home.session()
    answered(monkeypatch, answer)
    assert home.prune("--keep-days", "1") == 0
    assert home.there() == (set() if goes else {name})


def test_what_is_of_today_or_may_go_on_stays(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    gone, cut, fresh = home.session(), home.session(ended=False), home.session(old=False)
    tomorrow = str(dt.date.today() + dt.timedelta(days=2))
    assert home.prune("--before", tomorrow, "--yes") == 0
    assert home.there() == {cut, fresh}
    said = capsys.readouterr().err
    assert f"{cut} stays: its session is open" in said
    assert f"{fresh} stays: of today" in said
    assert gone not in said


def test_a_market_s_day_that_is_not_on_the_tape_stays(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    name = home.session(label=WORLD)
    assert home.prune("--before", "2026-06-01", "--yes") == 0
    assert home.there() == {name}
    assert f"stays: not on the tape: zdte-tui data tape {name}" in capsys.readouterr().err
    assert main(["data", "tape", name, *(word for each in home.settings for word in ("--set", each))]) == 0
    assert home.prune("--before", "2026-06-01", "--yes") == 0
    assert home.there() == set()
    assert [entry.source for entry in Store(home.store).days()] == ["recorded"], "the tape stays"


def test_a_journal_that_cannot_be_read_keeps_everything(home: Home) -> None:
    name = home.session()
    home.journal.write_bytes(b"not a journal at all" * 100)
    (kept,) = recordings(load([], home.settings), [home.journal], dt.date(2026, 6, 1))
    assert "cannot be read" in kept.stays
    home.journal.unlink()
    (kept,) = recordings(load([], home.settings), [home.journal], dt.date(2026, 6, 1))
    assert (kept.name, kept.stays) == (name, "")


def test_day_tapes_go_only_where_they_are_named(home: Home, tmp_path: Path) -> None:
    store = Store(home.store)
    path = record(tmp_path / "a.events", [start(), listing(OPEN), quote(OPEN + SECOND, [2], [100])])
    taped(store, path)
    (entry,) = store.days()
    os.utime(entry.path, (OLD.timestamp(), OLD.timestamp()))
    assert home.prune("--before", "2026-06-01", "--yes") == 0
    assert entry.path.exists()
    with StoreLock(store.path):
        assert home.prune("--before", "2026-06-01", "--tapes", "--yes") == 75
    assert home.prune("--before", "2026-06-01", "--tapes", "--yes") == 0
    assert not entry.path.exists()
    assert store.days() == []


@pytest.mark.parametrize("words", [("--yes",), ("--json", "--keep-days", "3")])
def test_what_makes_no_sense_is_refused(words: tuple[str, ...], home: Home) -> None:
    home.session()
    assert home.prune(*words) == 64
    assert len(home.there()) == 1


def test_little_room_is_told_at_the_end_of_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert WARN_BYTES > 10**9
    usage = type("usage", (), {"free": WARN_BYTES - 1})
    monkeypatch.setattr("engine.session.aftermath.shutil.disk_usage", lambda _: usage)
    (line,) = short_of_room(tmp_path / "main.sqlite")
    assert str(tmp_path) in line
    assert "zdte-tui data prune" in line
    usage.free = WARN_BYTES  # type: ignore[attr-defined]
    assert short_of_room(tmp_path / "main.sqlite") == []
