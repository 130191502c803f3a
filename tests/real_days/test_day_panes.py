"""The panes that follow a day, on a real path and on the demo's: they agree with the journal's own records."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest
from real_days import CONDOR, WHIPSAW, Played, along, at, playing

from engine.calendar import clock_text, from_new_york
from engine.config import load
from engine.core import Engine
from engine.events import ExitRecord, MarkRecord, OrderRecord
from engine.pacing import Timeline
from engine.session.compose import make_engine
from engine.session.source import demo_source
from engine.tape import Store
from engine.types import SCALE
from engine.view import ProgressView, View, ViewRequest
from engine.view.build import ViewBuilder
from strategies.registry import REGISTRY
from zdte_tui.screen.draw import GLYPHS
from zdte_tui.screen.panes.chart import draw_chart
from zdte_tui.screen.panes.equity import draw_equity

PARTS = ("chart", "equity", "orders")


def shown(builder: ViewBuilder, engine: Engine, now: int) -> View:
    day = engine.state.session
    progress = ProgressView(
        open=day.open, close=day.close, end=day.close, now=now, speed=60, paused=False, finished=False,
        can_control=True, marks=builder.marks,
    )  # fmt: skip
    return builder.build(ViewRequest(parts=PARTS), progress)


@pytest.fixture(scope="module")
def whipsaw(recorded: Store) -> tuple[View, Played]:
    """The whipsaw: both sides stopped."""
    builder: ViewBuilder | None = None
    played = None
    for _, played in playing(along(recorded, WHIPSAW, seed=1), f'{CONDOR}.entries=["10:00"]'):
        builder = builder or ViewBuilder(played.engine, "REPLAY SIMULATED")
        builder.absorb(played.ticks[-1])
    assert builder is not None
    assert played is not None
    return shown(builder, played.engine, at(WHIPSAW, "15:59")), played


def test_the_chart_follows_the_real_path_and_marks_both_stops(whipsaw: tuple[View, Played]) -> None:
    view, played = whipsaw
    chart = view.chart
    assert chart is not None
    assert len(chart.times) > 380
    assert (max(chart.prices) - min(chart.prices)) / SCALE > 90  # it fell 33 points, then rose 94
    stops = [(mark.kind, mark.trade_id) for mark in chart.marks]
    assert stops == [("entry", 1), ("stop", 1), ("stop", 1)]
    fired = [record.ts for record in played.of(ExitRecord)]
    assert [mark.ts for mark in chart.marks[1:]] == fired
    assert chart.opening is not None
    assert 15 < chart.opening.move < 120


def test_the_curve_ends_where_the_trades_do_and_holds_the_journals_marks(whipsaw: tuple[View, Played]) -> None:
    view, played = whipsaw
    curve = view.equity
    assert curve is not None
    assert curve.mid[-1] == played.results()[1].realised == curve.realised[-1]
    marks = {record.ts: record.pnl_mid for record in played.of(MarkRecord)}
    known = dict(zip(curve.times, curve.mid, strict=True))
    shared = [ts for ts in marks if ts in known]
    assert len(shared) > 30
    assert all(known[ts] == marks[ts] for ts in shared)
    assert curve.drawdown >= -curve.mid[-1]


def test_the_blotter_holds_every_order_of_the_journal(whipsaw: tuple[View, Played]) -> None:
    view, played = whipsaw
    found = view.orders
    assert found is not None
    written = [record.client_order_id for record in played.of(OrderRecord)]
    assert sorted(row.key for row in found.rows) == sorted(written)
    assert {row.kind for row in found.rows} == {"open", "close"}
    assert found.working == 0


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> View:
    folder: Path = tmp_path_factory.mktemp("demo")
    config = load(settings=[f"journal.path={folder / 'demo.sqlite'}"])
    source = demo_source(config)
    engine = make_engine(config, REGISTRY, source, "demo")
    builder = ViewBuilder(engine, "SIMULATED")
    timeline = Timeline(iter(source.events()))
    until = from_new_york(engine.state.session.day, dt.time(13, 0))
    while (ts := timeline.next_ts) is not None and ts <= until:
        event = timeline.take()
        assert event is not None
        tick = engine.process(event)
        timeline.wake_at = tick.wake_at
        builder.absorb(tick)
    return shown(builder, engine, until)


def test_the_demo_has_a_price_every_minute_from_the_open_on(demo: View) -> None:
    chart = demo.chart
    assert chart is not None
    minutes = [clock_text(ts, seconds=False) for ts in chart.times]
    assert minutes[0] in ("09:30", "09:31")
    assert len(set(minutes)) >= 209
    assert chart.strikes
    assert chart.stops
    for stop in chart.stops:  # a stop of the calls lies above spot, one of the puts below
        assert chart.spot is not None
        assert (stop.price > chart.spot) == (stop.label == "calls")


def test_the_demos_drawings_show_what_the_views_hold(demo: View) -> None:
    assert demo.chart is not None
    assert demo.equity is not None
    for glyphs in GLYPHS:
        chart = draw_chart(demo.chart, 160, 40, glyphs, 0, None)
        text = "\n".join("".join(text for text, _ in line) for line in chart.lines)
        assert all(f"S {strike.strike // SCALE}{strike.right}" in text for strike in demo.chart.strikes)
        curve = draw_equity(demo.equity, demo.progress, 160, 40, glyphs)
        assert len(curve.lines) == 40


def test_all_of_it_can_be_sent(demo: View) -> None:
    sent = msgspec.msgpack.encode(demo)
    again = msgspec.msgpack.decode(sent, type=View)
    assert (again.chart, again.equity, again.orders) == (demo.chart, demo.equity, demo.orders)
