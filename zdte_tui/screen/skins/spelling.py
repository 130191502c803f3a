"""Whether the screen is written in plain ASCII, and why. Imports nothing: the doctor asks too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Ascii = Literal["auto", "true", "false"]

VARIABLES = ("LC_ALL", "LC_CTYPE", "LANG")
"""Where the locale is told, the strongest first."""
PLAIN_TERMINALS = re.compile(r"linux|dumb|unknown|vt\d.*|ansi|cons25.*|sun.*|wsvt25.*")
"""Those whose font or standard lacks braille and most frames."""


def ascii_because(setting: str, env: Mapping[str, str], encoding: str = "utf-8") -> str:
    """Why the screen is written in plain ASCII; empty where it is not.

    Args:
        setting: ``[ui] ascii``.
        env: the environment; a locale that is not set tells nothing, and most terminals have UTF-8 now.
        encoding: what standard output is written in.
    """
    if setting != "auto":
        return "[ui] ascii is true" if setting == "true" else ""
    term = env.get("TERM", "")
    if PLAIN_TERMINALS.fullmatch(term):
        return f"TERM={term} lacks the characters of charts and frames"
    name = next((name for name in VARIABLES if env.get(name)), "")
    if name and not re.search(r"utf-?8", env[name], re.IGNORECASE):
        return f"{name}={env[name]} is no UTF-8"
    if encoding and encoding.lower().replace("-", "").replace("_", "") != "utf8":
        return f"text is written as {encoding}"
    return ""
