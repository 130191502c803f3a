"""Keys: where some lie and who may read them. Not one character of them is ever shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zdte_tui.doctor import render
from zdte_tui.doctor.checks import keys
from zdte_tui.doctor.examine import examine
from zdte_tui.doctor.finding import Finding
from zdte_tui.doctor.surroundings import Surroundings

CANARY = "PKCANARY7Q2W9XKZ"
SECRET = "sEcReTcAnArY/41f+zz"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in (*keys.VARIABLES, "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def key_file(home: Path, mode: int) -> Path:
    path = home / "XDG_CONFIG_HOME" / "zdte-tui" / keys.KEY_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'key_id = "{CANARY}"\nsecret = "{SECRET}"\n')
    path.chmod(mode)
    return path


def credentials(home: Path, mode: int = 0o400) -> Path:
    folder = home / "credentials"
    folder.mkdir()
    (folder / "alpaca-key").write_text(CANARY)
    (folder / "alpaca-key").chmod(mode)
    (folder / "something-else").write_text("x")
    return folder


def check(**env: str) -> dict[str, Finding]:
    return {finding.subject: finding for finding in keys.check(Surroundings(env=env))}


def test_without_keys_all_is_well_and_brokers_are_said_to_be_missing(home: Path) -> None:
    found = check()
    assert [found[name].state for name in ("credentials", "key file", "environment")] == ["ok", "ok", "ok"]
    assert "not built yet" in found["broker"].seen


@pytest.mark.parametrize(("mode", "state"), [(0o600, "ok"), (0o400, "ok"), (0o640, "fail"), (0o604, "fail")])
def test_a_key_file_is_for_its_owner_alone(mode: int, state: str, home: Path) -> None:
    path = key_file(home, mode)
    found = check()["key file"]
    assert found.state == state
    assert found.mend == ("" if state == "ok" else f"chmod 600 {path}")


def test_a_folder_in_place_of_the_key_file(home: Path) -> None:
    (home / "XDG_CONFIG_HOME" / "zdte-tui" / keys.KEY_FILE).mkdir(parents=True)
    assert check()["key file"].state == "fail"


def test_the_credentials_directory(home: Path) -> None:
    folder = credentials(home)
    found = check(CREDENTIALS_DIRECTORY=str(folder))["credentials"]
    assert (found.state, found.seen) == ("ok", f"1 file(s) in {folder}")
    (folder / "alpaca-key").chmod(0o444)
    assert check(CREDENTIALS_DIRECTORY=str(folder))["credentials"].state == "fail"
    assert check(CREDENTIALS_DIRECTORY=str(home / "none"))["credentials"].state == "warn"


def test_keys_in_the_environment_are_a_warning_that_names_the_variables_alone(home: Path) -> None:
    found = check(APCA_API_KEY_ID=CANARY)["environment"]
    assert found.state == "warn"
    assert "APCA_API_KEY_ID" in found.seen


def test_the_first_place_counts(home: Path) -> None:
    folder = credentials(home)
    key_file(home, 0o600)
    found = check(CREDENTIALS_DIRECTORY=str(folder), APCA_API_KEY_ID=CANARY)
    assert found["keys"].seen == f"there are some in 3 places; {folder} counts"


def test_no_character_of_a_key_appears_wherever_it_lies(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = credentials(home, 0o644)
    key_file(home, 0o644)
    config = home / "XDG_CONFIG_HOME" / "zdte-tui" / "config.toml"
    config.write_text(f'[alpaca]\nkey_id = "{CANARY}"\nsecret = "{SECRET}"\n')
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    for name in keys.VARIABLES:
        monkeypatch.setenv(name, SECRET if "SECRET" in name else CANARY)
    report = examine()
    told = "\n".join(render.text(report, 100, colour=False)) + json.dumps(render.as_object(report, "0"))
    assert "APCA_API_SECRET_KEY" in told
    for secret in (CANARY, SECRET):
        pieces = {secret[at : at + 5] for at in range(len(secret) - 4)}
        assert not [piece for piece in pieces if piece in told]
        assert f"{len(secret)} char" not in told
