"""One simulated day as events: listing, batches of quotes, closes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.calendar import Session, next_session, previous_session, session
from engine.clock import MINUTE, SECOND
from engine.events import AnyEvent, ChainBatch, DailyClose, Listing
from engine.feed.simulator.path import Path, PathModel, grid, simulate
from engine.feed.simulator.quoting import (
    QuoteModel,
    bid_ask,
    open_interest,
    popularity,
    sizes,
    to_cent,
    trades,
)
from engine.feed.simulator.smile import SmileModel, total_vol
from engine.pricing import price, years_to
from engine.types import (
    MISSING,
    SCALE,
    Contract,
    Instrument,
    Price,
    Product,
    Provenance,
    Underlying,
    product,
)

VERSION = 1
"""Part of every simulated day's hash: raised with each change that changes a byte of what is made."""

_PRIOR_CLOSE: dict[str, int] = {"SPX": 6000, "XSP": 600, "SPY": 600, "QQQ": 520}
_BLOCK = 120  # steps made at once: the first quotes come at once, and the arrays stay in the cache

Int32 = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SimulatedDay:
    """A seeded day of one root's chain: the same arguments give the same events, byte for byte.

    The path (returns, volatility, VIX) depends on ``day``, ``seed`` and ``step_seconds`` only, so the roots of one
    demo move together; quotes, sizes and volumes are each root's own.

    Attributes:
        day: a session of the calendar.
        root: option root; its product's terms give ticks, strike step, underlying and hours.
        seed: 0 or more.
        step_seconds: time between batches.
        prior_close: the underlying's close of the session before, price units; None takes a usual level.
        width: strikes listed on each side of the open, as a share of it.
        carry: yearly rate at which the forward exceeds spot; discounting over a day is below a tick and left out.
        first: index of the first instrument in the listing, where several feeds share a session.
        with_vix: whether VIX is listed and closed as well (one feed of a session should).

    Raises ``NotASession`` for a day without trading or at the calendar's very edge, ``KeyError`` for an unknown root
    and ``ValueError`` for a parameter out of range.
    """

    day: dt.date
    root: str = "SPXW"
    seed: int = 7
    step_seconds: int = 15
    prior_close: Price | None = None
    width: float = 0.0425
    carry: float = 0.03
    first: int = 0
    with_vix: bool = True
    path_model: PathModel = field(default_factory=PathModel)
    smile_model: SmileModel = field(default_factory=SmileModel)
    quote_model: QuoteModel = field(default_factory=QuoteModel)

    def __post_init__(self) -> None:
        session(self.day)
        previous_session(self.day)
        next_session(self.day)
        product(self.root)
        if self.seed < 0:
            raise ValueError(f"the simulator's seed is {self.seed}; it must be 0 or more")
        if not 1 <= self.step_seconds <= 3600:
            raise ValueError(f"the simulator's step is {self.step_seconds} seconds; it must be from 1 to 3600")
        if not 0 < self.width < 0.5:
            raise ValueError(f"the simulator's strikes reach {self.width} of spot to each side; give 0 to 0.5")
        if self.prior_close is not None and self.prior_close < 10 * self.terms.strike_step:
            raise ValueError(f"the simulator's prior close is {self.prior_close}; give ten strike steps or more")

    @property
    def terms(self) -> Product:
        """The product's terms."""
        return product(self.root)

    @property
    def expiries(self) -> tuple[dt.date, dt.date]:
        """Today, and the next session."""
        return self.day, next_session(self.day).day

    @property
    def close(self) -> int:
        """When today's options stop trading: the instant of the last batch, ns UTC."""
        return session(self.day).product_close(self.root)

    @property
    def provenance(self) -> Provenance:
        """Simulated; the hash is of the simulator's version and every parameter."""
        told = {"version": VERSION, **dataclasses.asdict(self)}
        text = json.dumps(told, sort_keys=True, default=str)
        return Provenance(
            source="demo",
            origin="simulated",
            meaning="quote",
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            note=f"seed {self.seed}, simulator version {VERSION}",
        )

    def events(self) -> Iterator[AnyEvent]:
        """The day in order: closes of the session before, the listing at the open, batches until the product's
        close (each with every quote and value), then today's official closes.

        Columns are read-only views. ``volume`` is of the day so far; ``open_interest`` comes with the first batch
        only. Underlyings have a ``price`` and no quotes; contracts have quotes and no ``price``.
        """
        today, before = session(self.day), previous_session(self.day)
        times = grid(today.open, self.close, self.step_seconds * SECOND)
        path = simulate(self.path_model, self._rng("path"), times, today, next_session(self.day))
        prior = self.prior_close if self.prior_close is not None else _PRIOR_CLOSE[self.terms.underlying] * SCALE
        # Rounded to cents before anything is priced: what differs in the last bit between machines ends here.
        spot = to_cent(path.spot * prior / SCALE)
        vix = to_cent(path.vix)
        seq = 0

        yield self._daily_close(self.terms.underlying, before, before.close + 30 * MINUTE, int(prior), seq)
        if self.with_vix:
            seq += 1
            prior_vix = int(to_cent(np.asarray(path.prior_vix)))
            yield self._daily_close("VIX", before, before.close + 30 * MINUTE, prior_vix, seq)

        strikes = self._strikes(int(spot[0]))
        seq += 1
        yield Listing(
            ts_known=today.open, ts_event=today.open, seq=seq, first=self.first, instruments=self._instruments(strikes)
        )
        for batch in self._batches(path, spot, vix, strikes, seq):
            seq = batch.seq
            yield batch

        official = int(to_cent(np.asarray(path.official_close * prior / SCALE)))
        seq += 1
        yield self._daily_close(self.terms.underlying, today, self.close + 15 * MINUTE, official, seq)
        if self.with_vix:
            seq += 1
            # VIX is computed for 15 minutes longer than stocks trade.
            last = int(vix[-1])
            known = max(today.close + 30 * MINUTE, self.close + 15 * MINUTE)
            yield self._daily_close("VIX", today, known, last, seq)

    def _rng(self, purpose: str) -> np.random.Generator:
        """A stream of its own for each purpose, so that one more draw here moves nothing there."""
        words = [self.seed, self.day.toordinal(), int.from_bytes(purpose.encode())]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))

    @staticmethod
    def _daily_close(symbol: str, of: Session, known: int, value: Price, seq: int) -> DailyClose:
        return DailyClose(ts_known=known, ts_event=of.close, seq=seq, symbol=symbol, day=of.day, close=value)

    def _strikes(self, spot: Price) -> NDArray[np.int64]:
        """Listed strikes, ascending, price units: whole steps around the open."""
        step = self.terms.strike_step
        middle = (spot + step // 2) // step
        reach = max(int(spot * self.width) // step, 1)
        return np.arange(middle - reach, middle + reach + 1, dtype=np.int64) * step

    def _instruments(self, strikes: NDArray[np.int64]) -> tuple[Instrument, ...]:
        """Underlying, VIX, then contracts by expiry, right (calls first) and strike: the order of every batch."""
        values: list[Instrument] = [Underlying(self.terms.underlying)]
        if self.with_vix:
            values.append(Underlying("VIX"))
        values += [
            Contract(self.root, expiry, int(strike), right)
            for expiry in self.expiries
            for right in ("C", "P")
            for strike in strikes
        ]
        return tuple(values)

    def _batches(
        self, path: Path, spot: NDArray[np.int64], vix: NDArray[np.int64], strikes: NDArray[np.int64], seq: int
    ) -> Iterator[ChainBatch]:
        rng = self._rng(f"quotes {self.root}")
        values = 2 if self.with_vix else 1
        n = values + 4 * len(strikes)
        idx = np.arange(self.first, self.first + n, dtype=np.int32)
        liked = popularity(strikes, self.terms.strike_step)
        price_row = np.full(n, MISSING, dtype=np.int32)
        traded = np.zeros(4 * len(strikes), dtype=np.int32)
        interest: Int32 | None = None

        for start in range(1, len(path.times), _BLOCK):
            at = slice(start, min(start + _BLOCK, len(path.times)))
            rows = at.stop - at.start
            fair, distance = self._fair(path, spot, strikes, at)
            if interest is None:
                interest = np.full(n, MISSING, dtype=np.int32)
                interest[values:] = open_interest(self.quote_model, rng, distance[0], np.tile(liked, 4))
            seconds_left = (self.close - path.times[at, None]) / SECOND
            columns = {
                name: np.full((rows, n), MISSING, dtype=np.int32)
                for name in ("bid", "ask", "bid_size", "ask_size", "volume")
            }
            columns["price"] = np.tile(price_row, (rows, 1))
            columns["price"][:, 0] = spot[at]
            if self.with_vix:
                columns["price"][:, 1] = vix[at]
            bid, ask = bid_ask(self.quote_model, self.terms, fair, seconds_left)
            columns["bid"][:, values:], columns["ask"][:, values:] = bid, ask
            columns["bid_size"][:, values:] = np.where(bid > 0, sizes(self.quote_model, rng, distance), 0)
            columns["ask_size"][:, values:] = sizes(self.quote_model, rng, distance)
            new = trades(self.quote_model, rng, distance, np.tile(liked, 4), self._activity(path, at))
            volume = traded + np.cumsum(new, axis=0, dtype=np.int32)
            columns["volume"][:, values:] = volume
            traded = volume[-1]
            for column in (idx, interest, *columns.values()):
                column.flags.writeable = False
            for row in range(rows):
                seq += 1
                now = int(path.times[start + row])
                yield ChainBatch(
                    ts_known=now,
                    ts_event=now,
                    seq=seq,
                    idx=idx,
                    open_interest=interest if start + row == 1 else None,
                    **{name: column[row] for name, column in columns.items()},
                )

    def _fair(
        self, path: Path, spot: NDArray[np.int64], strikes: NDArray[np.int64], at: slice
    ) -> tuple[Floats, Floats]:
        """Fair values (price units) and distances from the money (standard deviations), rows by contracts."""
        strike = strikes.astype(np.float64) / SCALE
        fair: list[Floats] = []
        distance: list[Floats] = []
        closes = (self.close, next_session(self.day).product_close(self.root))
        for close, variance in zip(closes, (path.variance_to_close, path.variance_next), strict=True):
            years = np.asarray(years_to(path.times[at], close))
            forward = np.round(spot[at] / SCALE * np.exp(self.carry * years), 4)[:, None]
            atm = np.square(np.round(np.sqrt(variance[at]), 12))[:, None]
            moneyness = np.log(strike / forward)
            vol = total_vol(self.smile_model, moneyness, atm)
            # Over a time of 1 a volatility is a total volatility, which stays defined at the close itself.
            outside = price(np.where(strike >= forward, 1.0, -1.0), forward, strike, 1.0, vol)
            fair += [outside + np.maximum(forward - strike, 0), outside + np.maximum(strike - forward, 0)]
            distance += [np.abs(moneyness) / np.sqrt(np.maximum(atm, 1e-8))] * 2
        # To 1e-6 dollars, before ticks are taken: a value on a tick must not fall off it by rounding error.
        dollars: Floats = np.concatenate(fair, axis=1)
        units: Floats = np.round(dollars, 6) * float(SCALE)
        return units, np.concatenate(distance, axis=1)

    def _activity(self, path: Path, at: slice) -> Floats:
        """Minutes of mid-session trading each step is worth: more at the open and toward the close."""
        minutes = (path.times[at] - path.times[at.start - 1 : at.stop - 1]) / MINUTE
        share = (path.times[at] - path.times[0]) / (path.times[-1] - path.times[0])
        worth: Floats = minutes * (1 + 1.5 * np.exp(-share / 0.1) + np.exp(-(1 - share) / 0.1))
        return worth[:, None]
