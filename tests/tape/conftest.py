"""An empty store, and one with every real day, imported once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tape_days import bring

from engine.tape import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture(scope="session")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with every real day. Tests read it only."""
    store = Store(tmp_path_factory.mktemp("real"))
    data = shared / "data"
    bring(store, next((data / "spxw_0dte_mid").glob("*.json.gz")), "mid-json")
    bring(store, data / "lean_spxw_nbbo", "lean")
    bring(store, data / "vix_daily", "index-daily")
    return store
