"""Importers, one file each, and the table that knows them."""

from __future__ import annotations

from pathlib import Path

from engine.tape.importers.base import FolderImporter, Importer, ImportOptions, Item, LeftOut, Refused
from engine.tape.importers.index_daily import IndexDaily
from engine.tape.importers.lean import Lean
from engine.tape.importers.mid_json import MidJson

IMPORTERS: dict[str, Importer] = {importer.name: importer for importer in (MidJson(), Lean(), IndexDaily())}


def sniff(path: Path) -> Importer | None:
    """The first importer that recognises ``path``, or ``None``."""
    return next((importer for importer in IMPORTERS.values() if importer.sniff(path)), None)


__all__ = ["IMPORTERS", "FolderImporter", "ImportOptions", "Importer", "Item", "LeftOut", "Refused", "sniff"]
