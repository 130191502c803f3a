"""Journals that cannot be used, disks that cannot be written: one clear line, the right code, nothing half-written."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.journal import JournalError, JournalReader, JournalWriter, Progress, SessionInfo
from engine.tape import Store
from zdte_tui.main import main

sys.path.insert(0, str(Path(__file__).parents[1] / "tape"))
from tape_days import DAY, small_day

DEMO = ("--demo", "--no-ui", "--speed", "max")
REPLAY = ("replay", DAY.isoformat(), "--no-ui")
WRITERS = (DEMO, REPLAY, ("backtest",))
READERS = (
    ("sessions",),
    ("sessions", "--research", "--json"),
    ("journal", "export"),
    ("journal", "export", "--research", "--csv"),
    ("journal", "audit"),
)

_DROP_FROM_BOUNDING_SET = 24
_OVERRIDES = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: what lets root write everywhere


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with one stored day, in a state folder with a finished session in each journal."""
    for name in ("config", "data", "state"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    monkeypatch.setenv("HOME", str(tmp_path))
    Store(tmp_path / "data" / "zdte-tui").save_day(small_day())
    for name in ("demo", "research"):
        with JournalWriter(state(tmp_path) / f"{name}.sqlite") as writer:
            writer.begin_session(info(name), mode="demo")
            writer.append([], Progress(ts=1, seq=1))
            writer.end_session("completed")
    return tmp_path


def info(account: str) -> SessionInfo:
    return SessionInfo(
        account=account,
        day=DAY,
        roots=("SPXW",),
        provenance=(small_day().provenance,),
        config_text="{}",
        config_hash="ab",
        code_version="test",
        seed=7,
    )


def state(home: Path) -> Path:
    return home / "state" / "zdte-tui"


def files(home: Path) -> dict[str, bytes]:
    """What a command could have changed; the log and SQLite's own index of a WAL are no journal."""
    passing = ("-shm", "-wal", ".log", ".lock")
    found = (each for each in home.rglob("*") if each.is_file() and not each.name.endswith(passing))
    return {str(each.relative_to(home)): each.read_bytes() for each in found}


def spoil_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def spoil_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def spoil_text(path: Path) -> None:
    path.write_text("these are my notes, not a journal\n" * 50)


def spoil_cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def spoil_pages(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))


SPOILS: dict[Callable[[Path], None], str] = {
    spoil_newer: "is from a newer zdte-tui (schema 99",
    spoil_folder: "name another file",
    spoil_text: "is no SQLite database; name another file",
    spoil_cut: "it is damaged: move it away, or name another file",
    spoil_pages: "it is damaged: move it away, or name another file",
}


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__.removeprefix("spoil_"))
@pytest.mark.parametrize("command", [*WRITERS, *READERS], ids=" ".join)
def test_a_journal_that_cannot_be_used_is_one_line_and_stays_as_it_is(
    command: tuple[str, ...], spoil: Callable[[Path], None], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in state(home).glob("*.sqlite"):
        spoil(path)
    before = files(home)
    code = main(list(command))
    told = capsys.readouterr()
    assert code in ((65, 73) if command in WRITERS else (65,)), told.err
    assert told.out == ""
    assert told.err.count("\n") == 1, told.err
    assert told.err.startswith("zdte-tui: ")
    assert SPOILS[spoil] in told.err
    assert str(state(home)) in told.err
    assert files(home) == before


# Folders that cannot be written


def without_root() -> None:
    """In a child: modes of files hold for root too."""
    for capability in _OVERRIDES:
        ctypes.CDLL(None).prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)


def child(
    *arguments: str, before: Callable[[], None] | None = None, output: Path | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zdte_tui", *arguments]
    stdout = output.open("w") if output else subprocess.PIPE
    try:
        return subprocess.run(
            command, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=120, check=False, preexec_fn=before
        )
    finally:
        if not isinstance(stdout, int):
            stdout.close()


@pytest.fixture
def locked(home: Path) -> Iterator[Path]:
    """The state folder and all in it may only be read."""
    folder = state(home)
    paths = [*folder.rglob("*"), folder]
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(modes[path] & ~0o222)
    if _can_write(folder):
        pytest.skip("this user may write whatever the modes say, and cannot give that up")
    yield folder
    for path, mode in modes.items():
        path.chmod(mode)


def _can_write(folder: Path) -> bool:
    code = f"import os; raise SystemExit(0 if os.access({str(folder)!r}, os.W_OK) else 1)"
    return subprocess.run([sys.executable, "-c", code], preexec_fn=without_root, check=False).returncode == 0


@pytest.mark.parametrize("command", WRITERS, ids=" ".join)
def test_a_state_folder_that_may_only_be_read_stops_what_writes(command: tuple[str, ...], locked: Path) -> None:
    result = child(*command, before=without_root)
    assert result.returncode == 73, result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    assert str(locked) in result.stderr
    assert "ermission denied" in result.stderr


@pytest.mark.parametrize("command", READERS[:4], ids=" ".join)
def test_a_state_folder_that_may_only_be_read_can_be_read(command: tuple[str, ...], locked: Path) -> None:
    assert not list(locked.glob("*-shm")), "the case: no index of the WAL is there, and none can be made"
    result = child(*command, before=without_root)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout or "--csv" in command


def test_commits_that_wait_in_a_wal_are_not_passed_over_in_silence(home: Path) -> None:
    path, copy = state(home) / "demo.sqlite", home / "copy"
    copy.mkdir()
    with JournalWriter(path) as writer:
        writer.begin_session(info("demo"), mode="demo")
        for name in ("demo.sqlite", "demo.sqlite-wal"):
            shutil.copy(path.with_name(name), copy / name)
    with JournalReader(copy / "demo.sqlite") as reader:
        assert len(reader.sessions()) == 2, "what waits in the WAL counts"


# Full disks


def limited(size: int) -> Callable[[], None]:
    """In a child: no file may grow beyond ``size`` bytes, as on a disk that is full from there on."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("command", WRITERS, ids=" ".join)
@pytest.mark.parametrize("size", [100, 60_000])
def test_a_disk_too_full_for_a_new_journal_leaves_none_behind(command: tuple[str, ...], size: int, home: Path) -> None:
    for path in state(home).iterdir():
        path.unlink()
    result = child(*command, before=limited(size))
    assert result.returncode == 73, result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    assert "cannot prepare the journal" in result.stderr
    assert {path.suffix for path in state(home).iterdir()} <= {".lock", ".log"}


def filling_up_after_the_first_fill() -> subprocess.CompletedProcess[str]:
    """A demo none of whose files may grow any more once it has traded."""
    command = [sys.executable, "-u", "-m", "zdte_tui", "--demo", "--no-ui", "--speed", "5000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if " fill " in line:
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, 4096))
                break
        said, complained = process.communicate(timeout=120)
        return subprocess.CompletedProcess(command, process.returncode, said, complained)


def test_a_disk_that_fills_up_in_a_session_is_told_and_the_session_goes_on_later(home: Path) -> None:
    full = filling_up_after_the_first_fill()
    assert full.returncode == 73, full.stderr
    assert "cannot write the journal" in full.stderr.splitlines()[-1]
    assert "Traceback" not in full.stderr
    assert "Logging error" not in full.stderr
    later = child(*DEMO)
    assert later.returncode == 0, later.stderr
    assert "continuing demo-2026-01-15-SPXW-1" in later.stderr
    with JournalReader(state(home) / "demo.sqlite") as reader:
        played = reader.select("demo-2026-01-15-SPXW-1")[0]
        assert played.status == "closed"
        ids = [
            record.client_order_id
            for record in reader.records(played.session)
            if type(record).__name__ == "OrderRecord"
        ]
    assert ids
    assert len(ids) == len(set(ids)), "no order was journalled twice"


def test_a_replay_whose_end_cannot_be_journalled_is_no_bug(home: Path) -> None:
    for path in state(home).iterdir():
        path.unlink()
    assert child(*REPLAY).returncode == 0
    result = child(*REPLAY, before=limited(40_000))
    assert result.returncode == 73, result.stderr
    assert "bug" not in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "command", [*READERS[:4], ("data", "list"), ("backtest", "--json"), ("config", "show")], ids=" ".join
)
def test_standard_output_on_a_full_disk_is_one_line(command: tuple[str, ...], home: Path) -> None:
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("this system has no /dev/full")
    result = child(*command, output=full)
    if command[-1] == "--csv":  # a session without a trade has nothing to write but its heads
        assert result.returncode in (0, 73)
    else:
        assert result.returncode == 73, result.stderr
        assert result.stderr.count("\n") == 1, result.stderr
    assert "Traceback" not in result.stderr


def test_a_session_outlives_its_output_and_says_so(home: Path) -> None:
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("this system has no /dev/full")
    result = child(*DEMO, "--json", output=full)
    assert result.returncode == 73
    assert result.stderr.count("standard output cannot be written") == 1
    assert " completed: 3 trades" in result.stderr


def test_an_export_that_does_not_fit_leaves_nothing(home: Path) -> None:
    target = home / "out.jsonl"
    result = child("journal", "export", "-o", str(target), before=limited(100))
    assert result.returncode == 73
    assert result.stderr.count("\n") == 1
    assert not [path for path in home.iterdir() if "out.jsonl" in path.name]


def test_an_export_into_a_pipe_leaves_it_a_pipe(home: Path) -> None:
    pipe = home / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    thread = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    thread.start()
    assert main(["journal", "export", "-o", str(pipe)]) == 0
    thread.join(10)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert json.loads(read[0].splitlines()[0])["record"] == "session"


def test_a_journal_is_never_made_of_a_device_or_pipe(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipe = home / "pipe"
    os.mkfifo(pipe, 0o644)
    assert main([*DEMO, "--set", f"journal.path={pipe}"]) == 73
    assert "no regular file" in capsys.readouterr().err
    assert stat.S_IMODE(pipe.stat().st_mode) == 0o644, "its mode is its own"
    assert not (home / "pipe.lock").exists()
    with pytest.raises(JournalError, match="no regular file"):
        JournalReader(pipe)


def test_a_home_nobody_has_is_a_fault_of_the_configuration(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*DEMO, "--set", "journal.path=~nobody-of-that-name/x.sqlite"]) == 78
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "journal.path" in told


_FULL_DISK = """
mount -t tmpfs -o size=1m tmpfs "$1" || exit 77
shift
exec "$@"
"""


def test_a_disk_that_is_really_full(home: Path) -> None:
    """Inside a mount namespace of its own, where this machine lets us have one."""
    shutil.rmtree(home / "state")
    (home / "state").mkdir()
    command = [
        "unshare",
        "-rm",
        "sh",
        "-c",
        _FULL_DISK,
        "sh",
        str(home / "state"),
        sys.executable,
        "-m",
        "zdte_tui",
        *DEMO,
    ]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    if result.returncode in (1, 77) and "zdte-tui" not in result.stderr:
        pytest.skip(f"no mount namespace may be made here: {result.stderr.strip()}")
    assert result.returncode == 73, result.stderr
    assert "disk is full: free some space" in result.stderr
    assert "Traceback" not in result.stderr
    assert "REDUCING: JOURNAL" in result.stderr, "no new risk without a journal"
    assert not list((home / "state").iterdir()), "it was a disk of its own"
