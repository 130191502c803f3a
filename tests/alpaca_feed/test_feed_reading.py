"""What the feed asks by REST is read tolerantly: every real answer of Alpaca's, and what no answer should be."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from answering_server import Told, answering
from hypothesis import given
from hypothesis import strategies as st

from engine.alpaca.keys import Keys
from engine.calendar import date_of, session
from engine.clock import MINUTE
from engine.config.alpaca import AlpacaTable
from engine.events import ChainBatch
from engine.feed.alpaca import asking, backfill, reference
from engine.feed.alpaca.conflate import Conflator
from engine.feed.alpaca.history_errors import HistoryError
from engine.feed.alpaca.history_rows import bars, instant, listed
from engine.types import Contract, Underlying, parse_symbol

DAY = session(dt.date(2026, 1, 15))
CONTRACTS = "GET /v2/options/contracts"
CHAIN = "GET /v1beta1/options/snapshots/SPX"


@contextmanager
def asked(answers: dict[str, Any]) -> Iterator[tuple[asking.Asking, AlpacaTable, Told]]:
    """The feed's clients in front of a server that answers so."""
    with answering(answers) as told:
        table = AlpacaTable(trading_url=told.url, data_url=told.url, connect_seconds=1, read_seconds=1)
        client = asking.Asking(Keys("PKFAKEFAKE", "fake"), table, lambda _: None)
        yield client, table, told
        client.close()


def raw(shared: Path, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((shared / "fixtures/alpaca").glob(f"{kind}*.json")):
        yield path.stem, json.loads(path.read_text())


def test_every_real_quote_and_trade_is_heard(shared: Path) -> None:
    heard = 0
    for name, body in raw(shared, "historical_"):
        messages = []
        for kind, keys in (("q", ("quotes", "quote")), ("t", ("trades", "trade"))):
            for symbol, rows in next((body[key] for key in keys if key in body), {}).items():
                for row in rows if isinstance(rows, list) else [rows]:
                    messages.append({"T": kind, "S": symbol, **row})
        book = Conflator([parse_symbol(each) for each in sorted({message["S"] for message in messages})], lambda: None)
        came, others = book.hear(messages)
        assert (came, others, book.counted["unreadable"]) == (len(messages), [], 0), name
        heard += came
    assert heard > 15


def test_every_real_snapshot_is_read(shared: Path) -> None:
    seen = 0
    for name, body in raw(shared, "historical_"):
        if "snapshot" not in name and "chain" not in name:
            continue
        for parts in body.get("snapshots", body).values():
            day = session(date_of(instant(parts["latestQuote"]["t"])))
            read = backfill.read_snapshot(parts, day)
            assert read.quote is not None
            assert (read.trade is not None) == (
                "latestTrade" in parts and date_of(instant(parts["latestTrade"]["t"])) == day.day
            )
            assert (read.volume is not None, read.closed is not None) == ("dailyBar" in parts, "prevDailyBar" in parts)
            seen += 1
    assert seen >= 5


def test_every_real_bar_and_contract_is_read(shared: Path) -> None:
    seen = 0
    for _, body in raw(shared, "historical_"):
        for rows in body.get("bars", {}).values():
            read = bars(rows if isinstance(rows, list) else [rows])
            assert read.bad == 0
            seen += len(read.rows)
    for _, body in raw(shared, "option_routes_"):
        read = listed(body.get("option_contracts", [body]))
        assert read.bad == 0
        assert read.rows
        assert all(one.interest_day is not None for one in read.rows)
    assert seen > 10


def contract_row(symbol: str, **more: Any) -> dict[str, Any]:
    return {"symbol": symbol, "open_interest": "7", "open_interest_date": "2026-01-14"} | more


def test_contracts_come_in_pages_of_the_root_and_the_day_alone() -> None:
    def page(request: Any) -> Any:
        token = request.query.get("page_token")
        rows = {
            None: [contract_row("SPXW260115P06000000"), contract_row("SPX260115C06000000")],
            "two": [contract_row("SPXW260115C06000000", open_interest=None), contract_row("SPXW260116C06000000")],
        }[token]
        return 200, {"option_contracts": [*rows, {"symbol": "?"}], "next_page_token": None if token else "two"}

    with asked({CONTRACTS: page}) as (client, _, told):
        found = reference.contracts_of(client, "SPXW", DAY.day)
    assert [one.contract.symbol for one in found] == ["SPXW260115C06000000", "SPXW260115P06000000"]
    assert [one.open_interest for one in found] == [None, 7]
    first = told.asked[0].query
    assert first["expiration_date_gte"] == first["expiration_date_lte"] == "2026-01-15"
    assert (first["underlying_symbols"], first["root_symbol"]) == ("SPX", "SPXW")


def test_no_contracts_is_an_error_in_words() -> None:
    answers: dict[str, Any] = {CONTRACTS: (200, {"option_contracts": [], "next_page_token": None})}
    wanted = "no contracts of SPXW that expire on 2026-01-15"
    with asked(answers) as (client, _, _told), pytest.raises(HistoryError, match=wanted):
        reference.contracts_of(client, "SPXW", DAY.day)


def test_refused_keys_and_plans_are_told_apart() -> None:
    for status, fault in ((401, "keys"), (403, "plan"), (404, "request")):
        with asked({CHAIN: (status, {"message": "no"})}) as (client, table, _), pytest.raises(HistoryError) as raised:
            backfill.chain_of(client, table, "SPXW", DAY)
        assert raised.value.fault == fault


def test_an_answer_that_never_comes_ends_in_time() -> None:
    with asked({CONTRACTS: (200, "<html>gateway</html>")}) as (client, _, _told):
        began = time.monotonic()
        with pytest.raises(HistoryError, match="JSON"):
            reference.contracts_of(client, "SPXW", DAY.day)
        assert time.monotonic() - began < 20


def test_the_close_of_an_index_is_its_last_value_of_the_session_before() -> None:
    values = {"values": {"VIX": [{"t": "2026-01-14T21:14:59.5Z", "v": 16.37}]}, "next_page_token": None}
    with asked({"GET /v1beta1/indices/values": (200, values)}) as (client, _, told):
        assert backfill.index_close(client, "VIX", DAY) == 16_3700
    assert told.asked[0].query["sort"] == "desc"
    values["values"] = {"VIX": [{"t": "2026-01-13T21:14:59.5Z", "v": 16.37}]}  # of another day
    with asked({"GET /v1beta1/indices/values": (200, values)}) as (client, _, _told):
        assert backfill.index_close(client, "VIX", DAY) is None


def test_bars_of_a_fund_are_minutes_that_are_over_with_the_volume_so_far() -> None:
    def row(minute: int, volume: int) -> dict[str, Any]:
        when = dt.datetime(2026, 1, 15, 14, minute, tzinfo=dt.UTC).isoformat().replace("+00:00", "Z")
        return {"t": when, "o": 600, "h": 601, "l": 599.5, "c": 600.5, "v": volume, "n": 3, "vw": 600}

    rows = [row(29, 5), row(30, 10), row(31, 20), {"t": "never"}, row(32, 40)]
    with asked({"GET /v2/stocks/bars": (200, {"bars": {"SPY": rows}, "next_page_token": None})}) as (client, table, _):
        found = backfill.bars_of(client, table, "SPY", DAY, DAY.open + 2 * MINUTE + 1)
    assert [(bar.end - DAY.open, bar.volume, bar.close) for bar in found] == [
        (MINUTE, 10, 600_5000),
        (2 * MINUTE, 30, 600_5000),
    ]


def test_yesterday_s_quotes_and_volumes_are_not_today_s() -> None:
    bar = {"t": "2026-01-14T05:00:00Z", "v": 900, "c": 5.0}
    before = {
        "latestQuote": {"t": "2026-01-14T20:59:59Z", "bp": 1.0, "ap": 1.1, "bs": 1, "as": 1},
        "latestTrade": {"t": "2026-01-14T20:59:59Z", "p": 1.0, "s": 1},
        "dailyBar": bar,
        "prevDailyBar": bar,
    }
    assert backfill.read_snapshot(before, DAY) == (None, None, None, 5_0000)


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["t", "v", "c", "p", "bp", "ap", "bs", "as", "latestQuote", "dailyBar"]), inner
        )
    ),
    max_leaves=12,
)


@given(parts=st.dictionaries(st.sampled_from(["latestQuote", "latestTrade", "dailyBar", "prevDailyBar"]), anything))
def test_no_snapshot_raises(parts: dict[str, Any]) -> None:
    backfill.read_snapshot(parts, DAY)


def test_underlyings_are_listed_before_contracts() -> None:
    with asked({CONTRACTS: (200, {"option_contracts": [contract_row("SPXW260115C06000000")]})}) as (client, _, _told):
        found = reference.contracts_of(client, "SPXW", DAY.day)
    names = [each.symbol for each in reference.listing(("SPXW", "SPY"), found, family=True)]
    assert names == ["SPX", "SPY", "VIX", "VIX9D", "VIX1D", "SPXW260115C06000000"]


def test_open_interest_of_many_comes_in_one_batch() -> None:
    book = Conflator([Underlying("SPX"), Contract("SPXW", DAY.day, 6000_0000, "C")], lambda: None)
    book.interest({1: 12})
    book.interest({})
    (batch,) = book.take(DAY.open)
    assert isinstance(batch, ChainBatch)
    assert batch.open_interest is not None
    assert batch.open_interest.tolist() == [12]
