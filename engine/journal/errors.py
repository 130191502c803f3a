"""The one error of the journal: a line a person can act on."""

from __future__ import annotations


class JournalError(Exception):
    """What is wrong with which journal, and how to mend it, in one line."""
