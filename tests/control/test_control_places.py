"""Where a session listens: for its owner alone, under a path short enough, over what a dead process left."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from engine.control import Place, places
from engine.control.place import LONGEST, NotOurs


def bound(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()
    return listener


def test_the_folder_is_for_its_owner_alone_even_if_it_was_not(tmp_path: Path) -> None:
    place = Place(tmp_path / "demo.sqlite", "demo")
    place.folder.mkdir(mode=0o777)
    place.folder.chmod(0o777)

    place.prepare()

    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    place = Place(tmp_path / "demo.sqlite", "demo")
    (tmp_path / "elsewhere").mkdir()
    place.folder.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(NotOurs, match="no folder of this user"):
        place.prepare()


def test_a_dead_processes_socket_is_replaced(tmp_path: Path) -> None:
    place = Place(tmp_path / "demo.sqlite", "demo")
    bound(place.prepare()).close()
    assert place.door.exists()

    with bound(place.prepare()), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(place.socket))

    place.clear()
    assert list(tmp_path.iterdir()) == []


def test_a_path_too_long_for_a_socket_is_reached_by_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    place = Place(deep / "demo.sqlite", "demo")

    path = place.prepare()
    with bound(path), socket.socket(socket.AF_UNIX) as client:
        assert len(os.fsencode(path)) <= LONGEST
        monkeypatch.delenv("XDG_RUNTIME_DIR")  # the other terminal knows nothing of it
        client.connect(str(Place(deep / "demo.sqlite", "demo").socket))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    assert place.prepare() == path or len(os.fsencode(place.prepare())) <= LONGEST
    place.clear()
    assert not path.exists()
    assert list(deep.iterdir()) == []


def test_a_short_path_in_somebody_elses_hands_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    place = Place(deep / "demo.sqlite", "demo")
    place._short_folder().symlink_to(tmp_path)

    with pytest.raises(NotOurs):
        place.prepare()


def test_two_journals_have_two_short_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert Place(tmp_path / "a", "x")._short_folder() != Place(tmp_path / "b", "x")._short_folder()


def test_a_link_to_the_journal_leads_to_the_same_place(tmp_path: Path) -> None:
    (tmp_path / "demo.sqlite").touch()
    (tmp_path / "link.sqlite").symlink_to(tmp_path / "demo.sqlite")
    assert Place(tmp_path / "link.sqlite", "demo").door == Place(tmp_path / "demo.sqlite", "demo").door


def test_the_places_of_a_folder(tmp_path: Path) -> None:
    for name in ("main.sqlite.control", "demo.sqlite.control", "notes"):
        (tmp_path / name).mkdir()
    assert [(place.account, place.journal.name) for place in places(tmp_path)] == [
        ("demo", "demo.sqlite"),
        ("main", "main.sqlite"),
    ]
    assert places(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("demo.kill", True),
        ("demo.kill-flatten", True),
        ("demo.kill-flaten", True),
        ("demo.kill-", True),
        ("demo.sqlite.kill-lock", True),
        ("demo.kill-flatten.done-20260115T150000Z", False),
        ("demo.kill.done-20260115T150000Z", False),
        ("demo.killed", False),
        ("main.kill-lock", False),
        ("xdemo.kill-lock", False),
    ],
)
def test_the_names_of_kill_files(tmp_path: Path, name: str, is_one: bool) -> None:
    (tmp_path / name).touch()
    assert (Place(tmp_path / "demo.sqlite", "demo").kill_files() == [tmp_path / name]) == is_one


def test_the_name_that_a_person_is_told_is_one(tmp_path: Path) -> None:
    place = Place(tmp_path / "my.sqlite", "demo")
    place.kill_file("lock").touch()
    assert place.kill_files() == [place.kill_file("lock")]
