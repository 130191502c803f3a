"""Sessions on a real market: the mode, whose money and whose data cannot be missed, at any size."""

from __future__ import annotations

import pytest
import views
from playing import dump, play, until
from test_screen_snapshots import Draw, draw  # noqa: F401 - a fixture
from textual.pilot import Pilot
from views import FakePort

from engine.alpaca.parse import Account
from engine.session.live_compose import LiveMode, banner_text
from engine.view.positions import stops_doubt
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm, Kill
from zdte_tui.screen.header import lines
from zdte_tui.screen.skins.mode import account_mode, badge, mode_words
from zdte_tui.screen.slots import PANE_NAMES
from zdte_tui.screen.title import Title

ACCOUNT = Account("*****6789", "active", (), 3, None, None, None, None)
OPRA, INDICATIVE = "vendor alpaca-opra quote", "vendor alpaca-indicative quote"
SESSIONS: dict[LiveMode, str] = {
    "live": banner_text("live", OPRA, ACCOUNT, "https://api.alpaca.markets"),
    "paper": banner_text("paper", INDICATIVE, ACCOUNT),
    "shadow": banner_text("shadow", INDICATIVE, None),
}
MUST = {"live": "!!! LIVE *6789 ", "paper": "[ PAPER *6789 ", "shadow": "[ SHADOW SIMULATED-fills "}
SIZES = [(60, 20), (80, 24), (160, 48)]


def port_of(banner: str) -> FakePort:
    doubt = stops_doubt(banner)
    head = views.header(banner=banner, account="main", next_deadline="flat by 15:00")
    return FakePort(
        views.view(
            header=head,
            positions=views.positions(stops_doubt=doubt),
            progress=views.progress(can_control=False),
        )
    )


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("mode", SESSIONS)
def test_a_session_on_a_real_market(draw: Draw, mode: LiveMode, size: tuple[int, int]) -> None:  # noqa: F811
    draw(f"market-{mode}-{size[0]}x{size[1]}", size, port_of(SESSIONS[mode]))


def test_the_banners_say_whose_money_and_whose_data() -> None:
    assert SESSIONS == {
        "live": "LIVE *6789 vendor alpaca-opra quote",
        "paper": "PAPER *6789 vendor alpaca-indicative quote",
        "shadow": "SHADOW SIMULATED-fills vendor alpaca-indicative quote",
    }


def test_the_mode_of_real_money_on_this_machine_is_simulated_and_says_so() -> None:
    banner = banner_text("live", "SIMULATED", ACCOUNT, "http://127.0.0.1:8787")
    assert banner == "SIMULATED live-mode *6789"
    assert account_mode(banner) == ""
    assert "LIVE" not in banner
    real_data = banner_text("live", OPRA, ACCOUNT, "http://127.0.0.1:8787")
    assert real_data.startswith("SIMULATED live-mode *6789 ")


@pytest.mark.parametrize("width", range(40, 200, 4))
@pytest.mark.parametrize("mode", SESSIONS)
def test_no_width_takes_the_mode_or_the_account_from_the_first_line(mode: LiveMode, width: int) -> None:
    first, _ = lines(views.header(banner=SESSIONS[mode]), width)
    assert "".join(text for text, _ in first).startswith(MUST[mode])


@pytest.mark.parametrize(
    ("mode", "word"), [("live", "!!! LIVE *6789 !!!"), ("paper", "PAPER *6789"), ("shadow", "SHADOW")]
)
@pytest.mark.parametrize("size", SIZES)
def test_every_pane_says_it_in_its_frame(mode: LiveMode, word: str, size: tuple[int, int]) -> None:
    assert badge(views.view(header=views.header(banner=SESSIONS[mode]))) == word

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.resize_terminal(*size)
        await until(pilot, lambda: word in dump(app))
        shown = [name for name in PANE_NAMES if app.workstation.pane(name).display]
        assert dump(app).count(word) >= len(shown)

    play(scenario, port=port_of(SESSIONS[mode]))


@pytest.mark.parametrize("mode", SESSIONS)
def test_what_moves_money_asks_with_the_mode_and_the_account(mode: LiveMode) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await until(pilot, lambda: app.workstation.desk.view is not None)
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and "y confirms" in dump(app))
        asked = " ".join(dump(app).split())
        whose = " ".join(mode_words(SESSIONS[mode]))
        assert f"{whose}: " in asked
        await pilot.press("escape", "K")
        await until(pilot, lambda: isinstance(app.screen, Kill))
        assert f"now ACTIVE, {whose}" in " ".join(dump(app).split())

    play(scenario, port=port_of(SESSIONS[mode]))


class Heard(Title):
    """A title whose terminal is a list."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def _write(self, text: str) -> None:
        self.written.append(text.replace("\x1b", "").replace("\x07", ""))


def test_the_window_is_called_after_the_session_and_given_back() -> None:
    title = Heard()
    title.name(None, "")  # type: ignore[arg-type]
    assert title.written == [], "a demo names no window"
    title.name(None, "LIVE *6789")  # type: ignore[arg-type]
    title.name(None, "LIVE *6789")  # type: ignore[arg-type]
    assert title.written == ["[22;2t", "]2;LIVE *6789 zdte-tui"]
    title.give_back()
    assert title.written[-1].endswith("[23;2t")
