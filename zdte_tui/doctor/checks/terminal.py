"""The terminal: what it says it can do, and how large it is. Which font it has cannot be found out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from zdte_tui.doctor.finding import Finding, note, ok, warn
from zdte_tui.doctor.surroundings import Surroundings
from zdte_tui.screen.skins.colours import TRUECOLOR, few_colours

SMALLEST = (60, 20)
"""Columns and lines below which the workstation shows nothing but that; the screen's own, held together by a test."""
COMFORTABLE = (80, 24)
_EIGHT_COLOURS = ("linux", "vt100", "vt220", "ansi", "xterm")


def check(around: Surroundings) -> Iterator[Finding]:
    """The terminal this runs in."""
    streams = {"input": sys.__stdin__, "output": sys.__stdout__}
    piped = [name for name, stream in streams.items() if stream is None or stream.closed or not stream.isatty()]
    if piped:
        seen = f"standard {' and '.join(piped)} is no terminal: the workstation needs one on both ends"
        yield note("terminal", seen, "run it in a terminal, or use --no-ui")
    yield kind(around.env.get("TERM"))
    yield colours(around.env)
    if around.env.get("NO_COLOR"):
        yield note("NO_COLOR", "set: everything is shown without colour, nothing is lost by it", "unset NO_COLOR")
    yield from theme(around.config.ui.theme if around.config is not None else "", around.env)
    size = _size()
    if size is not None:
        yield judge_size(*size)
    for name in ("COLUMNS", "LINES"):
        if around.env.get(name):
            yield note(
                name,
                f"set to {around.env[name]}: programs may believe it instead of the window; the workstation does not",
                f"unset {name}",
            )


def kind(term: str | None) -> Finding:
    """``TERM``."""
    mend = "export TERM=xterm-256color"
    if not term:
        return warn("TERM", "not set: programs cannot know what the terminal understands", mend)
    if term in ("dumb", "unknown"):
        return warn("TERM", f"{term}: it says that nothing can be placed on it", mend)
    return ok("TERM", term)


def colours(env: Mapping[str, str]) -> Finding:
    """How many colours the terminal says it has."""
    term, colorterm = env.get("TERM") or "", env.get("COLORTERM") or ""
    if colorterm.lower() in TRUECOLOR or term.endswith("-direct"):
        return ok("colours", f"16 million (COLORTERM={colorterm})")
    mend = "export COLORTERM=truecolor, if your terminal has it"
    if "256" in term:
        return note("colours", "256, which is enough: COLORTERM does not say truecolor", mend)
    if term in _EIGHT_COLOURS:
        return note("colours", f"few: TERM={term}; signs and words say everything", "export TERM=xterm-256color")
    return note("colours", "how many is not said: COLORTERM is not set", mend)


def theme(name: str, env: Mapping[str, str]) -> Iterator[Finding]:
    """Which theme is worn, where it is not the one of the configuration."""
    if name and few_colours(env) and not name.startswith("ansi"):
        seen = f"the terminal says it has 16 colours: an ANSI theme, in its own colours, is worn instead of {name}"
        yield note("theme", seen, "export COLORTERM=truecolor or TERM=xterm-256color, if your terminal has more")


def _size() -> tuple[int, int] | None:
    for number in (1, 2, 0):
        try:
            size = os.get_terminal_size(number)
        except (OSError, ValueError):
            continue
        return size.columns, size.lines
    return None


def judge_size(columns: int, lines: int) -> Finding:
    """Whether the workstation has room."""
    told = f"{columns} x {lines}"
    if columns < SMALLEST[0] or lines < SMALLEST[1]:
        seen = f"{told}: the workstation needs at least {SMALLEST[0]} x {SMALLEST[1]}"
        return warn("size", seen, "enlarge the window, or choose a smaller font")
    if columns < COMFORTABLE[0] or lines < COMFORTABLE[1]:
        seen = f"{told}: it works; from {COMFORTABLE[0]} x {COMFORTABLE[1]} on more is shown"
        return note("size", seen, "enlarge the window")
    return ok("size", told)
