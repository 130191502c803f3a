"""What the screen looks like: a mode that cannot be mistaken without colour, themes, and plain ASCII for everything."""

from __future__ import annotations

import re

import pytest
import views
from hypothesis import given
from hypothesis import strategies as st
from playing import dump, play, press, until
from rich.cells import cell_len
from textual.color import Color
from textual.pilot import Pilot
from views import FakePort

from engine.view import SeatView
from zdte_tui.screen.app import WorkstationApp, known_themes
from zdte_tui.screen.dialogs import Confirm, GoTo, Help, Kill, Palette, Prompt
from zdte_tui.screen.layout import PRESETS
from zdte_tui.screen.manners import Manners
from zdte_tui.screen.skins import themes
from zdte_tui.screen.skins.ascii import plain
from zdte_tui.screen.skins.mode import SKINS, badge, skin
from zdte_tui.screen.skins.spelling import ascii_because
from zdte_tui.screen.slots import PANE_NAMES

BANNERS = {
    "SIMULATED calm": ("╭─ 2 positions", "SIMULATED ─╯"),
    "REPLAY vendor lean quote": ("╍ 2 positions", "REPLAY ╍┛"),
    "PRACTICE REPLAY vendor lean quote": ("╍ 2 positions", "PRACTICE REPLAY ╍┛"),
    "PRACTICE SIMULATED": ("╍ 2 positions", "PRACTICE SIMULATED ╍┛"),
    "PAPER": ("┌─ 2 positions", "PAPER ─┘"),
    "LIVE": ("╔═ 2 positions", "!!! LIVE !!! ═╝"),
}


def of(banner: str, **changes: object) -> FakePort:
    return FakePort(views.view(header=views.header(banner=banner), **changes))


# --- modes


@pytest.mark.parametrize("banner", BANNERS)
def test_every_frame_tells_the_mode_without_colour(banner: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await until(pilot, lambda: all(part in dump(app) for part in BANNERS[banner]))
        word = badge(views.view(header=views.header(banner=banner)))
        shown = [name for name in PANE_NAMES if app.workstation.pane(name).display]
        assert dump(app).count(word) >= len(shown)

    play(scenario, port=of(banner))


def test_no_two_modes_look_alike_in_words_and_frames() -> None:
    frames: dict[str, str] = {}

    for banner in BANNERS:

        async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort, banner: str = banner) -> None:
            await until(pilot, lambda: BANNERS[banner][1] in dump(app))
            frames[banner] = dump(app)

        play(scenario, port=of(banner))
    assert len(set(frames.values())) == len(BANNERS)
    assert [banner for banner, text in frames.items() if "!!!" in text] == ["LIVE"]
    assert [banner for banner, text in frames.items() if "═" in text] == ["LIVE"]


def test_a_mode_that_is_not_known_looks_like_real_money_at_rest_never_like_play() -> None:
    assert skin("AUCTION today").name == "paper"
    assert len({each.name for each in SKINS}) == len(SKINS)


def test_a_screen_that_only_watches_says_so_in_every_frame() -> None:
    seat = SeatView(number=2, name="b", in_control=False, watching=True, holder="a", viewers=2)

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await until(pilot, lambda: "!!! LIVE !!! WATCHING" in dump(app))

    play(scenario, port=of("LIVE", seat=seat))


def test_a_terminal_that_is_too_small_tells_the_mode_the_day_and_the_keys_that_work() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.resize_terminal(59, 19)
        await until(pilot, lambda: "too small" in dump(app))
        told = " ".join(dump(app).split())
        assert "!!! LIVE !!!" in told
        assert "day +$186.00, ACTIVE" in told
        assert "F flattens, K is the kill switch and q quits" in told
        port.put(header=views.header(banner="LIVE", day_pnl=views.to_units(-20), state="HALTED"))
        await until(pilot, lambda: "day -$20.00, HALTED" in dump(app))
        await pilot.press("K")
        await until(pilot, lambda: isinstance(app.screen, Kill))
        await pilot.press("escape", "F", "y")
        await until(pilot, lambda: [each.kind for each in port.commands] == ["flatten"])

    play(scenario, port=of("LIVE"))


# --- themes


@pytest.mark.parametrize("theme", [each.name for each in themes.OWN])
def test_our_themes_can_be_read(theme: str) -> None:
    """Contrast by WCAG: 4.5 for text, 3 for what only repeats a sign."""

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        pane = app.workstation.pane("positions")
        for name, least in (("text", 7), ("dim", 4.5), ("gain", 4.5), ("loss", 4.5), ("warn", 4.5), ("key", 4.5)):
            style = pane.style_of(name)
            assert style.color is not None
            assert style.bgcolor is not None
            ground, ink = (Color.from_rich_color(each) for each in (style.bgcolor, style.color))
            assert contrast(ink, ground) >= least, name

    play(scenario, theme=theme)


def contrast(one: Color, other: Color) -> float:
    def light(colour: Color) -> float:
        parts = [part / 255 for part in colour.rgb]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colour_blind_gains_are_blue_and_losses_orange() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        pane = app.workstation.pane("positions")
        gain, loss = (Color.from_rich_color(pane.style_of(name).color) for name in ("gain", "loss"))  # type: ignore[arg-type]
        assert gain.b > gain.r
        assert loss.r > loss.g > loss.b
        assert "+$186.00" in dump(app)
        assert "-$212.60" in dump(app)

    play(scenario, theme="zdte-colour-blind")


def test_themes_are_textuals_and_ours() -> None:
    assert {"textual-dark", "ansi-dark", "ansi-light", "nord", *(each.name for each in themes.OWN)} <= set(
        known_themes()
    )
    assert len(known_themes()) == len(set(known_themes()))


@pytest.mark.parametrize(
    ("theme", "env", "fits"),
    [
        ("textual-dark", {"TERM": "xterm-256color"}, "textual-dark"),
        ("textual-dark", {"TERM": "xterm", "COLORTERM": "truecolor"}, "textual-dark"),
        ("textual-dark", {"TERM": "linux"}, "ansi-dark"),
        ("zdte-light", {"TERM": "vt220"}, "ansi-light"),
        ("ansi-light", {"TERM": "linux"}, "ansi-light"),
        ("neon", {"TERM": "linux"}, "ansi-dark"),
        ("nord", {}, "nord"),
    ],
)
def test_a_terminal_of_16_colours_gets_its_own(theme: str, env: dict[str, str], fits: str) -> None:
    assert themes.fitting(theme, env) == fits


# --- plain ASCII


@pytest.mark.parametrize(
    ("setting", "env", "encoding", "why"),
    [
        ("auto", {"LANG": "en_US.UTF-8", "TERM": "xterm-256color"}, "utf-8", ""),
        ("auto", {"TERM": "xterm"}, "utf-8", ""),
        ("auto", {"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "utf-8", "LC_ALL=C is no UTF-8"),
        ("auto", {"LANG": "de_DE.ISO-8859-1"}, "utf-8", "LANG=de_DE.ISO-8859-1 is no UTF-8"),
        ("auto", {"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "utf-8", ""),
        ("auto", {"TERM": "linux", "LANG": "C.utf8"}, "utf-8", "TERM=linux lacks"),
        ("auto", {"TERM": "vt100"}, "utf-8", "TERM=vt100 lacks"),
        ("auto", {}, "latin-1", "text is written as latin-1"),
        ("true", {"LANG": "en_US.UTF-8"}, "utf-8", "[ui] ascii is true"),
        ("false", {"LC_ALL": "C", "TERM": "vt100"}, "ascii", ""),
    ],
)
def test_when_the_screen_is_written_in_ascii(setting: str, env: dict[str, str], encoding: str, why: str) -> None:
    found = ascii_because(setting, env, encoding)
    assert found.startswith(why) if why else not found


@given(st.text())
def test_whatever_is_painted_becomes_ascii_of_the_same_width(text: str) -> None:
    found = plain(text)
    assert found.isascii()
    assert len(found) == sum(cell_len(char) if not char.isascii() else 1 for char in text)
    assert plain(found) == found


def test_likenesses() -> None:
    assert plain("┏━ 1 chain ┓│±21.40…") == "#= 1 chain #|~21.40~"
    assert plain("╔═╗║┌─┐╭─╮") == "!=!!+-++-+"
    assert plain("⠉⠤⣀⣿ ⠀é日本") == "'-.| " + " e????"


OPENED: dict[str, tuple[tuple[str, ...], type]] = {
    "help": (("question_mark",), Help),
    "line": (("colon", "f", "l"), Prompt),
    "palette": (("ctrl+p",), Palette),
    "flatten": (("F",), Confirm),
    "kill": (("K",), Kill),
    "go to": (("g",), GoTo),
}


def bad(app: WorkstationApp) -> list[str]:
    return sorted(set(re.findall(r"[^\x00-\x7f]", dump(app))))


@pytest.mark.parametrize("name", OPENED)
def test_dialogs_are_painted_in_ascii(name: str) -> None:
    keys, kind = OPENED[name]

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        app.behave(Manners(ascii=True))
        await pilot.press(*keys)
        await until(pilot, lambda: isinstance(app.screen, kind))
        await pilot.pause()
        assert bad(app) == []

    play(scenario)


@pytest.mark.parametrize("banner", BANNERS)
def test_every_pane_in_every_layout_is_painted_in_ascii(banner: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        assert bad(app)
        app.behave(Manners(ascii=True))
        await pilot.pause()
        for _ in PRESETS:
            assert bad(app) == []
            await pilot.press("backslash")
        for name in PANE_NAMES:
            app.workstation.go(name)
            await pilot.pause()
            assert bad(app) == []
        await press(pilot, ":tour" if app.desk.paced else "1")
        await pilot.pause()
        assert bad(app) == []

    play(scenario, port=of(banner, progress=views.progress(can_control="REPLAY" in banner)), size=(160, 48))


def test_ascii_frames_still_tell_focus_and_mode() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        app.behave(Manners(ascii=True))
        await until(pilot, lambda: "#= 1 chain" in dump(app))
        assert "!= 2 positions" in dump(app)
        assert "!!! LIVE !!! =!" in dump(app)
        app.behave(Manners())
        await until(pilot, lambda: "╔═ 2 positions" in dump(app))

    play(scenario, port=of("LIVE"))
