"""Whose session a message is of: nobody mistakes a rehearsal for money, nor money for a rehearsal."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from engine.session.compose import Composed
from engine.types import Provenance
from zdte_tui.watching import heading, is_simulated


def session(mode: str, banner: str, account: str, origin: Any) -> Composed:
    """As much of one as a heading reads."""
    info = SimpleNamespace(account=account, provenance=(Provenance("alpaca", origin, "quote"),))
    found = SimpleNamespace(info=info, banner=banner, runner=SimpleNamespace(mode=mode), for_account=mode != "replay")
    return cast("Composed", found)


@pytest.mark.parametrize(
    ("mode", "banner", "account", "origin", "words", "simulated"),
    [
        ("demo", "", "demo", "simulated", "SIMULATED demo", True),
        ("replay", "", "main", "vendor", "SIMULATED main", True),
        ("paper", "PAPER *2D8F SIMULATED", "rehearsal", "simulated", "SIMULATED rehearsal", True),
        (
            "paper",
            "PAPER *2D8F recorded alpaca quote",
            "main_paper",
            "recorded",
            "PAPER *2D8F, account main_paper",
            False,
        ),
        (
            "paper",
            "PAPER *2D8F SIMULATED",
            "m_paper",
            "simulated",
            "PAPER *2D8F SIMULATED, account m_paper",
            True,
        ),
        (
            "shadow",
            "SHADOW SIMULATED-fills x",
            "m_shadow",
            "recorded",
            "SHADOW SIMULATED-fills, account m_shadow",
            True,
        ),
        ("live", "LIVE *6789 recorded alpaca quote", "main", "recorded", "LIVE *6789, REAL MONEY, account main", False),
        ("live", "SIMULATED live-mode *6789", "main", "simulated", "SIMULATED live-mode *6789, account main", True),
    ],
)
def test_the_heading_says_whose_money_and_whose_market(
    mode: str, banner: str, account: str, origin: str, words: str, simulated: bool
) -> None:
    found = session(mode, banner, account, origin)
    assert (heading(found), is_simulated(found)) == (f"zdte-tui {words}", simulated)
