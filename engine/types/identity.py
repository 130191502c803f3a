"""Names that survive a restart: the client order id."""

from __future__ import annotations

import datetime as dt
import re

import msgspec

_FORM = re.compile(r"^(?P<account>[A-Za-z0-9_]{1,32})-(?P<day>\d{8})-(?P<epoch>\d+)-(?P<sequence>\d+)$")


class ClientOrderId(msgspec.Struct, frozen=True, order=True):
    """Account, trading day, epoch (counts restarts, 0 in backtests) and a sequence within the epoch."""

    account: str
    day: dt.date
    epoch: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.account}-{self.day:%Y%m%d}-{self.epoch}-{self.sequence}"

    @classmethod
    def parse(cls, text: str) -> ClientOrderId:
        """The inverse of ``str``; raises ``ValueError`` for any other text."""
        found = _FORM.match(text)
        if not found:
            raise ValueError(f"not a client order id: {text!r}")
        day = dt.date.fromisoformat(found["day"])
        return cls(found["account"], day, int(found["epoch"]), int(found["sequence"]))
