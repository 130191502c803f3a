"""``keys.toml``: whole, private from the first byte, and nobody else's entries touched."""

from __future__ import annotations

import os
import stat
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from account_server import KEY_ID, LIVE_ID, LIVE_SECRET, SECRET
from hypothesis import given
from hypothesis import strategies as st

from engine.alpaca.key_file import forget_pair, read_pair, store_pair
from engine.alpaca.keys import KeysError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "zdte-tui" / "keys.toml"


def written(path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def test_what_is_stored_is_read_again_each_kind_for_itself(path: Path) -> None:
    store_pair(path, "paper", KEY_ID, SECRET)
    assert read_pair(path, "paper") == (KEY_ID, SECRET)
    assert read_pair(path, "live") is None
    store_pair(path, "live", LIVE_ID, LIVE_SECRET)
    assert read_pair(path, "live") == (LIVE_ID, LIVE_SECRET)
    assert read_pair(path, "paper") == (KEY_ID, SECRET)
    store_pair(path, "paper", "PKOTHER", 'quotes " and \\ too')
    assert read_pair(path, "paper") == ("PKOTHER", 'quotes " and \\ too')


def test_no_file_holds_no_keys(path: Path) -> None:
    assert read_pair(path, "paper") is None
    assert not forget_pair(path, "paper")
    assert not path.parent.exists()


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o277])
def test_nobody_else_can_read_it_from_its_first_byte(path: Path, mask: int, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []
    fsync = os.fsync

    def looking(handle: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(handle).st_mode))
        fsync(handle)

    opened = os.open

    def opening(name: object, flags: int, mode: int = 0o777, **more: object) -> int:
        if flags & os.O_CREAT:
            assert mode == 0o600
            assert flags & os.O_EXCL
        return opened(name, flags, mode, **more)  # type: ignore[arg-type]

    path.parent.mkdir(parents=True)
    monkeypatch.setattr(os, "fsync", looking)
    monkeypatch.setattr(os, "open", opening)
    before = os.umask(mask)
    try:
        store_pair(path, "paper", KEY_ID, SECRET)
    finally:
        os.umask(before)
    assert modes[0] == 0o600
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_folder_is_made_for_its_owner_alone(path: Path) -> None:
    store_pair(path, "paper", KEY_ID, SECRET)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_comments_and_the_other_kind_stay(path: Path) -> None:
    written(path, f'# mine\n\n[live]\n# of the broker\nkey_id = "{LIVE_ID}"\nsecret = "{LIVE_SECRET}"\n')
    store_pair(path, "paper", KEY_ID, SECRET)
    text = path.read_text()
    assert "# mine" in text
    assert "# of the broker" in text
    assert forget_pair(path, "live")
    assert "# mine" in path.read_text()
    assert tomllib.loads(path.read_text()) == {"paper": {"key_id": KEY_ID, "secret": SECRET}}


def test_the_last_pair_takes_the_file_with_it(path: Path) -> None:
    store_pair(path, "paper", KEY_ID, SECRET)
    assert forget_pair(path, "paper")
    assert not path.exists()
    assert not forget_pair(path, "paper")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o610, 0o666])
def test_a_file_that_others_may_read_is_refused_and_can_be_forgotten(path: Path, mode: int) -> None:
    written(path, f'[paper]\nkey_id = "{KEY_ID}"\nsecret = "{SECRET}"\n', mode)
    for act in (lambda: read_pair(path, "paper"), lambda: store_pair(path, "paper", KEY_ID, SECRET)):
        with pytest.raises(KeysError) as caught:
            act()
        assert str(caught.value) == (
            f"{path} has mode {mode:04o}, so others may read it; it is refused: chmod 600 {path}"
        )
    assert forget_pair(path, "paper")


def test_a_file_of_another_user_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_pair(path, "paper", KEY_ID, SECRET)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(KeysError, match=r"belongs to user \d+, not to you"):
        read_pair(path, "paper")


def test_a_pipe_in_its_place_does_not_keep_anybody_waiting(path: Path) -> None:
    path.parent.mkdir(parents=True)
    os.mkfifo(path, 0o600)
    with pytest.raises(KeysError, match="no regular file"):
        read_pair(path, "paper")


def test_a_folder_in_its_place(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(KeysError, match="no regular file"):
        read_pair(path, "paper")
    with pytest.raises(KeysError, match="no regular file"):
        store_pair(path, "paper", KEY_ID, SECRET)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f'key_id = "{KEY_ID}"\nsecret = "{SECRET}"\n', r"key_id: it holds \[paper\] and \[live\]"),
        (f'[paper]\nkey_id = "{KEY_ID}\n', "is no TOML at line 2"),
        (f'[paper]\n{SECRET} = 1\n', "is no TOML at line 2"),
        (f'[paper]\n"{SECRET}" = "x"\n', r"paper\.an unknown name is not known"),
        (f'["{SECRET}"]\nkey_id = "x"\n', "an unknown name: it holds"),
        ("[paper]\nkey_id = 7\n", r"paper\.key_id is no text in quotes"),
        ("[papper]\n", "papper: it holds"),
        (b"\xff\xfe", "not text in UTF-8"),
        ("#" * 70_000, "larger than 64 kB"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_keys_is_one_line_that_quotes_nothing_of_it(
    path: Path, text: str | bytes, told: str
) -> None:
    written(path, text)
    before = path.read_bytes()
    for act in (lambda: read_pair(path, "paper"), lambda: store_pair(path, "paper", KEY_ID, SECRET)):
        with pytest.raises(KeysError, match=told) as caught:
            act()
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
        assert KEY_ID not in str(caught.value)
        assert SECRET not in str(caught.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "text",
    [
        f'paper = {{ key_id = "{KEY_ID}", secret = "{SECRET}" }}\n',
        f'paper.key_id = "{KEY_ID}"\npaper.secret = "{SECRET}"\n',
        f'[live]\nkey_id = "x"\nsecret = """\n[paper]\n"""\n[paper]\nkey_id = "{KEY_ID}"\n',
    ],
)
def test_toml_in_a_rarer_form_is_read_and_never_mangled(path: Path, text: str) -> None:
    written(path, text)
    assert (read_pair(path, "paper") or ("", ""))[0] == KEY_ID
    with pytest.raises(KeysError, match="written in a way that is not changed here"):
        store_pair(path, "paper", "PKNEWER", SECRET)
    with pytest.raises(KeysError, match="written in a way that is not changed here"):
        forget_pair(path, "paper")
    assert path.read_text() == text


def test_a_full_disk_leaves_the_file_as_it_was_and_nothing_beside_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_pair(path, "paper", KEY_ID, SECRET)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeysError, match="No space left on device; nothing was changed"):
        store_pair(path, "live", LIVE_ID, LIVE_SECRET)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_what_a_killed_login_left_is_gone_with_the_next(path: Path) -> None:
    left = written(path.with_name(".keys.toml.new"), SECRET)
    store_pair(path, "paper", KEY_ID, SECRET)
    assert not left.exists()
    written(left, SECRET)
    assert forget_pair(path, "paper")
    assert not list(path.parent.iterdir())


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "keys.toml"
    real.parent.mkdir()
    path.parent.mkdir(parents=True)
    path.symlink_to(real)
    store_pair(path, "paper", KEY_ID, SECRET)
    assert path.is_symlink()
    assert read_pair(real, "paper") == (KEY_ID, SECRET)


def test_two_logins_at_once_lose_nobodys_keys(path: Path) -> None:
    for _ in range(10):
        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(store_pair, path, "paper", KEY_ID, SECRET)
            other = pool.submit(store_pair, path, "live", LIVE_ID, LIVE_SECRET)
            one.result()
            other.result()
        assert read_pair(path, "paper") == (KEY_ID, SECRET)
        assert read_pair(path, "live") == (LIVE_ID, LIVE_SECRET)
        path.unlink()


_COMMENT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12).map(
    lambda text: f"# {text}\n"
)
_VALUE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


@given(_COMMENT, _VALUE, _VALUE, st.sampled_from(["[live]", " [ live ]  # mine", '["live"]']), _VALUE)
def test_any_other_entry_is_there_after_storing_and_forgetting(
    tmp_path_factory: pytest.TempPathFactory, comment: str, key_id: str, secret: str, header: str, other: str
) -> None:
    path = tmp_path_factory.mktemp("keys") / "keys.toml"
    store_pair(path, "live", "x", other)
    theirs = comment + path.read_text().replace("[live]", header)
    written(path, theirs)
    store_pair(path, "paper", key_id, secret)
    assert read_pair(path, "paper") == (key_id, secret)
    assert read_pair(path, "live") == ("x", other)
    assert forget_pair(path, "paper")
    assert path.read_text() == theirs
