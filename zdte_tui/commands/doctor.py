"""``zdte-tui doctor``: what is wrong with this machine and installation, and how to mend it."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys

from zdte_tui.commands.options import add_config_options
from zdte_tui.exits import OK, UNAVAILABLE

_HELP = """each line says ok, note, warn or fail, what was seen, and -> how to mend it. It writes nothing, asks the
network only with --online, and never shows a key. Exit code 69 where a line says fail, else 0.

examples:
  zdte-tui doctor
  zdte-tui doctor --online
  zdte-tui doctor --config other.toml
  zdte-tui doctor --json | jq -r '.checks[] | select(.state == "fail") | .mend'"""

_WIDTH = 100  # where the output is no terminal


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``doctor``."""
    parser = subparsers.add_parser(
        "doctor",
        help="what is wrong here, and how to mend it",
        description="Look at Python, packages, disks, clock, configuration, data, journals, keys and the terminal.",
        epilog=_HELP,
    )
    parser.add_argument("--online", action="store_true", help="compare the clock with a server's")
    parser.add_argument("--json", action="store_true", help="one JSON object with every check")
    parser.set_defaults(run=run, parser=parser)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Examine and tell; returns the exit code."""
    from engine import __version__
    from zdte_tui.doctor import render
    from zdte_tui.doctor.examine import examine

    report = examine([args.config] if args.config is not None else [], args.settings, args.online)
    if args.json:
        _print(json.dumps(render.as_object(report, __version__), indent=1))
    else:
        on_terminal = sys.stdout.isatty()
        colour = on_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
        width = shutil.get_terminal_size((_WIDTH, 24)).columns
        for line in render.text(report, width, colour):
            _print(line)
    return UNAVAILABLE if report.worst == "fail" else OK


def _print(line: str) -> None:
    """A path may hold what the terminal's encoding lacks."""
    encoding = sys.stdout.encoding or "ascii"
    sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
