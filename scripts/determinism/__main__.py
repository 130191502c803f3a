"""Run the lint: one line a finding, exit code 1 if there is any."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.determinism.check import check_project
from scripts.determinism.rooms import sources


def main(names: list[str]) -> int:
    """Check the project, or the files named."""
    only = [Path(name) for name in names] or None
    known = {path.resolve() for path in sources()}
    for path in only or ():
        if path.resolve() not in known:
            print(f"{path} is in no room that is looked at (scripts/determinism/rooms.py)", file=sys.stderr)
            return 2
    found = check_project(only=only)
    for finding in found:
        print(finding)
    if found:
        print(
            f"{len(found)} to mend; what is right all the same goes into scripts/determinism/allowed.py with a reason"
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
