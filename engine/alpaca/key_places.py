"""Where keys are looked for, in the order in which they count: credentials, file, keyring, environment.

The first place that holds a key of the kind that is wanted counts. Half a pair there, or a file others can read, is
an error and not a reason to look further: the keys that were meant are not quietly replaced by others.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.alpaca.key_file import key_file, read_pair
from engine.alpaca.key_ring import SERVICE, NoKeyring, names, ring_pair
from engine.alpaca.keys import Keys, KeysError, Kind, wrong_shape

VARIABLES: dict[Kind, tuple[tuple[str, str], ...]] = {
    "paper": (("APCA_API_KEY_ID", "APCA_API_SECRET_KEY"), ("ALPACA_API_KEY", "ALPACA_SECRET_KEY")),
    "live": (("APCA_LIVE_API_KEY_ID", "APCA_LIVE_API_SECRET_KEY"), ("ALPACA_LIVE_API_KEY", "ALPACA_LIVE_SECRET_KEY")),
}
"""Ids and secrets in the environment. Alpaca's own names say nothing of the kind: here they are those of paper keys."""

CREDENTIALS = "CREDENTIALS_DIRECTORY"
_LARGEST = 4096


@dataclass(frozen=True, slots=True)
class Looked:
    """What one place holds of one kind.

    Attributes:
        place: ``credentials``, ``file``, ``keyring`` or ``environment``.
        where: the folder, the file, or the names, in words.
        keys: a whole pair.
        problem: why what lies there cannot be used, and how to mend it.
        note: why there is nothing, where that is worth saying.
    """

    place: str
    where: str
    keys: Keys | None = None
    problem: str = ""
    note: str = ""


def look(kind: Kind, environ: Mapping[str, str] | None = None) -> Iterator[Looked]:
    """Each place in turn; the keyring is asked only by who gets so far."""
    env = os.environ if environ is None else environ
    yield _credentials(kind, env)
    yield _file(kind)
    yield _keyring(kind, env)
    yield _environment(kind, env)


def find_keys(kind: Kind, environ: Mapping[str, str] | None = None) -> Keys:
    """The keys that count; ``Keys.source`` says where they lie. Raises ``KeysError``."""
    seen: list[str] = []
    for looked in look(kind, environ):
        if looked.problem:
            raise KeysError(f"{kind} keys: {looked.problem}")
        if looked.keys is not None:
            return looked.keys
        seen.append(f"{looked.where}{f' ({looked.note})' if looked.note else ''}")
    raise KeysError(f"no {kind} keys in {', '.join(seen)}: `{login(kind)}` stores them")


def keys_if_any(kind: Kind, environ: Mapping[str, str] | None = None) -> Keys | None:
    """The keys of a kind; None where no place holds any. Raises ``KeysError`` for some that cannot be used."""
    for looked in look(kind, environ):
        if looked.problem:
            raise KeysError(f"{kind} keys: {looked.problem}")
        if looked.keys is not None:
            return looked.keys
    return None


def login(kind: Kind) -> str:
    """The command that stores keys of a kind."""
    return "zdte-tui login --live" if kind == "live" else "zdte-tui login"


def _judged(kind: Kind, place: str, where: str, pair: tuple[str, str], parts: tuple[str, str], mend: str) -> Looked:
    """A pair that was found; ``parts`` name its halves."""
    for value, part, other in ((pair[0], *parts), (pair[1], *reversed(parts))):
        if not value:
            return Looked(place, where, problem=f"half a pair in {where}: {other} is there, {part} is not: {mend}")
    if wrong := wrong_shape(kind, *pair):
        return Looked(place, where, problem=f"{where}: {wrong}: {mend}")
    return Looked(place, where, Keys(*pair, source=where))


def _credentials(kind: Kind, env: Mapping[str, str]) -> Looked:
    place, text = "credentials", env.get(CREDENTIALS, "")
    if not text:
        return Looked(place, f"${CREDENTIALS}", note="not set")
    folder = Path(text)
    where = str(folder)
    if not folder.is_dir():
        return Looked(place, where, note="no such folder")
    mend = f"let systemd load both: LoadCredentialEncrypted={names(kind)[0]} and {names(kind)[1]}"
    try:
        pair = tuple(_credential(folder / name) for name in names(kind))
    except KeysError as error:
        return Looked(place, where, problem=str(error))
    if pair == (None, None):
        return Looked(place, where, note=f"no {' and '.join(names(kind))}")
    return _judged(kind, place, where, (pair[0] or "", pair[1] or ""), names(kind), mend)


def _credential(path: Path) -> str | None:
    """One file that systemd made; None where it is not there."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeysError(f"{path} cannot be read: {error.strerror}") from None
    try:
        if bad := exposed(path, os.fstat(handle)):
            raise KeysError(bad)
        content = os.read(handle, _LARGEST)
    finally:
        os.close(handle)
    try:
        return content.decode("ascii").strip()
    except UnicodeDecodeError:
        raise KeysError(f"{path} holds no key: that is plain text") from None


def exposed(path: Path, status: os.stat_result) -> str:
    """Why a credential cannot be trusted, and its mend; empty where it can.

    systemd gives a service its credentials by an access list on root's files, which shows as a group that may read.
    """
    mode = stat.S_IMODE(status.st_mode)
    if not stat.S_ISREG(status.st_mode):
        return f"{path} is no regular file: let systemd make it (LoadCredentialEncrypted=)"
    if status.st_uid not in (os.geteuid(), 0):
        return f"{path} belongs to user {status.st_uid}, not to you: let systemd make it (LoadCredentialEncrypted=)"
    if mode & (0o037 if status.st_uid == 0 else 0o077):
        return f"{path} has mode {mode:04o}, so others may read it; it is refused: chmod 400 {path}"
    return ""


def _file(kind: Kind) -> Looked:
    path = key_file()
    try:
        pair = read_pair(path, kind)
    except KeysError as error:
        return Looked("file", str(path), problem=str(error))
    if pair is None:
        return Looked("file", str(path), note=f"no [{kind}] in it" if path.exists() else "not there")
    parts = (f"{kind}.key_id", f"{kind}.secret")
    return _judged(kind, "file", str(path), pair, parts, f"`{login(kind)}` writes both")


def _keyring(kind: Kind, env: Mapping[str, str]) -> Looked:
    where = "the keyring"
    try:
        pair = ring_pair(kind, env)
    except NoKeyring as error:
        return Looked("keyring", where, note=str(error))
    if pair is None:
        return Looked("keyring", where, note=f"nothing named {SERVICE}")
    return _judged(kind, "keyring", where, pair, names(kind), f"`{login(kind)} --keyring` stores both")


def _environment(kind: Kind, env: Mapping[str, str]) -> Looked:
    for parts in VARIABLES[kind]:
        pair = (env.get(parts[0], "").strip(), env.get(parts[1], "").strip())
        if any(pair):
            where = f"the environment ({' and '.join(parts)})"
            return _judged(kind, "environment", where, pair, parts, "set both right, or unset both")
    return Looked("environment", "the environment", note=f"no {' and '.join(VARIABLES[kind][0])}")
