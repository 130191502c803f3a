"""Recorded and imported days: the store, the tape of one day as events, and importers for files people bring."""

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
