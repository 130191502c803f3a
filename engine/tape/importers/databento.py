"""``databento``: option quotes of OPRA in Databento's DBN files, ``cbbo-1m`` and ``cbbo-1s``, plain or in Zstandard.

A record is the best bid and offer of all exchanges at the end of an interval: ``ts_recv`` is that end (a whole minute
or second), and the quote is true and known then. Its ``price`` is of the last trade of the session, made at
``ts_event`` and repeated until the next one: it is kept where the trade fell into the interval itself. An interval in
which nothing changed has no record; the quote before it still stands. Which contract a number is, the file's own
mappings say, or the definitions (schema ``definition``) in the same folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.tape.errors import ImportRefused
from engine.tape.importers.bars_day import Label
from engine.tape.importers.base import ImportOptions, Item, LeftOut, joint_sha256, sha256_of
from engine.tape.importers.databento_day import INTERVALS, quote_days
from engine.tape.importers.databento_dbn import DbnFile, is_dbn
from engine.tape.importers.databento_symbols import Symbols, definition_files, read_definitions
from engine.types import Provenance

_DATASET: Final = "OPRA.PILLAR"
_NOTE: Final = "best bid and offer of all exchanges, true and known at the end of each interval"
_READ: Final = "cbbo-1m and cbbo-1s (quotes) and definition (contracts, beside them) are read"


@dataclass(frozen=True)
class Databento:
    """The importer; see the module."""

    name: str = "databento"
    version: int = 1
    description: str = (
        "Databento DBN files of OPRA, .dbn or .dbn.zst: quotes cbbo-1m or cbbo-1s, definitions beside them"
    )

    def sniff(self, path: Path) -> bool:
        """Whether the file begins as DBN does, packed or not."""
        return is_dbn(path)

    def beside(self, path: Path) -> tuple[Path, ...]:
        """The definitions that name the contracts of ``path``."""
        return definition_files(path)

    def read(self, path: Path, options: ImportOptions) -> Iterator[Item]:
        """Each day's roots as soon as the next day begins; at the end what was left out."""
        if options.symbol is not None:
            raise ImportRefused(path, "--symbol has no meaning for this format: its contracts are in the file")
        with DbnFile(path, options) as file:
            if file.dataset != _DATASET:
                raise ImportRefused(path, f"data set {file.dataset}: only {_DATASET}, US options, is read")
            if file.schema == "definition":
                defined = read_definitions(path, options)
                roots = sorted({raw.split(" ")[0] for raw in defined.values()})
                told = f"definitions, {len(defined)} of {', '.join(roots)[:80]}"
                yield LeftOut(str(path), f"{told}, no prices: used for the quotes in the same folder")
                return
            if file.schema not in INTERVALS:
                raise ImportRefused(path, f"schema {file.schema or 'of a live stream'} is not read: {_READ}")
            yield from self._quotes(path, file, options)

    def _quotes(self, path: Path, file: DbnFile, options: ImportOptions) -> Iterator[Item]:
        beside = definition_files(path)
        symbols = Symbols(path, file.mappings, beside)
        digest = sha256_of(path)
        if beside:
            digest = joint_sha256({each.name: sha256_of(each) for each in (path, *beside)})
        source = options.source or f"databento-{file.schema.removeprefix('cbbo-')}"
        label = Label(Provenance(source, "vendor", "quote", digest, _NOTE), self.name, self.version)
        left_out: Counter[tuple[str, str]] = Counter()
        for day in quote_days(file, symbols):
            left_out.update(day.left_out)
            yield from day.tables(label, options.done)
        for (what, why), count in sorted(left_out.items()):
            yield LeftOut(f"{path}: {count} records of {what}", why)
