"""Past days from Alpaca into the day store: which of them, which strikes, what is there already, one day at a time.

A day's file is written when all of it has come. So a cut leaves days that are whole and days that are not there, and
the same command goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal

import numpy as np

from engine.calendar import Session, expires_on, session
from engine.calendar.expiries import NotKnown
from engine.feed.alpaca.history import History
from engine.feed.alpaca.history_errors import HistoryError
from engine.feed.alpaca.history_rows import Listed
from engine.session.download_day import ChainDay, fetched_text, fund_table
from engine.session.download_span import Asked, Downloaded
from engine.tape import DayTable, Store, UnderlyingTable
from engine.tape.entries import DayEntry, UnderlyingEntry
from engine.tape.store import relative_path, sound_hash
from engine.types import MISSING, Contract, Price, Provenance, product

_INDEX_BY_SPY: Final = {"SPXW": 10, "XSP": 1}
_PROXY_MARGIN: Final = 0.01  # SPY is not a tenth of SPX to the point: dividends and fees since 1993
_NO_QUOTES: Final = "nobody's bid or ask: Alpaca keeps no option quotes"

Share = Callable[[dt.date, float, str], None]
"""Hears of a day, which share of it is done, and what is under way."""


class Download:
    """Fetches and stores. The caller holds the store's lock.

    Args:
        now: ns UTC, for the label.
        share: told how it goes.
    """

    def __init__(self, asked: Asked, history: History, store: Store, now: Callable[[], int], share: Share) -> None:
        self._asked, self._history, self._store, self._now, self._share = asked, history, store, now, share
        self._root = asked.root
        self._fund = "" if asked.root in _INDEX_BY_SPY else product(asked.root).underlying

    def run(self) -> Iterator[Downloaded]:
        """One a day, in order. Raises ``HistoryError``, ``StoreError`` and ``OSError``; what was told of is stored."""
        for day in self._asked.days:
            yield self._day(day)
            self._share(day, 1.0, f"{day}")

    def _day(self, day: dt.date) -> Downloaded:
        told, of, before = Downloaded(day), session(day), self._history.sent
        fund_there = bool(self._fund) and self._stored_fund(self._fund, day) is not None
        missing = self._missing(day) if self._asked.options else []
        if (fund_there or not self._fund) and not missing:
            told.result = "there" if self._asked.options or fund_there else "nothing"
            return told
        self._share(day, 0.0, f"{day} {self._fund or 'SPY, for the strikes'}")
        if self._fund and not fund_there:
            self._get_fund(of, told)
        if missing:
            self._get_options(of, missing, told)
        told.sent = self._history.sent - before
        kept = self._asked.options and self._asked.source not in missing
        told.result = "stored" if told.files else "there" if kept else "nothing"
        return told

    # The underlying

    def _get_fund(self, of: Session, told: Downloaded) -> None:
        self._history.begin()
        read = self._history.stock_bars(self._fund, of.open, of.close)
        note = f"one-minute bars of all exchanges (sip), not adjusted{self._from()}"
        table = fund_table(self._fund, of, read.rows, read.bad, self._label(self._asked.source, note))
        if table is None:
            told.notes.append(f"no bars of {self._fund}")
            return
        told.minutes = len(table.columns)
        self._save(table, told)

    def _range(self, of: Session, told: Downloaded) -> tuple[Price, Price] | None:
        """Lowest and highest strike: as far on one side of the day's first value as on the other, so that the choice
        does not give away which way the day went."""
        margin = self._asked.width
        values = self._stored_values(of.day)
        if values is None and not self._fund:
            read = self._history.stock_bars("SPY", of.open, of.close)
            scale = _INDEX_BY_SPY[self._root]
            values = [price * scale for bar in read.rows for price in (bar.open, bar.low, bar.high)]
            margin += _PROXY_MARGIN
            if values:
                told.notes.append(
                    f"no {product(self._root).underlying} stored: strikes by {scale} x SPY, whose bars are not kept"
                )
        if not values:
            told.notes.append("nothing to choose the strikes by")
            return None
        start = values[0]
        reach = max(abs(max(values) - start), abs(min(values) - start)) + round(margin * start)
        step = product(self._root).strike_step
        return max(step, (start - reach) // step * step), -(-(start + reach) // step) * step

    def _stored_values(self, day: dt.date) -> list[Price] | None:
        """Values of the underlying in the store, the first of the day first. A market's strikes are not chosen by a
        simulation's."""
        entries = [
            one
            for one in self._store.underlyings(product(self._root).underlying, day, day)
            if one.header and (self._same_kind(one.provenance) or not self._history.is_alpaca)
        ]
        for entry in sorted(entries, key=lambda one: (not self._same_kind(one.provenance), one.preference)):
            _, columns = self._store.open_underlying(entry, ("price", "high", "low"))
            found: list[Price] = []
            for name in ("price", "high", "low"):
                column = columns.values.get(name)
                if column is not None:
                    found += [int(value) for value in np.asarray(column)[column != MISSING]]
            if found:
                return found
        return None

    # Options

    def _get_options(self, of: Session, missing: Sequence[str], told: Downloaded) -> None:
        strikes = self._range(of, told)
        if strikes is None:
            return
        self._history.begin()
        listed = self._contracts(of.day, *strikes, told)
        told.contracts = len(listed)
        if not listed:
            return
        said = f"strikes {strikes[0] // 10_000} to {strikes[1] // 10_000}"
        if self._asked.source in missing:
            chain = ChainDay(self._root, of, listed)
            table = self._bars(of, chain, listed, said, told)
            self._keep(table, told)
        if self._asked.trades_source in missing:
            self._history.begin()
            self._keep(self._trades(of, listed, said, told), told)

    def _contracts(self, day: dt.date, lowest: Price, highest: Price, told: Downloaded) -> list[Listed]:
        self._share(day, 0.0, f"{day} contracts")
        read = self._history.listing(self._root, day, lowest, highest)
        if read.bad:
            told.notes.append(f"{read.bad} listed contracts could not be read")
        if read.rows:
            return read.rows
        try:
            expires = expires_on(self._root, day) is not None
        except NotKnown:
            expires = True
        if not expires:
            told.notes.append(f"no {self._root} option expires that day")
            return []
        # Alpaca does not say for how long it lists what has expired; bars can be asked for by name all the same.
        step = product(self._root).strike_step
        told.notes.append(f"no contract listed: every {step // 10_000}-dollar strike asked for by name")
        grid = range(lowest, highest + 1, step)
        return [Listed(Contract(self._root, day, strike, right), None, None) for strike in grid for right in ("C", "P")]

    def _bars(
        self, of: Session, chain: ChainDay, listed: Sequence[Listed], said: str, told: Downloaded
    ) -> DayTable | None:
        contracts = [one.contract for one in listed]
        bad = done = without = 0
        share = 0.5 if self._asked.trades else 1.0
        for some in self._history.option_bars(contracts, of.open, of.product_close(self._root)):
            for contract, read in some.items():
                chain.bars(contract, read.rows)
                bad, told.bars = bad + read.bad, told.bars + len(read.rows)
                without += not read.rows
            done += len(some)
            self._share(of.day, share * done / len(contracts), f"{of.day} bars, {done} of {len(contracts)} contracts")
        told.without = without
        note = f"the last trade of each minute, {_NO_QUOTES}; {said}{self._from()}"
        counts = {
            "contracts_asked": len(contracts),
            "contracts_without": without,
            "not_believed": bad,
            "width_bp": self._width_bp,
        }
        self._tell_bad(bad, told)
        return chain.table(self._label(self._asked.source, note), counts)

    def _trades(self, of: Session, listed: Sequence[Listed], said: str, told: Downloaded) -> DayTable | None:
        chain = ChainDay(self._root, of, listed)
        contracts = [one.contract for one in listed]
        bad = done = 0
        try:
            for some in self._history.option_trades(contracts, of.open, of.product_close(self._root)):
                for contract, read in some.items():
                    chain.trades(contract, read.rows)
                    bad, told.trades = bad + read.bad, told.trades + len(read.rows)
                done += len(some)
                text = f"{of.day} trades, {done} of {len(contracts)} contracts"
                self._share(of.day, 0.5 + 0.5 * done / len(contracts), text)
        except HistoryError as error:
            if error.fault not in ("plan", "request"):
                raise
            # The SDK's own words are that trades go seven days back; bars of that day are no worse for it.
            told.trades = 0
            told.notes.append(f"no trades: {error}")
            return None
        note = f"every trade, {_NO_QUOTES}; {said}{self._from()}"
        self._tell_bad(bad, told)
        return chain.table(
            self._label(self._asked.trades_source, note),
            {"contracts_asked": len(contracts), "not_believed": bad, "width_bp": self._width_bp},
        )

    # The store

    @property
    def _width_bp(self) -> int:
        return round(self._asked.width * 10_000)

    def _missing(self, day: dt.date) -> list[str]:
        """The sources of the day that are to be fetched: not stored, damaged, or narrower than what is asked for."""
        wanted = [self._asked.source, *([self._asked.trades_source] if self._asked.trades else [])]
        return [source for source in wanted if not self._has(day, source)]

    def _has(self, day: dt.date, source: str) -> bool:
        for entry in self._store.days(self._root, day, day, source):
            if entry.header and self._good(entry) and entry.header.counts.get("width_bp", 0) >= self._width_bp:
                return True
        return False

    def _stored_fund(self, symbol: str, day: dt.date) -> UnderlyingEntry | None:
        found = self._store.underlyings(symbol, day, day, self._asked.source)
        return next((entry for entry in found if entry.header and self._good(entry)), None)

    def _good(self, entry: DayEntry | UnderlyingEntry) -> bool:
        """Whether it can stay: sound, and no rehearsal in the place of the market. A rehearsal never takes the
        market's place either."""
        return sound_hash(entry.path) is not None and (
            self._same_kind(entry.provenance) or entry.provenance.origin != "simulated"
        )

    def _same_kind(self, label: Provenance) -> bool:
        return (label.origin != "simulated") == self._history.is_alpaca

    def _keep(self, table: DayTable | None, told: Downloaded) -> None:
        if table is not None:
            self._save(table, told)

    def _save(self, table: DayTable | UnderlyingTable, told: Downloaded) -> None:
        self._store.save(table)
        told.files.append(relative_path(table).as_posix())

    def _label(self, source: str, note: str) -> Provenance:
        origin: Literal["vendor", "simulated"] = "vendor" if self._history.is_alpaca else "simulated"
        return Provenance(source, origin, "trade_bar", self._history.sha256(), note)

    def _from(self) -> str:
        who = "Alpaca" if self._history.is_alpaca else f"{self._history.host}, which is not Alpaca"
        return f"; fetched from {who} at {fetched_text(self._now())}"

    def _tell_bad(self, bad: int, told: Downloaded) -> None:
        if bad:
            told.notes.append(f"{bad} rows not believed and left out")
