"""Orders sent through Alpaca's protocols fill as those given to the simulated exchange directly: nothing is between."""

from __future__ import annotations

import pytest
from venue_hall import Hall, hall, legs, mleg

from engine.calendar import session
from engine.config import load
from engine.events import BrokerReport, LegFill, OrderRequest
from engine.session.exchange import make_broker
from engine.session.source import demo_source
from engine.types import Contract, Leg, Package

SECOND = 10**9
Fill = tuple[str, int, tuple[LegFill, ...]]


def package(four: list[Contract], *, close: bool) -> Package:
    sides = ("sell", "buy", "buy", "sell") if close else ("buy", "sell", "sell", "buy")
    effect = "close" if close else "open"
    return Package(tuple(Leg(each, side, effect) for each, side in zip(four, sides, strict=True)))  # type: ignore[arg-type]


def plan(venue: Hall) -> list[tuple[int, str, bool, int, int | None]]:
    """When, in seconds after the open, under which id, whether it closes, how many, and at which limit in cents."""
    return [
        (30 * 60, "first", False, 3, -480),
        (45 * 60 + 7, "back", True, 2, 660),
        (60 * 60, "second", False, 1, None),
        (200 * 60 + 3, "all", True, 2, None),
    ]


@pytest.mark.parametrize("settings", [("fills.model=cross",), ("fills.model=improve", "fills.latency_ms=250")])
def test_fills_are_those_of_the_exchange_itself(settings: tuple[str, ...]) -> None:
    config = load([], list(settings))
    source = demo_source(config)
    day = session(source.day)
    direct = make_broker(config, source)
    by_hand: list[Fill] = []

    def note(reports: object) -> None:
        for report in reports:  # type: ignore[attr-defined]
            if isinstance(report, BrokerReport) and report.kind == "fill":
                by_hand.append((report.client_order_id, report.ts_known, report.legs))

    with hall(*settings, start=0) as venue:
        through: list[Fill] = []
        venue.venue.reported.append(
            lambda _, report: (
                through.append((report.client_order_id, report.ts_known, report.legs))
                if report.kind == "fill"
                else None
            )
        )
        four: list[Contract] = []
        for seconds, name, close, count, cents in plan(venue):
            at = day.open + seconds * SECOND
            venue.run(lambda at=at: (venue.clock.set(at), venue.venue.advance()))
            four = four or venue.condor()
            limit = None if cents is None else f"{cents / 100:.2f}"
            body = mleg(legs(four, close=close), limit, qty=count, client_order_id=name)
            assert venue.ask("POST", "/v2/orders", body)[0] == 200
            units = None if cents is None else cents * 100
            request = OrderRequest(
                action="submit",
                client_order_id=name,
                package=package(four, close=close),
                quantity=count,
                limit=units,
            )
            note(direct.converse((request,), at))
        venue.at(15, 50)
        note(direct.converse((), venue.venue.now))
    assert {fill[0] for fill in by_hand} == {"first", "back", "second", "all"}
    assert through == by_hand
