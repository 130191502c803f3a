"""``zdte-tui data tape``: the market that a session recorded as it streamed, into the day store."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.data_show_json import silences_json
from zdte_tui.commands.data_text import open_store, out, plural, say
from zdte_tui.commands.options import add_config_options, load_config
from zdte_tui.commands.past_sessions import find_session
from zdte_tui.exits import CANNOT_CREATE, DATA, INTERRUPTED, NO_INPUT, OK, RETRY, USAGE, CommandError

if TYPE_CHECKING:
    from engine.journal import SessionRow
    from engine.session.taping import Share, Taped

_HELP = """A session of an account records all that reaches it, each quote with its own time. This makes of it a day of
the store for each of its roots, which replays and backtests play as the session heard it: quote by quote, with what the
feed said of itself, and with the gaps in which nobody listened. Sessions of one account and day are parts of one day.
A demo's day is simulated and labelled so; it never takes the place of a market's. The same again changes nothing.

examples:
  zdte-tui data tape demo-2026-01-15-SPXW-1
  zdte-tui data tape demo:demo-2026-01-15-SPXW-1 --source demo-a
  zdte-tui data tape main-2026-11-20-SPXW-1 --json | jq '.days[].silences'
  zdte-tui replay 2026-01-15 --source recorded --no-ui

exit codes: 0 it is in the store, 65 its recording is damaged, or a day of the market would be replaced, 66 there is no
such session or it recorded no prices, 75 another import is at work"""


def add(actions: Any) -> None:
    """Declare ``data tape``."""
    parser = actions.add_parser(
        "tape",
        help="the market that a session recorded as a day of the store",
        description="Make the market that a session recorded as it streamed a day of the store.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sessions", nargs="+", metavar="SESSION", help="its name, as `zdte-tui sessions` lists it")
    parser.add_argument(
        "--source", metavar="NAME", help="the name under which the store keeps it; recorded if not given"
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(run=run)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Put each session's market into the store."""
    from engine.session.taping import SOURCE
    from engine.tape import StoreError
    from engine.tape.entries import valid_source

    source = args.source or SOURCE
    try:
        valid_source(source)
    except StoreError as error:
        raise CommandError(f"--source: {error}", USAGE) from None
    config, store = load_config(args), open_store(args)
    found = [find_session(config, name, research=False) for name in args.sessions]
    days = []
    for path, row in found:
        for one in _tape(args, path, row, source):
            days.append(_json(row, one, source))
            if not args.json:
                _tell(row, one, source)
    if args.json:
        out(json.dumps({"store": str(store.path), "days": days}, indent=1))
    if all(day["result"] == "nothing" for day in days):
        return NO_INPUT
    if not args.json and sys.stderr.isatty():
        day = next(each for each in days if each["result"] != "nothing")
        say(f"play it with: zdte-tui replay {day['day']} --root {day['root']} --source {source}")
    return OK


def _tape(args: argparse.Namespace, path: Any, row: SessionRow, source: str) -> list[Taped]:
    from engine.journal import JournalError
    from engine.session.taping import tape_session
    from engine.tape import StoreBusy, StoreError

    try:
        with _Bar(row.name) as share:
            return tape_session(load_config(args), path, row, source=source, share=share)
    except StoreBusy as error:
        raise CommandError(str(error), RETRY) from None
    except JournalError as error:
        raise CommandError(str(error), NO_INPUT) from None
    except StoreError as error:
        raise CommandError(str(error), DATA) from None
    except KeyboardInterrupt:
        raise CommandError(
            "interrupted; nothing of the session was stored, the same again does it", INTERRUPTED
        ) from None
    except OSError as error:
        where = error.filename or "the day store"
        raise CommandError(f"{where}: {error.strerror}; see [data] dir in the configuration", CANNOT_CREATE) from None


class _Bar:
    """A bar on a terminal's stderr, elsewhere nothing."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._progress: Any = None

    def __enter__(self) -> Share | None:
        if not sys.stderr.isatty():
            return None
        from rich.console import Console
        from rich.progress import Progress

        self._progress = Progress(console=Console(stderr=True), transient=True)
        self._progress.start()
        task = self._progress.add_task(self._title, total=1.0)
        return lambda share: self._progress.update(task, completed=share)

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()


_RESULTS = {
    "new": "taped",
    "replaced": "taped again, in the place of what was there",
    "unchanged": "unchanged: these very recordings are in the store",
    "kept": "not taped: what is there covers more of the day; --source gives this one another name",
    "nothing": "no price of it was recorded",
}


def _tell(row: SessionRow, one: Taped, source: str) -> None:
    name = f"{one.root} {row.info.day} {source}"
    size = f": {plural(one.rows, 'row')} at {plural(one.instants, 'instant')}" if one.rows else ""
    label = next(label for root, label in zip(row.info.roots, row.info.provenance, strict=False) if root == one.root)
    simulated = " SIMULATED" if label.origin == "simulated" else ""
    out(f"{name}{simulated} {_RESULTS[one.result]}{size}")
    for silence in one.silences:
        out(f"  silent {silence.text}")
    if one.nudged:
        out(
            f"  {plural(one.nudged, 'row')} known a nanosecond later than they were: a quote and a trade of one instant"
        )


def _json(row: SessionRow, one: Taped, source: str) -> dict[str, Any]:
    return {
        "session": row.name,
        "root": one.root,
        "day": str(row.info.day),
        "source": source,
        "result": one.result,
        "path": str(one.path),
        "rows": one.rows,
        "instants": one.instants,
        "nudged": one.nudged,
        "silences": silences_json(one.silences),
    }
