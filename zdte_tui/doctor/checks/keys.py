"""Broker keys: where some lie, and whether others could read them. Their values are never read, much less shown."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from importlib import util
from pathlib import Path

from zdte_tui.doctor.finding import Finding, fail, note, ok, warn
from zdte_tui.doctor.surroundings import Surroundings

VARIABLES = ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY", "ALPACA_API_KEY", "ALPACA_SECRET_KEY")
"""The names under which Alpaca's own tools look for keys in the environment."""

_PREFIXES = ("alpaca", "apca")
KEY_FILE = "keys.toml"
"""Beside config.toml."""


def check(around: Surroundings) -> Iterator[Finding]:
    """Every place in the order in which they count: credentials directory, file, keyring, environment."""
    places: list[str] = []
    for finding, found in (_credentials(around), _file(), _keyring(), _environment(around)):
        yield finding
        places += [found] if found else []
    if len(places) > 1:
        yield note("keys", f"there are some in {len(places)} places; {places[0]} counts", "keep them in one place")
    yield note("broker", "broker sessions are not built yet: this version uses no keys, wherever they lie")


def _credentials(around: Surroundings) -> tuple[Finding, str]:
    subject, text = "credentials", around.env.get("CREDENTIALS_DIRECTORY", "")
    if not text:
        return ok(subject, "CREDENTIALS_DIRECTORY is not set: not started by systemd with LoadCredential"), ""
    folder = Path(text)
    try:
        files = sorted(each.name for each in folder.iterdir() if each.name.lower().startswith(_PREFIXES))
    except OSError as error:
        mend = "let systemd set it (LoadCredentialEncrypted=), or unset CREDENTIALS_DIRECTORY"
        return warn(subject, f"CREDENTIALS_DIRECTORY={text}: {error.strerror}", mend), ""
    if not files:
        return note(subject, f"{folder} holds no file named {' or '.join(f'{name}...' for name in _PREFIXES)}"), ""
    for name in files:
        if (bad := _exposed(folder / name)) is not None:
            return fail(subject, *bad), folder.as_posix()
    return ok(subject, f"{len(files)} file(s) in {folder}"), str(folder)


def _file() -> tuple[Finding, str]:
    import platformdirs

    path = Path(platformdirs.user_config_dir("zdte-tui")) / KEY_FILE
    if not os.path.lexists(path):
        return ok("key file", f"none ({path})"), ""
    if not path.is_file():
        return fail("key file", f"{path} is no regular file", f"mv {path} {path}.old"), ""
    if (bad := _exposed(path)) is not None:
        return fail("key file", *bad), str(path)
    return ok("key file", f"{path}, readable by you alone"), str(path)


def _exposed(path: Path) -> tuple[str, str] | None:
    """What is wrong with who may read a key's file, and its mend."""
    status = path.stat()
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        return f"{path} has mode {mode:04o}: others may read it; it will be refused", f"chmod 600 {path}"
    if status.st_uid not in (os.getuid(), 0):
        return f"{path} belongs to user {status.st_uid}, not to you", f"sudo chown {os.getuid()} {path}"
    return None


def _keyring() -> tuple[Finding, str]:
    if util.find_spec("keyring") is None:
        return ok("keyring", "the package keyring is not installed: none is asked"), ""
    return note("keyring", "not asked here: asking may open a window that wants a password"), ""


def _environment(around: Surroundings) -> tuple[Finding, str]:
    names = [name for name in VARIABLES if around.env.get(name)]
    if not names:
        return ok("environment", f"no keys in it ({', '.join(VARIABLES[:2])})"), ""
    seen = f"{', '.join(names)}: set; every program you start can read them"
    mend = f"move them to a file that only you can read (0600), and unset {' '.join(names)}"
    return warn("environment", seen, mend), "the environment"
