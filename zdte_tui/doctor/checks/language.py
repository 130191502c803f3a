"""The locale: the workstation draws with characters that only UTF-8 has."""

from __future__ import annotations

import locale
import sys
from collections.abc import Iterator, Mapping

from zdte_tui.doctor.finding import Finding, ok, warn
from zdte_tui.doctor.surroundings import Surroundings

_VARIABLES = ("LC_ALL", "LC_CTYPE", "LANG")


def check(around: Surroundings) -> Iterator[Finding]:
    """What the locale makes of text."""
    output = sys.__stdout__.encoding if sys.__stdout__ is not None else ""
    yield judge(around.env, output or locale.getpreferredencoding(False))


def judge(env: Mapping[str, str], encoding: str) -> Finding:
    """The variables, and the encoding Python writes in because of them."""
    told = next((f"{name}={env[name]}" for name in _VARIABLES if env.get(name)), "no locale is set")
    if encoding.lower().replace("-", "") != "utf8":
        seen = f"{told}: text is written as {encoding}, which lacks the characters of charts and frames"
        return warn("locale", seen, "export LC_ALL=C.UTF-8")
    return ok("locale", f"{told}, text is UTF-8")
