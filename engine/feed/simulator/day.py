"""One simulated day as events: listing, batches of quotes and trades, the feed's state, closes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calendar import Session, next_session, previous_session, session
from engine.clock import MINUTE, SECOND
from engine.events import AnyEvent, ChainBatch, DailyClose, FeedStatus, Listing
from engine.feed.simulator.block import Pricer
from engine.feed.simulator.listing import (
    LEVELS,
    MOST_EXPIRIES,
    Level,
    expiries,
    instruments,
    sessions_around,
    strikes_around,
    usual_close,
)
from engine.feed.simulator.path import Path, PathModel, grid, simulate
from engine.feed.simulator.quoting import QuoteModel, sizes, to_cent, typical_size
from engine.feed.simulator.recorded import RecordedPath
from engine.feed.simulator.scenario import FULL_MINUTES, Scenario
from engine.feed.simulator.scenarios import scenario
from engine.feed.simulator.silence import with_outage
from engine.feed.simulator.smile import SmileModel
from engine.feed.simulator.trading import MEAN_ACTIVITY, TradeModel, activity, flow, open_interest, popularity, shares
from engine.feed.simulator.vix import FAMILY
from engine.types import MISSING, SCALE, Price, Product, Provenance, product

VERSION = 3
"""Part of every simulated day's hash: raised with each change that changes a byte of what is made."""

_COLUMNS = ("bid", "ask", "bid_size", "ask_size", "price", "volume", "buy_volume")
# Steps made at once: the first quotes come at once, and the arrays stay in the cache. Sizes and trades are drawn block
# by block, so another number makes another day and needs another VERSION.
_BLOCK = 120
_PIN_STEPS = 5  # a pinned day ends on a strike that is a multiple of so many steps

Int32 = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evening:
    """What a day leaves to the next: closes by symbol in price units, and how volatile it was (``Path.vol_after``)."""

    closes: tuple[tuple[str, Price], ...]
    volatility: float


@dataclass(frozen=True)
class SimulatedDay:
    """A seeded day of one root's chain: the same arguments give the same events, byte for byte.

    The path (returns, volatility, VIX family) depends on ``day``, ``seed``, ``step_seconds``, ``scenario``, ``evening``
    and ``recorded`` only, so the roots of one demo move together; quotes, sizes and trades are each root's own.

    Attributes:
        day: a session of the calendar; a half-day for a scenario that needs one.
        root: option root; its product's terms give ticks, strike step, underlying and hours.
        seed: 0 or more.
        step_seconds: time between batches.
        scenario: what kind of day; empty is an ordinary one.
        count: how many expiries are listed, see ``listing.expiries``.
        prior_close: the underlying's close of the session before, price units; None takes the evening's or a usual
            level.
        evening: the day before, where days follow one another.
        width: strikes listed on each side of the open, as a share of it.
        carry: yearly rate at which the forward exceeds spot; premiums are not discounted.
        first: index of the first instrument in the listing, where several feeds share a session.
        with_vix: whether the VIX family and the feed's state come with it (one feed of a session should bring them).
        leader: the root on whose strike a pinned day ends; empty is this one. All roots of a session need the same.
        recorded: a recorded day that spot follows, between the closes of that market. A scenario then gives its quotes
            and its feed alone, and there is no VIX during the day: nobody recorded one, ``with_vix`` must be off.
        silent: minutes from and to which no data comes (as a scenario's ``outage``, which it replaces).

    Raises ``NotASession`` for a day without trading or too near the calendar's edge, ``KeyError`` for an unknown root
    or scenario and ``ValueError`` for a parameter out of range.
    """

    day: dt.date
    root: str = "SPXW"
    seed: int = 7
    step_seconds: int = 15
    scenario: str = ""
    count: int = 2
    prior_close: Price | None = None
    evening: Evening | None = None
    width: float = 0.0425
    carry: float = 0.03
    first: int = 0
    with_vix: bool = True
    leader: str = ""
    recorded: RecordedPath | None = None
    silent: tuple[float, float] | None = None
    path_model: PathModel = field(default_factory=PathModel)
    smile_model: SmileModel = field(default_factory=SmileModel)
    quote_model: QuoteModel = field(default_factory=QuoteModel)
    trade_model: TradeModel = field(default_factory=TradeModel)

    def __post_init__(self) -> None:
        today = session(self.day)
        previous_session(self.day)
        product(self.root)
        product(self.leader or self.root)
        if self.kind.half_day and not today.early:
            raise ValueError(f"scenario {self.scenario} needs a half-day; {self.day} is a full session")
        if self.seed < 0:
            raise ValueError(f"the simulator's seed is {self.seed}; it must be 0 or more")
        if not 1 <= self.step_seconds <= 3600:
            raise ValueError(f"the simulator's step is {self.step_seconds} seconds; it must be from 1 to 3600")
        if not 1 <= self.count <= MOST_EXPIRIES:
            raise ValueError(f"the simulator's expiries are {self.count}; there must be from 1 to {MOST_EXPIRIES}")
        if not 0 < self.width < 0.5:
            raise ValueError(f"the simulator's strikes reach {self.width} of spot to each side; give 0 to 0.5")
        if self.prior_close is not None and self.prior_close < 10 * self.terms.strike_step:
            raise ValueError(f"the simulator's prior close is {self.prior_close}; give ten strike steps or more")
        if self.recorded is not None:
            self._suits(self.recorded, today)
        next_session(self.expiries[-1])

    def _suits(self, recorded: RecordedPath, today: Session) -> None:
        recorded.scale(self.terms.underlying)
        if self.with_vix or self.evening is not None or self.prior_close is not None:
            raise ValueError("a day on a recorded path has that market's closes and evening, and no VIX during the day")
        if not recorded.times or not today.open <= recorded.times[0] <= recorded.times[-1] <= today.close:
            raise ValueError(f"the recorded path is not of the session of {self.day}")

    @property
    def terms(self) -> Product:
        """The product's terms."""
        return product(self.root)

    @property
    def kind(self) -> Scenario:
        """The scenario's declaration."""
        kind = scenario(self.scenario)
        if self.recorded is not None:
            kind = kind.on_recorded()
        return kind if self.silent is None else dataclasses.replace(kind, outage=self.silent)

    @cached_property
    def expiries(self) -> tuple[dt.date, ...]:
        """Expiration dates, ascending; today is the first."""
        return expiries(self.day, self.count)

    @property
    def close(self) -> int:
        """When today's options stop trading: the instant of the last batch, ns UTC."""
        return session(self.day).product_close(self.root)

    @property
    def provenance(self) -> Provenance:
        """Simulated; the hash is of the simulator's version and every parameter."""
        told = {"version": VERSION, **dataclasses.asdict(self), "declared": dataclasses.asdict(self.kind)}
        text = json.dumps(told, sort_keys=True, default=str)
        named = f"scenario {self.scenario} ({self.kind.story}), " if self.scenario else ""
        if self.recorded is not None:
            named = f"{self._on_recorded(self.recorded)}, "
        return Provenance(
            source="demo",
            origin="simulated",
            meaning="quote",
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            note=f"{named}seed {self.seed}, simulator version {VERSION}",
        )

    def _on_recorded(self, recorded: RecordedPath) -> str:
        """What is recorded of the day and what is not, for its label."""
        scale = recorded.scale(self.terms.underlying)
        as_root = f", {self.terms.underlying} as {scale:.6g} of {recorded.symbol}" if scale != 1 else ""
        quotes = f"; quotes and feed of scenario {self.scenario}" if self.scenario else ""
        return f"on the recorded spot of {recorded.source} ({recorded.told}){as_root}; all else is made up{quotes}"

    @cached_property
    def path(self) -> Path:
        """What the underlying and volatility do."""
        model = dataclasses.replace(self.path_model, **dict(self.kind.path))
        times = grid(session(self.day).open, self.close, self.step_seconds * SECOND, self.recorded)
        sessions = sessions_around(self.day, self.expiries[-1])
        return simulate(
            model,
            self.smile_model,
            self._rng("path"),
            times,
            sessions,
            self.kind,
            None if self.evening is None else self.evening.volatility,
            self._pin,
            self.recorded,
        )

    @property
    def next_evening(self) -> Evening:
        """What this day leaves to the next."""
        closes = [(close.symbol, close.close) for close in self._official_closes(0)]
        return Evening(tuple(closes), round(self.path.vol_after, 12))

    def events(self) -> Iterator[AnyEvent]:
        """The day in order: closes of the session before, the listing at the open, batches until the product's
        close (each with every quote and value), then today's official closes.

        Columns are read-only views. Volumes are of the day so far; ``open_interest`` comes with the first batch only.
        A contract's ``price`` is its last trade, where one came in the step. Underlyings have a ``price`` and no
        quotes, funds a volume as well. While an outage lasts there are no batches, and the feed says so.
        """
        today, before = session(self.day), previous_session(self.day)
        seq = 0
        for close in self._prior_closes(before):
            yield close
            seq = close.seq + 1
        # Rounded to cents before anything is priced: what differs in the last bit between machines ends here.
        spot = to_cent(np.power(self.path.spot, self._level.beta) * self._base / SCALE)
        strikes = strikes_around(int(spot[0]), self.width, self.terms.strike_step)
        listed = instruments(self.terms, self._symbols, self.expiries, strikes)
        yield Listing(ts_known=today.open, ts_event=today.open, seq=seq, first=self.first, instruments=listed)
        for event in self._seen(self._batches(spot, strikes)):
            seq += 1
            yield msgspec.structs.replace(event, seq=seq)
        yield from self._official_closes(seq + 1)

    # Closes

    @property
    def _level(self) -> Level:
        return LEVELS[self.terms.underlying]

    @property
    def _prior(self) -> Price:
        if self.recorded is not None:
            return self.recorded.scaled(self.recorded.prior_close, self.terms.underlying)
        return self.prior_close if self.prior_close is not None else self._prior_of(self.root)

    @property
    def _base(self) -> float:
        """The path is a multiple of this, price units: the close before, where recorded and scaled not rounded."""
        recorded = self.recorded
        return self._prior if recorded is None else recorded.prior_close * recorded.scale(self.terms.underlying)

    def _prior_of(self, root: str) -> Price:
        symbol = product(root).underlying
        known = dict(self.evening.closes) if self.evening is not None else {}
        return known.get(symbol, usual_close(symbol))

    @property
    def _symbols(self) -> tuple[str, ...]:
        return (self.terms.underlying, *FAMILY) if self.with_vix else (self.terms.underlying,)

    def _pin(self, multiple: float) -> float:
        """The multiple of the close before at which the leader is on a strike, nearest to ``multiple``."""
        root = self.leader or self.root
        prior = self._prior if root == self.root else self._prior_of(root)
        step, beta = product(root).strike_step * _PIN_STEPS, LEVELS[product(root).underlying].beta
        strike = max(round(prior * multiple**beta / step), 1) * step
        return float((strike / prior) ** (1 / beta))

    def _prior_closes(self, before: Session) -> Iterator[DailyClose]:
        values = {self.terms.underlying: int(self._prior)}
        if self.recorded is not None and self.recorded.prior_vix is not None:
            values["VIX"] = self.recorded.prior_vix
        if self.with_vix:
            values |= {symbol: _cents(value) for symbol, value in self.path.prior_vix.items()}
            known = dict(self.evening.closes) if self.evening is not None else {}
            values |= {symbol: known[symbol] for symbol in FAMILY if symbol in known}
        for seq, (symbol, value) in enumerate(values.items()):
            yield _daily_close(symbol, before, before.close + 30 * MINUTE, value, seq)

    def _official_closes(self, seq: int) -> Iterator[DailyClose]:
        today, path = session(self.day), self.path
        if self.recorded is not None:
            official = self.recorded.scaled(self.recorded.official_close, self.terms.underlying)
        else:
            official = _cents(path.official_close**self._level.beta * self._prior / SCALE)
        yield _daily_close(self.terms.underlying, today, self.close + 15 * MINUTE, official, seq)
        if self.with_vix:
            # VIX is computed for 15 minutes longer than stocks trade, here from what stood at their close: then it is
            # the same for every root of a session.
            last = int(np.searchsorted(path.times, today.close, side="right")) - 1
            known = max(today.close + 30 * MINUTE, self.close + 15 * MINUTE)
            for n, symbol in enumerate(FAMILY, start=1):
                yield _daily_close(symbol, today, known, _cents(path.vix[symbol][last]), seq + n)

    # Batches

    def _rng(self, purpose: str) -> np.random.Generator:
        """A stream of its own for each purpose, so that one more draw here moves nothing there."""
        words = [self.seed, self.day.toordinal(), int.from_bytes(purpose.encode())]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))

    def _batches(self, spot: NDArray[np.int64], strikes: NDArray[np.int64]) -> Iterator[ChainBatch]:
        path, model = self.path, self.trade_model
        rng, share_rng = self._rng(f"quotes {self.root}"), self._rng(f"shares {self.root}")
        values = len(self._symbols)
        contracts = 2 * len(self.expiries) * len(strikes)
        n = values + contracts
        idx = np.arange(self.first, self.first + n, dtype=np.int32)
        idx.flags.writeable = False
        pricer = Pricer(self.terms, strikes, self.expiries, self.carry, self.smile_model, self.quote_model, self.kind)
        liked = np.tile(popularity(strikes, self.terms.strike_step), 2 * len(self.expiries))
        calls = np.tile(np.repeat([1.0, -1.0], len(strikes)), len(self.expiries))
        vix = [to_cent(path.vix[symbol]) for symbol in self._symbols[1:]]
        moves = self._moves(spot)
        traded = np.zeros((2, n), dtype=np.int32)
        late = self._late_until
        for start in range(1, len(path.times), _BLOCK):
            at = slice(start, min(start + _BLOCK, len(path.times)))
            rows = at.stop - at.start
            block = pricer.block(path, spot, self._level, session(self.day), at)
            columns = {name: np.full((rows, n), MISSING, dtype=np.int32) for name in _COLUMNS}
            columns["price"][:, 0] = np.where(path.times[at] < late, MISSING, spot[at])
            for column, value in enumerate(vix, start=1):
                columns["price"][:, column] = value[at]
            columns["bid"][:, values:], columns["ask"][:, values:] = block.bid, block.ask
            shown = typical_size(self.quote_model, block.distance)
            columns["bid_size"][:, values:] = np.where(block.bid > 0, sizes(rng, shown), 0)
            columns["ask_size"][:, values:] = sizes(rng, shown)
            busy = self._activity(at)
            typical = np.round(model.busiest * busy[:, None] * liked * np.exp(-model.fade * block.distance), 6)
            trades = flow(model, rng, typical, moves[at], calls, block.bid, block.ask)
            columns["price"][:, values:] = trades.last
            new = np.zeros((2, rows, n), dtype=np.int32)
            new[0, :, values:], new[1, :, values:] = trades.volume, trades.bought
            if self._level.shares:
                usual = self._level.shares / FULL_MINUTES * busy / MEAN_ACTIVITY
                new[0, :, 0], new[1, :, 0] = shares(model, share_rng, usual, moves[at])
            for row, (name, made) in enumerate(zip(("volume", "buy_volume"), new, strict=True)):
                total = traded[row] + np.cumsum(made, axis=0, dtype=np.int32)
                traded[row] = total[-1]
                columns[name][:, values:] = total[:, values:]
                if self._level.shares:
                    columns[name][:, 0] = total[:, 0]
            interest = None
            if start == 1:
                interest = np.full(n, MISSING, dtype=np.int32)
                interest[values:] = open_interest(model, rng, block.distance[0], liked)
            yield from self._rows(idx, columns, interest, path.times[at], start == 1 and late > 0)

    def _rows(
        self, idx: Int32, columns: dict[str, Int32], interest: Int32 | None, times: NDArray[np.int64], stale: bool
    ) -> Iterator[ChainBatch]:
        """A block's batches. A ``stale`` index brings its value of the day before first, with its time."""
        quote_ts = None
        if stale:
            columns["price"][0, 0] = self._prior
            quote_ts = np.full(len(idx), times[0], np.int64)
            quote_ts[0] = previous_session(self.day).close
        for column in (interest, quote_ts, *columns.values()):
            if column is not None:
                column.flags.writeable = False
        for row, now in enumerate(times.tolist()):
            yield ChainBatch(
                ts_known=now,
                ts_event=now,
                idx=idx,
                open_interest=interest if row == 0 else None,
                quote_ts=quote_ts if row == 0 else None,
                **{name: column[row] for name, column in columns.items()},
            )

    @property
    def _late_until(self) -> int:
        """Until when the index has no value of today, ns UTC; a fund trades from the open."""
        if not self.kind.late_index or self.terms.settlement != "cash":
            return 0
        return self._instant(self.kind.late_index)

    def _instant(self, minute: float) -> int:
        """A scenario's minute as ns UTC, to the second."""
        today = session(self.day)
        return today.open + round(minute / FULL_MINUTES * (today.close - today.open) / SECOND) * SECOND

    def _seen(self, batches: Iterator[ChainBatch]) -> Iterator[ChainBatch | FeedStatus]:
        """The batches that come, and in an outage what the feed that brings VIX says of itself."""
        if self.kind.outage is None:
            return batches
        start, end = (self._instant(minute) for minute in self.kind.outage)
        return with_outage(batches, start, end, self.close, self.with_vix)

    def _moves(self, spot: NDArray[np.int64]) -> Floats:
        """Spot's move into each grid point over the one that was priced at the open: what order flow follows."""
        change = np.append(0.0, np.diff(np.log(spot / SCALE)))
        usual = self._level.beta * np.sqrt(self.path.remaining[0] / (len(change) - 1))
        moves: Floats = np.round(change / usual, 6)
        return moves

    def _activity(self, at: slice) -> Floats:
        """Minutes of mid-session trading each step is worth: more at the open and toward the close."""
        path, today = self.path, session(self.day)
        minutes = (path.times[at] - path.times[at.start - 1 : at.stop - 1]) / MINUTE
        share = np.minimum((path.times[at] - today.open) / (today.close - today.open), 1.0)
        fading = np.where(path.times[at] > today.close, 0.3, 1.0)
        worth: Floats = minutes * activity(share) * fading
        return worth


def _cents(value: float) -> Price:
    return int(to_cent(np.asarray(value)))


def _daily_close(symbol: str, of: Session, known: int, value: Price, seq: int) -> DailyClose:
    return DailyClose(ts_known=known, ts_event=of.close, seq=seq, symbol=symbol, day=of.day, close=value)
