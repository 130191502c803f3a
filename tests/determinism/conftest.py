"""The scripted sessions and the days of tests/session, for the tests of determinism."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "session"))
