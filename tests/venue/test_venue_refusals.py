"""Every order that Alpaca would not take is refused with its HTTP status and its code, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from venue_hall import Hall, hall, legs, mleg, single

from engine.venue.rules import Rules

Body = dict[str, Any]


@pytest.fixture(scope="module")
def venue() -> Iterator[Hall]:
    with hall() as found:
        yield found


def condor(venue: Hall) -> list[dict[str, str]]:
    return legs(venue.condor())


def put(venue: Hall, off: int = 25) -> str:
    return venue.contract("P", venue.spot() - off).symbol


def changed(legs: list[dict[str, str]], n: int, **more: Any) -> list[dict[str, str]]:
    return [
        {key: value for key, value in (leg | more).items() if value is not None} if i == n else leg
        for i, leg in enumerate(legs)
    ]


U, F = (422, 42210000), (403, 40310000)
M = (422, 40010001)

CASES: list[tuple[str, Callable[[Hall], Any], tuple[int, int], str]] = [
    # Orders of one leg
    ("bracket", lambda v: single(put(v), "buy", "1", order_class="bracket"), U, "complex orders not supported"),
    ("trailing", lambda v: single(put(v), "buy", type="trailing_stop"), U, "invalid options order_type"),
    ("gtc", lambda v: single(put(v), "buy", "1", time_in_force="gtc"), U, "invalid option time_in_force"),
    ("notional", lambda v: single(put(v), "buy", notional="100"), U, "notional orders are not supported"),
    ("extended", lambda v: single(put(v), "buy", "1", extended_hours=True), U, "extended hours is not supported"),
    ("half a contract", lambda v: single(put(v), "buy", "1", qty="0.5"), U, "qty must be integer"),
    ("none", lambda v: single(put(v), "buy", "1", qty="0"), M, "qty must be > 0"),
    ("too many", lambda v: single(put(v), "buy", "1", qty="10001"), U, "options order qty must be <= 10000"),
    ("words for a quantity", lambda v: single(put(v), "buy", "1", qty="many"), M, "qty must be a number"),
    ("no quantity", lambda v: {**single(put(v), "buy", "1"), "qty": None}, M, "qty is required"),
    ("no side", lambda v: {**single(put(v), "buy", "1"), "side": None}, M, "side is required"),
    ("sub-penny", lambda v: single(put(v), "buy", "1.234"), U, "invalid limit_price 1.234. sub-penny increment"),
    ("float noise", lambda v: single(put(v), "buy", 0.1 + 0.2), U, "sub-penny increment"),  # type: ignore[arg-type]
    ("negative", lambda v: single(put(v), "buy", "-1"), M, "limit_price must be > 0"),
    ("no limit", lambda v: single(put(v), "buy", type="limit"), U, "limit price is required for limit orders"),
    ("limit at market", lambda v: single(put(v), "buy", "1", type="market"), U, "only valid for limit orders"),
    ("no stop", lambda v: single(put(v), "buy", type="stop"), U, "stop price is required"),
    ("not listed", lambda v: single("SPXW260115P00001000", "buy"), U, 'contract "SPXW260115P00001000" not found'),
    ("a share", lambda v: single("SPY", "buy"), U, 'contract "SPY" not found'),
    ("nonsense", lambda v: single("spx put", "buy"), U, 'contract "spx put" not found'),
    (
        "closing nothing",
        lambda v: single(put(v), "sell", position_intent="sell_to_close"),
        U,
        "position intent mismatch, inferred: sell_to_open, specified: sell_to_close",
    ),
    (
        "side against intent",
        lambda v: single(put(v), "buy", position_intent="sell_to_open"),
        U,
        "position intent mismatch",
    ),
    (
        "a call alone",
        lambda v: single(v.contract("C", v.spot() + 25).symbol, "sell"),
        F,
        "account not eligible to trade uncovered option contracts",
    ),
    ("a put without its strike in cash", lambda v: single(put(v), "sell"), F, "insufficient options buying power"),
    (
        "more than there is",
        lambda v: single(put(v, 5), "buy", "90.00", qty=20),
        F,
        "insufficient options buying power (required: 180000, available: 100000)",
    ),
    ("a long id", lambda v: single(put(v), "buy", "1", client_order_id="x" * 129), M, "no more than 128 characters"),
    ("no order", lambda v: [1, 2], (400, 40010000), "request body format is invalid"),
    # Packages
    ("mleg gtc", lambda v: mleg(condor(v), -2, time_in_force="gtc"), U, "invalid time in force"),
    ("mleg stop", lambda v: mleg(condor(v), type="stop", stop_price="1"), U, "invalid options order_type"),
    ("mleg sub-penny", lambda v: mleg(condor(v), "-1.005"), U, "invalid limit price"),
    ("mleg no limit", lambda v: mleg(condor(v), type="limit"), U, "limit price is required for limit orders"),
    ("mleg limit at market", lambda v: mleg(condor(v), -1, type="market"), U, "only valid for limit orders"),
    ("one leg", lambda v: mleg(condor(v)[:1]), U, "between 2 and 4 legs"),
    ("five legs", lambda v: mleg([*condor(v), condor(v)[0]]), U, "between 2 and 4 legs"),
    ("twice the same", lambda v: mleg([condor(v)[0], condor(v)[0]]), U, "leg symbols must be unique"),
    (
        "a common divisor",
        lambda v: mleg([leg | {"ratio_qty": "2"} for leg in condor(v)[:2]]),
        U,
        "leg ratio quantities should be relatively prime: GCD[2 2] = 2",
    ),
    ("half a leg", lambda v: mleg(changed(condor(v), 0, ratio_qty="0.5")), U, "ratio_qty must be a whole number"),
    ("no intent", lambda v: mleg(changed(condor(v), 1, position_intent=None)), U, "leg.1 position intent is required"),
    (
        "a strange intent",
        lambda v: mleg(changed(condor(v), 1, position_intent="sell_short")),
        M,
        "leg.1 position_intent is invalid",
    ),
    (
        "a leg not listed",
        lambda v: mleg(changed(condor(v), 0, symbol="SPXW260115P00001000")),
        U,
        "asset not found for SPXW260115P00001000",
    ),
    ("a share as a leg", lambda v: mleg(changed(condor(v), 0, symbol="SPY")), U, "equity legs are allowed only"),
    ("a symbol on top", lambda v: mleg(condor(v), symbol=put(v)), M, "not valid for mleg orders"),
    ("uncovered", lambda v: mleg(changed(condor(v)[:2], 1, ratio_qty="2")), F, "uncovered option contracts"),
    (
        "a package closing nothing",
        lambda v: mleg(legs(v.condor(), close=True)),
        U,
        "position intent mismatch, inferred: sell_to_open, specified: sell_to_close",
    ),
    (
        "a package beyond the account",
        lambda v: mleg(condor(v), -1, qty=60),
        F,
        "insufficient options buying power (required: 114000, available: 100000)",
    ),
]


@pytest.mark.parametrize(("make", "code", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_order_is_refused(venue: Hall, make: Callable[[Hall], Any], code: tuple[int, int], words: str) -> None:
    status, why = venue.ask("POST", "/v2/orders", make(venue))
    assert (status, why["code"]) == code, why
    assert words in why["message"]
    assert venue.ask("GET", "/v2/orders?status=all") == (200, [])


def test_two_expirations_of_a_european_root_are_refused(venue: Hall) -> None:
    later = sorted(each for each in venue.venue.listed if getattr(each, "expiry", venue.day.day) > venue.day.day)[0]
    near = venue.contract("P", venue.spot()).symbol
    asked = [
        {"symbol": near, "ratio_qty": "1", "side": "sell", "position_intent": "sell_to_open"},
        {"symbol": later.symbol, "ratio_qty": "1", "side": "buy", "position_intent": "buy_to_open"},
    ]
    status, why = venue.ask("POST", "/v2/orders", mleg(asked))
    assert (status, why["code"]) == (422, 42210000)
    assert why["message"].startswith("European-style option legs")


def test_two_underlyings_are_refused() -> None:
    with hall('session.roots=["SPY","QQQ"]') as venue:
        found = {}
        for each in venue.venue.listed:
            found.setdefault(getattr(each, "root", None), each)
        asked = [
            {"symbol": found[root].symbol, "ratio_qty": "1", "side": side, "position_intent": f"{side}_to_open"}
            for root, side in (("SPY", "buy"), ("QQQ", "sell"))
        ]
        assert venue.ask("POST", "/v2/orders", mleg(asked)) == (
            422,
            {"code": 42210000, "message": "underlying asset mismatch: SPY != QQQ"},
        )


def test_a_client_order_id_is_taken_once() -> None:
    with hall() as venue:
        body = single(put(venue), "buy", "0.05", client_order_id="again")
        assert venue.ask("POST", "/v2/orders", body)[0] == 200
        refused = (422, {"code": 40010001, "message": "client_order_id must be unique"})
        assert venue.ask("POST", "/v2/orders", body) == refused
        assert len(venue.client().get_orders()) == 1


def test_the_wing_of_a_short_cannot_be_sold_first() -> None:
    with hall() as venue:
        four = venue.condor()
        venue.ask("POST", "/v2/orders", mleg(legs(four)))
        status, why = venue.ask("POST", "/v2/orders", single(four[0].symbol, "sell"))
        assert (status, why["code"]) == (403, 40310000)
        assert "uncovered" in why["message"]
        assert venue.ask("POST", "/v2/orders", single(four[1].symbol, "buy"))[0] == 200
        assert venue.ask("POST", "/v2/orders", single(four[0].symbol, "sell"))[0] == 200


def test_more_than_is_held_and_free_cannot_be_closed() -> None:
    with hall() as venue:
        symbol = put(venue)
        venue.ask("POST", "/v2/orders", single(symbol, "buy"))
        _, resting = venue.ask("POST", "/v2/orders", single(symbol, "sell", "99"))
        status, why = venue.ask("POST", "/v2/orders", single(symbol, "sell"))
        assert (status, why["code"]) == (403, 40310000)
        assert why["message"] == "insufficient qty available for order (requested: 1, available: 0)"
        assert (why["available"], why["existing_qty"], why["held_for_orders"]) == ("0", "1", "1")
        assert why["related_orders"] == [resting["id"]]


def test_an_order_against_a_working_one_is_a_wash_trade() -> None:
    with hall() as venue:
        four = venue.condor()
        venue.ask("POST", "/v2/orders", mleg(legs(four), -19))
        status, why = venue.ask("POST", "/v2/orders", single(four[1].symbol, "buy", "0.05"))
        assert (status, why["code"]) == (403, 40310000)
        assert why["message"].startswith("potential wash trade detected")


def test_what_expires_today_is_not_opened_after_the_cutoff_and_still_closed() -> None:
    with hall() as venue:
        four = venue.condor()
        venue.ask("POST", "/v2/orders", mleg(legs(four)))
        venue.at(15, 15)
        status, why = venue.ask("POST", "/v2/orders", mleg(condor(venue)))
        assert (status, why["code"]) == (422, 42210000)
        assert why["message"].endswith("expires soon, unable to open new positions")
        assert venue.ask("POST", "/v2/orders", mleg(legs(four, close=True)))[0] == 200
        venue.at(16, 0)
        status, why = venue.ask("POST", "/v2/orders", single(four[0].symbol, "buy", "0.05"))
        assert (status, why["code"]) == (422, 42210000)
        assert why["message"].endswith("is expired")


@pytest.mark.parametrize(
    ("level", "kind", "words"),
    [
        (0, "long", "account not authorized to trade options"),
        (1, "long", "account not eligible for level2 options trading"),
        (2, "condor", "account not eligible to trade spreads or uncovered contracts"),
        (2, "long", ""),
        (3, "condor", ""),
    ],
)
def test_a_level_allows_so_much(level: int, kind: str, words: str) -> None:
    with hall(rules=Rules(level)) as venue:
        body = single(put(venue), "buy", "0.05") if kind == "long" else mleg(condor(venue), -19)
        status, answer = venue.ask("POST", "/v2/orders", body)
        assert (status, answer.get("message", "")) == (403 if words else 200, words)


def test_an_account_has_a_limit_for_what_expires_today() -> None:
    with hall(rules=Rules(3, expiring_limit=6)) as venue:
        assert venue.ask("POST", "/v2/orders", mleg(condor(venue)))[0] == 200
        status, why = venue.ask("POST", "/v2/orders", mleg(legs(venue.condor(offset=60)), -1))
        assert (status, why["code"]) == (403, 40310000)
        text = "exceeded account limit for contracts expiring today (requested: 4, held+open: 4, limit: 6)"
        assert why["message"] == text


def test_a_minute_has_so_many_requests() -> None:
    import requests

    with hall(requests_a_minute=3) as venue:
        answers = [requests.get(f"{venue.url}/v2/clock", headers=venue.headers(), timeout=60) for _ in range(8)]
        found = [answer.status_code for answer in answers]
        assert found.count(429) >= 2  # a minute may end among them
        assert answers[0].headers["X-RateLimit-Limit"] == "3"
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.headers["X-RateLimit-Remaining"] == "0"
        assert refused.json() == {"message": "too many requests."}


def test_what_is_not_there_is_not_found(venue: Hall) -> None:
    for method, path in (
        ("GET", "/v2/orders/61e69015-8549-4bfd-b9c3-01e75843f47d"),
        ("DELETE", "/v2/orders/61e69015-8549-4bfd-b9c3-01e75843f47d"),
        ("PATCH", "/v2/orders/61e69015-8549-4bfd-b9c3-01e75843f47d"),
        ("GET", "/v2/orders:by_client_order_id?client_order_id=nobody"),
        ("GET", "/v2/positions/SPXW260115P05000000"),
        ("DELETE", "/v2/positions/SPXW260115P05000000"),
        ("GET", "/v2/options/contracts/SPXW260115P00001000"),
        ("GET", "/v2/assets/SPX"),
        ("GET", "/v2/nothing"),
    ):
        status, why = venue.ask(method, path, {} if method == "PATCH" else None)
        assert (status, why["code"]) == (404, 40410000), path


@pytest.mark.parametrize(
    "query",
    [
        "status=some",
        "limit=0",
        "limit=501",
        "limit=x",
        "after=yesterday",
        "direction=up",
        "before_order_id=a&after_order_id=b",
    ],
)
def test_a_wrong_question_about_orders_is_refused(venue: Hall, query: str) -> None:
    status, why = venue.ask("GET", f"/v2/orders?{query}")
    assert (status, why["code"]) == (422, 40010001)


def test_only_this_machine_is_served() -> None:
    import asyncio

    from engine.venue.app import serving

    async def everywhere() -> None:
        async with serving(venue.app, "0.0.0.0"):
            pytest.fail("it listens to everybody")

    with hall() as venue, pytest.raises(ValueError, match=r"listens at 127\.0\.0\.1 only"):
        asyncio.run(everywhere())
