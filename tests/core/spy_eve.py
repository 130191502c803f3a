"""A SPY day told by hand: the eve of an ex-dividend day, and a condor whose short call comes into the money."""

from __future__ import annotations

import datetime as dt

from core_builders import Tape, ladder

EVE = dt.date(2023, 9, 14)
CONDOR = {"441P": (0.20, 0.22), "443P": (0.50, 0.52), "453C": (0.50, 0.52), "455C": (0.20, 0.22)}
INSIDE = {"453C": (0.95, 1.00), "455C": (0.20, 0.22)}
SETTINGS = (
    "strategies.iron_condor.by_root.SPY.strikes.short=5",
    "strategies.iron_condor.by_root.SPY.strikes.wing=7",
    "strategies.iron_condor.stop.scope=none",
    'strategies.iron_condor.exit_time="16:00"',
    "strategies.iron_condor.by_root.SPY.min_credit=0.3",
    "strategies.iron_condor.by_root.SPY.min_side_credit=0.1",
    "risk.per_trade=0.5",
    "risk.per_strategy=0.5",
    "risk.daily_loss=5000",
)


def quiet_day(day: dt.date = EVE) -> Tape:
    """448 all day; the condor is short 443P and 453C."""
    return Tape("SPY", day).list(ladder(438, 458, 1)).quote("09:59", CONDOR, spot=448.0).hold("10:00", "15:55")


def spy_day(day: dt.date = EVE) -> Tape:
    """Quiet at 448 until 14:00, then at 453.80: 0.80 through the short call."""
    tape = Tape("SPY", day).list(ladder(438, 458, 1)).quote("09:59", CONDOR, spot=448.0).hold("10:00", "13:59")
    return tape.quote("14:00", INSIDE, spot=453.8).hold("14:01", "15:55")
