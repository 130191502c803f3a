"""One transaction on a SQLite connection in autocommit mode."""

from __future__ import annotations

import sqlite3
from types import TracebackType


class Transaction:
    """BEGIN IMMEDIATE, then COMMIT, or ROLLBACK where anything failed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._connection.execute("COMMIT")
        finally:
            # A full disk may have rolled back already; a failed COMMIT has not.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
