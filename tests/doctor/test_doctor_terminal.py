"""Terminal, locale, and what lies between: tmux, screen, ssh, mosh."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from zdte_tui.doctor.checks import language, remote, terminal
from zdte_tui.doctor.finding import Finding
from zdte_tui.doctor.surroundings import Surroundings, ask
from zdte_tui.screen.layout import SMALLEST


def test_the_smallest_size_is_the_screens_own() -> None:
    assert terminal.SMALLEST == SMALLEST


@pytest.mark.parametrize(
    ("size", "state"),
    [((59, 40), "warn"), ((60, 19), "warn"), ((60, 20), "note"), ((80, 23), "note"), ((80, 24), "ok")],
)
def test_room_for_the_workstation(size: tuple[int, int], state: str) -> None:
    found = terminal.judge_size(*size)
    assert found.state == state
    assert f"{size[0]} x {size[1]}" in found.seen


@pytest.mark.parametrize(
    ("term", "state"), [(None, "warn"), ("", "warn"), ("dumb", "warn"), ("unknown", "warn"), ("xterm-kitty", "ok")]
)
def test_term(term: str | None, state: str) -> None:
    found = terminal.kind(term)
    assert (found.state, bool(found.mend)) == (state, state == "warn")


@pytest.mark.parametrize(
    ("term", "colorterm", "says"),
    [
        ("xterm-256color", "truecolor", "16 million"),
        ("xterm", "24bit", "16 million"),
        ("xterm-direct", "", "16 million"),
        ("xterm-256color", "", "256"),
        ("linux", "", "few"),
        ("", "", "not said"),
    ],
)
def test_how_many_colours(term: str, colorterm: str, says: str) -> None:
    assert says in terminal.colours({"TERM": term, "COLORTERM": colorterm}).seen


def test_no_color_and_fixed_sizes_are_told() -> None:
    found = {each.subject: each for each in terminal.check(Surroundings(env={"NO_COLOR": "1", "COLUMNS": "40"}))}
    assert found["NO_COLOR"].state == found["COLUMNS"].state == "note"
    assert "LINES" not in found


@pytest.mark.parametrize(
    ("env", "encoding", "state", "says"),
    [
        ({"LANG": "en_US.UTF-8"}, "utf-8", "ok", "LANG=en_US.UTF-8"),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "UTF-8", "ok", "LC_ALL=C"),
        ({"LANG": "de_DE"}, "iso8859-1", "warn", "iso8859-1"),
        ({}, "ANSI_X3.4-1968", "warn", "no locale is set"),
    ],
)
def test_text_must_be_utf8(env: dict[str, str], encoding: str, state: str, says: str) -> None:
    found = language.judge(env, encoding)
    assert found.state == state
    assert says in found.seen


@pytest.mark.parametrize(
    ("setting", "env", "state", "says"),
    [
        ("auto", {"LANG": "C.UTF-8", "TERM": "xterm-256color"}, "ok", "frames, braille"),
        ("auto", {"LC_ALL": "C"}, "note", "plain ASCII: LC_ALL=C is no UTF-8"),
        ("true", {"LANG": "C.UTF-8"}, "note", "plain ASCII: [ui] ascii is true"),
        ("false", {"LC_ALL": "C"}, "ok", "frames, braille"),
    ],
)
def test_the_characters_that_are_drawn_with(setting: str, env: dict[str, str], state: str, says: str) -> None:
    found = language.characters(setting, env, "utf-8")
    assert (found.state, bool(found.mend)) == (state, state == "note")
    assert says in found.seen


def test_a_theme_that_the_terminal_cannot_show_is_told() -> None:
    (found,) = terminal.theme("zdte-dark", {"TERM": "linux"})
    assert "instead of zdte-dark" in found.seen
    assert list(terminal.theme("ansi-dark", {"TERM": "linux"})) == []
    assert list(terminal.theme("zdte-dark", {"TERM": "xterm-256color"})) == []


@pytest.mark.parametrize(
    ("setting", "env", "state", "says"),
    [
        ("auto", {}, "ok", "local, no login over SSH"),
        ("auto", {"SSH_TTY": "/dev/pts/1"}, "note", "remote, SSH_TTY is set: 15 frames"),
        ("local", {"SSH_TTY": "/dev/pts/1"}, "ok", "local, [ui] profile is local"),
        ("remote", {}, "note", "remote, [ui] profile is remote"),
    ],
)
def test_the_profile_that_will_be_used_and_why(setting: str, env: dict[str, str], state: str, says: str) -> None:
    found = remote.profile(setting, env)
    assert found.state == state
    assert says in found.seen


def answers(**told: str) -> remote.Ask:
    """A system that prints what we say: a word of the command stands for it."""

    def ask_us(command: Sequence[str]) -> str | None:
        return next((text for word, text in told.items() if word.replace("_", "-") in command), None)

    return ask_us


def tmux(**told: str) -> dict[str, Finding]:
    return {each.subject: each for each in remote.tmux(answers(**told))}


def test_a_tmux_that_passes_everything_on() -> None:
    found = tmux(
        _V="tmux 3.4\n",
        default_terminal="tmux-256color\n",
        info=" 197: Tc: (flag) true\n",
        escape_time="10\n",
        set_clipboard="on\n",
    )
    assert [each.state for each in found.values()] == ["ok", "ok", "ok"]
    assert found["tmux"].seen == "tmux 3.4, default-terminal tmux-256color"


def test_a_tmux_as_it_comes() -> None:
    info = " 196: RGB: [missing]\n 197: Tc: [missing]\n"
    found = tmux(
        _V="tmux 3.3a\n", default_terminal="screen\n", info=info, escape_time="500\n", set_clipboard="external\n",
        allow_passthrough="off\n",
    )  # fmt: skip
    assert [each.state for each in found.values()] == ["note"] * 4
    assert "set-clipboard is external, allow-passthrough off" in found["tmux clipboard"].seen
    assert "set-clipboard on" in found["tmux clipboard"].mend
    assert "tmux-256color" in found["tmux"].mend
    assert "RGB" in found["tmux colours"].mend
    assert "500 ms" in found["tmux escape"].seen


def test_a_tmux_that_claims_to_be_another_terminal() -> None:
    assert tmux(_V="tmux 3.4\n", default_terminal="xterm-256color\n")["tmux"].state == "warn"


def test_a_tmux_that_does_not_answer() -> None:
    found = tmux()
    assert "not known" in found["tmux colours"].seen
    assert {each.state for each in found.values()} == {"ok", "note"}


def test_gnu_screen_by_its_version() -> None:
    assert remote.screen(answers(_v="Screen version 4.09.00 (GNU) 30-Jan-22")).state == "note"
    assert remote.screen(answers(_v="Screen version 5.0.1 (build on 2025-05-13)")).state == "ok"
    assert remote.screen(answers()).state == "note"


def test_the_layers_that_are_there_are_told() -> None:
    found = {each.subject for each in remote.check(Surroundings(env={"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}))}
    assert "ssh" in found
    assert {each.subject for each in remote.check(Surroundings(env={}))} <= {"layers", "mosh", "profile"}


def test_mosh_is_found_among_the_processes_above(tmp_path: Path) -> None:
    for pid, name, parent in (("self", "python (x) y", "30"), ("30", "bash", "20"), ("20", "mosh-server", "1")):
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "stat").write_text(f"{pid} ({name}) S {parent} 1 1 0")
    assert remote.ancestors(tmp_path) == ["bash", "mosh-server"]
    assert remote.ancestors(tmp_path / "none") == []


def test_a_command_that_is_missing_fails_or_hangs_is_no_answer() -> None:
    assert ask(["no-such-command-anywhere"]) is None
    assert ask(["sh", "-c", "exit 3"]) is None
    assert ask(["sh", "-c", "echo $LC_ALL"]) == "C\n"
