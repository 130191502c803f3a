"""The journal: what happened and was decided, on disk before it is acted on, for a restart and for people."""

from engine.journal.backtests import BacktestInfo, BacktestRow, ConfigurationRow
from engine.journal.errors import JournalError, OlderJournal, UnreadableJournal
from engine.journal.export import EXPORTED, Form, export, usd_text
from engine.journal.lock import is_written
from engine.journal.model import Progress, RunRow, SessionInfo, SessionRow, SessionSummary
from engine.journal.reader import TABLES, JournalReader
from engine.journal.writer import JournalWriter

__all__ = [
    "EXPORTED",
    "TABLES",
    "BacktestInfo",
    "BacktestRow",
    "ConfigurationRow",
    "Form",
    "JournalError",
    "JournalReader",
    "JournalWriter",
    "OlderJournal",
    "Progress",
    "RunRow",
    "SessionInfo",
    "SessionRow",
    "SessionSummary",
    "UnreadableJournal",
    "export",
    "is_written",
    "usd_text",
]
