"""Where keys are looked for: the first place counts, kinds are never mixed, and half a pair is said."""

from __future__ import annotations

import copy
import io
import json
import os
import pickle
import stat
import traceback
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from account_server import KEY_ID, LIVE_ID, LIVE_SECRET, SECRET, Ring, make_ring
from rich.console import Console
from rich.traceback import Traceback

from engine.alpaca import key_places
from engine.alpaca.key_file import key_file, store_pair
from engine.alpaca.key_places import VARIABLES, exposed, find_keys, look
from engine.alpaca.key_ring import names, store_in_ring
from engine.alpaca.keys import Keys, KeysError, Kind, wrong_shape

PAIRS: dict[Kind, tuple[str, str]] = {"paper": (KEY_ID, SECRET), "live": (LIVE_ID, LIVE_SECRET)}
NO_RING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def ring(tmp_path: Path) -> Ring:
    return make_ring(tmp_path / "ring")


def credentials(home: Path, kind: Kind, *values: str) -> dict[str, str]:
    """A folder as systemd makes one, with the id and the secret, or the id alone."""
    folder = home / "credentials"
    folder.mkdir(exist_ok=True)
    for name, value in zip(names(kind), values, strict=False):
        (folder / name).write_text(value)
        (folder / name).chmod(0o400)
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def variables(kind: Kind, which: int = 0, suffix: str = "") -> dict[str, str]:
    return dict(zip(VARIABLES[kind][which], (PAIRS[kind][0] + suffix, PAIRS[kind][1]), strict=True))


def problem(kind: Kind, env: dict[str, str]) -> str:
    with pytest.raises(KeysError) as caught:
        find_keys(kind, {**NO_RING, **env})
    text = str(caught.value)
    assert "\n" not in text
    for key in (KEY_ID, SECRET, LIVE_ID, LIVE_SECRET):
        assert key not in text
    return text


@pytest.mark.parametrize("kind", ["paper", "live"])
def test_the_first_place_that_holds_keys_counts(kind: Kind, home: Path, ring: Ring) -> None:
    key_id, secret = PAIRS[kind]
    env = variables(kind, suffix="ENV")
    assert find_keys(kind, {**NO_RING, **env}).key_id == f"{key_id}ENV"
    store_in_ring(kind, f"{key_id}RING", secret, ring.environ)
    env |= ring.environ
    assert find_keys(kind, env).key_id == f"{key_id}RING"
    assert find_keys(kind, env).source == "the keyring"
    store_pair(key_file(), kind, f"{key_id}FILE", secret)
    assert find_keys(kind, env).key_id == f"{key_id}FILE"
    assert find_keys(kind, env).source == str(home / "config" / "zdte-tui" / "keys.toml")
    env |= credentials(home, kind, f"{key_id}CRED\n", f"{secret}\n")
    assert find_keys(kind, env) == Keys(f"{key_id}CRED", secret, str(home / "credentials"))


def test_a_place_that_comes_later_is_not_asked(home: Path, ring: Ring) -> None:
    store_pair(key_file(), "paper", KEY_ID, SECRET)
    ring.misbehave("hang")
    assert find_keys("paper", ring.environ).key_id == KEY_ID  # at once, although that keyring never answers


@pytest.mark.parametrize(("wanted", "other"), [("paper", "live"), ("live", "paper")])
def test_keys_of_the_other_kind_are_never_taken(wanted: Kind, other: Kind, home: Path, ring: Ring) -> None:
    store_pair(key_file(), other, *PAIRS[other])
    store_in_ring(other, *PAIRS[other], ring.environ)
    env = {**credentials(home, other, *PAIRS[other]), **variables(other), **variables(other, 1), **ring.environ}
    assert find_keys(other, env).secret == PAIRS[other][1]
    assert problem(wanted, {**env, **ring.environ}).startswith(f"no {wanted} keys in ")


def test_where_there_are_none_it_says_where_it_looked_and_what_stores_them(home: Path) -> None:
    assert problem("paper", {}) == (
        "no paper keys in $CREDENTIALS_DIRECTORY (not set), "
        f"{home}/config/zdte-tui/keys.toml (not there), the keyring (there is none here), "
        "the environment (no APCA_API_KEY_ID and APCA_API_SECRET_KEY): `zdte-tui login` stores them"
    )
    assert problem("live", {}).endswith(
        "(no APCA_LIVE_API_KEY_ID and APCA_LIVE_API_SECRET_KEY): `zdte-tui login --live` stores them"
    )


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("kind", ["paper", "live"])
def test_half_a_pair_in_the_environment(kind: Kind, half: int, which: int) -> None:
    pair = VARIABLES[kind][which]
    env = variables(kind, which)
    env[pair[1 - half]] = ""
    assert f"{pair[half]} is there, {pair[1 - half]} is not" in problem(kind, env)


def test_half_a_pair_is_not_made_whole_of_another_name_or_place(home: Path) -> None:
    env = {"APCA_API_KEY_ID": KEY_ID, "ALPACA_SECRET_KEY": SECRET}
    assert "APCA_API_KEY_ID is there, APCA_API_SECRET_KEY is not" in problem("paper", env)
    env = credentials(home, "paper", KEY_ID) | variables("paper")
    assert "alpaca-paper-key-id is there, alpaca-paper-secret is not" in problem("paper", env)


def test_half_a_pair_in_the_file(home: Path) -> None:
    store_pair(key_file(), "paper", KEY_ID, "")
    assert "paper.key_id is there, paper.secret is not: `zdte-tui login` writes both" in problem(
        "paper", variables("paper")
    )


def test_half_a_pair_in_the_keyring(ring: Ring) -> None:
    store_in_ring("live", LIVE_ID, LIVE_SECRET, ring.environ)
    kept = ring.folder / "kept.json"
    kept.write_text(kept.read_text().replace("alpaca-live-key-id", "alpaca-paper-key-id"))
    assert "alpaca-live-secret is there, alpaca-live-key-id is not" in problem("live", ring.environ)


@pytest.mark.parametrize("way", ["talk", "window", "die"])
def test_a_keyring_that_cannot_be_used_is_no_error(way: str, ring: Ring) -> None:
    ring.misbehave(way)
    env = {**ring.environ, **variables("paper")}
    assert find_keys("paper", env).source.startswith("the environment")
    looked = {each.place: each for each in look("paper", env)}["keyring"]
    assert (looked.keys, looked.problem) == (None, "")
    assert looked.note
    assert SECRET not in looked.note


def test_a_keyring_that_is_misspelt_is_no_error() -> None:
    env = {"PYTHON_KEYRING_BACKEND": "no.such.Ring", **variables("paper")}
    assert find_keys("paper", env).key_id == KEY_ID


def test_a_file_that_others_may_read_stops_the_search(home: Path) -> None:
    store_pair(key_file(), "paper", KEY_ID, SECRET)
    key_file().chmod(0o644)
    assert "mode 0644, so others may read it" in problem("paper", variables("paper"))


def test_a_credential_that_others_may_read_stops_the_search(home: Path) -> None:
    env = credentials(home, "paper", KEY_ID, SECRET)
    (home / "credentials" / "alpaca-paper-secret").chmod(0o444)
    assert "mode 0444, so others may read it" in problem("paper", env | variables("paper"))


@pytest.mark.parametrize(
    ("mode", "owner", "trusted"),
    [
        (0o400, 1000, True),
        (0o440, 0, True),  # an access list for the service's user shows as a group's right
        (0o440, 1000, False),
        (0o444, 0, False),
        (0o400, 1001, False),
        (0o460, 0, False),
    ],
)
def test_what_systemd_makes_is_trusted(mode: int, owner: int, trusted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    status = os.stat_result((stat.S_IFREG | mode, 0, 0, 1, owner, 0, 1, 0, 0, 0))
    assert (exposed(Path("alpaca-paper-secret"), status) == "") is trusted


def test_credentials_of_other_programs_are_left_alone(home: Path) -> None:
    folder = home / "credentials"
    folder.mkdir()
    (folder / "tls-key").write_text("x")
    assert "no alpaca-paper-key-id and alpaca-paper-secret" in problem("paper", {"CREDENTIALS_DIRECTORY": str(folder)})


def test_a_folder_or_bytes_in_place_of_a_credential(home: Path) -> None:
    env = credentials(home, "paper", KEY_ID)
    (home / "credentials" / "alpaca-paper-secret").mkdir()
    assert "no regular file" in problem("paper", env)
    (home / "credentials" / "alpaca-paper-secret").rmdir()
    (home / "credentials" / "alpaca-paper-secret").write_bytes(b"\xff\xfe\xfd")
    (home / "credentials" / "alpaca-paper-secret").chmod(0o400)
    assert "holds no key" in problem("paper", env)


def test_without_arguments_the_process_own_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**variables("live"), **NO_RING}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert find_keys("live").key_id == LIVE_ID


@pytest.mark.parametrize(
    ("kind", "key_id", "secret", "told"),
    [
        ("paper", KEY_ID, SECRET, ""),
        ("live", LIVE_ID, LIVE_SECRET, ""),
        ("paper", "demo", "a-local-secret", ""),
        ("paper", LIVE_ID, SECRET, "as ids of live keys do"),
        ("live", KEY_ID, SECRET, "as ids of paper keys do"),
        ("paper", SECRET, KEY_ID, "are the two swapped?"),
        ("paper", KEY_ID, KEY_ID, "are the same"),
        ("paper", f'"{KEY_ID}"', SECRET, "the id is not 4 to 128 letters"),
        ("paper", KEY_ID, "with a space", "without spaces"),
        ("paper", KEY_ID, "sécret-é-ü-x", "plain characters"),
        ("paper", KEY_ID, "x" * 257, "8 to 256"),
        ("paper", "", SECRET, "the id is empty"),
        ("paper", KEY_ID, "", "the secret is empty"),
        ("paper", "", "", "both the id and the secret are empty"),
    ],
)  # fmt: skip
def test_what_no_pair_looks_like(kind: Kind, key_id: str, secret: str, told: str) -> None:
    found = wrong_shape(kind, key_id, secret)
    assert (told in found) if told else found == ""
    for key in {key_id, secret} - {""}:
        assert key not in found


def test_keys_show_neither_half() -> None:
    keys = Keys(KEY_ID, SECRET, "a test")
    for text in (repr(keys), str(keys), f"{keys}", f"{keys!r:>80}", repr([keys]), repr({"k": keys})):
        assert KEY_ID not in text
        assert SECRET not in text
        assert "a test" in text
    assert key_places.login("live") == "zdte-tui login --live"


@pytest.mark.parametrize(
    "write",
    [pickle.dumps, copy.deepcopy, json.dumps, msgspec.json.encode, msgspec.msgpack.encode, msgspec.to_builtins, vars],
)  # fmt: skip
@pytest.mark.parametrize("inside", [lambda keys: keys, lambda keys: {"keys": [keys]}])
def test_nothing_that_writes_objects_down_can_write_keys(write: Callable, inside: Callable) -> None:  # type: ignore[type-arg]
    with pytest.raises(TypeError) as caught:
        write(inside(Keys(KEY_ID, SECRET)))
    assert SECRET not in str(caught.value)


def test_an_exception_that_holds_keys_shows_none_of_them_with_all_its_variables() -> None:
    def breaks(keys: Keys) -> None:
        pair = [keys]
        raise RuntimeError(pair, keys, f"{keys}")

    keys = Keys(KEY_ID, SECRET, "a test")
    with pytest.raises(RuntimeError) as caught:
        breaks(keys)
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(Traceback.from_exception(RuntimeError, caught.value, caught.tb, show_locals=True))
    plain = traceback.TracebackException(RuntimeError, caught.value, caught.tb, capture_locals=True)
    told = console.export_text() + "".join(plain.format()) + "".join(traceback.format_exception(caught.value))
    assert told.count("Keys(source='a test')") > 5
    assert KEY_ID not in told
    assert SECRET not in told


def test_keys_are_equal_where_both_halves_and_the_place_are() -> None:
    assert Keys(KEY_ID, SECRET, "x") == Keys(KEY_ID, SECRET, "x")
    assert len({Keys(KEY_ID, SECRET), Keys(KEY_ID, SECRET), Keys(KEY_ID, LIVE_SECRET), Keys(LIVE_ID, SECRET)}) == 3
    assert Keys(KEY_ID, SECRET, "x") != Keys(KEY_ID, SECRET, "y")
    assert Keys(KEY_ID, SECRET) != (KEY_ID, SECRET)


def test_the_docs_name_every_place() -> None:
    told = (Path(__file__).parents[2] / "docs" / "alpaca.md").read_text()
    for kind in PAIRS:
        for name in (*names(kind), *(name for pair in VARIABLES[kind] for name in pair)):
            assert f"`{name}`" in told
