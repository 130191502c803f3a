"""The journal: what happened and was decided, on disk before it is acted on, for a restart and for people."""

from engine.journal.errors import JournalError
from engine.journal.export import Form, export, usd_text
from engine.journal.lock import is_written
from engine.journal.model import Progress, RunRow, SessionInfo, SessionRow, SessionSummary
from engine.journal.reader import TABLES, JournalReader
from engine.journal.writer import JournalWriter

__all__ = [
    "TABLES",
    "Form",
    "JournalError",
    "JournalReader",
    "JournalWriter",
    "Progress",
    "RunRow",
    "SessionInfo",
    "SessionRow",
    "SessionSummary",
    "export",
    "is_written",
    "usd_text",
]
