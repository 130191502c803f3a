"""What can go wrong while past days are fetched: each error is one line, and says whom it is up to."""

from __future__ import annotations

from typing import Literal

Fault = Literal["keys", "plan", "limit", "server", "request", "answer"]
"""keys: refused. plan: not in this account's plan. limit: too many requests, for too long. server: silent or out of
order. request: it does not take what was asked. answer: what came cannot be read."""


class HistoryError(Exception):
    """A request has failed for good, after what retries it was worth."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault: Fault = fault
