"""A session at an exchange of this machine that does not answer does not begin: its day would be another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.alpaca.failures import AlpacaError
from engine.alpaca.keys import Keys
from engine.config import load
from engine.session.live_compose import compose_live
from strategies.registry import REGISTRY

NOBODY = "http://127.0.0.1:1"


def test_nothing_is_begun(tmp_path: Path) -> None:
    journal = tmp_path / "paper.sqlite"
    config = load(settings=[f"journal.path={journal}", f"alpaca.trading_url={NOBODY}", f"alpaca.data_url={NOBODY}"])
    with pytest.raises(AlpacaError) as raised:
        compose_live(config, REGISTRY, "shadow", stay=False, keys=Keys("PKFAKEFAKE", "fake"))
    assert raised.value.kind == "unreachable"
    assert not journal.exists()
