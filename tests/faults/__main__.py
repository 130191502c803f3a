"""``python -m tests.faults``: one seed told in full, or many seeds over several processes."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fault_soak import main

if __name__ == "__main__":
    sys.exit(main())
