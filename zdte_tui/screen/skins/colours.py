"""How many colours a terminal says it has. Imports nothing: the doctor asks too."""

from __future__ import annotations

import re
from collections.abc import Mapping

TRUECOLOR = ("truecolor", "24bit")
_FEW = re.compile(r"linux|vt\d.*|ansi|cons25.*|xterm|xterm-color|xterm-16color|screen|rxvt|Eterm")


def few_colours(env: Mapping[str, str]) -> bool:
    """Whether the terminal says that it has 16 colours or fewer."""
    if env.get("COLORTERM", "").lower() in TRUECOLOR:
        return False
    return _FEW.fullmatch(env.get("TERM", "")) is not None
