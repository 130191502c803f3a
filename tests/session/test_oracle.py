"""The engine's backtest of all real days against a few lines of pandas on the raw files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
from session_days import ORACLE_SETTINGS

from engine.config import load
from engine.session import backtest
from engine.tape import Store
from strategies.registry import REGISTRY


def pandas_condors(shared: Path) -> pd.Series:
    """P&L a day in dollars of the 10:00 +-25/40 condor held to the close, from the raw JSON and CSV alone."""
    raw = json.loads(
        gzip.decompress((shared / "data/spxw_0dte_mid/option_midpoints_2023-11_2024-12.json.gz").read_bytes())
    )
    closes = pd.read_csv(shared / "data/vix_daily/spx_daily_magis.csv", index_col="date")["close"].round(2)
    legs = pd.DataFrame({"offset": [-40, -25, 25, 40], "right": list("PPCC"), "side": [1, -1, -1, 1]})
    results = {}
    for day, times in raw.items():
        at_ten = times.get("10:00")
        if at_ten is None:
            continue
        quotes = pd.DataFrame(at_ten["strikes"]).T
        strikes = at_ten["atm"] + legs.offset
        try:
            paid = sum(
                side * quotes.loc[str(k), right] for k, right, side in zip(strikes, legs.right, legs.side, strict=True)
            )
        except KeyError:
            continue
        call = legs.right.eq("C")
        payoff = (closes[day] - strikes).where(call, strikes - closes[day]).clip(lower=0)
        results[day] = round(100 * ((payoff * legs.side).sum() - paid), 2)
    return pd.Series(results).dropna()


def test_the_290_real_days_trade_and_end_as_in_pandas_to_the_cent(
    real_store: Store, shared: Path, tmp_path: Path
) -> None:
    config = load(settings=[*ORACLE_SETTINGS, f"research.path={tmp_path / 'research.sqlite'}"])
    chosen = backtest.plan(real_store, "SPXW", None, None, "midpoints")
    days = list(backtest.run(config, REGISTRY, backtest.prepare(config, REGISTRY, chosen), jobs=1))
    expected = pandas_condors(shared)

    assert len(days) == 290
    assert {day.day.isoformat() for day in days if day.trades} == set(expected.index)
    assert all(day.trades == 1 for day in days if day.trades)
    ours = pd.Series({day.day.isoformat(): day.pnl / 10_000 for day in days if day.trades})
    pd.testing.assert_series_equal(ours.round(2), expected, check_names=False)
    assert not any(day.provisional for day in days)
    assert backtest.summarise(days, 0).provenance == ("vendor midpoints mid",)
