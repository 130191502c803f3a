"""The broker's cutoffs on the day an option expires, as instants of one session."""

from __future__ import annotations

from typing import NamedTuple

from engine.calendar import Session, parse_time_of_day
from engine.config import CutoffsTable
from engine.types import Package

NEVER = 2**63 - 1


class Cutoff(NamedTuple):
    """Instants of one root, ns UTC; ``NEVER`` where the broker has none. See ``engine.config.exchange.CutoffRow``."""

    open_until: int
    close_until: int
    liquidate_from: int


class Cutoffs:
    """The rows that hold on one session."""

    def __init__(self, table: CutoffsTable, session: Session) -> None:
        self._table = table
        self._session = session
        self._known: dict[str, Cutoff] = {}

    def of(self, root: str) -> Cutoff:
        """The cutoffs of a root for what expires today."""
        found = self._known.get(root)
        if found is None:
            row = self._table.row(root, self._session.day)
            texts = ("", "", "") if row is None else (row.open_until, row.close_until, row.liquidate_from)
            found = self._known[root] = Cutoff(*(self._instant(text) for text in texts))
        return found

    def _instant(self, text: str) -> int:
        session = self._session
        return parse_time_of_day(text).on(session.day, session.open, session.close) if text else NEVER

    def refusal(self, package: Package, now: int) -> str:
        """Why the broker takes the package no more, or empty."""
        for leg in package.legs:
            contract = leg.contract
            if contract.expiry != self._session.day:
                continue
            cutoff = self.of(contract.root)
            if leg.effect == "open" and now >= cutoff.open_until:
                return f'contract "{contract.symbol}" expires soon, unable to open new positions'
            if leg.effect == "close" and now >= cutoff.close_until:
                return f'contract "{contract.symbol}" expires soon, unable to close positions'
        return ""
