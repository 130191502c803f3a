"""Files of bars that hold one option contract and day each, named by its OCC symbol."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from engine.calendar import NEW_YORK, date_of
from engine.tape.errors import ImportRefused
from engine.tape.importers.bars_day import OptionDay
from engine.tape.importers.bars_rows import PRICES, finer, read_bar
from engine.tape.importers.bars_times import instant, read_day, read_stamp, told_zone
from engine.tape.importers.base import ImportOptions
from engine.tape.importers.reading import csv_rows, open_text, positions
from engine.types import Contract, parse_symbol

_NAME: Final = re.compile(
    r"(O[_:])?(?P<root>[A-Z]{1,6})(?P<rest>\d{6}[CP]\d{8})(_[A-Za-z0-9]+)*_(?P<day>\d{4}-?\d\d-?\d\d)\.csv(\.gz)?",
    re.ASCII,
)
_COLUMNS: Final = ("timestamp", *PRICES, "volume")


class ContractName(NamedTuple):
    """What a file's name tells; ``day`` is ``2025-08-29`` and perhaps no date at all."""

    root: str
    symbol: str
    day: str


def contract_name(path: Path) -> ContractName | None:
    """Root, OCC symbol and day by the name of a file, or ``None``."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    digits = match["day"].replace("-", "")
    return ContractName(match["root"], match["root"] + match["rest"], f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")


def contract_files(folder: Path) -> list[Path]:
    """The files directly in ``folder`` that are named so, in order; none for a folder that cannot be read."""
    try:
        return sorted(path for path in folder.iterdir() if contract_name(path) is not None and path.is_file())
    except OSError:
        return []


def read_contract_files(path: Path, root: str, files: list[Path], options: ImportOptions) -> OptionDay | None:
    """One day of ``root`` from the files of its contracts; ``None`` where ``options.done`` names it.

    Raises ``ImportRefused`` for the first row that is not trusted.
    """
    name = contract_name(files[0])
    try:
        day = OptionDay(root, read_day(name.day if name else ""))
    except ValueError as error:
        raise ImportRefused(files[0], str(error)) from None
    if (root, day.day) in options.done:
        return None
    quiet = options if path.is_file() else replace(options, progress=lambda _: None)
    seen: dict[str, Path] = {}
    for file in files:
        found = contract_name(file)
        symbol = found.symbol if found else ""
        if symbol in seen:
            raise ImportRefused(file, f"the same contract and day as {seen[symbol].name}: remove one of the two")
        seen[symbol] = file
        _read_file(file, symbol, day, quiet)
    return day


def _read_file(path: Path, symbol: str, day: OptionDay, options: ImportOptions) -> None:
    try:
        contract = parse_symbol(symbol)
    except ValueError as error:
        raise ImportRefused(path, str(error)) from None
    if not isinstance(contract, Contract) or contract.strike == 0:
        raise ImportRefused(path, f"{symbol} is not an option with a strike")
    zone = told_zone(path, options) or NEW_YORK
    with open_text(path, options) as file:
        rows = csv_rows(path, file)
        _, header = next(rows, (0, []))
        at = positions(path, header, _COLUMNS)
        empty = True
        for number, row in rows:
            empty = False
            try:
                if len(row) != len(header):
                    raise ValueError(f"{len(row)} fields where the header has {len(header)}")
                start = instant(read_stamp(row[at["timestamp"]]), zone)
                if date_of(start) != day.day:
                    raise ValueError(f"{date_of(start)} in New York, but the file is named {day.day}")
                texts = [row[at[name]] for name in PRICES]
                day.add(contract, start, read_bar(texts, row[at["volume"]]))
                day.counts["rounded"] += sum(map(finer, texts))
            except ValueError as error:
                raise ImportRefused(path, str(error), f"row {number}") from None
    if empty:
        day.counts["empty_files"] += 1
