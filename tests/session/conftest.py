"""Stores that the tests of sessions share."""

from __future__ import annotations

from pathlib import Path

import pytest
from session_days import store_simulated_day

from engine.tape import Store
from engine.tape.importers import IMPORTERS, ImportOptions


def _import(store: Store, name: str, path: Path, source: str | None = None) -> None:
    for table in IMPORTERS[name].read(path, ImportOptions(source=source, symbol=None)):
        if hasattr(table, "columns"):
            store.save_day(table)
        elif hasattr(table, "rows"):
            store.save_daily(table)


@pytest.fixture(scope="session")
def simulated_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One simulated SPXW day as a minute tape."""
    store = Store(tmp_path_factory.mktemp("simulated"))
    store_simulated_day(store)
    return store


@pytest.fixture(scope="session")
def real_store(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Store:
    """All 290 days of mids, the LEAN days, SPX and VIX closes."""
    store = Store(tmp_path_factory.mktemp("real"))
    data = shared / "data"
    _import(store, "mid-json", data / "spxw_0dte_mid" / "option_midpoints_2023-11_2024-12.json.gz")
    _import(store, "lean", data / "lean_spxw_nbbo" / "Data")
    _import(store, "index-daily", data / "vix_daily" / "spx_daily_magis.csv")
    _import(store, "index-daily", data / "vix_daily" / "vix_1990_2026_datahub.csv")
    return Store(store.path)
