"""A session opened behind the screen: what was asked meanwhile is not lost, and what fails is told."""

from __future__ import annotations

import argparse
import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.config import Config, ConfigError, default_text, load
from engine.journal import JournalReader
from engine.market import rehearsal
from engine.session.compose import Composed, compose_demo
from engine.view import CommandRequest, Pace, ViewRequest
from strategies.registry import REGISTRY
from zdte_tui.opening import PRICING, READING, Opening
from zdte_tui.theme import DEFAULT, likely_profile, likely_theme


def opening(folder: Path, speed: float = 0.0) -> Opening:
    """Of a demo session whose journal lies in ``folder``."""

    def read() -> Config:
        return load([], [f'journal.path="{folder / "demo.sqlite"}"'])

    def compose(config: Config) -> Composed:
        return compose_demo(config, REGISTRY, speed=speed, stay=True, fresh=True)

    return Opening(read, compose)


def wait(condition: Callable[[], object], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "the condition never came true"
        time.sleep(0.01)


def test_before_it_is_begun_there_is_no_view_and_nothing_is_written(tmp_path: Path) -> None:
    found = opening(tmp_path)
    assert found.stage == READING
    assert found.view() is None
    assert (found.theme, found.refresh_hz, found.failed) == ("", None, False)
    assert found.flatten_estimate().text == "nothing is known yet"
    assert found.end() == ""
    found.begin()
    assert found.composed is None
    assert list(tmp_path.iterdir()) == []


def test_what_was_asked_while_it_opened_reaches_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")  # the theme is fitted to the terminal's colours
    found = opening(tmp_path, speed=60.0)
    found.command(CommandRequest("note", text="asked before there was a session"))
    found.pace(Pace("pause"))
    found.look_at(ViewRequest("SPXW", parts=("smile",)))
    found.begin()
    wait(lambda: found.failed or found.stage == "")
    assert not found.failed
    wait(lambda: (view := found.view()) is not None and "asked before" in " ".join(row.text for row in view.log))
    view = found.view()
    assert view is not None
    assert view.progress.paused
    assert view.smile is not None
    assert found.theme == DEFAULT
    assert found.end() == "stopped"
    assert found.composed is not None
    assert found.composed.summary is not None


def test_a_configuration_that_cannot_be_read_is_the_error(tmp_path: Path) -> None:
    def read() -> Config:
        return load([], ["risk.daily_lss=3"])

    found = Opening(read, lambda config: pytest.fail("there is nothing to compose"))
    found.begin()
    wait(lambda: found.failed)
    assert isinstance(found.error, ConfigError)
    assert "did you mean daily_loss?" in str(found.error)
    assert found.view() is None
    assert found.end() == ""


def test_leaving_while_the_kernel_is_loaded_waits_for_nothing_and_opens_no_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = threading.Event()
    monkeypatch.setattr(rehearsal, "rehearse", lambda: compiled.wait(30))
    found = opening(tmp_path)
    found.begin()
    wait(lambda: found.stage == PRICING)
    assert found.end() == ""
    compiled.set()
    found._thread.join(30)
    assert found.composed is None
    assert list(tmp_path.iterdir()) == []


def test_leaving_while_the_journal_is_opened_ends_the_session_in_it(tmp_path: Path) -> None:
    found = opening(tmp_path, speed=60.0)
    real, begun = found._compose, []

    def slow(config: Config) -> Composed:
        begun.append(True)
        time.sleep(0.2)
        return real(config)

    found._compose = slow
    found.begin()
    wait(lambda: begun)
    assert found.end() == "stopped"
    with JournalReader(tmp_path / "demo.sqlite") as reader:
        (session,) = reader.sessions()
        assert [run.outcome for run in reader.runs(session.session)] == ["stopped"]


def test_the_garbage_collector_works_again_when_it_is_open_or_has_failed(tmp_path: Path) -> None:
    gc.disable()
    found = Opening(lambda: load([], ["nonsense=1"]), lambda config: pytest.fail("never"))
    found.begin()
    wait(lambda: found.failed and gc.isenabled())


# --- the theme of the first paint


def arguments(config: Path | None = None, settings: list[str] | None = None) -> argparse.Namespace:
    return argparse.Namespace(config=config, settings=settings or [])


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    return home


def test_without_a_configuration_the_theme_is_the_packaged_one() -> None:
    assert likely_theme(arguments()) == DEFAULT == load([], []).ui.theme
    assert DEFAULT in default_text()


def test_the_last_of_the_users_file_the_named_file_and_the_setting_wins(tmp_path: Path, own_home: Path) -> None:
    own = own_home / "zdte-tui" / "config.toml"
    own.parent.mkdir()
    own.write_text('[ui]\ntheme = "nord"\n', encoding="utf-8")
    named = tmp_path / "mine.toml"
    named.write_text('[ui]\ntheme = "gruvbox"\n', encoding="utf-8")
    assert likely_theme(arguments()) == "nord"
    assert likely_theme(arguments(named)) == "gruvbox"
    assert likely_theme(arguments(named, ["ui.refresh_hz=3", 'ui.theme = "dracula"'])) == "dracula"
    assert likely_theme(arguments(named, ["ui.theme=textual-light"])) == "textual-light"


@pytest.mark.parametrize("text", ["[ui\n", "ui = 3\n", "[ui]\ntheme = 7\n", "\xff", ""])
def test_what_is_wrong_in_a_file_is_for_the_configuration_to_tell(text: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(text, encoding="latin-1")
    assert likely_theme(arguments(broken)) == DEFAULT
    assert likely_theme(arguments(tmp_path / "missing.toml")) == DEFAULT


def test_the_profile_is_guessed_in_the_same_way(tmp_path: Path) -> None:
    assert likely_profile(arguments()) == "auto" == load([], []).ui.profile
    named = tmp_path / "mine.toml"
    named.write_text('[ui]\nprofile = "remote"\n', encoding="utf-8")
    assert likely_profile(arguments(named)) == "remote"
    assert likely_profile(arguments(named, ["ui.profile=local"])) == "local"


@pytest.mark.parametrize("setting", ["ui.profile=slow", "ui.flash=often", "ui.hover=2"])
def test_what_the_screen_does_not_know_is_refused(setting: str) -> None:
    with pytest.raises(ConfigError, match=setting.partition("=")[0]):
        load([], [setting])
