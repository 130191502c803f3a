"""``python -m engine.journal.backup_process JOURNAL FOLDER KEEP``: one backup, in a process of its own.

In the session's own process a copy would hold its writer up. Exit code 0, or 1 after one line on stderr.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from engine.journal.backup import backup, let_go
from engine.journal.errors import JournalError
from engine.journal.schema import make_folder

_NICE = 10


def main(arguments: list[str]) -> int:
    """Back up, then let old backups go."""
    journal, folder, keep = Path(arguments[0]), Path(arguments[1]), int(arguments[2])
    os.nice(_NICE)  # whoever trades goes first
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what is not finished is removed on the way out
    try:
        make_folder(folder / "any")
        backup(journal, folder, now=time.time())
        let_go(journal, folder, keep)
    except (JournalError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
