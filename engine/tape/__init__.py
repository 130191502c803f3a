"""Recorded and imported days: the store, the tape of one day as events, and importers for files people bring."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.tape.builder import DayBuilder
    from engine.tape.columns import FIELDS, Columns
    from engine.tape.daily import DailyRow, DailyTable, known_at
    from engine.tape.dayfile import DayTable, UnderlyingTable
    from engine.tape.daytape import DayTape
    from engine.tape.entries import DailyEntry, DayEntry, UnderlyingEntry
    from engine.tape.errors import ImportRefused, StoreBusy, StoreError
    from engine.tape.header import DailyHeader, DayHeader, UnderlyingHeader
    from engine.tape.quality import DayReport, inspect_daily, inspect_day
    from engine.tape.store import Saved, Store, Table

__all__ = [
    "FIELDS",
    "Columns",
    "DailyEntry",
    "DailyHeader",
    "DailyRow",
    "DailyTable",
    "DayBuilder",
    "DayEntry",
    "DayHeader",
    "DayReport",
    "DayTable",
    "DayTape",
    "ImportRefused",
    "Saved",
    "Store",
    "StoreBusy",
    "StoreError",
    "Table",
    "UnderlyingEntry",
    "UnderlyingHeader",
    "UnderlyingTable",
    "inspect_daily",
    "inspect_day",
    "known_at",
]

if not TYPE_CHECKING:
    _FILES = {
        "DayBuilder": "builder",
        "FIELDS": "columns",
        "Columns": "columns",
        "DailyRow": "daily",
        "DailyTable": "daily",
        "known_at": "daily",
        "DayTable": "dayfile",
        "UnderlyingTable": "dayfile",
        "DayTape": "daytape",
        "DailyEntry": "entries",
        "DayEntry": "entries",
        "UnderlyingEntry": "entries",
        "ImportRefused": "errors",
        "StoreBusy": "errors",
        "StoreError": "errors",
        "DailyHeader": "header",
        "DayHeader": "header",
        "UnderlyingHeader": "header",
        "DayReport": "quality",
        "inspect_daily": "quality",
        "inspect_day": "quality",
        "Saved": "store",
        "Store": "store",
        "Table": "store",
    }

    def __getattr__(name):
        """Imported when first named: a session on the demo market reads no file, and need not wait for Arrow."""
        if name not in _FILES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found = globals()[name] = getattr(import_module(f"{__name__}.{_FILES[name]}"), name)
        return found
