"""Keys: where some lie and who may read them. Not one character of them is ever shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from account_server import make_ring

from engine.alpaca import key_file as key_file_of_home
from engine.alpaca.key_places import VARIABLES
from engine.alpaca.key_ring import names, store_in_ring
from engine.alpaca.keys import Kind
from zdte_tui.doctor import render
from zdte_tui.doctor.checks import keys
from zdte_tui.doctor.examine import examine
from zdte_tui.doctor.finding import Finding
from zdte_tui.doctor.surroundings import Surroundings

CANARY = "PKCANARY7Q2W9XKZ"
SECRET = "sEcReTcAnArY/41f+zz"
NAMES = [name for pairs in VARIABLES.values() for pair in pairs for name in pair]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in (*NAMES, "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return tmp_path


def key_file(home: Path, mode: int, kind: Kind = "paper") -> Path:
    path = home / "XDG_CONFIG_HOME" / "zdte-tui" / key_file_of_home.NAME
    key_file_of_home.store_pair(path, kind, CANARY.replace("PK", "AK") if kind == "live" else CANARY, SECRET)
    path.chmod(mode)
    return path


def credentials(home: Path, mode: int = 0o400) -> Path:
    folder = home / "credentials"
    folder.mkdir()
    for name, value in zip(names("paper"), (CANARY, SECRET), strict=True):
        (folder / name).write_text(value)
        (folder / name).chmod(mode)
    (folder / "something-else").write_text("x")
    return folder


def check(**env: str) -> dict[str, Finding]:
    found = keys.check(Surroundings(env={"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", **env}))
    return {finding.subject: finding for finding in found}


def test_without_keys_all_is_well_and_it_is_said_who_asks_alpaca(home: Path) -> None:
    found = check()
    assert [found[name].state for name in ("credentials", "key file", "keyring", "environment")] == ["ok"] * 4
    assert (found["paper keys"].state, found["paper keys"].mend) == ("note", "zdte-tui login stores them")
    assert (found["live keys"].state, found["live keys"].mend) == ("note", "zdte-tui login --live stores them")
    assert "asked by zdte-tui login" in found["broker"].seen


@pytest.mark.parametrize(("mode", "state"), [(0o600, "ok"), (0o400, "ok"), (0o640, "fail"), (0o604, "fail")])
def test_a_key_file_is_for_its_owner_alone(mode: int, state: str, home: Path) -> None:
    path = key_file(home, mode)
    found = check()
    assert found["key file"].state == state
    assert found["key file"].mend == ("" if state == "ok" else f"chmod 600 {path}")
    usable = f"those in {path} count; not checked with Alpaca here"
    assert found["paper keys"].seen == (
        usable if state == "ok" else f"none can be used: what lies in {path} counts and is wrong, see above"
    )


def test_paper_and_live_keys_are_told_apart(home: Path) -> None:
    path = key_file(home, 0o600, "live")
    found = check()
    assert found["key file"].seen == f"live keys in {path}, readable by you alone"
    assert (found["paper keys"].state, found["live keys"].state) == ("note", "ok")
    key_file(home, 0o600)
    assert check()["key file"].seen == f"paper and live keys in {path}, readable by you alone"


def test_half_a_pair_is_a_fail_that_names_the_missing_half(home: Path) -> None:
    found = check(APCA_API_KEY_ID=CANARY)["environment"]
    assert (found.state, found.mend) == ("fail", "set both right, or unset both")
    assert "APCA_API_KEY_ID is there, APCA_API_SECRET_KEY is not" in found.seen


def test_a_folder_in_place_of_the_key_file(home: Path) -> None:
    path = home / "XDG_CONFIG_HOME" / "zdte-tui" / key_file_of_home.NAME
    path.mkdir(parents=True)
    found = check()["key file"]
    assert (found.state, found.seen, found.mend) == ("fail", f"{path} is no regular file", f"mv {path} {path}.old")


def test_the_credentials_directory(home: Path) -> None:
    folder = credentials(home)
    found = check(CREDENTIALS_DIRECTORY=str(folder))["credentials"]
    assert (found.state, found.seen) == ("ok", f"paper keys in {folder}")
    (folder / "alpaca-paper-secret").chmod(0o444)
    assert check(CREDENTIALS_DIRECTORY=str(folder))["credentials"].state == "fail"
    assert check(CREDENTIALS_DIRECTORY=str(home / "none"))["credentials"].state == "warn"


def test_credentials_under_a_name_that_is_not_read(home: Path) -> None:
    folder = home / "credentials"
    folder.mkdir()
    (folder / "alpaca-key").write_text(CANARY)
    found = check(CREDENTIALS_DIRECTORY=str(folder))["credentials"]
    assert (found.state, found.seen) == ("warn", f"alpaca-key in {folder}: not a name that is read")
    assert "alpaca-paper-key-id and alpaca-paper-secret" in found.mend


def test_keys_in_the_keyring_are_found_without_a_window(home: Path) -> None:
    ring = make_ring(home / "ring")
    store_in_ring("paper", CANARY, SECRET, ring.environ)
    assert check(**ring.environ)["keyring"].seen == "paper keys in the keyring"
    ring.misbehave("window")
    assert check(**ring.environ)["keyring"].state == "ok"


def test_keys_in_the_environment_are_a_warning_that_names_the_variables_alone(home: Path) -> None:
    found = check(APCA_API_KEY_ID=CANARY, APCA_API_SECRET_KEY=SECRET)["environment"]
    assert found.state == "warn"
    assert "APCA_API_KEY_ID, APCA_API_SECRET_KEY: set" in found.seen


def test_the_first_place_counts(home: Path) -> None:
    folder = credentials(home)
    key_file(home, 0o600)
    found = check(CREDENTIALS_DIRECTORY=str(folder), APCA_API_KEY_ID=CANARY, APCA_API_SECRET_KEY=SECRET)
    assert found["paper keys"].seen == f"in 3 places; {folder} counts"


def test_no_character_of_a_key_appears_wherever_it_lies(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = credentials(home, 0o644)
    key_file(home, 0o644)
    config = home / "XDG_CONFIG_HOME" / "zdte-tui" / "config.toml"
    config.write_text(f'[alpaca]\nkey_id = "{CANARY}"\nsecret = "{SECRET}"\n')
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    for name in NAMES:
        monkeypatch.setenv(name, SECRET if "SECRET" in name else CANARY)
    report = examine()
    told = "\n".join(render.text(report, 100, colour=False)) + json.dumps(render.as_object(report, "0"))
    assert "APCA_LIVE_API_KEY_ID" in told
    for secret in (CANARY, SECRET):
        pieces = {secret[at : at + 5] for at in range(len(secret) - 4)}
        assert not [piece for piece in pieces if piece in told]
        assert f"{len(secret)} char" not in told
