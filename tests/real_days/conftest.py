"""The recorded days, and the simulated ones along them."""

from __future__ import annotations

from pathlib import Path

import pytest
from real_days import DAYS

from engine.tape import DayTable, Store
from engine.tape.importers import IMPORTERS, ImportOptions


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Store:
    """Recorded SPXW prices of the seven days, and the daily closes of SPX and VIX."""
    store = Store(tmp_path_factory.mktemp("recorded"))
    data, options = shared / "data", ImportOptions(source=None, symbol=None)
    for name, path in (
        ("mid-json", data / "spxw_0dte_mid" / "option_midpoints_2023-11_2024-12.json.gz"),
        ("index-daily", data / "vix_daily" / "spx_daily_magis.csv"),
        ("index-daily", data / "vix_daily" / "vix_1990_2026_datahub.csv"),
    ):
        for table in IMPORTERS[name].read(path, options):
            if not isinstance(table, DayTable) or table.day in DAYS:
                store.save(table, durable=False)
    return store
