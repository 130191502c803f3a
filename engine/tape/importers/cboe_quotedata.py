"""``cboe-quotedata``: a whole chain as the download of Cboe's website gives it, one delayed snapshot a file.

See ``cboe_times`` for the instant its quotes are of. Roots come from the option symbols: of an SPX table the SPXW
options are stored and the morning-settled SPX ones left out. A table printed after the close is stored with the times
it has: its quotes are of 16:00 to 17:00 and known later, so it can be looked at and nothing is ever traded on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.calendar import clock_text
from engine.tape.builder import DayBuilder
from engine.tape.dayfile import DayTable
from engine.tape.errors import ImportRefused
from engine.tape.importers.base import MORNING_SETTLED, ImportOptions, Item, LeftOut, sha256_of
from engine.tape.importers.cboe_oddities import oddities
from engine.tape.importers.cboe_table import Head, Quoted, is_table, read_head, read_rows
from engine.tape.importers.cboe_times import Snapshot, snapshot
from engine.tape.importers.flags import day_flags
from engine.tape.importers.reading import head, open_text
from engine.types import PRODUCTS, Contract, Provenance, Underlying, round_to_cent

_NOTE: Final = "one delayed snapshot of the Cboe website; quotes 15 minutes older than the printed time"
_NOTE_CLOSE: Final = "the Cboe website's last snapshot of the day: quotes at and after the close, known later"


@dataclass(frozen=True)
class CboeQuoteData:
    """The importer; see the module."""

    name: str = "cboe-quotedata"
    version: int = 1
    description: str = "Cboe website's delayed quote table of a whole chain (SPX, XSP, SPY, QQQ), one .csv a snapshot"

    def sniff(self, path: Path) -> bool:
        """Whether the file begins with Cboe's head."""
        return path.is_file() and is_table(head(path))

    def read(self, path: Path, options: ImportOptions) -> Iterator[Item]:
        """One day a root. The whole file is read before anything is handed out: it is one snapshot."""
        if options.symbol is not None:
            raise ImportRefused(path, "--symbol has no meaning for this format: roots are in its option symbols")
        with open_text(path, options) as lines:
            top = read_head(path, lines)
            try:
                taken = snapshot(top.printed)
            except ValueError as error:
                raise ImportRefused(path, str(error), f"row {top.lines - 1}") from None
            chains = _chains(path, read_rows(path, lines, top), taken)
        label = Provenance(
            source=options.source or "quotedata",
            origin="vendor",
            meaning="quote",
            sha256=sha256_of(path),
            note=_NOTE_CLOSE if taken.after_close else _NOTE,
        )
        for root, chain in chains.items():
            if root not in PRODUCTS:
                known = MORNING_SETTLED if root == "SPX" else f"options of {root} are not known here"
                yield LeftOut(f"{path}: {root}", f"{len(chain)} options: {known}")
            elif (root, taken.of.day) not in options.done:
                yield self._table(root, chain, top, taken, label)

    def _table(
        self, root: str, chain: dict[Contract, Quoted], top: Head, taken: Snapshot, label: Provenance
    ) -> DayTable:
        builder = DayBuilder()
        for contract, quoted in chain.items():
            builder.put(
                taken.ts_known,
                taken.true_at(contract, root),
                contract,
                bid=quoted.bid,
                ask=quoted.ask,
                volume=quoted.volume,
                open_interest=quoted.open_interest,
            )
        counts = oddities({contract: (quoted.bid, quoted.ask) for contract, quoted in chain.items()})
        terms = PRODUCTS[root]
        underlying, fund = Underlying(terms.underlying), terms.settlement == "physical"
        if top.last:
            value = top.last if fund else round_to_cent(top.last)
            counts["rounded_to_cent"] += value != top.last
            shares = top.volume if fund and top.volume else None
            builder.put(taken.ts_known, taken.true_at(underlying, root), underlying, price=value, volume=shares)
        if taken.after_close:
            counts["after_close"] = len(builder)
        newest = max(taken.true_at(contract, root) for contract in chain)
        flags = day_flags(taken.of, taken.ts_known, counts)
        return DayTable(
            root=root,
            day=taken.of.day,
            provenance=label,
            importer=self.name,
            importer_version=self.version,
            columns=builder.build(),
            counts=dict(+counts),
            flags=(f"snapshot:{clock_text(newest, seconds=False)}", *flags, *_missing(top)),
        )


def _missing(top: Head) -> tuple[str, ...]:
    return () if top.last else ("no_underlying",)


def _chains(path: Path, rows: Iterator[tuple[int, Quoted]], taken: Snapshot) -> dict[str, dict[Contract, Quoted]]:
    """The contracts of each root. Raises ``ImportRefused`` for one that expired before, one that comes twice, roots
    that do not belong together, and for no row at all."""
    chains: dict[str, dict[Contract, Quoted]] = {}
    for number, quoted in rows:
        contract = quoted.contract
        if contract.expiry < taken.of.day:
            reason = f"{contract.symbol} expired before {taken.of.day}, the session the table's time says"
            raise ImportRefused(path, reason, f"row {number}")
        chain = chains.setdefault(contract.root, {})
        if contract in chain:
            raise ImportRefused(path, f"{contract.symbol} comes twice", f"row {number}")
        chain[contract] = quoted
        if len(chains) > 1 and not chains.keys() <= {"SPX", "SPXW"}:
            raise ImportRefused(path, f"options of {' and '.join(sorted(chains))} in one table", f"row {number}")
    if not chains:
        raise ImportRefused(path, "there are no options in it")
    return chains
