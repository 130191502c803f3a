"""Arm files: that a person wants real money traded on a day, beside the account's journal; one file a day.

None holds the account's number: only a salted hash of it, slow to make, for a number is short.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
import re
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.config import Config, journal_path

_MODE = 0o600
_LARGEST = 4096
_SALT_BYTES = 16
_NAME = re.compile(r"(?P<account>.+)\.armed-(?P<day>\d{4}-\d\d-\d\d)")


class ArmFileError(ValueError):
    """An arm file that cannot be trusted, read or written: one line that names it and how to mend it."""


class Arm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an arm file holds.

    Attributes:
        day: of New York, the only one it is for. salt, account: of the account's number, in hex.
        config_sha256: of the configuration that it is for, in hex. made: when, ns UTC.
    """

    day: dt.date
    salt: str
    account: str
    config_sha256: str
    made: int

    def is_for(self, number: str) -> bool:
        """Whether it names this account."""
        return hmac.compare_digest(self.account.encode(), _hashed(number, self.salt).encode())


@dataclass(frozen=True, slots=True)
class Found:
    """An arm file that is there. ``problem``: why it does not count."""

    path: Path
    day: dt.date
    arm: Arm | None = None
    problem: str = ""


def arm_path(config: Config, day: dt.date) -> Path:
    """Where the arm of a day lies."""
    journal = journal_path(config, config.account.name)
    return journal.with_name(f"{config.account.name}.armed-{day}")


def new_arm(number: str, day: dt.date, config_sha256: str, made: int) -> Arm:
    """An arm for an account; nothing is written."""
    salt = secrets.token_hex(_SALT_BYTES)
    return Arm(day=day, salt=salt, account=_hashed(number, salt), config_sha256=config_sha256, made=made)


def write_arm(config: Config, arm: Arm) -> Path:
    """Write it whole, private from its first byte; one of the same day is replaced. Raises ``ArmFileError``."""
    path = arm_path(config, arm.day)
    new = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new.unlink(missing_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE)
        with open(handle, "wb") as out:  # noqa: PTH123
            os.fchmod(handle, _MODE)  # an unlucky umask
            out.write(msgspec.json.format(msgspec.json.encode(arm), indent=1) + b"\n")
            out.flush()
            os.fsync(handle)
        new.replace(path)
    except OSError as error:
        raise ArmFileError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)
    return path


def read_arm(config: Config, day: dt.date) -> Arm | None:
    """The arm of a day; ``None`` where there is none. Raises ``ArmFileError`` for one that cannot be trusted."""
    return _read(arm_path(config, day), day)


def arms(config: Config) -> list[Found]:
    """Every arm file of the account, by day."""
    folder = arm_path(config, dt.date.min).parent
    found: list[Found] = []
    for path in folder.iterdir() if folder.is_dir() else ():
        named = _NAME.fullmatch(path.name)
        if named is None or named["account"] != config.account.name:
            continue
        try:
            day = dt.date.fromisoformat(named["day"])
        except ValueError:
            continue
        try:
            found.append(Found(path, day, _read(path, day)))
        except ArmFileError as error:
            found.append(Found(path, day, problem=str(error)))
    return sorted(found, key=lambda each: each.day)


def forget(found: Found) -> None:
    """Remove one. Raises ``ArmFileError``."""
    try:
        found.path.unlink(missing_ok=True)
    except OSError as error:
        raise ArmFileError(f"{found.path} cannot be removed: {error.strerror}") from None


def _read(path: Path, day: dt.date) -> Arm | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ArmFileError(f"{path} cannot be read: {error.strerror}: `zdte-tui arm` writes it") from None
    try:
        status = os.fstat(handle)
        mode = stat.S_IMODE(status.st_mode)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise ArmFileError(f"{path} is not a file of yours: remove it; `zdte-tui arm` writes one")
        if mode & 0o077:
            raise ArmFileError(
                f"{path} has mode {mode:04o}, so others may have written it: `zdte-tui arm` writes it anew"
            )
        content = os.read(handle, _LARGEST)
    finally:
        os.close(handle)
    try:
        arm = msgspec.json.decode(content, type=Arm)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ArmFileError(f"{path} is no arm file: `zdte-tui arm` writes it anew") from None
    if arm.day != day:
        raise ArmFileError(f"{path} is for {arm.day}, not for the day in its name: `zdte-tui arm` writes it anew")
    return arm


def _hashed(number: str, salt: str) -> str:
    return hashlib.scrypt(number.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=32).hex()
