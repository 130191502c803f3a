"""Real money is traded only where a person has named the account, for that day and configuration."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.alpaca.keys import Kind
from engine.config import Config, load
from engine.session.arm_file import Arm, ArmFileError, arm_path, arms, forget, new_arm, read_arm, write_arm
from engine.session.arming import armed, armed_config, is_suffix, may_trade_live

NUMBER = "123456789"
DAY = dt.date(2026, 11, 24)
URL = "https://api.alpaca.markets"
ARM = new_arm(NUMBER, DAY, "c" * 64, made=7)


def why(
    kind: Kind = "live",
    number: str = NUMBER,
    typed: str | None = None,
    arm: Arm | None = None,
    *,
    url: str = URL,
    day: dt.date = DAY,
    config: str = "c" * 64,
) -> str:
    refusal = may_trade_live(kind, url, number, day, config, typed, arm)
    return "" if refusal is None else refusal.text


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(settings=[f'journal.path="{tmp_path}/main.sqlite"'])


def test_nothing_at_all_is_not_armed() -> None:
    assert why() == (
        "live trading is not armed for 2026-11-24: `zdte-tui arm` does it; a session with a screen asks when it starts"
    )


def test_the_last_four_characters_typed_arm_a_session() -> None:
    assert why(typed="6789") == ""
    assert why(typed=" 6789\n") == ""
    assert why(number="12345ABCD", typed="abcd") == ""


@pytest.mark.parametrize("typed", ["", "6788", "789", "56789", NUMBER, "９876", "6789 6789"])
def test_others_do_not_and_an_arm_file_does_not_mend_that(typed: str) -> None:
    refusal = may_trade_live("live", URL, NUMBER, DAY, "c" * 64, typed, ARM)
    assert refusal is not None
    assert refusal.typed
    assert NUMBER[-4:] not in refusal.text


def test_an_arm_of_the_day_arms_a_session_that_nobody_watches() -> None:
    assert why(arm=ARM) == ""


def test_it_counts_on_no_other_day_for_no_other_account_or_configuration() -> None:
    assert "not armed for 2026-11-25" in why(arm=ARM, day=DAY + dt.timedelta(1))
    assert "not armed for 2026-11-23" in why(arm=ARM, day=DAY - dt.timedelta(1))
    assert "and another account than the keys open" in why(arm=ARM, number="123456780")
    assert "and another configuration than this one: `zdte-tui arm` arms this one" in why(arm=ARM, config="d" * 64)


@pytest.mark.parametrize(("typed", "arm"), [("6789", None), (None, ARM), ("6789", ARM)])
def test_paper_keys_never_reach_real_money(typed: str | None, arm: Arm | None) -> None:
    assert "these are paper keys" in why("paper", typed=typed, arm=arm)


def test_nor_does_a_paper_account_behind_live_keys() -> None:
    assert "open a paper account" in why(number="PA3XYZ6789", typed="6789")
    assert why(number="PALOCAL6789", typed="6789", url="http://127.0.0.1:8787") == "", "nothing is real here"


@pytest.mark.parametrize("number", ["", "6789", "789"])
def test_a_number_that_is_not_told_cannot_be_confirmed(number: str) -> None:
    assert "does not say the account's number" in why(number=number, typed=number)
    assert not is_suffix(number, number)


@given(st.text(max_size=12), st.text(max_size=8), st.booleans())
def test_whatever_is_typed_only_the_end_of_the_number_counts(number: str, typed: str, with_arm: bool) -> None:
    allowed = why(number=number, typed=typed, arm=ARM if with_arm else None) == ""
    same = len(number) > 4 and typed.strip().upper() == number[-4:].upper() and not number.startswith("PA")
    assert allowed == same


# The file


def test_a_file_is_private_has_no_number_in_it_and_arms_its_day(config: Config) -> None:
    path = write_arm(config, new_arm(NUMBER, DAY, armed_config(config), made=7))
    assert path == arm_path(config, DAY)
    assert path.stat().st_mode & 0o777 == 0o600
    assert NUMBER not in path.read_text()
    assert armed(config, NUMBER, DAY, typed=None) == ""
    assert "not armed" in armed(config, NUMBER, DAY + dt.timedelta(1), typed=None)
    assert armed(config, NUMBER, DAY, typed="1111") != "", "who is asked answers for himself"
    assert list(path.parent.iterdir()) == [path], "and nothing half-written lies about"


def test_two_files_for_the_same_account_do_not_look_alike(config: Config) -> None:
    one, two = (new_arm(NUMBER, DAY, armed_config(config), made=7) for _ in range(2))
    assert one.account != two.account
    assert one.is_for(NUMBER)
    assert two.is_for(NUMBER)


@pytest.mark.parametrize(
    "setting",
    ["risk.per_trade=0.05", 'session.roots=["XSP"]', "alpaca.option_feed=opra", "strategies.iron_condor.quantity=9"],
)
def test_what_is_traded_where_and_on_what_data_is_armed_with_it(config: Config, setting: str, tmp_path: Path) -> None:
    write_arm(config, new_arm(NUMBER, DAY, armed_config(config), made=7))
    other = load(settings=[f'journal.path="{tmp_path}/main.sqlite"', setting])
    assert "another configuration" in armed(other, NUMBER, DAY, typed=None)


@pytest.mark.parametrize("setting", ["ui.theme=ansi-dark", "session.mode=live", "health.port=9000"])
def test_how_it_looks_is_not(config: Config, setting: str, tmp_path: Path) -> None:
    write_arm(config, new_arm(NUMBER, DAY, armed_config(config), made=7))
    assert armed(load(settings=[f'journal.path="{tmp_path}/main.sqlite"', setting]), NUMBER, DAY, typed=None) == ""


def test_a_file_that_others_could_have_written_is_refused(config: Config) -> None:
    path = write_arm(config, new_arm(NUMBER, DAY, armed_config(config), made=7))
    path.chmod(0o644)
    assert "has mode 0644" in armed(config, NUMBER, DAY, typed=None)
    path.chmod(0o600)
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))
    assert "cannot be read" in armed(config, NUMBER, DAY, typed=None)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"day": "tomorrow"}', b"x" * 9000])
def test_what_is_no_arm_file_is_told_and_arms_nothing(config: Config, content: bytes) -> None:
    path = arm_path(config, DAY)
    path.write_bytes(content)
    path.chmod(0o600)
    assert armed(config, NUMBER, DAY, typed=None) == f"{path} is no arm file: `zdte-tui arm` writes it anew"


def test_a_file_renamed_to_another_day_arms_neither(config: Config) -> None:
    path = write_arm(config, new_arm(NUMBER, DAY, armed_config(config), made=7))
    later = DAY + dt.timedelta(1)
    path.rename(arm_path(config, later))
    assert "is for 2026-11-24, not for the day in its name" in armed(config, NUMBER, later, typed=None)
    with pytest.raises(ArmFileError):
        read_arm(config, later)
    assert "not armed" in armed(config, NUMBER, DAY, typed=None)


def test_all_of_an_account_are_found_and_forgotten(config: Config) -> None:
    for day in (DAY, DAY + dt.timedelta(1)):
        write_arm(config, new_arm(NUMBER, day, armed_config(config), made=7))
    (arm_path(config, DAY).parent / "other.armed-2026-11-24").write_text("{}")
    found = arms(config)
    assert [(each.day, each.problem) for each in found] == [(DAY, ""), (DAY + dt.timedelta(1), "")]
    for each in found:
        forget(each)
    assert arms(config) == []
