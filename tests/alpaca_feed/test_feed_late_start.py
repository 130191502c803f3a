"""A session that begins at eleven knows the morning: the chart, the average, volumes and open interest."""

from __future__ import annotations

from typing import Any

from feed_world import Exchange, Taker, exchange, taking

from engine.alerts.moves import Moves
from engine.clock import MINUTE, SECOND
from engine.core import Engine
from engine.events import ChainBatch, SessionStart
from engine.session.alert_facts import FactFinder
from engine.types import Underlying, product
from engine.view import HeaderView, ProgressView, ViewRequest
from engine.view.build import ViewBuilder
from engine.view.minutes import Minutes, Recorder, average
from zdte_tui.screen.panes.chain import bottom


def followed(world: Exchange, taker: Taker, root: str) -> tuple[Engine, Minutes]:
    """An engine that was given what the feed brought, and the minutes it has of a root."""
    engine = Engine(world.config, world.day, "late", (root,), {root: "quote"}, [])
    recorder = Recorder(engine)
    now = taker.events[0].ts_known
    for event in (SessionStart(ts_known=now, ts_event=now, day=world.day.day), *taker.events):
        recorder.look(engine.process(event).now)
    return engine, recorder.of(root)


def test_the_chart_of_a_fund_begins_at_the_open_and_so_does_its_vwap() -> None:
    with exchange("session.roots=['SPY']", start="11:00") as world, taking(world.feed("SPY"), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.quoted("SPY") and taker.market.value("SPY")[0])
        _, minutes = followed(world, taker, "SPY")
        assert minutes.times[:89] == [world.day.open + n * MINUTE for n in range(1, 90)]
        assert minutes.times == sorted(minutes.times)
        values, kind = average(minutes, world.day.open)
        assert kind == "VWAP"
        assert values[-1] is not None


def test_the_chart_of_an_index_begins_at_the_open_where_the_plan_has_its_values() -> None:
    with exchange(start="11:00") as world, taking(world.feed(), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.quoted() and taker.market.earlier)
        engine, minutes = followed(world, taker, "SPXW")
        assert minutes.times[:89] == [world.day.open + n * MINUTE for n in range(1, 90)]
        position = engine.state.market.index[Underlying("SPX")]
        values = dict(zip(minutes.times, minutes.prices, strict=True))
        theirs = _history(world, "SPX")
        assert {ts: values[ts] for ts in minutes.times[:89]} == {ts: theirs[ts] for ts in minutes.times[:89]}
        assert engine.state.market.detail(position)["volume"] is None


def test_without_index_values_the_chart_begins_when_the_session_did() -> None:
    with exchange(start="11:00") as world:
        world.faults.switch("no_subscription", part="/v1beta1/indices", times=None)
        with taking(world.feed(), world.clock) as taker:
            taker.until(lambda: taker.state == "ok" and taker.quoted() and "no index values" in taker.text)
            world.at("11:01")
            theirs = world.venue.market
            near = [each for each in taker.quoted() if each.symbol in taker.subscribed]
            taker.until(lambda: all(taker.market.quote(each) == theirs.quote(each) for each in near))
            _, minutes = followed(world, taker, "SPXW")
            assert minutes.times == [world.clock.now()]


def test_volumes_and_open_interest_are_those_of_a_session_that_began_at_the_open() -> None:
    with exchange(start="11:00") as world, taking(world.feed(), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.quoted())

        def details(market: Any, what: str) -> dict[str, int]:
            found = {each.symbol: market.detail(market.index[each])[what] for each in market.contracts("SPXW")}
            return {symbol: value for symbol, value in found.items() if value}

        theirs = world.venue.market
        wanted = {each.symbol for each in taker.market.contracts("SPXW")}
        for what in ("volume", "open_interest"):
            expected = {symbol: value for symbol, value in details(theirs, what).items() if symbol in wanted}
            assert expected
            assert details(taker.market, what) == expected, what


def test_a_minute_that_is_known_already_is_not_moved_by_one_learned_of_late() -> None:
    minutes = Minutes()
    minutes.put(100 * MINUTE, 5, None)
    minutes.fill(98 * MINUTE, 3, 7)
    minutes.fill(99 * MINUTE, 4, None)
    minutes.fill(100 * MINUTE + 1, 9, None)
    minutes.fill(98 * MINUTE + 5, 9, None)
    assert (minutes.times, minutes.prices) == ([98 * MINUTE, 99 * MINUTE, 100 * MINUTE], [3, 4, 5])
    assert minutes.volumes == [7, None, None]


def _history(world: Exchange, symbol: str) -> dict[int, int]:
    """The index at each minute's end, as the exchange's own source has it."""
    from engine.session.source import demo_source

    found: dict[int, int] = {}
    listed: list[Any] = []
    for event in demo_source(world.config).events():
        if hasattr(event, "instruments"):
            listed += event.instruments
        if isinstance(event, ChainBatch) and event.price is not None and Underlying(symbol) in listed:
            rows = event.idx.tolist()
            number = listed.index(Underlying(symbol))
            if number in rows and event.ts_event % MINUTE == 0:
                found[event.ts_event] = int(event.price[rows.index(number)])
    assert product("SPXW").underlying == symbol
    return found


def test_before_the_first_quotes_of_a_late_start_no_silence_since_the_open_is_told() -> None:
    with exchange(start="11:00") as world:
        now = world.clock.now()
        engine = Engine(world.config, world.day, "late", ("SPXW",), {"SPXW": "quote"}, [])
        engine.process(SessionStart(ts_known=now, ts_event=now, day=world.day.day))
        finder = FactFinder(engine, Moves())
        assert finder.feed(now + 60 * SECOND).well
        silent = finder.feed(now + 3 * MINUTE)
        assert (silent.well, silent.text) == (False, "no data since 11:00:00")
        builder = ViewBuilder(engine, "SIMULATED")
        assert header_at(builder, world, now).feed_text == "waiting for the first quotes"
        assert header_at(builder, world, now + 3 * MINUTE).feed_text == "no data since the start at 11:00"


def test_old_quotes_are_counted_among_those_that_stream() -> None:
    with exchange(start="11:00") as world, taking(world.feed(index_seconds=0), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.quoted() and taker.subscribed)
        assert taker.feed.streamed == taker.subscribed
        engine, _ = followed(world, taker, "SPXW")
        builder, now = ViewBuilder(engine, "SIMULATED"), world.clock.now() + 2 * MINUTE
        view = builder.build(ViewRequest(), progress(world, now), streamed=taker.feed.streamed)
        assert view.chain is not None
        sides = [(row.strike, side) for row in view.chain.rows for side in (row.call, row.put) if side.age is not None]
        near = [side for _, side in sides if side.streamed]
        assert len(near) == len(taker.subscribed) < len(sides)
        text = " ".join(cell for row in bottom(view.chain, 400) for cell, _ in row.cells)
        assert f"{len(near)} of {len(near)} quotes over 90s old" in text
        assert f"{len(sides) - len(near)} far quotes are not streamed" in text


def progress(world: Exchange, now: int) -> ProgressView:
    day = world.day
    return ProgressView(
        open=day.open, close=day.close, end=day.close, now=now, speed=1, paused=False, finished=False,
        can_control=False, marks=(),
    )  # fmt: skip


def header_at(builder: ViewBuilder, world: Exchange, now: int) -> HeaderView:
    return builder.build(ViewRequest(), progress(world, now)).header
