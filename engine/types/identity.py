"""Names that survive a restart: the client order id."""

from __future__ import annotations

import datetime as dt
import re

import msgspec

_NUMBER = "0|[1-9][0-9]*"
INSTALLATION = re.compile("[0-9a-f]{10}")
"""What an installation's id looks like: two digits longer than a day."""
_FORM = re.compile(
    rf"(?P<account>[A-Za-z0-9_]{{1,32}})-(?:(?P<installation>{INSTALLATION.pattern})-)?"
    rf"(?P<day>[0-9]{{8}})-(?P<epoch>{_NUMBER})-(?P<sequence>{_NUMBER})"
)


class ClientOrderId(msgspec.Struct, frozen=True, order=True):
    """Account, trading day, epoch (counts restarts, 0 in backtests) and a sequence within the epoch.

    ``installation``: whose orders they are at a broker's account that others may trade too; empty where nobody can.
    """

    account: str
    day: dt.date
    epoch: int
    sequence: int
    installation: str = ""

    def __str__(self) -> str:
        whose = f"{self.account}-{self.installation}" if self.installation else self.account
        return f"{whose}-{self.day:%Y%m%d}-{self.epoch}-{self.sequence}"

    @classmethod
    def parse(cls, text: str) -> ClientOrderId:
        """The inverse of ``str``; raises ``ValueError`` for any other text."""
        found = _FORM.fullmatch(text)
        if not found:
            raise ValueError(f"not a client order id: {text!r}")
        try:
            day = dt.date.fromisoformat(found["day"])
        except ValueError:
            raise ValueError(f"not a client order id, {found['day']} is no date: {text!r}") from None
        return cls(found["account"], day, int(found["epoch"]), int(found["sequence"]), found["installation"] or "")
