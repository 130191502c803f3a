"""``bars-csv``: one-minute trade bars of options, as one table of many contracts or as a file a contract and day.

The table: ``ts_et,expiration,right,strike,open,high,low,close,volume`` (``vw`` and ``n`` may follow), sorted by day.
The files: ``O_SPY250902C00625000_1min_20250829.csv`` with ``timestamp,open,high,low,close,volume``, as Polygon's are
often kept. Stamps are the START of the minute, in New York time where they carry no offset: with the real files of SPY
options beside SPY's own bars, calls in the money then keep one distance from their intrinsic value to 0.40 dollars, and
scatter by more than a dollar when read an hour off. A price is of the last trade in its minute and is no quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.tape.dayfile import DayTable
from engine.tape.errors import ImportRefused
from engine.tape.importers.bars_contract import contract_files, contract_name, read_contract_files
from engine.tape.importers.bars_day import Label
from engine.tape.importers.bars_table import read_table, table_header
from engine.tape.importers.bars_times import told_zone
from engine.tape.importers.base import ImportOptions, Item, LeftOut, Refused, joint_sha256, sha256_of
from engine.tape.importers.reading import head
from engine.types import PRODUCTS, Provenance

_SOURCE: Final = "bars-1m"
_NOTE: Final = "the last trade of each minute, known at its end; never a quote"


@dataclass(frozen=True)
class BarsCsv:
    """The importer; see the module."""

    name: str = "bars-csv"
    version: int = 1
    description: str = (
        "one-minute trade bars of options: one .csv(.gz) table, or a folder of O_SPY250902C00625000_*.csv"
    )

    def sniff(self, path: Path) -> bool:
        """Whether it is such a table, one contract's file, or a folder with contracts' files."""
        if path.is_dir():
            return bool(contract_files(path))
        return path.is_file() and (contract_name(path) is not None or table_header(head(path)))

    def covers(self, folder: Path, file: Path) -> bool:
        """The contracts' files directly in the folder; what lies beside them is for others."""
        return file.parent == folder and contract_name(file) is not None

    def read(self, path: Path, options: ImportOptions) -> Iterator[Item]:
        """Day by day. A folder refuses a day with a file that is not trusted, and goes on."""
        if not path.exists():
            raise FileNotFoundError(path)
        if path.is_file() and contract_name(path) is None:
            yield from self._table(path, options)
        else:
            yield from self._contracts(path, options)

    def _table(self, path: Path, options: ImportOptions) -> Iterator[DayTable]:
        root = _root(path, options)
        label = self._label(options, sha256_of(path))
        for day in read_table(path, root, options):
            try:
                yield day.table(label)
            except ValueError as error:
                raise ImportRefused(path, str(error)) from None

    def _contracts(self, path: Path, options: ImportOptions) -> Iterator[Item]:
        if options.symbol is not None:
            raise ImportRefused(path, "--symbol has no meaning for this format: symbols are in its file names")
        told_zone(path, options)
        files = contract_files(path) if path.is_dir() else [path]
        if not files:
            raise ImportRefused(path, "no file like O_SPY250902C00625000_1min_20250829.csv in it")
        groups: dict[tuple[str, str], list[Path]] = {}
        for file in files:
            name = contract_name(file)
            if name is not None:
                groups.setdefault((name.day, name.root), []).append(file)
        for number, ((_, root), group) in enumerate(sorted(groups.items())):
            options.progress(number / len(groups))
            if root not in PRODUCTS:
                why = f"options of {root} are not known here; known: {', '.join(sorted(PRODUCTS))}"
                yield LeftOut(f"{path}: {len(group)} {'files' if len(group) > 1 else 'file'} of {root}", why)
                continue
            try:
                day = read_contract_files(path, root, group, options)
                if day is not None:
                    digest = joint_sha256({file.name: sha256_of(file) for file in group})
                    yield day.table(self._label(options, digest))
            except ImportRefused as error:
                if path.is_file():
                    raise
                yield Refused(error)
            except ValueError as error:
                refused = ImportRefused(group[0] if len(group) == 1 else path, str(error))
                if path.is_file():
                    raise refused from None
                yield Refused(refused)
        options.progress(1.0)

    def _label(self, options: ImportOptions, digest: str) -> Label:
        source = options.source or _SOURCE
        return Label(Provenance(source, "vendor", "trade_bar", digest, _NOTE), self.name, self.version)


def _root(path: Path, options: ImportOptions) -> str:
    """Whose options the table holds: by ``--symbol``, or by the one root its name tells."""
    if options.symbol is not None:
        root = options.symbol.upper()
        if root not in PRODUCTS:
            raise ImportRefused(path, f"--symbol {options.symbol} is not a known root: {', '.join(sorted(PRODUCTS))}")
        return root
    words = {word.upper() for word in re.split(r"[^A-Za-z0-9]+", path.name)}
    found = sorted(words & set(PRODUCTS))
    if len(found) != 1:
        told = f"its name tells {' and '.join(found)}" if found else "neither the table nor its name tells"
        raise ImportRefused(path, f"--symbol is needed: whose options are these? {told}; say for example --symbol SPXW")
    return found[0]
