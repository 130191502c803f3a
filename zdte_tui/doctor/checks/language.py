"""The locale: the workstation draws with characters that only UTF-8 has."""

from __future__ import annotations

import locale
import sys
from collections.abc import Iterator, Mapping

from zdte_tui.doctor.finding import Finding, note, ok, warn
from zdte_tui.doctor.surroundings import Surroundings
from zdte_tui.screen.skins.spelling import VARIABLES, ascii_because

_MEND = "export LC_ALL=C.UTF-8 in a terminal that shows it; ascii = false under [ui] insists"


def check(around: Surroundings) -> Iterator[Finding]:
    """What the locale makes of text."""
    output = sys.__stdout__.encoding if sys.__stdout__ is not None else ""
    encoding = output or locale.getpreferredencoding(False)
    yield judge(around.env, encoding)
    yield characters(around.config.ui.ascii if around.config is not None else "auto", around.env, encoding)


def characters(setting: str, env: Mapping[str, str], encoding: str) -> Finding:
    """What the screen is drawn with, and why."""
    why = ascii_because(setting, env, encoding)
    if not why:
        return ok("characters", "frames, braille and signs as they are")
    mend = 'ascii = "auto" or false under [ui] in config.toml' if setting == "true" else _MEND
    return note("characters", f"plain ASCII: {why}", mend)


def judge(env: Mapping[str, str], encoding: str) -> Finding:
    """The variables, and the encoding Python writes in because of them."""
    told = next((f"{name}={env[name]}" for name in VARIABLES if env.get(name)), "no locale is set")
    if encoding.lower().replace("-", "") != "utf8":
        seen = f"{told}: text is written as {encoding}, which lacks the characters of charts and frames"
        return warn("locale", seen, "export LC_ALL=C.UTF-8")
    return ok("locale", f"{told}, text is UTF-8")
