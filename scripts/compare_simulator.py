"""Prints the tables of docs/simulator.md: the simulator's days beside real files, side by side.

    python scripts/compare_simulator.py [--days 60] [--shared ../shared]

Reads the shared files (SPX and SPY minutes, SPXW mids and quotes, Cboe chains, VIX), never writes, needs a minute.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from real_chains import (
    BUCKETS,
    DEVIATIONS,
    MIDS,
    Chain,
    daily,
    datashop_chains,
    index_minutes,
    lean_spreads,
    mid_chains,
    quotedata_chains,
    spy_minutes,
)

from engine.calendar import from_new_york, session, sessions_between
from engine.events import ChainBatch, Listing
from engine.feed.simulator import SimulatedDay
from engine.pricing import years_to
from engine.types import MISSING, SCALE, Contract

Floats = NDArray[np.float64]
HALF_HOURS = [f"{(570 + 30 * n) // 60:02d}:{(570 + 30 * n) % 60:02d}" for n in range(13)]
CLOCKS = ("09:35", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "15:30")


# Simulated days


@dataclass
class Simulated:
    """What the tables need of one simulated day."""

    spot: Floats
    volume: Floats
    chains: dict[tuple[str, int], Chain]
    prior_vix: float
    close: float
    family: dict[str, float]


def simulated(day: dt.date, seed: int) -> Simulated:
    """An ordinary SPXW day by the minute, with four expiries, and SPY's shares."""
    made = SimulatedDay(day, seed=seed, step_seconds=60, count=4)
    listing = next(event for event in made.events() if isinstance(event, Listing))
    batches = [event for event in made.events() if isinstance(event, ChainBatch)]
    wanted = {*CLOCKS, "11:40", "15:15", "15:45", "15:52"}
    at = {from_new_york(day, dt.time.fromisoformat(clock)): clock for clock in wanted}
    chains = {}
    for batch in batches:
        if batch.ts_event in at:
            for number, expiry in enumerate(made.expiries):
                chains[at[batch.ts_event], number] = _chain(listing, batch, expiry)
    fund = SimulatedDay(day, "SPY", seed, 60, count=1)
    shares = [int(e.volume[0]) for e in fund.events() if isinstance(e, ChainBatch) and e.volume is not None]
    return Simulated(
        spot=np.array([int(batch.price[0]) / SCALE for batch in batches if batch.price is not None]),
        volume=np.diff(np.array([0, *shares[:390]], np.float64)),
        chains=chains,
        prior_vix=made.path.prior_vix["VIX"],
        close=made.path.official_close * made._prior / SCALE,
        family={symbol: float(values[-1]) for symbol, values in made.path.vix.items()},
    )


def _chain(listing: Listing, batch: ChainBatch, expiry: dt.date) -> Chain:
    where = {
        right: [
            i
            for i, contract in enumerate(listing.instruments)
            if isinstance(contract, Contract) and (contract.expiry, contract.right) == (expiry, right)
        ]
        for right in "CP"
    }
    strikes = [contract.strike for i in where["C"] if isinstance(contract := listing.instruments[i], Contract)]

    def column(name: str, right: str) -> Floats:
        values = getattr(batch, name)[where[right]]
        return np.where(values == MISSING, np.nan, values / SCALE)

    years = years_to(batch.ts_event, session(expiry).close)
    sides = (column(name, right) for right in "CP" for name in ("bid", "ask"))
    return Chain(np.array(strikes) / SCALE, *sides, years)


# Tables


def by_half_hour(days: Iterable[Floats]) -> list[float]:
    """Mean squared minute returns by half-hour, over the day's."""
    shapes = []
    for closes in days:
        squares = np.square(np.diff(np.log(closes)))
        squares /= squares.mean()
        bins = np.minimum(np.arange(1, len(closes)) // 30, 12)
        shapes.append([squares[bins == n].mean() for n in range(13)])
    return [float(value) for value in np.mean(shapes, axis=0)]


def kurtosis(days: Iterable[Floats]) -> float:
    """The median day's kurtosis of minute returns; 3 is Gaussian."""
    found = []
    for closes in days:
        returns = np.diff(np.log(closes))
        found.append(np.mean(returns**4) / np.mean(returns**2) ** 2)
    return float(np.median(found))


def show(title: str, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """One Markdown table."""
    names = list(heads)
    print(f"\n{title}\n\n| {' | '.join(names)} |\n|{'---|' * len(names)}")
    for row in rows:
        print(f"| {' | '.join(_cell(value) for value in row)} |")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "-" if np.isnan(value) else f"{value:.2f}"
    return str(value)


def median(values: list[float], least: int = 1) -> float:
    """The median, NaN where there are fewer than ``least`` values."""
    return float(np.median(values)) if len(values) >= least else float("nan")


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=60, help="simulated days; 60 if not given")
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="where the shared files lie")
    args = parser.parse_args()
    shared = args.shared / "data"
    sessions = [each for each in sessions_between(dt.date(2025, 1, 2), dt.date(2027, 6, 30)) if not each.early]
    made = [simulated(each.day, seed=n) for n, each in enumerate(sessions[:: max(1, 600 // args.days)][: args.days])]

    spx, spy = index_minutes(shared), spy_minutes(shared)
    columns = [by_half_hour(spx), by_half_hour([closes for closes, _ in spy]), by_half_hour(day.spot for day in made)]
    show(
        f"Variance of minute returns by half-hour, over the day's mean: {len(spx)} days of SPX, {len(spy)} of SPY.",
        ("from", "SPX", "SPY", "simulated"),
        [
            *zip(HALF_HOURS, *columns, strict=True),
            ("kurtosis", kurtosis(spx), kurtosis(closes for closes, _ in spy), kurtosis(day.spot for day in made)),
        ],
    )
    real_shares = np.mean([_half_hours(volume) for _, volume in spy], axis=0)
    made_shares = np.mean([_half_hours(day.volume) for day in made], axis=0)
    show(
        "SPY's shares by half-hour, per cent of the session's.",
        ("from", "SPY 2026", "simulated"),
        [
            *((at, float(a), float(b)) for at, a, b in zip(HALF_HOURS, real_shares, made_shares, strict=True)),
            (
                "millions a day",
                float(np.mean([volume.sum() for _, volume in spy]) / 1e6),
                float(np.mean([day.volume.sum() for day in made]) / 1e6),
            ),
        ],
    )
    _straddles(shared, made)
    _smiles(shared, made)
    _spreads(shared, made)
    _vix(shared, made)


def _half_hours(volume: Floats) -> Floats:
    bins = np.minimum(np.arange(len(volume)) // 30, 12)
    return np.array([100 * volume[bins == n].sum() / volume.sum() for n in range(13)])


def _straddles(shared: Path, made: list[Simulated]) -> None:
    vix, spx = daily(shared, "vix_2016_2026.csv"), daily(shared, "spx_daily_magis.csv")
    before = dict(pairwise(sorted(vix)))
    prior = {after: vix[day] for day, after in before.items()}
    real: dict[str, list[float]] = defaultdict(list)
    over: dict[str, list[float]] = defaultdict(list)
    moves: dict[str, list[float]] = defaultdict(list)
    first: dict[dt.date, float] = {}
    for day, clock, chain in mid_chains(shared):
        found = chain.figures()
        if found is None or clock not in CLOCKS:
            continue
        forward, _, _, deviation = found
        first.setdefault(day, deviation) if clock == "10:00" else None
        text = day.isoformat()
        if day in first:
            real[clock].append(deviation / first[day])
        if text in prior:
            over[clock].append(deviation / (prior[text] / 100 / np.sqrt(252)))
        if text in spx:
            moves[clock].append((np.log(spx[text] / forward) / deviation) ** 2)
    ours: dict[str, tuple[list[float], list[float], list[float]]] = {clock: ([], [], []) for clock in CLOCKS}
    for each in made:
        at_ten = each.chains["10:00", 0].figures()
        for clock in CLOCKS:
            found = each.chains[clock, 0].figures()
            if found is None or at_ten is None:
                continue
            ours[clock][0].append(found[3] / at_ten[3])
            ours[clock][1].append(found[3] / (each.prior_vix / 100 / np.sqrt(252)))
            ours[clock][2].append((np.log(each.close / found[0]) / found[3]) ** 2)
    show(
        "What a same-day straddle says is left of the day: a standard deviation to the close over that at 10:00, and "
        "over VIX's day (VIX of the evening before); and the mean square of what came, in those deviations (1: fair).",
        ("at", "over 10:00", "simulated", "over VIX's day", "simulated", "came", "simulated"),
        [
            (
                clock,
                median(real[clock]),
                median(ours[clock][0]),
                median(over[clock]),
                median(ours[clock][1]),
                float(np.mean(moves[clock])),
                float(np.mean(ours[clock][2])),
            )
            for clock in CLOCKS
        ],
    )


def _smiles(shared: Path, made: list[Simulated]) -> None:
    real: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for _, clock, chain in mid_chains(shared):
        for at, value in chain.smile().items():
            real[clock][at].append(value)
    rows: list[tuple[object, ...]] = []
    for clock in ("10:00", "12:00", "14:00", "15:00", "15:30"):
        rows.append((f"{clock} SPXW 2023-24", *(median(real[clock][at], 20) for at in DEVIATIONS)))
        rows.append((f"{clock} simulated", *_smile_of([day.chains[clock, 0] for day in made])))
    for name, chains, clock in (
        ("2019-06-26 15:45", datashop_chains(shared), "15:45"),
        ("2022-07-12 11:40", quotedata_chains(shared), "11:40"),
    ):
        for number, label in ((1, "next expiry"), (3, "a week or so")):
            rows.append((f"{name}, {label}", *_smile_of([list(chains.values())[number if number == 1 else 4]])))
            rows.append((f"{clock} simulated, {label}", *_smile_of([day.chains[clock, number] for day in made])))
    show(
        "The smile: squared IV over that at the money, by standard deviations from the forward.",
        ("", *(f"{at:+g}" for at in DEVIATIONS)),
        rows,
    )


def _smile_of(chains: list[Chain]) -> list[float]:
    found = [chain.smile() for chain in chains]
    return [median([each[at] for each in found if at in each]) for at in DEVIATIONS]


def _spreads(shared: Path, made: list[Simulated]) -> None:
    datashop, quotedata = list(datashop_chains(shared).values()), list(quotedata_chains(shared).values())
    lean = lean_spreads(shared)
    real = {
        "same day 11:40": (_spreads_of(quotedata[:1]), "2022-07-12"),
        "next days 11:40": (_spreads_of(quotedata[1:4]), "2022-07-12"),
        "same day 15:45": (_spreads_of(datashop[:1]), "2019-06-26"),
        "next days 15:45": (_spreads_of(datashop[1:4]), "2019-06-26"),
    }
    heads = ["dollars"]
    columns: list[list[float]] = []
    for name, (told, source) in real.items():
        clock, numbers = name.split()[-1], (0,) if name.startswith("same") else (1, 2)
        ours = _spreads_of(day.chains[clock, number] for day in made for number in numbers)
        heads += [f"{name}, {source}", "simulated"]
        columns += [[median(told[bucket], 2) for bucket in BUCKETS], [median(ours[bucket], 2) for bucket in BUCKETS]]
    show("Median spreads in dollars.", heads, zip(BUCKETS, *columns, strict=True))
    parts = (("midday", "11:40"), ("15:00", "15:15"), ("15:45", "15:52"))
    heads, columns = ["dollars"], []
    for part, clock in parts:
        ours = _spreads_of(day.chains[clock, 0] for day in made)
        heads += [f"{part}, 2021", f"simulated {clock}"]
        names = BUCKETS[: len(MIDS)]
        columns += [[median(lean[part, name], 5) for name in names], [median(ours[name], 2) for name in names]]
    show(
        "Same-day SPXW by the time of day: NBBO of 2021-01-04, 06 and 08 (two strikes, in and out of the money).",
        heads,
        zip(BUCKETS[: len(MIDS)], *columns, strict=True),
    )


def _spreads_of(chains: Iterable[Chain]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for chain in chains:
        for bucket, width in chain.spreads():
            found[bucket].append(width)
    return found


def _vix(shared: Path, made: list[Simulated]) -> None:
    vix = daily(shared, "vix_2016_2026.csv")
    rows = []
    for symbol, name in (("VIX9D", "vix9d_2016_2026.csv"), ("VIX1D", "vix1d_2024-09-30_2025-04-30.csv")):
        real = [value / vix[day] for day, value in daily(shared, name).items() if day in vix]
        ours = [day.family[symbol] / day.family["VIX"] for day in made]
        rows.append((f"{symbol}/VIX at the close", *_quartiles(real), *_quartiles(ours)))
    rows.append(("VIX", *_quartiles(list(vix.values())), *_quartiles([day.family["VIX"] for day in made])))
    heads = ("", "25%", "median", "75%", "simulated 25%", "median", "75%")
    show("The VIX family: quartiles.", heads, rows)


def _quartiles(values: list[float]) -> list[float]:
    return [float(value) for value in np.quantile(values, (0.25, 0.5, 0.75))]


if __name__ == "__main__":
    main()
