"""Alerts of whole sessions: the same at any speed and after a jump back, and nothing of them in the journal."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.alerts import AlertsView
from engine.calendar import from_new_york
from engine.config import Config, load
from engine.journal import JournalReader
from engine.journal.export import export
from engine.session.alert_watch import AlertWatch
from engine.session.compose import Composed, compose_demo, compose_replay
from engine.session.port import LocalPort
from engine.session.source import TapeSource
from engine.tape import Store
from engine.view import AlertRequest, CommandRequest, Pace, View
from strategies.registry import REGISTRY

DEMO_DAY = dt.date(2026, 1, 15)
RULES = ["spot < 5960 once", "pnl < -100", "time 12:00", "vix > 200", "trade 1 pnl < -50", "delta > 100000"]


def at(text: str, day: dt.date = DEMO_DAY) -> int:
    return from_new_york(day, dt.time.fromisoformat(text))


def configured(folder: Path, *settings: str) -> Config:
    places = [f"journal.path={folder / 'demo.sqlite'}", f"research.path={folder / 'research.sqlite'}"]
    return load(settings=[*places, f"alerts.rules={RULES}", *settings])


def words(alerts: AlertsView) -> list[tuple[int, int, str, str, int]]:
    return [(each.id, each.ts, each.kind, each.text, each.count) for each in reversed(alerts.alerts)]


def flat_out(config: Config, before: Callable[[Composed], None] = lambda _: None) -> AlertsView:
    """A demo day at once, in this thread."""
    composed = compose_demo(config, REGISTRY, speed=0, stay=False, fresh=True)
    try:
        before(composed)
        assert composed.runner.run() == "completed"
        assert composed.runner.alerts.failed == ""
        return composed.runner.alerts.view()
    finally:
        composed.close()


class Watched:
    """A session on its own thread, behind its Port."""

    def __init__(self, composed: Composed) -> None:
        self.composed = composed
        self.port = LocalPort(composed.runner)
        self.port.start()

    def until(self, condition: Callable[[View], object]) -> View:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            view = self.port.view()
            if view is not None and condition(view):
                return view
            time.sleep(0.01)
        raise AssertionError("no view fulfilled the condition")

    def go(self, text: str, day: dt.date = DEMO_DAY) -> View:
        self.port.pace(Pace("goto", instant=at(text, day)))
        return self.until(lambda view: view.progress.paused and view.progress.now == at(text, day))


@pytest.fixture
def paused(tmp_path: Path) -> Iterator[Watched]:
    """A demo that stands at its first instant."""
    playing = Watched(compose_demo(configured(tmp_path), REGISTRY, speed=0.001, stay=True, fresh=True))
    try:
        playing.until(lambda view: view.chain is not None)
        yield playing
    finally:
        playing.port.stop()
        playing.composed.close()


def test_a_demo_day_tells_of_fills_stops_rules_and_trades_that_are_over(tmp_path: Path) -> None:
    alerts = flat_out(configured(tmp_path))
    kinds = [each.kind for each in alerts.alerts]
    assert {"fill", "stop_armed", "stop_fired", "closed", "rule"} <= set(kinds)
    assert kinds.count("stop_armed") == 3  # once a trade
    noon = next(each for each in alerts.alerts if each.text == "it is 12:00")
    assert noon.ts == at("12:00")
    assert alerts.unacknowledged == len(alerts.alerts)
    states = {each.text: each.state for each in alerts.rules}
    assert states["time 12:00"] == states["spot < 5960 once"] == "done"
    assert states["vix > 200"] == "waiting"  # nothing trades any more that implies one
    assert states["pnl < -100"] == "fired"
    assert states["trade 1 pnl < -50"] in ("waiting", "fired")  # the trade is over
    assert all(each.by == "config" for each in alerts.rules)


def test_the_journal_of_a_session_knows_nothing_of_its_alerts(tmp_path: Path) -> None:
    def canonical(folder: Path, *settings: str, deaf: bool = False) -> bytes:
        folder.mkdir()
        config = configured(folder, *settings)
        with pytest.MonkeyPatch.context() as patch:
            if deaf:
                patch.setattr(AlertWatch, "after", lambda *_: False)
                patch.setattr(AlertWatch, "look", lambda *_: None)
            flat_out(config)
        with JournalReader(Path(config.journal.path)) as reader:
            return b"".join(export(reader, form="canonical"))

    loud = canonical(tmp_path / "loud")
    assert loud == canonical(tmp_path / "deaf", deaf=True)
    assert loud == canonical(tmp_path / "quiet", "alerts.rules=[]", "alerts.near_move=0.0")


def test_a_jump_back_takes_alerts_back_and_playing_on_gives_the_same_again(paused: Watched, tmp_path: Path) -> None:
    (tmp_path / "straight").mkdir()
    straight = words(flat_out(configured(tmp_path / "straight")))

    def by(text: str) -> list[tuple[int, int, str, str, int]]:
        return [each for each in straight if each[1] <= at(text) and each[4] == 1]

    def alone(view: View) -> list[tuple[int, int, str, str, int]]:
        return [each for each in words(view.alerts) if each[4] == 1]

    assert alone(paused.go("14:00")) == by("14:00")
    assert alone(paused.go("11:30")) == by("11:30")
    assert alone(paused.go("10:00:10")) == by("10:00:10")
    assert alone(paused.go("14:30")) == by("14:30")
    assert paused.composed.runner.alerts.failed == ""


def test_what_a_person_acknowledged_stays_so_over_a_jump_back(paused: Watched) -> None:
    paused.go("11:30")
    paused.port.alerts(AlertRequest("acknowledge_all"))
    paused.until(lambda view: view.alerts.unacknowledged == 0)
    view = paused.go("10:30")
    assert view.alerts.alerts
    assert view.alerts.unacknowledged == 0
    assert paused.go("11:30").alerts.unacknowledged > 0  # what happens again is news again


def test_rules_are_added_removed_and_refused_while_a_session_stands(paused: Watched) -> None:
    port = paused.port
    port.alerts(AlertRequest("add", "spot > 1 as alarm"))
    view = paused.until(lambda view: len(view.alerts.rules) == len(RULES) + 1)
    added = view.alerts.rules[-1]
    assert (added.number, added.text, added.by, added.state) == (7, "spot > 1 as alarm", "person", "fired")
    assert added.now.startswith("now 5,9")
    assert view.alerts.alerts[0].text.startswith("spot > 1 as alarm: now")
    assert view.alerts.alarms == 1
    port.alerts(AlertRequest("acknowledge", number=view.alerts.alerts[0].id))
    paused.until(lambda view: view.alerts.alarms == 0)
    port.alerts(AlertRequest("add", "nonsense"))
    port.alerts(AlertRequest("remove", number=7))
    port.alerts(AlertRequest("remove", number=99))
    port.alerts(AlertRequest("add", "time 09:00"))
    view = paused.until(lambda view: view.alerts.rules[-1].number == 8)
    assert view.alerts.rules[-1].state == "done"  # it is past, and no news
    assert [each.text for each in view.alerts.alerts if each.kind == "rule"] == [
        "spot > 1 as alarm: now " + added.now[4:]
    ]


def test_an_order_of_the_broker_s_breaker_is_told_and_a_person_s_pause_is_not(paused: Watched) -> None:
    paused.port.command(CommandRequest("pause"))
    paused.until(lambda view: view.header.state == "REDUCING")
    assert [each.text for each in paused.port.view().alerts.alerts] == []  # type: ignore[union-attr]
    paused.composed.runner.send(CommandRequest("pause", text="the broker cannot be reached"), actor="broker")
    view = paused.until(lambda view: view.alerts.alarms)
    assert view.alerts.alerts[0].kind == "breaker"
    assert "the broker cannot be reached" in view.alerts.alerts[0].text


def test_alerts_that_fail_say_so_once_and_stop_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no such figure")

    monkeypatch.setattr("engine.session.alert_facts.FactFinder.read", broken)
    composed = compose_demo(configured(tmp_path), REGISTRY, speed=0, stay=False, fresh=True)
    try:
        assert composed.runner.run() == "completed"
    finally:
        composed.close()
    failures = [each for each in composed.runner.alerts.view().alerts if each.kind == "engine"]
    assert [each.text for each in failures] == [
        "the alerts failed, and some are missing: ZeroDivisionError: no such figure"
    ]


def test_an_observer_that_fails_is_told_no_more(tmp_path: Path) -> None:
    heard = []

    def deaf(composed: Composed) -> None:
        def told(alert: object) -> None:
            heard.append(alert)
            raise OSError("a closed pipe")

        composed.runner.alerts.told = told

    assert len(flat_out(configured(tmp_path), deaf).alerts) > 1
    assert len(heard) == 1


def test_after_a_restart_what_was_told_is_there_and_acknowledged(tmp_path: Path) -> None:
    config = configured(tmp_path)
    holder: list[Composed] = []
    first = compose_demo(
        config, REGISTRY, speed=0, stay=False,
        on_tick=lambda tick: holder[0].runner.stop() if tick.now >= at("12:30") else None,
    )  # fmt: skip
    holder.append(first)
    assert first.runner.run() == "stopped"
    before = [each.text for each in first.runner.alerts.view().alerts if each.kind in ("fill", "closed", "stop_fired")]
    first.close()

    second = compose_demo(config, REGISTRY, speed=0.001, stay=True)
    playing = Watched(second)
    try:
        view = playing.until(lambda view: view.chain is not None)
        told = [each for each in view.alerts.alerts if each.kind in ("fill", "closed", "stop_fired")]
        assert [each.text for each in told] == before
        assert all(each.acknowledged for each in told)
        assert second.runner.alerts.failed == ""
    finally:
        playing.port.stop()
        second.close()


def test_a_recorded_day_gives_the_same_alerts_whichever_way_it_is_gone_through(
    tmp_path: Path, real_store: Store
) -> None:
    day = dt.date(2024, 8, 5)

    def replay(name: str) -> Watched:
        (tmp_path / name).mkdir()
        config = configured(tmp_path / name)
        source = TapeSource(real_store, "SPXW", day)
        return Watched(compose_replay(config, REGISTRY, source, speed=0.001, stay=True))

    straight, wandering = replay("straight"), replay("wandering")
    try:
        whole = straight.go("16:00", day).alerts
        for text in ("13:00", "10:15", "15:45", "09:40"):
            wandering.go(text, day)
        again = wandering.go("16:00", day).alerts
        assert words(again) == words(whole)
        assert again.rules == whole.rules
        silent = [each.text for each in whole.alerts if each.kind == "feed"]
        assert any(text.startswith("no data since 10:0") for text in silent), silent  # nine looks a day
        assert "it is 12:00" in [each.text for each in whole.alerts]
    finally:
        for each in (straight, wandering):
            each.port.stop()
            each.composed.close()


def test_a_trade_held_into_its_strikes_is_told_of_as_they_come_nearer(tmp_path: Path) -> None:
    held = ("strategies.iron_condor.hold_to_settlement=true", "risk.daily_loss=100000", "demo.scenario=trend")
    found = sorted(flat_out(configured(tmp_path, *held)).alerts, key=lambda each: each.serial)
    of_two = [each for each in found if each.trade_id == 2]
    first = {each.kind: each.first_ts for each in reversed(of_two)}
    assert first["fill"] < first["short_near"] < first["short"] < first["breakeven"] < first["closed"]
    near = next(each.text for each in of_two if each.kind == "short_near")
    assert near.startswith("#2 short 5945P is 4.")
    levels = {each.kind: each.level for each in of_two}
    assert (levels["short_near"], levels["short"], levels["closed"]) == ("warning", "alarm", "info")


def test_a_feed_that_falls_silent_is_told_with_the_breaker_and_the_stops_nobody_holds(tmp_path: Path) -> None:
    found = sorted(flat_out(configured(tmp_path, "demo.scenario=outage")).alerts, key=lambda each: each.serial)
    during = [(each.kind, each.level) for each in found if at("12:10:00") <= each.ts < at("12:11:00")]
    assert during == [("feed", "warning"), ("breaker", "alarm"), ("unarmed", "alarm"), ("unarmed", "alarm")]
