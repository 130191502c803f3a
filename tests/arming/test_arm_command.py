"""``zdte-tui arm``, and a live session that begins: a person is asked, in three tries; nothing else reaches it."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest
from live_keys import ACCOUNT, LIVE, NUMBER, PAPER, account_at, at_home, settings, types

from zdte_tui.main import main

FOR = ("--for", "2026-12-01")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    at_home(tmp_path, monkeypatch, **LIVE)
    return tmp_path


def arm_files(home: Path) -> list[Path]:
    return sorted(home.rglob("*.armed-*"))


def test_a_day_is_armed_by_the_last_four_characters(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    types(monkeypatch, "6789")
    with account_at() as told:
        assert main(["arm", *FOR, *settings(told)]) == 0
        said = capsys.readouterr()
        (path,) = arm_files(home)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "ARMED for Tuesday 2026-12-01" in said.out
        assert "session.mode is" in said.out
        asked = said.err
        assert "SIMULATED, a local exchange" in asked
        assert "a session without a screen: iron_condor, on SPXW" in asked
        assert NUMBER not in asked + said.out + path.read_text()
        assert NUMBER[-4:] not in asked, "who does not know it does not read it here"
        assert main(["arm", "--show", *settings(told)]) == 0
        assert "2026-12-01  ARMED, for this configuration" in capsys.readouterr().out
        assert main(["arm", "--show", *settings(told, "risk.per_trade=0.01")]) == 0
        assert "for another configuration than this one" in capsys.readouterr().out
        assert main(["arm", "--forget", *settings(told)]) == 0
    assert arm_files(home) == []


def test_three_wrong_ones_end_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    types(monkeypatch, "1111", "", "6788", "6789")
    with account_at() as told:
        assert main(["arm", *FOR, *settings(told)]) == 77
    said = capsys.readouterr().err
    assert said.count("these are not they") == 3
    assert "the account was not confirmed; nothing was armed" in said
    assert arm_files(home) == []


def test_the_third_try_counts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    types(monkeypatch, "1111", "2222", "6789")
    with account_at() as told:
        assert main(["arm", *FOR, *settings(told)]) == 0
    assert len(arm_files(home)) == 1


def test_an_input_that_ends_arms_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    types(monkeypatch)
    with account_at() as told:
        assert main(["arm", *FOR, *settings(told)]) == 66
    assert arm_files(home) == []


def test_a_script_cannot_arm(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("6789\n"))
    with account_at() as told:
        assert main(["arm", *FOR, *settings(told)]) == 64
        assert told.asked == []
    assert "arming asks a person" in capsys.readouterr().err
    assert arm_files(home) == []


@pytest.mark.parametrize(
    ("account", "status", "code", "words"),
    [
        ({"message": "forbidden."}, 403, 77, "refus"),
        ({**ACCOUNT, "options_trading_level": 2}, 200, 78, "has options level 2, and iron_condor needs 3"),
        ({**ACCOUNT, "status": "ACCOUNT_CLOSED"}, 200, 78, "may not trade"),
        ({**ACCOUNT, "account_number": ""}, 200, 69, "does not say the account's number"),
    ],
)
def test_an_account_that_may_not_trade_is_not_armed(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    account: dict[str, object],
    status: int,
    code: int,
    words: str,
) -> None:
    types(monkeypatch, "6789")
    with account_at(account, status) as told:
        assert main(["arm", *FOR, *settings(told)]) == code
    assert words in capsys.readouterr().err
    assert arm_files(home) == []


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (("alpaca.option_feed=indicative",), 78, "refuses the indicative option feed"),
        (("strategies.iron_condor.hold_to_settlement=true",), 78, "hold_to_settlement is refused for SPXW at Alpaca"),
        (("alpaca.live_url=https://paper-api.alpaca.markets",), 78, "where paper money is"),
    ],
)
def test_a_configuration_that_would_be_refused_is_not_armed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], code: int, words: str
) -> None:
    types(monkeypatch, "6789")
    with account_at() as told:
        assert main(["arm", *FOR, *settings(told, *more)]) == code
        assert told.asked == []
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(("day", "words"), [("2026-11-26", "Thanksgiving"), ("2024-08-07", "is over; --for takes")])
def test_a_day_without_trading_or_gone_by_is_not_armed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], day: str, words: str
) -> None:
    types(monkeypatch, "6789")
    assert main(["arm", "--for", day, "--set", 'alpaca.option_feed="opra"']) == 64
    assert words in capsys.readouterr().err


def test_paper_keys_arm_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at_home(home, monkeypatch, **PAPER)
    types(monkeypatch, "6789")
    with account_at() as told:
        assert main(["arm", *FOR, *settings(told)]) == 77
        assert told.asked == []
    assert "no live keys" in capsys.readouterr().err


# A session


def live(told: object, *more: str) -> list[str]:
    return [*settings(told, "session.mode=live"), *(word for each in more for word in ("--set", each))]  # type: ignore[arg-type]


def test_without_an_arm_a_session_without_a_screen_trades_nothing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with account_at() as told:
        assert main(["--no-ui", *live(told)]) in (69, 77)  # 69 where no trading day is left to take part in
        assert all(each.path in ("/v2/account", "/control/clock") for each in told.asked)
    said = capsys.readouterr().err
    assert "is not armed for" in said or "trading day" in said
    assert not list(home.rglob("*.sqlite"))


def test_one_with_a_screen_asks_first_and_begins_nothing_where_the_answer_is_wrong(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    types(monkeypatch, "1", "2", "3")
    monkeypatch.setattr("zdte_tui.interactive.require_terminal", lambda _: None)
    with account_at() as told:
        assert main(live(told)) == 77
        assert [each.path for each in told.asked] == ["/v2/account"]
    assert "this session trades SPXW there" in capsys.readouterr().err
    assert not list(home.rglob("*.sqlite"))


def test_a_live_mode_in_the_file_asks_too(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    types(monkeypatch, "1", "2", "3")
    monkeypatch.setattr("zdte_tui.interactive.require_terminal", lambda _: None)
    with account_at() as told:
        own = home / "mine.toml"
        own.write_text(f'[session]\nmode = "live"\n[alpaca]\nlive_url = "{told.url}"\noption_feed = "opra"\n')
        assert main(["--config", str(own)]) == 77
    assert "LIVE" in capsys.readouterr().err


def test_paper_keys_do_not_begin_a_live_session(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at_home(home, monkeypatch, **PAPER)
    with account_at() as told:
        assert main(["--no-ui", *live(told)]) == 77
        assert told.asked == []
    assert "no live keys" in capsys.readouterr().err
