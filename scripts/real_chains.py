"""The real files that compare_simulator.py reads: chains, minutes and daily closes, and what a chain says."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.calendar import from_new_york, is_session, session
from engine.clock import MINUTE
from engine.pricing import implied_vol, years_to

Floats = NDArray[np.float64]
DEVIATIONS = (-3.0, -2.0, -1.0, 1.0, 2.0, 3.0)
MIDS = ((0.03, 0.1), (0.1, 0.3), (0.3, 1.0), (1.0, 3.0), (3.0, 8.0), (8.0, 20.0), (20.0, 60.0))
DEEP = ((0.2, 0.6), (0.6, 1.2), (1.2, 3.0), (3.0, 8.0))


@dataclass(frozen=True)
class Chain:
    """One expiry at one instant, dollars; NaN where a side is missing."""

    strikes: Floats
    call_bid: Floats
    call_ask: Floats
    put_bid: Floats
    put_ask: Floats
    years: float

    def figures(self) -> tuple[float, Floats, Floats, float] | None:
        """Forward, IV by strike, moneyness in standard deviations, and one standard deviation (of the log)."""
        call, put = (self.call_bid + self.call_ask) / 2, (self.put_bid + self.put_ask) / 2
        gap = np.abs(call - put)
        if not np.isfinite(gap).any():
            return None
        near = np.argsort(np.where(np.isfinite(gap), gap, np.inf))[:5]
        forward = float(np.nanmedian((self.strikes + call - put)[near]))
        sign = np.where(self.strikes >= forward, 1.0, -1.0)
        iv = implied_vol(sign, forward, self.strikes, self.years, np.where(sign > 0, call, put))
        known = np.isfinite(iv)
        if known.sum() < 6:
            return None
        deviation = float(np.interp(forward, self.strikes[known], iv[known]) * np.sqrt(self.years))
        return forward, iv, np.log(self.strikes / forward) / deviation, deviation

    def smile(self) -> dict[float, float]:
        """Squared IV over that at the money, by standard deviations."""
        found = self.figures()
        if found is None:
            return {}
        _, iv, x, deviation = found
        known, atm = np.isfinite(iv), deviation / np.sqrt(self.years)
        reach = x[known]
        return {
            at: float((np.interp(at, reach, iv[known]) / atm) ** 2)
            for at in DEVIATIONS
            if reach.min() <= at <= reach.max()
        }

    def spreads(self) -> Iterator[tuple[str, float]]:
        """(bucket, dollars): of options out of the money by their mid, of those in it by standard deviations."""
        found = self.figures()
        if found is None:
            return
        forward, _, x, _ = found
        for bid, ask, inside in (
            (self.call_bid, self.call_ask, self.strikes < forward),
            (self.put_bid, self.put_ask, self.strikes > forward),
        ):
            for b, a, deep, away in zip(bid, ask, inside, np.abs(x), strict=True):
                if not a > b > 0:
                    continue
                mid = (a + b) / 2
                ranges, value = (DEEP, away) if deep else (MIDS, mid)
                for low, high in ranges:
                    if low < value <= high:
                        yield _bucket("in" if deep else "out", low, high), float(a - b)


def _bucket(side: str, low: float, high: float) -> str:
    return f"in the money {low:g} to {high:g} sd" if side == "in" else f"mid {low:g} to {high:g}"


BUCKETS = [*(_bucket("out", *pair) for pair in MIDS), *(_bucket("in", *pair) for pair in DEEP)]


def index_minutes(shared: Path) -> list[Floats]:
    """Closes by the minute of SPX's full days."""
    days = []
    for path in sorted((shared / "spx_bars/1m").glob("*.csv")):
        with path.open() as file:
            closes = np.array([float(row["close"]) for row in csv.DictReader(file)])
        if len(closes) >= 385:
            days.append(closes[:390])
    return days


def spy_minutes(shared: Path) -> list[tuple[Floats, Floats]]:
    """Closes and shares by the minute of SPY's full days."""
    import pyarrow.parquet as pq

    table = pq.read_table(shared / "spy_minute/SPY_1min_2026-02-23_2026-03-09.parquet").to_pylist()
    days: dict[dt.date, list[tuple[float, float]]] = defaultdict(list)
    for row in table:
        if dt.time(9, 30) <= row["datetime"].time() < dt.time(16):
            days[row["datetime"].date()].append((row["close"], row["volume"]))
    found = [np.array(rows, np.float64).T for rows in days.values() if len(rows) >= 385]
    return [(both[0], both[1]) for both in found]


def mid_chains(shared: Path) -> Iterator[tuple[dt.date, str, Chain]]:
    """SPXW's same-day mids at the time at which they were known."""
    with gzip.open(shared / "spxw_0dte_mid/option_midpoints_2023-11_2024-12.json.gz", "rt") as file:
        days = json.load(file)
    for text, times in days.items():
        day = dt.date.fromisoformat(text)
        if not is_session(day) or session(day).early:
            continue
        for clock, told in times.items():
            now = from_new_york(day, dt.time.fromisoformat(clock)) + MINUTE
            names = sorted(told["strikes"], key=float)
            call, put = (
                np.array([told["strikes"][name].get(right) or np.nan for name in names], np.float64) for right in "CP"
            )
            strikes = np.array([float(name) for name in names])
            yield day, clock, Chain(strikes, call, call, put, put, years_to(now, session(day).close))


def datashop_chains(shared: Path) -> dict[dt.date, Chain]:
    """The whole SPXW chain of 2019-06-26 at 15:45."""
    rows: dict[dt.date, dict[float, dict[str, tuple[float, float]]]] = defaultdict(lambda: defaultdict(dict))
    with gzip.open(shared / "cboe_datashop/spxw20190626.csv.gz", "rt", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            expiry = dt.date.fromisoformat(row["expiration"])
            quote = float(row["bid_1545"]), float(row["ask_1545"])
            rows[expiry][float(row["strike"])][row["option_type"]] = quote
    return _real_chains(rows, from_new_york(dt.date(2019, 6, 26), dt.time(15, 45)))


def quotedata_chains(shared: Path) -> dict[dt.date, Chain]:
    """SPXW of 2022-07-12; printed at 11:55, the quotes are of 11:40."""
    rows: dict[dt.date, dict[float, dict[str, tuple[float, float]]]] = defaultdict(lambda: defaultdict(dict))
    with gzip.open(shared / "cboe_quotedata/spx_2022-07-12_1155ET.csv.gz", "rt") as file:
        for row in csv.reader(file):
            if len(row) >= 22 and row[1].startswith("SPXW"):
                expiry = dt.datetime.strptime(row[0], "%a %b %d %Y").date()  # noqa: DTZ007
                strike = float(row[11])
                rows[expiry][strike] = {"C": (float(row[4]), float(row[5])), "P": (float(row[15]), float(row[16]))}
    return _real_chains(rows, from_new_york(dt.date(2022, 7, 12), dt.time(11, 40)))


def _real_chains(rows: dict[dt.date, dict[float, dict[str, tuple[float, float]]]], now: int) -> dict[dt.date, Chain]:
    found = {}
    for expiry in sorted(rows):
        quotes = {strike: both for strike, both in sorted(rows[expiry].items()) if len(both) == 2}
        if is_session(expiry) and quotes:
            sides = (np.array([both[right][n] for both in quotes.values()]) for right in "CP" for n in (0, 1))
            found[expiry] = Chain(np.array(list(quotes)), *sides, years_to(now, session(expiry).close))
    return found


def lean_spreads(shared: Path) -> dict[tuple[str, str], list[float]]:
    """Spreads of same-day options of 2021 by the mid, midday, from 15:00 and from 15:45."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    with gzip.open(shared / "lean_spxw_nbbo/spxw_quotes_long.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            day, clock = row["ts_et"].split()
            if not row["bid"] or not row["ask"] or row["expiration"][:10] != day:
                continue
            bid, ask = float(row["bid"]), float(row["ask"])
            part = _part(clock)
            for low, high in MIDS:
                if part and ask > bid > 0 and low < (bid + ask) / 2 <= high:
                    found[part, _bucket("out", low, high)].append(ask - bid)
    return found


def _part(clock: str) -> str:
    if "10:00" <= clock < "15:00":
        return "midday"
    return "15:00" if "15:00" <= clock < "15:45" else "15:45" if "15:45" <= clock < "16:00" else ""


def daily(shared: Path, name: str) -> dict[str, float]:
    """Closes by date, as text."""
    with (shared / "vix_daily" / name).open() as file:
        rows = csv.DictReader(file)
        keys = {key.lower(): key for key in rows.fieldnames or ()}
        day = keys.get("date") or keys["day"]
        return {row[day][:10]: float(row[keys["close"]]) for row in rows if row[keys["close"]]}
