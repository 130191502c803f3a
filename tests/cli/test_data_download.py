"""``zdte-tui data download`` against a server on loopback: what is stored, what is not fetched twice, how it ends."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alpaca_past import KEY_ID, SECRET, Fault, Past, serving

from engine.calendar import session
from engine.clock import MINUTE
from engine.config import data_dir, load
from engine.feed.alpaca import history_requests
from engine.feed.alpaca.history import History
from engine.tape import DayBuilder, DayTable, Store, UnderlyingTable
from engine.types import Contract, Provenance, Underlying

DAY = dt.date(2024, 3, 4)
ON = "2024-03-04"
OF = session(DAY)


@pytest.fixture
def past(monkeypatch: pytest.MonkeyPatch) -> Iterator[Past]:
    monkeypatch.setattr(history_requests, "_BACK_OFF", 0)
    with serving(Past(strikes=3)) as found:
        yield found


@pytest.fixture
def keys(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("APCA_API_KEY_ID", KEY_ID)
    monkeypatch.setenv("APCA_API_SECRET_KEY", SECRET)


Download = Callable[..., Any]


def at(past: Past) -> list[str]:
    return ["--set", f'alpaca.data_url="{past.url}"', "--set", f'alpaca.trading_url="{past.url}"']


@pytest.fixture
def download(run, past: Past, keys: None) -> Download:
    def command(*words: str) -> Any:
        said = run("data", "download", *words, *at(past))
        assert KEY_ID not in said.out + said.err
        assert SECRET not in said.out + said.err
        assert "Traceback" not in said.err
        return said

    return command


@pytest.fixture
def store(home: Path) -> Store:
    return Store(data_dir(load([], [])))


def files(store: Store) -> list[str]:
    return sorted(str(path.relative_to(store.path)) for path in store.path.rglob("*") if path.is_file())


# What is stored


def test_a_day_of_options_with_the_fund_beside_it(download: Download, past: Past, store: Store) -> None:
    said = download("SPY", ON)
    assert said.code == 0
    assert "2024-03-04  stored   14 of 14 contracts traded, 5,670 bars, 390 bars of the underlying" in said.out
    assert files(store) == ["days/SPY/2024-03-04.alpaca.parquet", "underlyings/SPY/2024-03-04.alpaca.parquet"]
    entry = store.choose("SPY", DAY)
    tape = store.open(entry)
    label = tape.provenance
    assert (label.source, label.meaning, len(label.sha256)) == ("alpaca", "trade_bar", 64)
    assert "nobody's bid or ask: Alpaca keeps no option quotes" in label.note
    assert "fetched from 127.0.0.1, which is not Alpaca at 20" in label.note
    assert "bid" not in tape.columns.values
    beside = store.beside(entry)
    assert beside is not None
    assert beside.source == "alpaca"


def test_a_bar_is_known_when_its_minute_is_over_and_volumes_add_up(
    download: Download, past: Past, store: Store
) -> None:
    download("SPY", ON)
    columns = store.open(store.choose("SPY", DAY)).columns
    contract = Contract("SPY", DAY, 512_0000, "C")
    rows = columns.code == columns.symbols.index(contract.symbol)
    priced = rows & columns.has("price")
    assert columns.ts_known[priced].tolist() == list(range(OF.open + MINUTE, OF.product_close("SPY") + 1, MINUTE))
    assert columns.values["price"][priced][0] == round(past.option(contract, OF.open + MINUTE) * 10_000)
    assert columns.values["open"][priced][0] == round(past.option(contract, OF.open) * 10_000)
    assert columns.values["volume"][priced].tolist()[:3] == [3, 6, 9]


def test_open_interest_is_of_the_evening_before_and_known_at_the_open(download: Download, store: Store) -> None:
    download("SPY", ON)
    columns = store.open(store.choose("SPY", DAY)).columns
    told = columns.has("open_interest")
    assert set(columns.ts_known[told].tolist()) == {OF.open}
    assert int(told.sum()) == 14


def test_open_interest_of_the_day_itself_was_not_known_and_is_not_stored(
    download: Download, past: Past, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alpaca_past.previous_session", session)  # an expired contract's last one
    download("SPY", ON)
    tape = store.open(store.choose("SPY", DAY))
    assert "open_interest" not in tape.columns.values
    assert tape.header.counts["interest_of_another_day"] == 14


def test_strikes_reach_as_far_on_one_side_as_on_the_other(download: Download, past: Past) -> None:
    past.strikes = 40
    download("SPY", ON, "--width", "1")
    asked = dict(past.asked)["/v2/options/contracts"]
    low, high, start = float(asked["strike_price_gte"]), float(asked["strike_price_lte"]), 512.0
    assert abs((start - low) - (high - start)) <= 1
    assert start - low >= 0.01 * start + 0.002 * start


def test_every_trade_is_a_source_of_its_own(download: Download, store: Store) -> None:
    said = download("SPY", ON, "--trades")
    assert "11,340 trades" in said.out
    assert [entry.source for entry in store.days("SPY")] == ["alpaca-trades", "alpaca"]
    assert store.choose("SPY", DAY).source == "alpaca"
    columns = store.open(store.choose("SPY", DAY, "alpaca-trades")).columns
    assert set(columns.ts_known[columns.has("price")] % MINUTE) == {250_000_000, 59_123_456_789}
    code = columns.symbols.index("SPY240304C00512000")
    assert columns.values["volume"][(columns.code == code) & columns.has("price")].tolist()[:3] == [1, 3, 4]


def test_trades_that_the_plan_lacks_take_nothing_from_the_bars(download: Download, past: Past, store: Store) -> None:
    past.fault("/options/trades", Fault(403, '{"message": "trades go 7 days back"}'))
    said = download("SPY", ON, "--trades")
    assert said.code == 0
    assert "no trades: " in said.out
    assert "trades go 7 days back" in said.out
    assert [entry.source for entry in store.days("SPY")] == ["alpaca"]


def test_trades_that_never_come_leave_a_day_that_is_there(download: Download, past: Past) -> None:
    download("SPY", ON)
    past.fault("/options/trades", Fault(403, '{"message": "trades go 7 days back"}'))
    said = download("SPY", ON, "--trades")
    assert said.code == 0
    assert "2024-03-04  there    no trades: " in said.out


def test_strikes_of_a_market_day_are_not_chosen_by_a_simulated_index(
    download: Download, past: Past, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    builder = DayBuilder()
    builder.put(OF.open + MINUTE, OF.open + MINUTE, Underlying("SPX"), price=9000_0000)
    store.save(UnderlyingTable("SPX", DAY, Provenance("sim", "simulated", "trade_bar"), "test", 1, builder.build()))
    monkeypatch.setattr(History, "is_alpaca", property(lambda _: True))
    assert "no SPX stored: strikes by 10 x SPY" in download("SPXW", ON).out
    assert "/v2/stocks/bars" in past.paths()


def test_a_contract_that_nobody_traded_stays_without_a_price(download: Download, past: Past, store: Store) -> None:
    symbol = "SPY240304C00515000"
    past.silent = {symbol}
    assert "13 of 14 contracts traded" in download("SPY", ON).out
    tape = store.open(store.choose("SPY", DAY))
    rows = tape.columns.code == tape.columns.symbols.index(symbol)
    assert not (rows & tape.columns.has("price")).any()
    assert tape.header.counts["contracts_without"] == 1


def test_contracts_that_are_no_longer_listed_are_asked_for_by_name(
    download: Download, past: Past, store: Store
) -> None:
    past.gone = True
    said = download("SPY", ON, "--width", "0.5")
    assert "no contract listed: every 1-dollar strike asked for by name" in said.out
    assert "open_interest" not in store.open(store.choose("SPY", DAY)).columns.values


def test_bars_that_cannot_be_right_are_left_out_and_counted(download: Download, past: Past, store: Store) -> None:
    row = {"c": 1.0, "h": 0.5, "l": 0.4, "o": 0.45, "t": "2024-03-04T15:00:00Z", "v": 1}
    good = {**row, "c": 0.5}
    body = {"bars": {"SPY240304C00512000": [row, {**good, "t": "2024-03-04T15:01:00Z"}]}, "next_page_token": None}
    past.fault("/options/bars", Fault(200, json.dumps(body)))
    assert "1 rows not believed and left out" in download("SPY", ON).out
    assert store.open(store.choose("SPY", DAY)).header.counts["not_believed"] == 1


def test_spxw_is_stored_alone_its_strikes_found_by_spy(download: Download, past: Past, store: Store) -> None:
    said = download("SPXW", ON)
    assert said.code == 0
    assert "no SPX stored: strikes by 10 x SPY, whose bars are not kept" in said.out
    assert files(store) == ["days/SPXW/2024-03-04.alpaca.parquet"]
    assert "no_underlying" in store.open(store.choose("SPXW", DAY)).header.flags


def test_spxw_takes_its_strikes_from_a_stored_index(download: Download, past: Past, store: Store) -> None:
    builder = DayBuilder()
    for minute in range(1, 391):
        known = OF.open + minute * MINUTE
        builder.put(known, known, Underlying("SPX"), price=5120_0000 + minute)
    label = Provenance("mine", "simulated", "trade_bar")
    store.save(UnderlyingTable("SPX", DAY, label, "test", 1, builder.build()))
    said = download("SPXW", ON)
    assert "SPY" not in said.out
    assert "/v2/stocks/bars" not in past.paths()
    entry = store.choose("SPXW", DAY)
    assert store.beside(entry) is not None


def test_bars_of_a_fund_alone_go_further_back(download: Download, past: Past, store: Store) -> None:
    assert download("QQQ", "2019-01-02", "--underlying").code == 0
    assert files(store) == ["underlyings/QQQ/2019-01-02.alpaca.parquet"]
    assert set(past.paths()) == {"/v2/stocks/bars"}


def test_a_half_day_ends_at_its_own_close(download: Download, store: Store) -> None:
    day = dt.date(2024, 7, 3)
    download("SPY", "2024-07-03")
    tape = store.open(store.choose("SPY", day))
    assert "half_day" in tape.header.flags
    assert int(tape.columns.ts_known.max()) == session(day).product_close("SPY")


# What is played


@pytest.mark.parametrize("root", ["SPY", "SPXW"])
def test_a_stored_day_replays_and_backtests(download: Download, past: Past, run, root: str) -> None:
    past.strikes = 12
    download(root, ON)
    said = run("replay", ON, "--root", root, "--source", "alpaca", "--no-ui", "--speed", "max")
    assert said.code == 0, said.err
    assert "completed" in said.err
    assert "SIMULATED" in said.err
    said = run("backtest", "--root", root, "--from", ON, "--to", ON, "--source", "alpaca")
    assert said.code == 0, said.err
    said = run("data", "verify", "--json")
    assert {one["state"] for one in json.loads(said.out)["results"]} == {"ok"}


def test_neither_open_interest_nor_a_trade_of_the_first_minute_looks_ahead(download: Download, past: Past, run) -> None:
    download("SPY", ON, "--trades")
    for source in ("alpaca", "alpaca-trades"):
        words = ("--root", "SPY", "--from", ON, "--to", ON, "--source", source, "--instants", "1")
        said = run("backtest", "--check-lookahead", *words, "--set", "strategies.iron_condor.enabled=false")
        assert said.code == 0, said.out
        assert "none found" in said.out


def test_what_alpaca_itself_gives_is_a_vendors_and_trusted_but_for_stops(
    download: Download, store: Store, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(History, "is_alpaca", property(lambda _: True))
    assert "simulated" not in download("SPY", ON).err
    label = store.choose("SPY", DAY).provenance
    assert (label.origin, label.label) == ("vendor", "vendor alpaca trade_bar")
    assert "fetched from Alpaca at 20" in label.note
    results = json.loads(run("data", "verify", "--json").out)["results"]
    (day,) = [one for one in results if one["kind"] == "day"]
    assert (day["trust"], day["why"]) == ("no stops", ["prices of trades, no quotes"])


def test_a_market_day_takes_the_place_of_a_rehearsal(
    download: Download, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    download("SPY", ON)
    monkeypatch.setattr(History, "is_alpaca", property(lambda _: True))
    assert "stored" in download("SPY", ON).out
    assert store.choose("SPY", DAY).provenance.origin == "vendor"
    assert store.choose_underlying("SPY", DAY).provenance.origin == "vendor"


# What is not fetched again


def test_what_is_stored_is_not_fetched_again(download: Download, past: Past) -> None:
    download("SPY", ON)
    asked = len(past.asked)
    said = download("SPY", ON)
    assert (said.code, len(past.asked)) == (0, asked)
    assert "2024-03-04  there" in said.out
    download("SPY", ON, "--trades")
    assert set(past.paths()[asked:]) == {"/v2/options/contracts", "/v1beta1/options/trades"}


def test_a_wider_chain_takes_the_place_of_a_narrower_one(download: Download, past: Past, store: Store) -> None:
    past.strikes = 20
    download("SPY", ON, "--width", "0.5")
    narrow = len(store.open(store.choose("SPY", DAY)).columns.symbols)
    download("SPY", ON, "--width", "2")
    wide = len(store.open(store.choose("SPY", DAY)).columns.symbols)
    assert wide > narrow
    asked = len(past.asked)
    download("SPY", ON, "--width", "1")
    assert len(past.asked) == asked


def test_a_damaged_day_is_fetched_again(download: Download, store: Store) -> None:
    download("SPY", ON)
    path = store.path / "days/SPY/2024-03-04.alpaca.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "stored" in download("SPY", ON).out
    assert not store.choose("SPY", DAY).problem


def test_a_rehearsal_never_takes_the_place_of_a_market_day(download: Download, past: Past, store: Store) -> None:
    builder = DayBuilder()
    builder.put(OF.open + MINUTE, OF.open + MINUTE, Contract("SPY", DAY, 512_0000, "C"), price=1_0000)
    label = Provenance("alpaca", "vendor", "trade_bar")
    store.save(DayTable("SPY", DAY, label, "alpaca", 1, builder.build(), {"width_bp": 200}))
    before = (store.path / "days/SPY/2024-03-04.alpaca.parquet").read_bytes()
    download("SPY", ON)
    assert (store.path / "days/SPY/2024-03-04.alpaca.parquet").read_bytes() == before


def test_holidays_and_weekends_are_left_out(download: Download) -> None:
    said = download("SPY", "2024-03-28..2024-04-01", "--json")
    assert [day["day"] for day in json.loads(said.out)["days"]] == ["2024-03-28", "2024-04-01"]


def test_days_without_anything_store_nothing(download: Download, past: Past, store: Store) -> None:
    past.empty = True
    said = download("SPY", "2024-03-04..2024-03-05")
    assert said.code == 66
    assert "no bars of SPY" in said.out
    assert "2 of which Alpaca has nothing" in said.out
    assert not store.path.exists()


def test_the_account_as_json(download: Download) -> None:
    (day,) = json.loads(download("SPY", ON, "--json").out)["days"]
    assert day["result"] == "stored"
    assert day["stored"] == ["underlyings/SPY/2024-03-04.alpaca.parquet", "days/SPY/2024-03-04.alpaca.parquet"]
    assert (day["contracts"], day["bars"], day["underlying_bars"]) == (14, 5670, 390)


# How it ends


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["SPY", "2024-01-31"], 64, "2024-01-31: Alpaca has options since 2024-02-01; --underlying fetches SPY alone"),
        (["SPXW", "2024-01-31"], 64, "2024-01-31: Alpaca has options since 2024-02-01"),
        (["SPY", "2015-12-31", "--underlying"], 64, "bars of stocks since 2016-01-04"),
        (["SPXW", ON, "--underlying"], 64, "SPX is an index and no stock at Alpaca"),
        (["SPY", ON, "--underlying", "--trades"], 64, "--trades are of options"),
        (["SPY", "2024-03-05..2024-03-04"], 64, "the first day lies after the last"),
        (["SPY", "2024-03-04.."], 64, "not a date"),
        (["SPY", "2024-03-02..2024-03-03"], 64, "the exchange is closed"),
        (["SPY", "2028-01-04"], 64, "2028-01-04 is not over"),
        (["SPY", ON, "--width", "0"], 64, "not a width"),
        (["SPY", ON, "--requests", "0"], 64, "not a number of requests"),
        (["SPY", ON, "--source", "Not A Name"], 64, "--source"),
        (["AAPL", ON], 64, "unknown root"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is(
    download: Download, past: Past, store: Store, words: list[str], code: int, told: str
) -> None:
    said = download(*words)
    assert said.code == code
    assert told in said.err
    assert past.asked == []
    assert not store.path.exists()


@pytest.mark.parametrize(
    ("answer", "times", "code", "told"),
    [
        (Fault(401, ""), 1, 77, "refuses the keys (401)"),
        (Fault(403, '{"message": "OPRA agreement is not signed"}'), 1, 77, "OPRA agreement is not signed"),
        (Fault(429, headers={"Retry-After": "0"}), 9, 75, "too many requests (429)"),
        (Fault(503, "busy"), 9, 69, "out of order: 503"),
        (Fault(200, "<html>maintenance</html>", kind="text/html"), 1, 69, "text/html where JSON is due"),
        (Fault(422, '{"message": "bad symbol"}'), 1, 65, "bad symbol"),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Fault) else None,
)
def test_a_failure_keeps_what_is_whole_and_says_how_to_go_on(
    download: Download, past: Past, store: Store, answer: Fault, times: int, code: int, told: str
) -> None:
    download("SPY", ON)
    past.fault("/options/bars", *[answer] * times)
    said = download("SPY", f"{ON}..2024-03-05", "--width", "2.5")
    assert said.code == code
    assert told in said.err.splitlines()[-1]
    assert "go on with: zdte-tui data download SPY 2024-03-04..2024-03-05 --width 2.5 --set" in said.err
    assert files(store) == ["days/SPY/2024-03-04.alpaca.parquet", "underlyings/SPY/2024-03-04.alpaca.parquet"]


def test_without_keys_nothing_is_asked(
    run, past: Past, keys: None, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("APCA_API_KEY_ID")
    monkeypatch.delenv("APCA_API_SECRET_KEY")
    said = run("data", "download", "SPY", ON, *at(past))
    assert said.code == 77
    assert "zdte-tui login" in said.line
    assert past.asked == []
    assert not store.path.exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_a_cut_in_the_middle_of_a_day_leaves_whole_days_and_goes_on(
    download: Download, past: Past, store: Store, how: signal.Signals
) -> None:
    running: list[subprocess.Popen[str]] = []

    def cut(path: str) -> None:
        if path == "/v1beta1/options/bars" and past.paths().count(path) == 2 and running[0].poll() is None:
            running[0].send_signal(how)
            running[0].wait(30)

    past.before = cut
    words = ["data", "download", "SPY", f"{ON}..2024-03-06", *at(past)]
    process = subprocess.Popen(
        [sys.executable, "-m", "zdte_tui", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    )  # fmt: skip
    running.append(process)
    out, err = process.communicate(timeout=60)
    if how == signal.SIGINT:
        assert process.returncode == 130, err
        assert "interrupted; 1 day stored, go on with: zdte-tui data download SPY 2024-03-04..2024-03-06" in err
        assert "Traceback" not in err
    assert out.count("stored") == 1
    assert [str(entry.day) for entry in store.days("SPY")] == [ON]
    assert not any("staging" in name for name in files(store))
    asked = len(past.asked)
    said = download("SPY", f"{ON}..2024-03-06")
    assert said.code == 0
    assert "1 there before" in said.out
    assert [str(entry.day) for entry in store.days("SPY")] == [ON, "2024-03-05", "2024-03-06"]
    assert not any(ON in query.get("start", "") for _, query in past.asked[asked:])
    assert all(not entry.problem for entry in store.days("SPY"))
