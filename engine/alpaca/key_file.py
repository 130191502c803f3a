"""``keys.toml`` beside the configuration: read only where nobody else could, and written whole."""

from __future__ import annotations

import fcntl
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.alpaca.keys import KINDS, KeysError, Kind

NAME = "keys.toml"
FIELDS = ("key_id", "secret")
MODE = 0o600
_NEW = f".{NAME}.new"
_LARGEST = 64 * 1024
_HEADER = re.compile(r"\s*\[")


def key_file() -> Path:
    """Where the file belongs; it need not exist."""
    import platformdirs  # `doctor` tells where it is missing, and must get so far

    return Path(platformdirs.user_config_dir("zdte-tui")) / NAME


def read_pair(path: Path, kind: Kind) -> tuple[str, str] | None:
    """The id and the secret of a kind, as they stand there, either maybe empty; None where neither does.

    Raises ``KeysError`` where the file cannot be used: others can read it, it is another user's, or it is not what a
    file of keys is.
    """
    text = _read(path, private=True)
    if text is None:
        return None
    table = _tables(path, text).get(kind, {})
    key_id, secret = (table.get(name, "") for name in FIELDS)
    return (key_id, secret) if key_id or secret else None


def store_pair(path: Path, kind: Kind, key_id: str, secret: str) -> None:
    """Put a pair in place of the one of its kind; everything else in the file stays. Raises ``KeysError``.

    The folder is made where it is missing. The file is there whole or not at all, for its owner alone from the start.
    """
    quoted = {name: _quoted(value) for name, value in zip(FIELDS, (key_id, secret), strict=True)}
    section = "".join(f"{name} = {value}\n" for name, value in quoted.items())
    with _alone(path) as real:
        text = _read(real, private=True) or ""
        tables = _tables(real, text)
        rest = _without(text, kind)
        made = f"{rest.rstrip()}\n\n" if rest.strip() else ""
        made += f"[{kind}]\n{section}"
        _must_hold(real, made, {**tables, kind: dict(zip(FIELDS, (key_id, secret), strict=True))})
        _write(real, made)


def forget_pair(path: Path, kind: Kind) -> bool:
    """Take the pair of a kind out of the file, and the file away where nothing is left in it; whether there was one.

    Works on a file that others can read too: that is when keys are to be removed. Raises ``KeysError``.
    """
    if not path.parent.is_dir():
        return False
    with _alone(path) as real:
        text = _read(real, private=False)
        tables = _tables(real, text or "")
        if text is None or kind not in tables:
            return False
        rest = _without(text, kind)
        _must_hold(real, rest, {name: table for name, table in tables.items() if name != kind})
        if rest.strip():
            _write(real, f"{rest.rstrip()}\n")
        else:
            real.unlink()
    return True


def _read(path: Path, *, private: bool) -> str | None:
    """The text of the file, None where there is none. What was opened is what is judged, not what the name was."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe there must not keep us waiting
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeysError(f"{path} cannot be read: {error.strerror}") from None
    try:
        status = os.fstat(handle)
        mode = stat.S_IMODE(status.st_mode)
        if not stat.S_ISREG(status.st_mode):
            raise KeysError(f"{path} is no regular file: mv {path} {path}.old")
        if status.st_uid != os.geteuid():
            raise KeysError(f"{path} belongs to user {status.st_uid}, not to you: sudo chown {os.geteuid()} {path}")
        if private and mode & 0o077:
            raise KeysError(f"{path} has mode {mode:04o}, so others may read it; it is refused: chmod 600 {path}")
        content = os.read(handle, _LARGEST + 1)
    finally:
        os.close(handle)
    if len(content) > _LARGEST:
        raise KeysError(f"{path} is larger than {_LARGEST // 1024} kB: that is no file of keys")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise KeysError(f"{path} is not text in UTF-8: {_MEND}") from None


_MEND = "it holds [paper] and [live], each with key_id and secret; mend it, or move it away and run zdte-tui login"


def _tables(path: Path, text: str) -> dict[str, dict[str, str]]:
    """The tables of the file; raises ``KeysError`` that quotes nothing of what stands there."""
    try:
        found: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line \d+, column \d+", str(error))
        raise KeysError(f"{path} is no TOML {where[0] if where else 'at its end'}: {_MEND}") from None
    for name, table in found.items():
        if name not in KINDS or not isinstance(table, dict):
            raise KeysError(f"{path}: {_shown(name)}: {_MEND}")
        for key, value in table.items():
            if key not in FIELDS or not isinstance(value, str):
                what = "is no text in quotes" if key in FIELDS else "is not known"
                raise KeysError(f"{path}: {name}.{_shown(key)} {what}: {_MEND}")
    return found


def _shown(name: str) -> str:
    """A name in the file; somebody may have written a key in its place."""
    return name if re.fullmatch(r"[a-z_]{1,12}", name) else "an unknown name"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _without(text: str, kind: Kind) -> str:
    """The text without the table of a kind, comments of others and all."""
    header = re.compile(rf"\s*\[\s*[\"']?{kind}[\"']?\s*\]")
    kept, inside = [], False
    for line in re.split(r"(?<=\n)", text):
        if _HEADER.match(line):
            inside = header.match(line) is not None
        if not inside:
            kept.append(line)
    return "".join(kept)


def _must_hold(path: Path, text: str, tables: dict[str, dict[str, str]]) -> None:
    """Where tables are written in one of TOML's rarer ways, nobody's keys are lost for it."""
    try:
        as_wanted = tomllib.loads(text) == tables
    except tomllib.TOMLDecodeError:
        as_wanted = False
    if not as_wanted:
        raise KeysError(f"{path} is written in a way that is not changed here: write it as [paper] and [live] tables")


@contextmanager
def _alone(path: Path) -> Iterator[Path]:
    """The file itself, where ``path`` is a link to it, while no other login changes it. Raises ``KeysError``."""
    try:
        real = path.resolve() if path.is_symlink() else path
        real.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = os.open(real.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (OSError, RuntimeError) as error:
        raise KeysError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        real.with_name(_NEW).unlink(missing_ok=True)  # what a killed login left
        yield real
        os.fsync(folder)
    except OSError as error:
        raise KeysError(f"cannot write {path}: {error.strerror}; nothing was changed") from None
    finally:
        os.close(folder)


def _write(path: Path, text: str) -> None:
    new = path.with_name(_NEW)
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
        with open(handle, "wb") as out:  # noqa: PTH123
            os.fchmod(handle, MODE)  # an unlucky umask
            out.write(text.encode())
            out.flush()
            os.fsync(handle)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
