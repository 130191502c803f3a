"""Alerts on the screen: the box, the bell, the title, the header, the pane, and acknowledging."""

from __future__ import annotations

import views
from playing import dump, play, press, until
from textual.pilot import Pilot
from views import FakePort, alert, alerts

from engine.view import AlertManners, AlertRequest, RuleView, SeatView
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm, Prompt
from zdte_tui.screen.panes import alerts as pane
from zdte_tui.screen.toasts import MOST, Toasts

TOUCHED = "#7 short 5845P touched: SPXW at 5,845.00"


def toasts(app: WorkstationApp) -> Toasts:
    return app.workstation.query_one(Toasts)


async def come(pilot: Pilot[None], app: WorkstationApp, port: FakePort, *found: object, **changes: object) -> None:
    """These alerts are in the next view."""
    port.put(alerts=alerts(*found, **changes))  # type: ignore[arg-type]
    await until(pilot, lambda: app.desk.view is port.current)
    await pilot.pause()


def test_a_new_alarm_is_told_in_a_box_that_takes_no_focus() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        assert not toasts(app).display
        focused = app.focused
        await come(pilot, app, port, alert(1, TOUCHED, "alarm"))
        assert toasts(app).display
        assert toasts(app).plain == f"12:02:30 ALARM {TOUCHED}"
        assert app.focused is focused
        assert TOUCHED in dump(app)
        box, screen = toasts(app).region, app.workstation.size
        assert (box.right, box.bottom) == (screen.width - 1, screen.height - 1)
        await pilot.press("down")  # keys go on to the pane
        assert port.asked == []

    play(scenario)


def test_the_box_goes_after_its_seconds_and_at_once_where_its_alerts_are_acknowledged() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await come(pilot, app, port, alert(1, TOUCHED), manners=AlertManners(toast_seconds=0.05))
        await until(pilot, lambda: not toasts(app).display)
        await come(pilot, app, port, alert(1, TOUCHED), alert(2, "vix > 20: now 20.10"))
        assert toasts(app).plain == "12:02:30 WARN  vix > 20: now 20.10"  # the first one's time is over
        await come(pilot, app, port, alert(1, TOUCHED), alert(2, "vix > 20: now 20.10", acknowledged=True))
        assert not toasts(app).display

    play(scenario)


def test_what_was_there_before_the_screen_is_not_new_and_what_comes_again_after_a_jump_back_is() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        assert not toasts(app).display
        await come(pilot, app, port, alert(1, TOUCHED), alert(2, "vix > 20: now 20.10"))
        assert toasts(app).plain == "12:02:30 WARN  vix > 20: now 20.10"
        toasts(app).clear()
        await come(pilot, app, port)  # gone back
        await come(pilot, app, port, alert(1, TOUCHED))
        assert TOUCHED in toasts(app).plain

    play(scenario, port=FakePort(views.view(alerts=alerts(alert(1, TOUCHED)))))


def test_what_a_jump_has_passed_over_is_no_news_and_stands_in_the_pane() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        passed = alert(1, TOUCHED, "alarm", ts=views.at("11:02:31"), first_ts=views.at("11:02:31"))
        port.put(alerts=views.alerts(passed))
        await until(pilot, lambda: "1 ALERT" in dump(app))
        assert not toasts(app).display

    play(scenario)


def test_a_flood_is_a_few_lines_and_a_number() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await come(pilot, app, port, *(alert(n, f"order o-{n} rejected: no margin") for n in range(1, 201)))
        lines = toasts(app).plain.splitlines()
        assert len(lines) == MOST + 1
        assert "o-200 " in lines[0]
        assert lines[-1] == f"and {200 - MOST} more"

    play(scenario)


def test_market_text_in_the_box_is_never_markup_nor_a_control_code() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await come(pilot, app, port, alert(1, "order rejected: [red]\x1b[31m no[/] margin"))
        assert "[red]" in toasts(app).plain
        assert "\x1b" not in dump(app)

    play(scenario)


def test_the_box_leaves_out_what_is_not_loud_enough_and_is_off_at_no_seconds() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        loud = AlertManners(toast_from="warning")
        await come(pilot, app, port, alert(1, "#7 filled", "info"), alert(2, "limit near"), manners=loud)
        assert toasts(app).plain == "12:02:30 WARN  limit near"
        toasts(app).clear()
        await come(pilot, app, port, alert(3, TOUCHED, "alarm"), manners=AlertManners(toast_seconds=0))
        assert not toasts(app).display

    play(scenario)


def test_the_box_is_never_over_a_question() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await come(pilot, app, port, alert(1, TOUCHED, "alarm"))
        shown = dump(app)
        assert "y confirms within" in shown
        await pilot.press("y")
        await until(pilot, lambda: port.commands)
        assert [each.kind for each in port.commands] == ["flatten"]
        assert port.asked == []

    play(scenario, size=(80, 24))


def test_the_bell_is_off_unless_asked_for_and_rings_once_for_many() -> None:
    rung: list[int] = []

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        app.bell = lambda: rung.append(1)  # type: ignore[method-assign]
        await come(pilot, app, port, alert(1, TOUCHED, "alarm"))
        assert rung == []
        bell = AlertManners(bell=True)
        await come(pilot, app, port, alert(2, "#7 filled", "info"), manners=bell)
        assert rung == []
        await come(pilot, app, port, alert(3, TOUCHED, "alarm"), alert(4, "limit near"), manners=bell)
        await come(pilot, app, port, alert(3, TOUCHED, "alarm"), alert(5, "limit near"), manners=bell)
        assert rung == [1]

    play(scenario)


def test_the_title_flashes_while_alarms_are_open_and_is_given_back() -> None:
    written: list[str] = []

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        app._driver.write = written.append  # type: ignore[union-attr, method-assign]
        await come(pilot, app, port, alert(1, "limit near"))
        assert written == []  # a warning is no alarm
        await come(pilot, app, port, alert(2, TOUCHED, "alarm"))
        assert written == ["\x1b[22;2t", "\x1b]2;! 1 ALERT ! zdte-tui\x07"]
        await come(pilot, app, port, alert(2, TOUCHED, "alarm", acknowledged=True))
        assert written[-1] == "\x1b]2;\x07\x1b[23;2t"
        await come(pilot, app, port, alert(3, TOUCHED, "alarm"), manners=AlertManners(title_flash=False))
        assert written[-1] == "\x1b]2;\x07\x1b[23;2t"

    play(scenario)


def test_the_title_is_given_back_when_the_program_ends_with_alarms_open() -> None:
    written: list[str] = []

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        app._driver.write = written.append  # type: ignore[union-attr, method-assign]
        await come(pilot, app, port, alert(2, TOUCHED, "alarm"))
        assert written

    play(scenario)
    assert [each for each in written if "\x1b[23;2t" in each] == ["\x1b]2;\x07\x1b[23;2t"]


def test_the_header_counts_the_alarms_that_are_open_at_every_size() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        header = app.workstation.query_one("#header")
        assert "ALERT" not in header.plain  # type: ignore[attr-defined]
        await come(pilot, app, port, alert(1, TOUCHED, "alarm"), alert(2, "UNARMED", "alarm"), alert(3, "limit near"))
        assert "2 ALERTS" in header.plain  # type: ignore[attr-defined]
        await come(pilot, app, port, alert(1, TOUCHED, "alarm", acknowledged=True), alert(2, "UNARMED", "alarm"))
        assert "1 ALERT\n" in header.plain  # type: ignore[attr-defined]
        await come(pilot, app, port, alert(3, "limit near"))
        assert "ALERT" not in header.plain  # type: ignore[attr-defined]

    for size in ((60, 20), (80, 24), (160, 48)):
        play(scenario, size=size)


def test_the_pane_lists_alerts_in_words_the_newest_first_and_then_the_rules() -> None:
    found = alerts(
        alert(1, TOUCHED, "alarm", acknowledged=True),
        alert(2, "vix > 20: now 20.10", count=3),
        alert(3, "filled", "info"),
    )
    rows = pane.content(views.view(alerts=found), 100)
    words = [" ".join(text for text, _ in row.cells if text) for row in rows.rows]
    assert words == [
        "12:02:30 info NEW filled",
        "12:02:30 WARN NEW vix > 20: now 20.10 (3 times since 12:02:30)",
        f"12:02:30 ALARM ok {TOUCHED}",
        "rule 1 spot < 5850 once (armed; now 5,870.12, from config.toml)",
        "rule 2 pnl < -300 (fired; now -310.00)",
    ]
    assert rows.title == "alerts  2 new"


def test_an_empty_pane_says_how_to_make_a_rule() -> None:
    found = pane.content(views.view(alerts=alerts(rules=())), 60)
    assert found.rows == ()
    assert '":alert spot < 5900"' in found.message


def test_a_acknowledges_the_alert_under_the_cursor_and_elsewhere_the_newest_once() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, "9")
        await until(pilot, lambda: app.workstation.pane("alerts").rows)
        await press(pilot, "home", "down", "a")
        assert port.asked == [AlertRequest("acknowledge", number=2)]
        assert app.workstation.message == "acknowledged: second"
        await press(pilot, "end", "a")  # on a rule: the newest
        await press(pilot, "1", "a", "a")
        assert [each.number for each in port.asked[1:]] == [3, 1]
        assert app.workstation.message == "nothing to acknowledge: no alert is new"

    found = alerts(alert(1, "first"), alert(2, "second"), alert(3, "third"))
    play(scenario, port=FakePort(views.view(alerts=found)), size=(160, 48))


def test_words_add_remove_and_acknowledge_and_a_wrong_one_stays_on_the_line() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, ":alert when spot below 5900 once", ":alert-remove 2", ":acknowledge all", ":acknowledge 1")
        assert port.asked == [
            AlertRequest("add", "spot < 5900 once"),
            AlertRequest("remove", number=2),
            AlertRequest("acknowledge_all"),
            AlertRequest("acknowledge", number=1),
        ]
        for line, wrong in (
            ("alert spt < 5900", "did you mean spot?"),
            ("alert spot < 5850 once", "rule 1 watches for this already"),
            ("alert-remove 9", "'9' is no rule: write a number of pane 9: 1, 2"),
            ("acknowledge everything", "'everything' is no alert"),
        ):
            await pilot.press("colon")
            prompt = app.screen
            assert isinstance(prompt, Prompt)
            prompt.query_one("Input").value = line  # type: ignore[attr-defined]
            await pilot.press("enter")
            await until(pilot, lambda prompt=prompt: prompt.problem)
            assert wrong in prompt.problem
            await pilot.press("escape")
        assert len(port.asked) == 4

    play(scenario, port=FakePort(views.view(alerts=alerts(alert(1, TOUCHED)))))


def test_fifty_rules_are_enough() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("colon")
        prompt = app.screen
        prompt.query_one("Input").value = "alert vix > 30"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: prompt.problem)  # type: ignore[attr-defined]
        assert "50 rules are watched already" in prompt.problem  # type: ignore[attr-defined]

    rules = tuple(RuleView(number=n, text=f"vix > {n}", by="person", state="armed") for n in range(100, 150))
    play(scenario, port=FakePort(views.view(alerts=alerts(rules=rules))))


def test_a_dead_engine_takes_no_request() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        port.put(error="the engine stopped: Bug: x")
        await until(pilot, lambda: app.workstation.dead)
        await press(pilot, "a")
        assert port.asked == []
        assert "the engine has stopped" in app.workstation.message

    play(scenario, port=FakePort(views.view(alerts=alerts(alert(1, TOUCHED)))))


def test_a_screen_that_only_watches_acknowledges_nothing() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, "a", ":alert spot < 5900")
        assert port.asked == []
        assert app.workstation.message == "not sent: this screen only watches; :take-control first"

    seat = SeatView(
        number=2, name="pts/2", in_control=False, watching=False, holder="pts/1", viewers=2, notice="", notices=0
    )
    play(scenario, port=FakePort(views.view(alerts=alerts(alert(1, TOUCHED)), seat=seat)))


def test_a_box_that_has_no_room_is_not_shown_and_comes_back_with_it() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await come(pilot, app, port, alert(1, TOUCHED * 3, "alarm"))
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert TOUCHED[:12] not in dump(app)
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: toasts(app).display and toasts(app).region.right == 59)
        assert TOUCHED[:12] in dump(app)

    play(scenario)
