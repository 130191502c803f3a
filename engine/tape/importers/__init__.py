"""Importers, one file each, and the table that knows them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.tape.importers.bars_csv import BarsCsv
from engine.tape.importers.base import FolderImporter, Importer, ImportOptions, Item, LeftOut, Refused
from engine.tape.importers.cboe_datashop import CboeDataShop
from engine.tape.importers.cboe_quotedata import CboeQuoteData
from engine.tape.importers.databento import Databento
from engine.tape.importers.index_bars import IndexBars
from engine.tape.importers.index_daily import IndexDaily
from engine.tape.importers.lean import Lean
from engine.tape.importers.long import Long
from engine.tape.importers.mid_json import MidJson

IMPORTERS: dict[str, Importer] = {
    importer.name: importer
    for importer in (
        MidJson(),
        Lean(),
        Databento(),
        BarsCsv(),
        CboeQuoteData(),
        CboeDataShop(),
        IndexBars(),
        IndexDaily(),
        Long(),  # last: the other tables have names of columns that it knows too
    )
}


def sniff(path: Path, among: Iterable[Importer] = tuple(IMPORTERS.values())) -> Importer | None:
    """The first importer that recognises ``path``, or ``None``."""
    return next((importer for importer in among if importer.sniff(path)), None)


__all__ = ["IMPORTERS", "FolderImporter", "ImportOptions", "Importer", "Item", "LeftOut", "Refused", "sniff"]
