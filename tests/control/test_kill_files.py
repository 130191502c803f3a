"""Kill files: what they say is done once, garbage is a pause with an alarm, nothing about a file stops the watch."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from control_sessions import Running, wait

from engine.control import Place
from engine.control.killfile import KillFiles
from engine.events import CommandRecord, Tick
from engine.types import KILL_LEVELS
from engine.view import CommandRequest, View


class Deaf:
    """Takes commands, and answers when it is told to. What a session does with them is another test's."""

    error = ""

    def __init__(self) -> None:
        self.sent: list[CommandRequest] = []
        self._waiting: list[Callable[[Tick], None]] = []

    def view(self) -> View | None:
        return None

    def send(self, message: CommandRequest, told: Callable[[Tick], None] | None = None) -> None:
        self.sent.append(message)
        if told is not None:
            self._waiting.append(told)

    def answer(self) -> None:
        """All that waits."""
        row = CommandRecord(
            seq=1, ts=1, account="demo", command_id="1", actor="person", kind="", trade_id=0, text="", outcome="so"
        )
        for told in self._waiting:
            told(Tick(seq=1, now=1, records=(row,)))
        self._waiting.clear()

    @property
    def kinds(self) -> list[str]:
        return [message.kind for message in self.sent]


class Watch:
    """Kill files in a folder, looked for by hand, with a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session = Deaf()
        self.now = time.time()
        self.files = KillFiles(self.session, Place(folder / "demo.sqlite", "demo"), wall=lambda: self.now)

    def leave(self, name: str, text: str = "") -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def look(self, after: float = 0.0) -> list[str]:
        """What is sent at a look so many seconds later."""
        self.now += after
        self.session.sent.clear()
        self.files.look()
        return self.session.kinds


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


@pytest.mark.parametrize("level", KILL_LEVELS)
def test_the_name_or_the_first_word_in_it_is_the_level(watch: Watch, level: str) -> None:
    watch.leave(f"demo.kill-{level}")
    assert watch.look() == [level]
    watch.leave("demo.sqlite.kill", f"  {level.upper()}\nbecause of the news\n")
    assert watch.look() == [level]


def test_it_is_acted_on_once_and_put_away_once_it_is_done(watch: Watch) -> None:
    path = watch.leave("demo.kill-flatten")
    assert watch.look() == ["flatten"]
    assert watch.look() == [], "it is under way"
    assert path.exists()

    watch.session.answer()

    assert not path.exists()
    (done,) = watch.folder.iterdir()
    assert done.name.startswith("demo.kill-flatten.done-2")
    assert watch.look() == []


def test_another_file_of_that_name_fires_again(watch: Watch) -> None:
    for _ in range(2):
        watch.leave("demo.kill-pause")
        assert watch.look() == ["pause"]
        watch.session.answer()
        assert watch.look(after=1.0) == []


def test_a_file_that_cannot_be_renamed_fires_once(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    watch.leave("demo.kill-flatten")
    assert watch.look() == ["flatten"]

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    watch.session.answer()
    assert watch.look(after=5.0) == []


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("demo.kill", "flaten", "says 'flaten', which is no level"),
        ("demo.kill", "", "is empty"),
        ("demo.kill", " \n\t", "is empty"),
        ("demo.kill", "\x1b[2J\x00\x07", "which is no level"),
        ("demo.kill", "x" * 5000, "which is no level"),
        ("demo.kill-flaten", "lock", "names 'flaten', which is no level"),
    ],
)
def test_garbage_is_a_pause_with_an_alarm(watch: Watch, name: str, text: str, says: str) -> None:
    watch.leave(name, text)
    assert watch.look() == [], "it may still be written"
    assert watch.look(after=2.0) == ["alarm", "pause"]
    alarm = watch.session.sent[0].text
    assert says in alarm
    assert "levels are pause, cancel, flatten, lock" in alarm
    assert alarm.isprintable()


def test_a_half_written_file_is_waited_for(watch: Watch) -> None:
    watch.leave("demo.kill", "")
    assert watch.look() == []
    watch.leave("demo.kill", "fla")
    assert watch.look(after=0.3) == []
    watch.leave("demo.kill", "flatten\n")
    assert watch.look(after=0.3) == ["flatten"]


def test_bytes_that_are_no_text_are_garbage(watch: Watch) -> None:
    (watch.folder / "demo.kill").write_bytes(b"\xff\xfe\x00")
    assert watch.look(after=0.0) == []
    assert watch.look(after=2.0) == ["alarm", "pause"]


def test_a_pipe_does_not_hold_the_watch_up(watch: Watch) -> None:
    os.mkfifo(watch.folder / "demo.kill")
    watch.look()
    assert watch.look(after=2.0) == ["alarm", "pause"]
    assert "no regular file" in watch.session.sent[0].text


def test_a_folder_whose_name_is_a_level_will_do(watch: Watch) -> None:
    (watch.folder / "demo.kill-lock").mkdir()
    assert watch.look() == ["lock"]


def test_a_link_is_not_followed(watch: Watch) -> None:
    (watch.folder / "elsewhere").write_text("lock")
    (watch.folder / "demo.kill").symlink_to(watch.folder / "elsewhere")
    watch.look()
    assert watch.look(after=2.0) == ["alarm", "pause"]


def test_a_file_of_another_user_is_told_once_and_not_followed(watch: Watch) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(watch.leave("demo.kill-lock"), 12345, 12345)
    assert watch.look() == ["alarm"]
    assert "belongs to another user" in watch.session.sent[0].text
    assert watch.look(after=5.0) == []


def test_several_files_are_all_acted_on(watch: Watch) -> None:
    for level in KILL_LEVELS:
        watch.leave(f"demo.kill-{level}")
    assert sorted(watch.look()) == sorted(KILL_LEVELS)


def test_a_folder_that_is_gone_stops_nothing(watch: Watch) -> None:
    watch.files._place = Place(watch.folder / "nowhere" / "demo.sqlite", "demo")
    assert watch.look() == []


# In a real session


def test_a_running_session_follows_a_file_within_a_moment(tmp_path: Path) -> None:
    running = Running(tmp_path).start()
    try:
        (tmp_path / "demo.kill-cancel").touch()
        view = running.until(lambda view: view.header.state == "REDUCING")
        assert "kill file demo.kill-cancel" in view.header.state_text
        wait(lambda: list(tmp_path.glob("demo.kill-cancel.done-*")), "putting it away")
        (tmp_path / "demo.kill").write_text("what?")
        view = running.until(lambda view: any(row.level == "alarm" for row in view.log))
        (alarm,) = (row for row in view.log if row.level == "alarm")
        assert "says 'what?', which is no level: taken for pause" in alarm.text
    finally:
        running.stop()


def test_a_session_begins_under_the_level_of_a_file_that_lies_there(tmp_path: Path) -> None:
    (tmp_path / "demo.kill-lock").touch()
    running = Running(tmp_path).start()
    try:
        view = running.until(lambda view: view.header.state == "HALTED")
        first = next(row for row in view.log if row.source == "person")
        assert "kill file demo.kill-lock lay there at the start" in first.text
        assert first.ts == view.progress.open, "before the first quote"
    finally:
        running.stop()
