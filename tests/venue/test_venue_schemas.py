"""Every answer of the exchange against Alpaca's OpenAPI document, and against the bodies it gives as examples."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from venue_hall import Hall, hall, legs, mleg, single


@pytest.fixture(scope="module")
def venue() -> Iterator[Hall]:
    with hall('session.roots=["SPXW","SPY"]') as found:
        yield found


def nullable(schema: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: what is nullable may be null."""
    if isinstance(schema, list):
        return [nullable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: nullable(value) for key, value in schema.items() if key not in ("nullable", "example")}
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made


class Document:
    def __init__(self, shared: Path) -> None:
        self.whole = json.loads((shared / "specs/alpaca/mcp-trading-api.json").read_text())
        self.parts = nullable(self.whole["components"])

    def faults(self, schema: Any, body: Any) -> set[tuple[str, str, str]]:
        """Where a body differs: the path without positions, the rule it breaks, and the value."""
        checker = Draft4Validator({**nullable(schema), "components": self.parts})
        found = set()
        for error in checker.iter_errors(body):
            for each in self._ends(error):
                path = ".".join("*" if isinstance(step, int) else step for step in each.absolute_path)
                found.add((path, str(each.validator), json.dumps(each.instance)))
        return found

    def _ends(self, error: Any) -> Iterator[Any]:
        if error.context:
            for each in error.context:
                if each.validator != "type" or each.schema.get("type") != "null":
                    yield from self._ends(each)
        else:
            yield error

    def of(self, method: str, path: str, status: int) -> Any:
        answer = self.whole["paths"][path][method.lower()]["responses"][str(status)]
        return answer["content"]["application/json"]["schema"]


@pytest.fixture(scope="module")
def document(shared: Path) -> Document:
    return Document(shared)


@pytest.fixture(scope="module")
def example(shared: Path) -> dict[str, dict[str, Any]]:
    """Alpaca's own examples of an order's answer."""
    folder = shared / "fixtures/alpaca"
    names = {"mleg": "spec_example__MultilegOptionsOrderResponse", "simple": "spec_example__OptionOrderResponse"}
    return {key: json.loads((folder / f"{name}.json").read_text()) for key, name in names.items()}


@pytest.fixture(scope="module")
def quirks(document: Document, example: dict[str, dict[str, Any]]) -> set[tuple[str, str, str]]:
    """Where Alpaca's own examples break its document: a package's parent is of no asset and no side."""
    schema = {"$ref": "#/components/schemas/Order"}
    found = {each for body in example.values() for each in document.faults(schema, body)}
    assert {path for path, _, _ in found} >= {"asset_class", "side", "symbol", "legs.*.type"}
    return found


def within(document: Document, schema: Any, body: Any, quirks: set[tuple[str, str, str]]) -> None:
    """The body keeps the document, but for what the examples break."""
    known = {(path.rpartition("*.")[2], rule, value) for path, rule, value in quirks}
    found = {
        each
        for each in document.faults(schema, body)
        if (each[0].removeprefix("*.").removeprefix("body.").rpartition("*.")[2], *each[1:]) not in known
    }
    assert not found


def test_the_fields_of_an_order_are_those_of_the_examples(venue: Hall, example: dict[str, dict[str, Any]]) -> None:
    with hall() as alone:
        _, package = alone.ask("POST", "/v2/orders", mleg(legs(alone.condor())))
        _, simple = alone.ask("POST", "/v2/orders", single(alone.condor()[0].symbol, "buy", "0.05"))
    assert package.keys() == example["mleg"].keys()
    assert all(leg.keys() == example["mleg"]["legs"][0].keys() for leg in package["legs"])
    # Real answers of later years have both; the example of 2023 has neither.
    assert simple.keys() - example["simple"].keys() == {"position_intent", "expires_at"}
    assert example["simple"].keys() <= simple.keys()
    for key, value in example["mleg"].items():
        assert type(package[key]) in (type(value), type(None)) or value is None, key


def test_orders_keep_the_document(venue: Hall, document: Document, quirks: set[tuple[str, str, str]]) -> None:
    with hall() as alone:
        four = alone.condor()
        status, package = alone.ask("POST", "/v2/orders", mleg(legs(four)))
        assert status == 200
        _, resting = alone.ask(
            "POST", "/v2/orders", single(alone.contract("P", alone.spot() - 60).symbol, "buy", "0.05")
        )
        _, new = alone.ask("PATCH", f"/v2/orders/{resting['id']}", {"limit_price": "0.10"})
        _, stop = alone.ask(
            "POST", "/v2/orders", single(four[1].symbol, "buy", "90", type="stop_limit", stop_price="80")
        )
        assert stop["type"] == "stop_limit"
        for body in (package, resting, new, stop):
            within(document, document.of("POST", "/v2/orders", 200), body, quirks)
            _, now = alone.ask("GET", f"/v2/orders/{body['id']}")
            within(document, document.of("GET", "/v2/orders/{order_id}", 200), now, quirks)
        for nested in ("true", "false"):
            _, listed = alone.ask("GET", f"/v2/orders?status=all&nested={nested}")
            assert len(listed) == (4 if nested == "true" else 8)
            within(document, document.of("GET", "/v2/orders", 200), listed, quirks)
        status, rows = alone.ask("DELETE", "/v2/orders")
        assert (status, len(rows)) == (207, 2)
        within(document, document.of("DELETE", "/v2/orders", 207), rows, quirks)
        _, held = alone.ask("GET", "/v2/positions")
        assert len(held) == 4
        within(document, document.of("GET", "/v2/positions", 200), held, set())
        _, one = alone.ask("GET", f"/v2/positions/{four[1].symbol}")
        within(document, document.of("GET", "/v2/positions/{symbol_or_asset_id}", 200), one, set())
        _, fills = alone.ask("GET", "/v2/account/activities")
        assert len(fills) == 4
        within(document, document.of("GET", "/v2/account/activities", 200), fills, set())
        _, account = alone.ask("GET", "/v2/account")
        within(document, document.of("GET", "/v2/account", 200), account, set())
        status, rows = alone.ask("DELETE", "/v2/positions")
        assert (status, len(rows)) == (207, 4)
        within(document, document.of("DELETE", "/v2/positions", 207), rows, quirks)


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/v2/account", "/v2/account"),
        ("/v2/account/configurations", "/v2/account/configurations"),
        ("/v2/clock", "/v2/clock"),
        ("/v2/calendar?start=2025-11-24&end=2025-12-26", "/v2/calendar"),
        ("/v2/calendar", "/v2/calendar"),
        ("/v2/assets", "/v2/assets"),
        ("/v2/assets/SPY", "/v2/assets/{symbol_or_asset_id}"),
        ("/v2/options/contracts?limit=10000", "/v2/options/contracts"),
    ],
)
def test_an_answer_keeps_the_document(venue: Hall, document: Document, path: str, template: str) -> None:
    status, body = venue.ask("GET", path)
    assert status == 200
    assert body
    within(document, document.of("GET", template, 200), body, set())


def test_a_contract_keeps_the_document(venue: Hall, document: Document) -> None:
    _, body = venue.ask("GET", f"/v2/options/contracts/{venue.condor()[0].symbol}")
    within(document, document.of("GET", "/v2/options/contracts/{symbol_or_id}", 200), body, set())
    _, why = venue.ask("GET", "/v2/options/contracts/nothing")
    within(document, document.of("GET", "/v2/options/contracts/{symbol_or_id}", 404), why, set())


def test_a_null_and_a_missing_field_are_found(document: Document) -> None:
    """The check itself would see a fault."""
    schema = document.of("GET", "/v2/clock", 200)
    good = {"timestamp": "t", "is_open": True, "next_open": "t", "next_close": "t"}
    assert not document.faults(schema, good)
    assert document.faults(schema, good | {"is_open": None})
    assert document.faults(schema, {key: value for key, value in good.items() if key != "next_open"})


def test_instants_are_of_the_market_and_parse_as_dates(venue: Hall) -> None:
    _, clock = venue.ask("GET", "/v2/clock")
    assert dt.datetime.fromisoformat(clock["timestamp"]).date() == venue.day.day
    assert clock["timestamp"].endswith("-05:00")


@pytest.mark.parametrize(("right", "held"), [("C", "100"), ("P", "-100")])
def test_shares_of_an_exercise_keep_the_document(document: Document, right: str, held: str) -> None:
    with hall('session.roots=["SPY"]') as venue:
        value = venue.venue.market.value("SPY")[0]
        assert value is not None
        today = [each for each in venue.venue.listed if getattr(each, "expiry", None) == venue.day.day]
        deep = [each for each in today if each.right == right]
        option = min(
            (each for each in deep if abs(each.strike - value) > 80_000 and (each.strike < value) == (right == "C")),
            key=lambda each: abs(each.strike - value),
        )
        assert venue.ask("POST", "/v2/orders", single(option.symbol, "buy"))[0] == 200
        assert venue.client().get_open_position(option.symbol).qty == "1"
        venue.at(16, 50)
        (shares,) = venue.ask("GET", "/v2/positions")[1]
        assert (shares["symbol"], shares["qty"], shares["asset_class"]) == ("SPY", held, "us_equity")
        assert float(shares["avg_entry_price"]) == option.strike / 10_000
        within(document, document.of("GET", "/v2/positions/{symbol_or_asset_id}", 200), shares, set())
        _, account = venue.ask("GET", "/v2/account")
        assert float(account["options_buying_power"]) < 75_000  # cash of a short sale is not there to be spent
        within(document, document.of("GET", "/v2/account", 200), account, set())
