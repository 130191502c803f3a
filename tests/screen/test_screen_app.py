"""The app around the panes: pulling views, a dead engine, a slow terminal, sizes, themes, the mouse."""

from __future__ import annotations

from queue import Queue
from types import SimpleNamespace
from typing import Any

import pytest
import views
from msgspec.structs import replace
from playing import dump, make_app, play, press, settled, until
from textual.pilot import Pilot
from views import FakePort

from engine.view import View
from zdte_tui.screen import backlog
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.slots import PANE_NAMES, SLOTS


def count_shows(app: WorkstationApp, monkeypatch: pytest.MonkeyPatch) -> list[View]:
    shown: list[View] = []
    show = app.workstation.show
    monkeypatch.setattr(app.workstation, "show", lambda view: (shown.append(view), show(view)))
    return shown


def test_a_view_already_shown_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        shown = count_shows(app, monkeypatch)
        app.pull()
        assert port.current is not None
        port.current = replace(port.current)
        app.pull()
        assert shown == []
        port.put()
        app.pull()
        assert len(shown) == 1

    play(scenario, refresh_hz=1)


def test_a_slow_terminal_skips_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        shown = count_shows(app, monkeypatch)
        waiting: Queue[str] = Queue()
        monkeypatch.setattr(app._driver, "_writer_thread", SimpleNamespace(_queue=waiting), raising=False)
        waiting.put("frame")
        waiting.put("frame")
        port.put()
        app.pull()
        assert shown == []
        waiting.get()
        app.pull()
        assert len(shown) == 1

    play(scenario, refresh_hz=1)


def test_the_real_writer_has_the_queue_that_is_looked_at() -> None:
    from textual.drivers._writer_thread import WriterThread

    writer = WriterThread(SimpleNamespace())  # type: ignore[arg-type]
    app = SimpleNamespace(_driver=SimpleNamespace(_writer_thread=writer))
    assert not backlog.behind(app)
    writer.write("one")
    writer.write("two")
    assert backlog.behind(app)
    assert not backlog.behind(SimpleNamespace(_driver=None))


def test_a_dead_engine_leaves_a_red_bar_over_the_last_view() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        port.put(error="ZeroDivisionError in pricing")
        await until(pilot, lambda: app.workstation.error)
        await until(pilot, lambda: "ENGINE STOPPED: ZeroDivisionError in pricing. The log is /tmp/z.log." in dump(app))
        assert ">5870<" in dump(app)
        await pilot.press("F")
        assert "the engine has stopped" in app.workstation.message
        await pilot.press("y")
        assert port.commands == []
        await pilot.press("escape", "2")
        assert "ENGINE STOPPED" in dump(app)
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running or app._exit)

    play(scenario, log_path="/tmp/z.log")


def test_a_standing_problem_is_on_the_bar_while_keys_still_trade() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        port.put(alarm="cannot write the journal: disk full")
        await until(pilot, lambda: "cannot write the journal: disk full" in dump(app))
        assert "ENGINE STOPPED" not in dump(app)
        await pilot.press("F")
        await until(pilot, lambda: "y confirms" in dump(app))
        await pilot.press("y")
        await until(pilot, lambda: [command.kind for command in port.commands] == ["flatten"])
        port.put(alarm="")
        await until(pilot, lambda: "disk full" not in dump(app))

    play(scenario)


def test_a_port_that_breaks_leaves_the_screen_standing() -> None:
    class Breaking(FakePort):
        broken = False

        def view(self) -> View | None:
            if self.broken:
                raise OSError("socket closed")
            return super().view()

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        port.broken = True  # type: ignore[attr-defined]
        await until(pilot, lambda: "socket closed" in dump(app))
        assert ">5870<" in dump(app)

    play(scenario, port=Breaking())


def test_before_the_first_view_the_screen_waits_and_says_so() -> None:
    import asyncio

    app = make_app(FakePort(None))

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "waiting for the first view" in dump(app))
            await pilot.press("F", "enter", "e", "g", "n")
            assert isinstance(app.port, FakePort)
            app.port.current = views.view()
            await settled(pilot, app)
            await until(pilot, lambda: "SIMULATED" in dump(app))

    asyncio.run(run())


def test_an_unknown_theme_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown theme 'neon' in ui.theme; known: .*textual-dark"):
        WorkstationApp(FakePort(), theme="neon")


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark", "ansi-light"])
def test_other_themes_draw_everything(theme: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        assert ">5870<" in dump(app)

    play(scenario, theme=theme)


@pytest.mark.parametrize("theme", ["textual-dark", "ansi-dark", "ansi-light"])
@pytest.mark.parametrize(("keys", "words"), [(("F",), "FLATTEN"), (("g",), "enter goes there"), ((":",), "tab")])
def test_the_book_is_seen_behind_a_question_in_every_theme(theme: str, keys: tuple[str, ...], words: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press(*("colon" if key == ":" else key for key in keys))
        await until(pilot, lambda: words in dump(app))
        assert "SIMULATED" in dump(app)
        assert "positions  " in dump(app)

    play(scenario, theme=theme)


@pytest.mark.parametrize("theme", ["textual-dark", "ansi-dark", "ansi-light"])
def test_without_colour_letters_differ_from_what_is_behind_them(monkeypatch: pytest.MonkeyPatch, theme: str) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        lines = app.screen._compositor.render_update(full=True).strips  # type: ignore[union-attr]
        styles = [each.style for line in lines for strip in line for each in strip if each.text.strip()]
        assert styles
        for style in styles:
            assert style is not None
            for colour in (style.color, style.bgcolor):
                assert colour is None or colour.is_default or len(set(colour.get_truecolor())) == 1
            if style.color is not None and not style.color.is_default:
                assert style.color != style.bgcolor

    play(scenario, theme=theme)


def test_a_terminal_too_small_says_so_and_recovers() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.resize_terminal(59, 24)
        await until(pilot, lambda: "too small: 59 x 24, needed is 60 x 20" in " ".join(dump(app).split()))
        assert "5870" not in dump(app)
        assert "PLAYING" not in dump(app)
        await pilot.press("F", "y")
        await until(pilot, lambda: port.commands)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: ">5870<" in dump(app) and "PLAYING" in dump(app))

    play(scenario)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (100, 30), (120, 40), (160, 48), (200, 24), (80, 60), (200, 60)])
def test_every_pane_can_be_reached_and_read_at_every_size(size: tuple[int, int]) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        for number, name in ((number, name) for number, names in enumerate(SLOTS, 1) for name in names):
            await pilot.press(str(number))
            pane = app.workstation.pane(name)
            await until(pilot, lambda pane=pane: pane.display and pane.size.height >= 4 and pane._shown)
            await until(pilot, lambda number=number: f"━ {number} " in dump(app))
            assert app.workstation.focused is pane
        lines = dump(app).splitlines()
        assert len(lines) == size[1]
        assert all(len(line) <= size[0] for line in lines)

    play(scenario, size=size)


def test_resizing_arranges_anew() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: not app.workstation.pane("risk").display)
        await pilot.resize_terminal(200, 60)
        await until(pilot, lambda: all(app.workstation.pane(name).display for name in PANE_NAMES[:6]))
        await until(pilot, lambda: "used / of" in dump(app))

    play(scenario)


def test_a_smile_is_asked_for_only_while_its_pane_is_shown() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        assert not any("smile" in look.parts for look in port.looks)
        await press(pilot, ":smile")
        await until(pilot, lambda: "RR25 -1.84" in dump(app))
        await pilot.press("r")
        await pilot.press("1")
        assert "smile" in port.looks[-1].parts
        assert port.looks[-1].root == "XSP"
        await pilot.press("4")
        await until(pilot, lambda: port.current is not None and port.current.smile is None)
        assert "smile" not in port.looks[-1].parts
        assert port.looks[-1].root == "XSP"

    play(scenario)


def test_a_click_focuses_the_pane_and_picks_the_row() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.click("#positions", offset=(5, 4))
        await until(pilot, lambda: app.workstation.primary == "positions")
        assert app.workstation.pane("positions").cursor == 2

    play(scenario)


def test_views_go_on_under_a_dialog() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("F")
        port.put(header=views.header(now=views.at("12:34:56")))
        await until(pilot, lambda: "12:34:56 ET" in dump(app))
        await pilot.press("n")

    play(scenario)


def test_a_changed_chain_keeps_the_moved_cursor_and_another_chain_follows_again() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        chain = app.workstation.pane("chain")
        await pilot.press("home")
        port.put(chain=views.chain(spot=views.to_units(5872)))
        await until(pilot, lambda: app.desk.view is port.current)
        assert chain.cursor == 0
        await pilot.press("e")
        await until(pilot, lambda: chain.following and chain.cursor == 20)

    play(scenario)


def test_only_the_panes_whose_part_changed_take_new_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        put: list[str] = []
        for name in PANE_NAMES:
            pane = app.workstation.pane(name)
            old = pane.put
            monkeypatch.setattr(pane, "put", lambda *a, name=name, old=old, **k: (put.append(name), old(*a, **k)))
        port.put(risk=views.risk()[:2])
        await until(pilot, lambda: app.desk.view is port.current)
        assert put == ["risk"]

    play(scenario)


def test_a_message_gives_way_to_the_next_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("n")
        footer: Any = app.workstation.query_one("#footer")
        assert footer.plain.strip() == "to the next signal or trade"
        await pilot.press("escape")
        assert "? help" in footer.plain

    play(scenario)


def test_a_pane_shown_again_after_a_tiny_terminal_has_its_columns_back() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("2")
        await until(pilot, lambda: "stop at" in dump(app))
        await pilot.resize_terminal(50, 15)
        await until(pilot, lambda: "too small" in dump(app))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "stop at" in dump(app) and "too small" not in dump(app))

    play(scenario, size=(80, 24))
