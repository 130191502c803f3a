"""The broker's cutoffs on the day an option expires, as instants of a session; of what sources say the earliest."""

from __future__ import annotations

from typing import NamedTuple

from engine.calendar import Session, parse_time_of_day
from engine.config import Config, CutoffRow, CutoffsTable
from engine.types import Package

NEVER = 2**63 - 1


class Cutoff(NamedTuple):
    """Instants of one root, ns UTC; ``NEVER`` where the broker has none. See ``engine.config.exchange.CutoffRow``."""

    open_until: int
    close_until: int
    liquidate_from: int


_NONE = Cutoff(NEVER, NEVER, NEVER)


class Report(NamedTuple):
    """What one source says of a root; see ``Cutoff``."""

    source: str
    cutoff: Cutoff


class RootCutoffs(NamedTuple):
    """What a session goes by for what expires today of a root.

    Attributes:
        cutoff: the earliest of each instant. reports: of whom each is.
        flat_by: when all of it is closed, ns UTC; ``NEVER`` where nothing asks for that.
    """

    root: str
    cutoff: Cutoff
    reports: tuple[Report, ...]
    flat_by: int

    def sources(self, name: str) -> tuple[str, ...]:
        """Who says the earliest of an instant, by its name in ``Cutoff``; empty where nobody says any."""
        at = getattr(self.cutoff, name)
        return tuple(each.source for each in self.reports if at != NEVER and getattr(each.cutoff, name) == at)


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
            said = [each.cutoff for each in self.reports(root)] or [_NONE]
            found = self._known[root] = Cutoff(*map(min, zip(*said, strict=True)))
        return found

    def reports(self, root: str) -> tuple[Report, ...]:
        """What each source says of a root."""
        return tuple(Report(row.source, self._cutoff(row)) for row in self._table.rows(root, self._session.day))

    def _cutoff(self, row: CutoffRow) -> Cutoff:
        return Cutoff(*(self._instant(text) for text in (row.open_until, row.close_until, row.liquidate_from)))

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


def flat_by(config: Config, session: Session, root: str) -> int:
    """When all of a root that expires today is to be closed, ns UTC; ``NEVER`` where orders do not go to Alpaca, nor
    are simulated as if they did, or ``flat_minutes`` is 0.

    Whether an order that closes is taken after any of the cutoffs is not known, so the earliest of them counts.
    """
    if config.broker.profile != "alpaca" or not config.cutoffs.flat_minutes:
        return NEVER
    earliest = min(Cutoffs(config.cutoffs, session).of(root))
    return min(earliest, session.product_close(root)) - config.cutoffs.flat_ns


def cutoffs_of(config: Config, session: Session) -> tuple[RootCutoffs, ...]:
    """The cutoffs of every root of ``[session]`` on a session's day, and who says so."""
    cutoffs = Cutoffs(config.cutoffs, session)
    return tuple(
        RootCutoffs(root, cutoffs.of(root), cutoffs.reports(root), flat_by(config, session, root))
        for root in config.session.roots
    )
