"""The home folder and the XDG variables, which say where everything lies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from zdte_tui.doctor.finding import Finding, fail, note, ok, warn
from zdte_tui.doctor.surroundings import Surroundings

_XDG = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")


def check(around: Surroundings) -> Iterator[Finding]:
    """Whether there is a home, and whether the variables name places."""
    yield _home(around)
    for name in _XDG:
        text = around.env.get(name, "")
        if text and not Path(text).is_absolute():
            seen = f"{text}: relative, so files land wherever the program is started"
            yield warn(name, seen, f"export {name} as a path that starts with /")


def _home(around: Surroundings) -> Finding:
    text = around.env.get("HOME")
    if text is None:
        found = os.path.expanduser("~")  # noqa: PTH111
        if found == "~":
            return fail("home", "HOME is not set, and this user has no home", "export HOME=/path/to/a/folder")
        return note("home", f"HOME is not set; the user's own home is taken: {found}", f"export HOME={found}")
    mend = "export HOME=/path/to/a/folder"
    bad = warn if all(around.env.get(name) for name in _XDG) else fail
    if not Path(text).is_absolute():
        return bad("home", f"HOME is {text!r}: not a path that starts with /", mend)
    if not Path(text).exists():
        return bad("home", f"HOME is {text}: there is no such folder", f"mkdir -p {text}, or {mend}")
    if not Path(text).is_dir():
        return bad("home", f"HOME is {text}: not a folder", mend)
    return ok("home", text)
