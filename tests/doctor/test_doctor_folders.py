"""Home and folders: what is no folder, not writable, full, on a network or in memory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zdte_tui.doctor.checks import disk, home
from zdte_tui.doctor.checks.disk import FULL, TIGHT, Place, limits, look_at, room
from zdte_tui.doctor.finding import Finding
from zdte_tui.doctor.mounts import Mount, kind_of, mounts, parse_mount, parse_mountinfo
from zdte_tui.doctor.surroundings import Surroundings, look

MOUNTINFO = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:35 / /home rw - nfs4 server:/home rw,vers=4.2
41 40 0:36 / /home/me/my\040disk rw - tmpfs tmpfs rw
42 22 0:37 / /mnt rw,master:2 master:3 - fuse.sshfs me@far: rw
43 22 8:2 / /mnt rw - xfs /dev/sdb1 rw
a line that is none
"""

MACOS = """
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//me@server/share on /Volumes/share (smbfs, nodev, nosuid, mounted by me)
"""


def states(found: list[Finding]) -> list[str]:
    return [finding.state for finding in found]


def journal_place(folder: Path) -> Place:
    return Place("state", folder, "journal.path", journal=True)


def test_the_deepest_mount_holds_a_path_and_the_last_of_equals() -> None:
    known = parse_mountinfo(MOUNTINFO.splitlines())
    assert kind_of(Path("/"), known) == "ext4"
    assert kind_of(Path("/homely/x"), known) == "ext4"
    assert kind_of(Path("/home/you"), known) == "nfs4"
    assert kind_of(Path("/home/me/my disk/x"), known) == "tmpfs"
    assert kind_of(Path("/mnt/x"), known) == "xfs", "what was mounted over it hides it"


def test_mounts_as_macos_lists_them() -> None:
    assert parse_mount(MACOS.splitlines()) == [Mount("/", "apfs"), Mount("/Volumes/share", "smbfs")]


def test_this_machine_has_mounts(tmp_path: Path) -> None:
    assert kind_of(tmp_path, mounts())


def test_a_folder_not_made_yet_is_looked_for_above(tmp_path: Path) -> None:
    (found,) = look_at(journal_place(tmp_path / "a" / "b"), [])
    assert found.state in ("ok", "warn")
    assert "not made yet" in found.seen
    assert not (tmp_path / "a").exists()


def test_a_journal_on_a_network_is_a_fault_and_days_there_are_slow(tmp_path: Path) -> None:
    network = [Mount(str(tmp_path), "nfs4")]
    assert states(list(look_at(journal_place(tmp_path), network)))[-1] == "fail"
    data = list(look_at(Place("data", tmp_path, "data.dir", journal=False), network))
    assert data[-1].state == "note"
    assert "slow" in data[-1].seen


def test_a_folder_in_memory_is_a_warning(tmp_path: Path) -> None:
    found = list(look_at(journal_place(tmp_path), [Mount(str(tmp_path), "tmpfs")]))[-1]
    assert found.state == "warn"
    assert "restart" in found.seen


def test_a_file_in_the_way_is_named_with_its_mend(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("not a folder")
    (found,) = look_at(journal_place(tmp_path / "taken" / "deeper"), [])
    assert found.state == "fail"
    assert str(tmp_path / "taken") in found.mend


def test_a_dangling_link_is_in_the_way_too(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    (found,) = look_at(journal_place(tmp_path / "link" / "x"), [])
    assert found.state == "fail"


def test_a_folder_that_is_not_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    (here,) = look_at(journal_place(tmp_path), [])
    (above,) = look_at(journal_place(tmp_path / "x"), [])
    assert (here.state, above.state) == ("fail", "fail")
    assert "is not writable" in here.seen
    assert "cannot be made" in above.seen


@pytest.mark.parametrize(
    ("free", "files", "state"),
    [(TIGHT, None, "ok"), (TIGHT - 1, 5, "warn"), (FULL - 1, None, "fail"), (TIGHT, 0, "fail"), (0, 0, "fail")],
)
def test_room_in_bytes_and_in_files(free: int, files: int | None, state: str) -> None:
    assert room("disk", "/x", free, files, "ext4").state == state


@pytest.mark.parametrize(("largest", "state"), [(FULL - 1, ["fail"]), (FULL, ["warn"]), (TIGHT, []), (-1, [])])
def test_a_limit_on_the_size_of_files(largest: int, state: list[str]) -> None:
    assert states(list(limits(largest))) == state


def test_the_places_are_those_of_the_configuration(tmp_path: Path) -> None:
    around = look([], [f"data.dir={tmp_path}/d", f"journal.path={tmp_path}/j/x.sqlite"], frozenset(), online=False)
    folders = {place.name: place.folder for place in disk.places(around)}
    assert folders["data"] == tmp_path / "d"
    assert folders["journal"] == tmp_path / "j"
    assert "research" not in folders, "it lies in the state folder, which is named once"


def test_home_is_a_folder_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    homes = {str(tmp_path): "ok", str(file): "fail", str(tmp_path / "none"): "fail", "relative": "fail", "": "fail"}
    for value, state in homes.items():
        (found,) = home.check(Surroundings(env={"HOME": value}))
        assert (found.state, bool(found.mend)) == (state, state != "ok"), value


def test_without_home_the_users_own_is_taken() -> None:
    (found,) = home.check(Surroundings(env={}))
    assert found.state in ("note", "fail")
    assert "HOME is not set" in found.seen


def test_a_broken_home_hurts_less_where_every_place_is_named(tmp_path: Path) -> None:
    places = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"), str(tmp_path))
    (found,) = home.check(Surroundings(env={"HOME": "/nowhere/at/all", **places}))
    assert found.state == "warn"


def test_a_relative_place_is_a_warning() -> None:
    found = list(home.check(Surroundings(env={"HOME": "/", "XDG_STATE_HOME": "state"})))
    assert [(each.subject, each.state) for each in found] == [("home", "ok"), ("XDG_STATE_HOME", "warn")]
