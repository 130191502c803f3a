"""Past days through the real SDK, from a server on loopback that pages, forbids, breaks and stalls."""

from __future__ import annotations

import datetime as dt
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from alpaca_past import KEY_ID, SECRET, Fault, Past, serving

from engine.alpaca.keys import Keys
from engine.calendar import session
from engine.clock import MINUTE
from engine.config.alpaca import AlpacaTable
from engine.feed.alpaca import history_requests
from engine.feed.alpaca.history import History
from engine.feed.alpaca.history_errors import HistoryError
from engine.types import Contract

DAY = dt.date(2024, 3, 4)
OF = session(DAY)
CALL, PUT = Contract("SPY", DAY, 512_0000, "C"), Contract("SPY", DAY, 510_0000, "P")


@pytest.fixture
def past(monkeypatch: pytest.MonkeyPatch) -> Iterator[Past]:
    monkeypatch.setattr(history_requests, "_BACK_OFF", 0)
    with serving(Past()) as found:
        yield found


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def history(past: Past, heard: list[str]) -> Iterator[History]:
    found = History(table(past.url), Keys(KEY_ID, SECRET), 10_000, heard.append)
    yield found
    found.close()


def table(url: str, **more: float) -> AlpacaTable:
    return AlpacaTable.model_validate({"data_url": url, "trading_url": url, **more})


def failing(history: History) -> HistoryError:
    with pytest.raises(HistoryError) as caught:
        history.stock_bars("SPY", OF.open, OF.close)
    text = str(caught.value)
    assert "\n" not in text
    assert KEY_ID not in text
    assert SECRET not in text
    return caught.value


def test_a_day_of_a_fund_comes_in_pages_and_is_one_list(past: Past, history: History) -> None:
    past.page = 100
    found = history.stock_bars("SPY", OF.open, OF.close)
    assert [bar.start for bar in found.rows] == list(range(OF.open, OF.close, MINUTE))
    assert found.bad == 0
    assert len(past.asked) == 4
    assert past.asked[0][1]["feed"] == "sip"
    assert past.asked[0][1]["adjustment"] == "raw"


def test_bars_of_options_are_asked_for_a_few_contracts_at_a_time(past: Past, history: History) -> None:
    contracts = past.listed("SPY", DAY)
    past.silent = {contracts[3].symbol}
    parts = list(history.option_bars(contracts, OF.open, OF.product_close("SPY")))
    assert [len(part) for part in parts] == [25, 9]
    assert [contract for part in parts for contract in part] == contracts
    assert parts[0][contracts[3]].rows == []
    rows = parts[0][contracts[4]].rows
    assert len(rows) == 405
    assert rows[0].open == round(past.option(contracts[4], OF.open) * 10_000)
    assert rows[-1].start == OF.product_close("SPY") - MINUTE


def test_pages_that_end_within_a_contract_lose_nothing(past: Past, history: History) -> None:
    (whole,) = history.option_bars([CALL, PUT], OF.open, OF.close)
    past.page = 57
    assert list(history.option_bars([CALL, PUT], OF.open, OF.close)) == [whole]


def test_trades_keep_their_nanoseconds(history: History) -> None:
    (found,) = history.option_trades([CALL], OF.open, OF.open + 2 * MINUTE)
    times = [trade.time - OF.open for trade in found[CALL].rows[:2]]
    assert times == [250_000_000, 59_123_456_789]


def test_contracts_are_asked_for_with_both_bounds_of_the_expiry_and_after_they_expired(
    past: Past, history: History
) -> None:
    past.page = 7
    found = history.listing("SPY", DAY, 508_0000, 515_5000)
    assert [one.contract.strike // 10_000 for one in found.rows if one.contract.right == "C"] == list(range(508, 516))
    assert found.rows[0].open_interest is not None
    assert found.rows[0].interest_day == dt.date(2024, 3, 1)
    for path, query in past.asked:
        assert path == "/v2/options/contracts"
        assert query["expiration_date_gte"] == query["expiration_date_lte"] == "2024-03-04"
        assert query["root_symbol"] == "SPY"
    assert {query["status"] for _, query in past.asked} == {"active", "inactive"}


def test_the_server_answers_in_the_shapes_of_real_answers(past: Past, shared: Path) -> None:
    def keys(name: str, entry: str, symbol: str) -> set[str]:
        return set(json.loads((shared / "fixtures/alpaca" / f"{name}.json").read_text())[entry][symbol][0])

    bar, trade = past.bars(CALL.symbol, OF.open, OF.close)[0], past.trades(CALL.symbol, OF.open, OF.close)[0]
    assert set(bar) == keys("historical_option_data__get_bars", "bars", "SPY240426C00555000")
    assert set(bar) == keys("historical_stock_data__get_bars", "bars", "AAPL")
    assert set(trade) == keys("historical_option_data__multisymbol_get_trades", "trades", "SPY240426C00550000")


@pytest.mark.parametrize("name", ["Retry-After", "X-RateLimit-Reset"])
def test_too_many_requests_wait_as_told_and_say_so(past: Past, history: History, heard: list[str], name: str) -> None:
    past.fault("/stocks", Fault(429, headers={name: "0"}), Fault(429, headers={name: "0"}))
    assert len(history.stock_bars("SPY", OF.open, OF.close).rows) == 390
    assert len(heard) == 2
    assert "too many requests (429), going on in 0 s" in heard[0]


def test_a_wait_has_a_cap_and_an_end(
    past: Past, history: History, heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_requests, "_LONGEST_WAIT", 0.01)
    past.fault("/stocks", *[Fault(429, headers={"Retry-After": "86400"})] * 20)
    error = failing(history)
    assert error.fault == "limit"
    assert "429" in str(error)
    assert len(past.asked) == 6
    assert len(heard) == 5


def test_a_server_out_of_order_is_asked_again_a_few_times(past: Past, history: History) -> None:
    past.fault("/stocks", Fault(500), Fault(502, "<html>bad gateway</html>", kind="text/html"), Fault(504, ""))
    assert len(history.stock_bars("SPY", OF.open, OF.close).rows) == 390
    assert len(past.asked) == 4
    past.fault("/stocks", *[Fault(500)] * 20)
    error = failing(history)
    assert error.fault == "server"
    assert "out of order: 500, 4 times in a row" in str(error)
    assert len(past.asked) == 8


@pytest.mark.parametrize(
    ("answer", "fault", "words"),
    [
        (Fault(401, ""), "keys", "refuses the keys (401)"),
        (Fault(401, "<html>no</html>", kind="text/html"), "keys", "without a reason that can be read"),
        (
            Fault(403, '{"message": "subscription does not permit\\nquerying recent SIP data"}'),
            "plan",
            "permit querying",
        ),
        (Fault(400, '{"message": "invalid start"}'), "request", "(400): invalid start"),
        (Fault(404, "nothing here", kind="text/plain"), "request", "(404)"),
        (Fault(302, "", {"Location": "http://127.0.0.1:9/"}), "request", "(302)"),
        (Fault(200, "<!DOCTYPE html><p>maintenance", kind="text/html"), "answer", "text/html where JSON is due"),
        (Fault(200, ""), "answer", "where JSON is due"),
        (Fault(200, "[1, 2]"), "answer", "a list where an object is due"),
        (Fault(200, '{"something": "else"}'), "answer", "not of the form that is documented"),
        (Fault(200, '{"bars": {"SPY": 7}, "next_page_token": null}'), "answer", "not of the form that is documented"),
        (Fault(200, '{"bars": [1], "next_page_token": null}'), "answer", "not of the form that is documented"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_mended_is_one_line_and_is_asked_once(
    past: Past, history: History, answer: Fault, fault: str, words: str
) -> None:
    past.fault("/stocks", answer)
    error = failing(history)
    assert error.fault == fault
    assert words in str(error)
    assert len(past.asked) == 1


def test_a_null_where_nothing_is_meant_is_nothing(past: Past, history: History) -> None:
    past.fault("/stocks", Fault(200, '{"bars": null, "next_page_token": null}'))
    assert history.stock_bars("SPY", OF.open, OF.close).rows == []


def test_a_page_that_comes_back_is_not_followed_for_ever(past: Past, history: History) -> None:
    past.fault("/stocks", *[Fault(200, '{"bars": {}, "next_page_token": "again"}')] * 50)
    error = failing(history)
    assert error.fault == "answer"
    assert "the same page twice" in str(error)
    assert len(past.asked) == 2


def test_pages_without_an_end_have_one(past: Past, history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_requests, "_MOST_PAGES", 5)
    past.fault("/stocks", *[Fault(200, f'{{"bars": {{}}, "next_page_token": "{page}"}}') for page in range(50)])
    assert "has no last page" in str(failing(history))
    assert len(past.asked) == 6


def test_keys_that_a_server_says_back_are_not_shown(past: Past, history: History) -> None:
    past.fault("/stocks", Fault(403, json.dumps({"message": f"key {KEY_ID} with {SECRET}\x1b[2J is not enough"})))
    assert "key ... with ... [2J is not enough" in str(failing(history))


def test_a_silent_server_ends_within_the_time_limit(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        history = History(table(url, read_seconds=0.1), Keys(KEY_ID, SECRET), 10_000, print)
        error = failing(history)
    assert error.fault == "server"
    assert "does not answer: nothing came within its time" in str(error)


def test_nobody_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_requests, "_BACK_OFF", 0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    history = History(table(url), Keys(KEY_ID, SECRET), 10_000, print)
    assert "does not answer: Connection refused" in str(failing(history))


def test_an_answer_that_drips_has_an_end(past: Past, history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_requests, "_WHOLE_ANSWER", -1.0)
    assert "not whole after" in str(failing(history))


def test_no_more_requests_a_minute_than_the_plan_allows(past: Past, heard: list[str]) -> None:
    class Waited(Exception):
        pass

    def told(line: str) -> None:
        heard.append(line)
        raise Waited

    history = History(table(past.url), Keys(KEY_ID, SECRET), 3, told)
    past.page = 100
    with pytest.raises(Waited):
        history.stock_bars("SPY", OF.open, OF.close)
    assert len(past.asked) == 3
    assert "as many requests as a minute allows" in heard[0]


def test_the_hash_is_of_what_came(past: Past, history: History) -> None:
    def fetched() -> str:
        history.begin()
        history.stock_bars("SPY", OF.open, OF.close)
        return history.sha256()

    first = fetched()
    assert fetched() == first
    past.level["SPY"] = 513.0
    assert fetched() != first


@pytest.mark.parametrize(
    ("url", "theirs"),
    [
        ("https://data.alpaca.markets", True),
        ("http://127.0.0.1:8787", False),
        ("https://data.alpaca.markets.example.com", False),
        ("https://xalpaca.markets", False),
    ],
)
def test_only_alpacas_own_address_is_alpaca(url: str, theirs: bool) -> None:
    assert History(table(url), Keys(KEY_ID, SECRET), 10, print).is_alpaca is theirs
