"""Whatever is typed: one line, a documented exit code, no traceback, and nothing written.

Command lines are drawn from the parser itself, so new commands and options are fuzzed from their first day: real words
with good and bad values, misspelt words, and bytes that are no text.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from zdte_tui import exits
from zdte_tui.main import main
from zdte_tui.parser import build_parser

DOCUMENTED = {
    exits.OK, exits.RISK_HALT, exits.USAGE, exits.DATA, exits.NO_INPUT, exits.UNAVAILABLE, exits.CANNOT_CREATE,
    exits.RETRY, exits.NO_AUTH, exits.CONFIG,
}  # fmt: skip

# What these are for is writing; tests of their own say what and where.
WRITERS = {
    *("zdte-tui config init", "zdte-tui data simulate", "zdte-tui data download"),
    *("zdte-tui login", "zdte-tui account"),  # they would ask the keyring, and Alpaca with the keys in it
}
SECONDS = 30

PARSER = build_parser()

# No demo session is ever played here: the day of the home's configuration is a Saturday.
OWN = "[demo]\ndate = 2026-01-17\n"

JUNK = st.text(
    st.sampled_from("-=.,:/'\"[]{}#@~*٢٣߁ é\u202e\u2028\x1b\0\n\t\udcff\ud800abcSPXW0123456789"), max_size=12
) | st.sampled_from(["", "-", "--", "---", "-1", "9" * 5000, "1e999", "nan", "A" * 70_000, "../" * 50, "%s%n", "$(x)"])
DAYS = [
    "2024-08-07",
    "2024-08-10",
    "2024-8-7",
    "08/07/2024",
    "20240807",
    "1999-01-04",
    "2031-01-02",
    "today",
    "9999-12-31",
]
FILES = [
    "good.toml",
    "bad.toml",
    "folder",
    "fifo",
    "none",
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "empty",
    "latin",
    "\udcff",
]
KEYS = ["risk.max_open", "risk", "ui.theme", "fees.schedule", "strategies.iron_condor.by_root.SPXW", "demo.seed",
        "session.mode", "data.dir", "journal.path", "account.name", "strategies.iron_condor.entries"]  # fmt: skip
VALUES = ["1", "-1", "true", "[]", "[[[", "{", '"x', "1e400", "0x" + "f" * 5000, "live", "[" * 5000, "2024-02-30",
          "nord", "1\nx=2", "~nobody/x", "\\u0000", "'a\tb'", "{a.b.c=1}"]  # fmt: skip
SETTINGS = st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES) | JUNK).map("=".join) | JUNK
NUMBERS = ["1", "0", "-3", "60", "max", "1.5", "٦٠", "9" * 400, "1e9"]
NAMES = ["SPXW", "spxw", "SPXX", "lean", "leen", "last", "all", "main", "fills", "fills", "calm", "clam", "risk", "VIX"]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home and a working folder full of traps."""
    top = tmp_path_factory.mktemp("fuzz")
    (top / "home").mkdir()
    own = top / "home" / "config" / "zdte-tui" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text(OWN)
    work = top / "work"
    (work / "folder").mkdir(parents=True)
    (work / "good.toml").write_text("[risk]\nmax_open = 2\n")
    (work / "bad.toml").write_text("[risk\n")
    (work / "empty").touch()
    (work / "latin").write_bytes(b"\xe9\n" * 10)
    os.mkfifo(work / "fifo")
    before = Path.cwd()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(top / "home"))
        for name in ("config", "data", "state", "cache"):
            patch.setenv(f"XDG_{name.upper()}_HOME", str(top / "home" / name))
        os.chdir(work)
        yield top
        os.chdir(before)


def values(action: argparse.Action) -> st.SearchStrategy[str]:
    """What may be typed for an option or argument, good and bad."""
    kind = getattr(action.type, "__name__", "")
    if action.dest == "settings":
        return SETTINGS
    if action.choices is not None:
        choices = [str(choice) for choice in action.choices]
        return st.sampled_from([*choices, choices[0][:-1], choices[-1] + "x"]) | JUNK
    if kind in ("file", "Path") or action.metavar in ("FILE", "PATH", "DIR"):
        return st.sampled_from(FILES) | JUNK
    if kind == "day":
        return st.sampled_from(DAYS) | JUNK
    return st.sampled_from([*NAMES, *NUMBERS, *DAYS]) | JUNK


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """A command, or nearly one."""
    words: list[str] = []
    parser: argparse.ArgumentParser | None = PARSER
    while parser is not None:
        options = [action for action in parser._actions if action.option_strings]
        for action in draw(st.lists(st.sampled_from(options), max_size=2 if "data" in words else 1)):
            option = draw(st.sampled_from(action.option_strings))
            option = draw(st.sampled_from([option] * 8 + [option[:-1], option + "x"]))
            if action.nargs == 0:
                words.append(option)
            else:
                value = draw(values(action))
                words += draw(st.sampled_from([[option, value], [f"{option}={value}"], [option]]))
        found = None
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                name = draw(st.sampled_from([*action.choices] * 3 + ["", next(iter(action.choices))[:-1]]))
                found = action.choices.get(name)
                words += [name] if name else []
            elif not action.option_strings and draw(st.sampled_from([True] * 5 + [False])):
                words.append(draw(values(action)))
        parser = found
    if draw(st.sampled_from([False] * 6 + [True])):
        words.insert(draw(st.integers(0, len(words))), draw(JUNK))
    return words


@contextmanager
def patience() -> Iterator[None]:
    """A command that waits for ever, for the other end of a FIFO perhaps, fails instead."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"still at work after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def played(words: list[str]) -> tuple[int, str, str]:
    """The exit code and what was written on stdout and stderr."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    err.reconfigure(errors="backslashreplace")
    with redirect_stdout(out), redirect_stderr(err), patience():
        try:
            code = main(words)
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 0
    told = [stream.buffer.getvalue().decode("utf-8", "surrogateescape") for stream in (out, err)]  # type: ignore[attr-defined]
    return code, told[0], told[1]


def found_in(top: Path) -> dict[str, int]:
    return {str(path.relative_to(top)): path.lstat().st_mtime_ns for path in sorted(top.rglob("*"))}


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(words=command_lines())
@example(words=["--demo", "--no-ui", "--speed", "max"])
@example(words=["replay", "2024-08-10", "--no-ui"])
@example(words=["config", "check", "fifo"])
@example(words=["data", "list", "--root", "\udcff"])
@example(words=["journal", "export", "--journal", "fifo"])
@example(words=["journal", "export", "--journal", "/dev/zero"])
@example(words=["sessions", "--account", "../x"])
@example(words=["config", "show", "a\nb"])
@example(words=["config", "show", "--config=--"])
@example(words=["config", "show", "--"])
@example(words=["--config", "a\0b"])
@example(words=["nothing\x1b[2J"])
def test_whatever_is_typed_is_answered(words: list[str], places: Path) -> None:
    if any(all(part in words for part in writer.split()[1:]) for writer in WRITERS):
        return
    before = found_in(places)
    code, out, err = played(words)
    event(f"exit {code}")
    assert code in DOCUMENTED, err
    assert "Traceback" not in err
    if code == exits.USAGE:
        assert err.count("\n") == 1, err
    if code != exits.OK:
        assert err.startswith("zdte-tui") or (not err and out), err  # doctor's report is on stdout
    assert all(character.isprintable() or character == "\n" for character in err), err
    assert found_in(places) == before
