"""The harness's own modules, as its tests and ``python -m tests.faults`` name them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
