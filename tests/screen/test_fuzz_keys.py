"""Whatever is pressed, typed, clicked or resized: no exception, no unapproved order, the engine as its journal says."""

from __future__ import annotations

from pathlib import Path

import pytest
from key_fuzz import Fuzz

KEYS = 500
"""A seed here; ``make soak`` presses ten thousand and more."""


@pytest.mark.parametrize("seed", [1, 2])
def test_anything_may_be_pressed(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_DOCUMENTS_DIR"):
        monkeypatch.setenv(place, str(tmp_path))  # some keys write files
    fuzz = Fuzz(tmp_path, seed, KEYS)
    try:
        wrong = fuzz.run()
    except BaseException as error:
        raise AssertionError(f"{error!r} after {fuzz.acts[-60:]}") from error
    assert wrong == [], fuzz.acts[-60:]
    assert fuzz.orders > 0
