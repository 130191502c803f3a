"""Finds the zips of LEAN's ``Data`` folder and reads the rows of their members."""

from __future__ import annotations

import datetime as dt
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeVar, get_args

from engine.tape.errors import ImportRefused
from engine.types import Contract, Right

Kind = Literal["quote", "trade", "openinterest"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_ZIP: Final = re.compile(r"(?P<day>\d{8})_(?P<kind>quote|trade|openinterest)(_(european|american))?(\.zip){1,2}")
_OPTION: Final = re.compile(
    r"(?P<day>\d{8})_(?P<root>[a-z]+)_minute_(?P<kind>[a-z]+)_(european|american)"
    r"_(?P<right>call|put)_(?P<strike>\d{4,10})_(?P<expiry>\d{8})\.csv"
)
_SINGLE: Final = re.compile(r"(?P<day>\d{8})_(?P<symbol>[a-z]+)_minute_(?P<kind>[a-z]+)\.csv")
_LARGEST_MEMBER: Final = 64 * 2**20

Row = TypeVar("Row", bound=tuple[int | None, ...])


@dataclass(frozen=True, slots=True)
class DayFiles:
    """The zips of one folder and day, by kind. LEAN's own data has some named ``.zip.zip``."""

    folder: Path
    day: dt.date
    zips: dict[Kind, Path] = field(default_factory=dict)


def data_folder(path: Path) -> Path | None:
    """The ``Data`` folder: ``path`` itself or the one in it."""
    for folder in (path, path / "Data", path / "data"):
        # Unlike Path.is_dir, this says no of a folder that may not be looked into.
        if any(os.path.isdir(folder / kind / "usa" / "minute") for kind in ("indexoption", "option")):  # noqa: PTH112
            return folder
    return None


def folders_in(folder: Path) -> list[Path]:
    """The folders directly in ``folder``, in order; none where there is no such folder."""
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def days_in(folder: Path) -> list[DayFiles]:
    """The days that have files in ``folder``, in order. Raises ``ImportRefused`` where two files hold the same."""
    found: dict[dt.date, DayFiles] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        match = _ZIP.fullmatch(path.name)
        day = _date(match["day"]) if match else None
        if match is None or day is None:
            continue
        kind = next(kind for kind in KINDS if kind == match["kind"])
        zips = found.setdefault(day, DayFiles(folder, day)).zips
        if kind in zips:
            raise ImportRefused(path, f"the same as {zips[kind].name}: remove one of the two")
        zips[kind] = path
    return [found[day] for day in sorted(found)]


def option_rows(path: Path, root: str, day: dt.date, parse: Callable[[str], Row]) -> Iterator[tuple[Contract, Row]]:
    """Every row of an option zip with its contract, members in order of name."""
    for name, rows in _members(path, parse):
        match = _OPTION.fullmatch(name)
        expiry = _date(match["expiry"]) if match else None
        if match is None or expiry is None:
            raise ImportRefused(path, "not the name of an option's minute file", name)
        if match["root"].upper() != root or _date(match["day"]) != day:
            raise ImportRefused(path, f"belongs to another root or day than {root} {day}", name)
        strike = int(match["strike"])
        if strike % 10 or expiry < day:
            raise ImportRefused(path, "a strike finer than 0.001 or an expiry in the past", name)
        right: Right = "C" if match["right"] == "call" else "P"
        contract = Contract(root, expiry, strike, right)
        for row in rows:
            yield contract, row


def single_rows(path: Path, symbol: str, day: dt.date, parse: Callable[[str], Row]) -> Iterator[Row]:
    """Every row of a share's or index's zip."""
    for name, rows in _members(path, parse):
        match = _SINGLE.fullmatch(name)
        if match is None or match["symbol"].upper() != symbol or _date(match["day"]) != day:
            raise ImportRefused(path, f"not the minute file of {symbol} on {day}", name)
        yield from rows


def _members(path: Path, parse: Callable[[str], Row]) -> Iterator[tuple[str, Iterator[Row]]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(archive.infolist(), key=lambda info: info.filename)
            names = [info.filename for info in members]
            if len(set(names)) != len(names):
                raise ImportRefused(path, "a member comes twice")
            for info in members:
                if info.file_size > _LARGEST_MEMBER:
                    raise ImportRefused(path, f"{info.file_size} bytes unpacked: not one contract's day", info.filename)
                text = archive.read(info).decode("ascii")
                yield info.filename, _rows(path, info.filename, text, parse)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ImportRefused(path, f"cannot be unpacked: {error}") from None
    except UnicodeDecodeError:
        raise ImportRefused(path, "not plain text") from None


def _rows(path: Path, name: str, text: str, parse: Callable[[str], Row]) -> Iterator[Row]:
    """Lines may end in CRLF, and the last may lack its end."""
    before = -1
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            row = parse(line)
            stamp = row[0] or 0
            if stamp <= before:
                raise ValueError("its time is not after the row before")
        except ValueError as error:
            raise ImportRefused(path, str(error), f"{name} row {number}") from None
        before = stamp
        yield row


def _date(text: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        return None
