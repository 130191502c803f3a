"""``zdte-tui account``: the account as Alpaca has it, and one line with the right code where it cannot be told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from answering_server import DROP, MUTE, Told, answering

from engine.session.installation import installation_path
from zdte_tui.commands.accounts import account_label

SECRET = "notarealsecretatall1"
PAPER = {"APCA_API_KEY_ID": "PKFAKEFAKEFAKE1", "APCA_API_SECRET_KEY": SECRET}
LIVE = {"APCA_LIVE_API_KEY_ID": "AKFAKEFAKEFAKE1", "APCA_LIVE_API_SECRET_KEY": SECRET}
LONG, SHORT = "SPXW260115C05920000", "SPXW260115C05910000"


def leg(name: str, symbol: str, side: str, filled: int = 0) -> dict[str, Any]:
    return {
        "id": name,
        "symbol": symbol,
        "asset_class": "us_option",
        "side": side,
        "position_intent": f"{side}_to_open",
        "ratio_qty": "1",
        "qty": "2",
        "filled_qty": str(filled),
        "filled_avg_price": "0.5" if filled else None,
        "status": "new",
    }


ORDER = {
    "id": "b1",
    "client_order_id": "paper-20260115-0-1",
    "submitted_at": "2026-01-15T15:00:00Z",
    "symbol": "",
    "asset_class": "",
    "asset_id": "00000000-0000-0000-0000-000000000000",
    "order_class": "mleg",
    "qty": "2",
    "filled_qty": "1",
    "limit_price": "-1.15",
    "status": "partially_filled",
    "legs": [leg("l1", SHORT, "sell", 1), leg("l2", LONG, "buy", 1)],
}
DONE = {"id": "b0", "client_order_id": "x", "symbol": SHORT, "side": "buy", "qty": "1", "status": "canceled"}
ANSWERS: dict[str, Any] = {
    "GET /v2/account": (
        200,
        {
            "account_number": "PA3FAKE77XYZ",
            "status": "ACTIVE",
            "equity": "100000.5",
            "cash": "-250",
            "buying_power": "200001",
            "options_buying_power": "99750.25",
            "options_trading_level": 3,
        },
    ),
    "GET /v2/clock": (
        200,
        {
            "timestamp": "2026-01-15T10:00:00-05:00",
            "is_open": True,
            "next_open": "2026-01-16T09:30:00-05:00",
            "next_close": "2026-01-15T16:00:00-05:00",
        },
    ),
    "GET /v2/positions": (
        200,
        [
            {
                "symbol": SHORT,
                "asset_class": "us_option",
                "qty": "-1",
                "side": "short",
                "avg_entry_price": "0.5",
                "current_price": "0.45",
                "unrealized_pl": "5",
            }
        ],
    ),
    "GET /v2/orders": (200, [DONE, ORDER]),
}


@pytest.fixture
def alpaca(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Told]:
    for name, value in (PAPER | LIVE).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with answering(dict(ANSWERS)) as told:
        yield told


def at(told: Told, *more: str) -> tuple[str, ...]:
    return ("account", "--set", f"alpaca.trading_url={told.url}", "--set", f"alpaca.live_url={told.url}", *more)


def test_the_account_is_told_with_its_number_masked(run, alpaca: Told) -> None:
    said = run(*at(alpaca))
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert lines[0] == f"SIMULATED paper account ********7XYZ  status active  {alpaca.url}"
    assert lines[1] == "  options level 3: spreads too; iron_condor can trade"
    assert lines[2] == "  equity $100,000.50  cash -$250.00  buying power $200,001.00  for options $99,750.25"
    assert lines[3].startswith("  market open, closes 2026-01-15 16:00:00 ET; Alpaca's clock 2026-01-15 10:00:00 ET, ")
    assert lines[4] == f"  -1 {SHORT}  paid $0.50  now $0.45  unrealised $5.00"
    assert lines[5:] == [
        "  order paper-20260115-0-1  partially_filled  1/2  credit $1.15"
        "  of another zdte-tui session (account paper, no installation named)",
        f"    sell 1 {SHORT} to open",
        f"    buy 1 {LONG} to open",
        "  1 order of the day done",
        "  order ids of sessions here: none yet: the id of this installation is made as its first session begins",
    ]
    assert "PA3FAKE" not in said.out


@pytest.mark.parametrize(("mark", "foreign"), [("0123456789", False), ("fedcba9876", True)])
def test_orders_of_another_installation_are_named_as_such(
    run, alpaca: Told, tmp_path: Path, mark: str, foreign: bool
) -> None:
    journal = tmp_path / "j.sqlite"
    installation_path(journal).write_text(f"{mark}\n")
    own = "main_paper-0123456789-20260115-0-1"
    alpaca.answers["GET /v2/orders"] = (200, [ORDER | {"client_order_id": own}])
    asked = at(alpaca, "--set", f"journal.path={journal}")
    said = run(*asked).out
    assert f"begin with main_paper-{mark}-" in said
    assert ("of another zdte-tui session (account main_paper, installation 0123456789)" in said) == foreign
    found = json.loads(run(*asked, "--json").out)
    assert found["installation"] == mark
    assert (found["orders"][0]["another_session"] is not None) == foreign


def test_an_installations_id_that_cannot_be_read_is_one_line(run, alpaca: Told, tmp_path: Path) -> None:
    journal = tmp_path / "j.sqlite"
    installation_path(journal).write_text("damaged\n")
    said = run(*at(alpaca, "--set", f"journal.path={journal}"))
    assert said.code == 78
    assert "no installation's id" in said.err
    assert said.err.count("\n") == 1


def test_as_json_amounts_are_text_and_times_are_instants(run, alpaca: Told) -> None:
    found = json.loads(run(*at(alpaca, "--json")).out)
    assert (found["number"], found["options_level"], found["may_trade"]) == ("********7XYZ", 3, True)
    assert (found["equity_usd"], found["cash_usd"]) == ("100000.50", "-250.00")
    assert found["now_ns"] == 1_768_489_200_000_000_000
    assert [(order["working"], order["limit_usd"]) for order in found["orders"]] == [(False, None), (True, "-1.15")]
    assert found["positions"][0]["quantity"] == -1


def test_the_live_account_is_asked_with_live_keys(run, alpaca: Told) -> None:
    said = run(*at(alpaca, "--live"))
    assert said.out.startswith("SIMULATED live account ")
    assert alpaca.asked[0].headers["APCA-API-KEY-ID"] == LIVE["APCA_LIVE_API_KEY_ID"]


@pytest.mark.parametrize(
    ("account", "line"),
    [
        ({"options_trading_level": 2}, "  options level 2: long options too, no spreads; iron_condor cannot trade"),
        ({"options_trading_level": None}, "  options level n/a"),
        ({"options_trading_level": 3, "trading_blocked": True}, "  trading is blocked"),
    ],
)
def test_what_the_level_or_a_block_keeps_from_trading_is_said(run, alpaca: Told, account: dict, line: str) -> None:
    alpaca.answers["GET /v2/account"] = (200, account)
    said = run(*at(alpaca))
    assert said.code == 0
    assert any(each.startswith(line) for each in said.out.splitlines()), said.out
    assert "can trade" not in said.out.replace("cannot trade", "")


def test_what_is_not_understood_is_said_and_the_rest_is_told(run, alpaca: Told) -> None:
    alpaca.answers["GET /v2/orders"] = (200, [{**ORDER, "status": "quantum"}])
    said = run(*at(alpaca))
    assert said.code == 0
    assert (
        "  not understood: order paper-20260115-0-1: the status 'quantum' is not known, taken as partially_filled"
        in said.out.splitlines()
    )


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        ((401, {"message": "unauthorized."}), 77, "refuses the paper keys"),
        ((403, {"message": "forbidden."}), 77, "refuses the paper keys"),
        ((429, "<html>slow down"), 75, "HTTP 429): wait a minute"),
        ((500, "<html>oops"), 75, "a page of HTML instead of an answer (HTTP 500): try again"),
        ((200, "<html>hotel"), 69, "the answer is no JSON: is this Alpaca's trading API?"),
        ((404, {"message": "Not Found"}), 69, "is this Alpaca's trading API?"),
        (DROP, 75, "dropped before the answer"),
        (MUTE, 75, "no answer within the time limit"),
    ],
)
@pytest.mark.parametrize("path", ["/v2/account", "/v2/positions"])
def test_a_failure_is_one_line_and_a_code(run, alpaca: Told, path: str, answer: object, code: int, words: str) -> None:
    alpaca.answers[f"GET {path}"] = answer
    said = run(*at(alpaca, "--set", "alpaca.read_seconds=0.2"))
    assert (said.code, said.out) == (code, "")
    assert words in said.line
    assert SECRET not in said.line


def test_where_nothing_listens_the_network_is_named(run, alpaca: Told) -> None:
    said = run("account", "--set", "alpaca.trading_url=http://127.0.0.1:9")
    assert said.code == 69
    assert "look at the network" in said.line


def test_without_keys_the_command_that_stores_them_is_named(run, alpaca: Told, monkeypatch) -> None:
    for name in PAPER:
        monkeypatch.delenv(name)
    said = run(*at(alpaca))
    assert said.code == 77
    assert "`zdte-tui login` stores them" in said.line
    assert alpaca.asked == []


def test_keys_are_not_sent_in_the_clear_to_another_machine(run, alpaca: Told) -> None:
    said = run("account", "--set", "alpaca.trading_url=http://192.0.2.1")
    assert said.code == 78
    assert "not encrypted" in said.line


@pytest.mark.parametrize(
    ("kind", "url", "label"),
    [
        ("live", "https://api.alpaca.markets", "LIVE account, REAL MONEY"),
        ("paper", "https://paper-api.alpaca.markets", "paper account"),
        ("live", "http://127.0.0.1:8787", "SIMULATED live account"),
        ("paper", "http://localhost:8787", "SIMULATED paper account"),
    ],
)
def test_an_account_is_called_what_its_money_is(kind: str, url: str, label: str) -> None:
    assert account_label(kind, url) == label


def test_the_checklist_of_a_session_at_a_local_exchange_says_simulated(run, alpaca: Told) -> None:
    asked = ("check", "--mode", "paper", *at(alpaca)[1:], "--set", f"alpaca.data_url={alpaca.url}")
    assert run(*asked).out.splitlines()[0].endswith("  SIMULATED")
    assert json.loads(run(*asked, "--json").out)["simulated"] is True
