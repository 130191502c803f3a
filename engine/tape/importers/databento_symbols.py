"""Which contract a number of a DBN file is: by the file's own mappings, and by definitions in the same folder."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any, Final

from engine.tape.errors import ImportRefused
from engine.tape.importers.base import ImportOptions
from engine.tape.importers.databento_dbn import DbnFile, Mappings, is_dbn
from engine.types import PRODUCTS, Contract, parse_symbol

_OPTION: Final = re.compile(r"(?P<root>[A-Z0-9]{1,6}) *[0-9]{6}[CP][0-9]{8}")
_CHUNK: Final = 1 << 20
_UNDEFINED: Final = 2**31 - 1
_NANO_STRIKE: Final = 100_000
_SECOND: Final = 1_000_000_000

Key = tuple[dt.date, int]
"""The day in UTC and a number: numbers are only sure to mean one contract within a day."""


def definition_files(path: Path) -> tuple[Path, ...]:
    """The DBN files of definitions that lie beside ``path``, in order of name. Those that cannot be read are none."""
    found = []
    for other in sorted(path.absolute().parent.iterdir()):
        if other.name != path.name and other.is_file() and is_dbn(other):
            try:
                with DbnFile(other, ImportOptions()) as file:
                    if file.schema == "definition":
                        found.append(other)
            except ImportRefused:
                continue
    return tuple(found)


def read_definitions(path: Path, options: ImportOptions) -> dict[Key, str]:
    """Raw symbols by day and number. Raises ``ImportRefused`` for a definition that contradicts itself, and for one
    of a known root whose multiplier is not its product's."""
    from databento_dbn import DBNDecoder, DBNError, InstrumentDefMsg

    found: dict[Key, str] = {}
    number = 0
    with DbnFile(path, options) as file:
        decoder = DBNDecoder()
        data = file.prelude
        try:
            while data:
                for record in decoder.write_and_decode(data):
                    if isinstance(record, InstrumentDefMsg):
                        number += 1
                        key = (_day(record.ts_recv), record.instrument_id)
                        found[key] = _checked(path, record, f"record {number}")
                data = file.read(_CHUNK)
            if decoder.buffer():
                raise ImportRefused(path, "cut short: it ends within a record", f"record {number + 1}")
        except (DBNError, OverflowError, UnicodeError) as error:
            raise ImportRefused(path, f"not a definition: {error}", f"record {number + 1}") from None
        except BaseException as error:
            if type(error).__module__ != "pyo3_runtime":  # its decoder panics over a record of another length
                raise
            raise ImportRefused(path, f"not a definition: {error}", f"record {number + 1}") from None
    return found


class Symbols:
    """The contracts of one file of quotes."""

    def __init__(self, path: Path, mappings: Mappings, definitions: tuple[Path, ...]) -> None:
        """Raises ``ImportRefused`` for a file of definitions that is not trusted."""
        self._path = path
        self._spans: dict[int, list[tuple[dt.date, dt.date, str]]] = {}
        for symbol, spans in mappings.items():
            for first, after, other in spans:
                # The number stands on whichever side the request left it.
                text, name = (other, symbol) if other.isdigit() else (symbol, other)
                if text.isdigit():
                    self._spans.setdefault(int(text), []).append((first, after, name))
        self._defined: dict[Key, str] = {}
        for file in definitions:
            self._defined |= read_definitions(file, ImportOptions())

    def raw(self, day: dt.date, number: int, where: str) -> str:
        """The symbol of ``number`` on ``day`` (UTC), as the exchange pads it.

        Raises ``ImportRefused`` where nothing tells it, or two things differently.
        """
        told = {name for first, after, name in self._spans.get(number, ()) if first <= day < after}
        if (day, number) in self._defined:
            told.add(self._defined[day, number])
        if len(told) == 1:
            return told.pop()
        if told:
            reason = f"instrument {number} is {' and '.join(sorted(told))} on {day}"
        else:
            reason = (
                f"instrument {number} has no symbol on {day}, neither in the file's mappings nor in definitions in its "
                "folder: put the definition file of that day there"
            )
        raise ImportRefused(self._path, reason, where)

    def contract(self, day: dt.date, number: int, where: str) -> Contract | str:
        """The contract of ``number``, or the root of one that is not stored. Raises ``ImportRefused``."""
        text = self.raw(day, number, where)
        match = _OPTION.fullmatch(text)
        if match is None:
            raise ImportRefused(self._path, f"not an option's symbol: {text[:40]!r}", where)
        if match["root"] not in PRODUCTS:
            return match["root"]
        try:
            contract = parse_symbol(text)
        except ValueError as error:
            raise ImportRefused(self._path, str(error), where) from None
        if not isinstance(contract, Contract) or contract.strike == 0:
            raise ImportRefused(self._path, f"not an option with a strike: {text[:40]!r}", where)
        if contract.expiry < day:
            raise ImportRefused(self._path, f"{contract.symbol} expired before {day}", where)
        return contract


def _checked(path: Path, record: Any, where: str) -> str:
    symbol = str(record.raw_symbol)
    match = _OPTION.fullmatch(symbol)
    if match is None or match["root"] not in PRODUCTS:
        return symbol
    try:
        contract = parse_symbol(symbol)
    except ValueError as error:
        raise ImportRefused(path, str(error), where) from None
    if isinstance(contract, Contract):
        if record.strike_price != contract.strike * _NANO_STRIKE or _day(record.expiration) != contract.expiry:
            raise ImportRefused(path, f"{contract.symbol} has another strike or expiry in its definition", where)
        known = PRODUCTS[contract.root].multiplier
        if record.contract_multiplier not in (known, _UNDEFINED):
            reason = f"{contract.symbol} is of {record.contract_multiplier} shares, not of {known}"
            raise ImportRefused(path, reason, where)
    return symbol


def _day(instant: int) -> dt.date:
    return dt.datetime.fromtimestamp(instant // _SECOND, dt.UTC).date()
