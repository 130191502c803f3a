"""``zdte-tui data simulate``: simulated days into the day store, for load tests and for trying things out."""

from __future__ import annotations

import argparse
import datetime as dt
import re
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.data_text import bar, open_store, out, plural, say
from zdte_tui.commands.options import add_config_options, day, load_config, root
from zdte_tui.exits import CANNOT_CREATE, DATA, INTERRUPTED, NO_INPUT, OK, RETRY, USAGE, CommandError

if TYPE_CHECKING:
    from engine.session.simulation import Making
    from engine.tape import Store

_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")

# Said here as well as in the simulator, so that --help need not load numpy; a test holds the two together.
SCENARIOS = {
    "calm": "low volatility, no direction, no jumps",
    "trend": "falls from the open to the close, by two and a half standard deviations of the day",
    "whipsaw": "falls through the puts of a 25-point condor, then rises through its calls",
    "fomc": "pinned until 14:00, then a jump: wide quotes for a minute, loud trading, cheaper options",
    "halfday": "a session that closes at 13:00",
    "gap": "opens 3 to 4 per cent lower; wide quotes, and an index that is late: only parity tells where it is",
    "pin": "closes within cents of a strike",
    "outage": "the feed falls silent from 12:10 to 12:25 while the market goes on",
}

_HELP = """scenarios:
{scenarios}

Without a scenario the days are consecutive sessions, each opening where the one before closed. Days of a scenario stand
alone, one every other session; half-days are where the calendar has them. The same command again changes nothing. What
is stored is labelled simulated for ever, and never mixed with real days in one figure.

With --along the days of a source that is stored already are followed: spot passes through every value that was
recorded, from the official close before to the day's own, and options are as dear as recorded ones were. What lies
between is made up. A scenario then gives its quotes and its feed alone. SPY follows SPX at a fixed scale, which the
label tells.

examples:
  zdte-tui data simulate --days 20
  zdte-tui data simulate --days 250 --root SPY --from 2025-01-02 --seed 3
  zdte-tui data simulate --scenario fomc --from 2026-01-28 --expiries 4
  zdte-tui data simulate --along midpoints --from 2024-08-07 --step 15
  zdte-tui data simulate --along midpoints --from 2024-01-02 --to 2024-12-31
  zdte-tui data simulate --along midpoints --from 2024-12-18 --scenario fomc --step 5
  zdte-tui data simulate --along midpoints --from 2024-08-22 --silent 11:00 --step 15
  zdte-tui replay 2026-01-15 --source sim
  zdte-tui backtest --source sim"""


def add_action(actions: Any) -> None:
    """Declare ``data simulate``."""
    parser = actions.add_parser(
        "simulate",
        help="put simulated days into the day store",
        description="Put simulated days into the day store: no market ever showed them, and they always say so.",
        epilog=_HELP.format(scenarios="\n".join(f"  {name:<8} {story}" for name, story in SCENARIOS.items())),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--days", type=_count(5000, "days"), metavar="N", help="how many; 1 if not given")
    parser.add_argument("--root", type=root, metavar="R", help="option root; the first of session.roots if not given")
    parser.add_argument("--seed", type=_count(2**31, "a seed", 0), metavar="S", help="demo.seed if not given")
    parser.add_argument(
        "--scenario", metavar="NAME", choices=list(SCENARIOS), help="what kind of days; ordinary ones if not given"
    )
    parser.add_argument("--from", dest="first", type=day, metavar="D", help="first day; demo.date if not given")
    parser.add_argument(
        "--step", type=_count(3600, "seconds"), default=60, metavar="SECONDS", help="between quotes; 60 if not given"
    )
    parser.add_argument(
        "--expiries", type=_count(12, "expiries"), metavar="N", help="listed each day; demo.expiries if not given"
    )
    parser.add_argument(
        "--source",
        metavar="NAME",
        help="the store's name for them; sim, sim-SCENARIO, SOURCE-path or SOURCE-path-SCENARIO if not given",
    )
    recorded = parser.add_argument_group("along recorded days")
    recorded.add_argument("--along", metavar="SOURCE", help="the stored source whose spot is followed")
    recorded.add_argument("--to", dest="last", type=day, metavar="D", help="last day; --from if not given")
    recorded.add_argument(
        "--silent",
        type=_silence,
        metavar="FROM[-TO]",
        help="no data comes between these times (New York), or from the first to the day's end",
    )
    parser.set_defaults(run=run)
    add_config_options(parser)


def _count(most: int, noun: str, least: int = 1) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number of {noun} from {least} to {most}")
        return value

    return parse


def _silence(text: str) -> tuple[dt.time, dt.time | None]:
    start, dash, end = text.partition("-")
    try:
        times = [dt.time.fromisoformat(part) if _TIME.fullmatch(part) else None for part in (start, end)]
    except ValueError:
        times = [None, None]
    if times[0] is None or (times[1] is None and dash) or (times[1] is not None and times[1] <= times[0]):
        raise argparse.ArgumentTypeError(f"{text!r} is not a span of time; write it like 11:00 or 12:10-12:25")
    return times[0], times[1]


def run(args: argparse.Namespace) -> int:
    """Simulate and store."""
    from engine.session.simulation import store_days
    from engine.tape import StoreBusy, StoreError
    from engine.tape.lock import StoreLock

    store = open_store(args)
    try:
        simulation = _recorded(args, store) if args.along is not None else _made_up(args)
    except (KeyError, ValueError, StoreError) as error:
        raise CommandError(str(error.args[0] if error.args else error), USAGE) from None
    saved: Counter[str] = Counter()
    rows, started, days = 0, time.monotonic(), simulation.sessions
    if args.along is None and args.first is not None and days[0] != args.first:
        say(f"{args.first} is no {'half-day' if args.scenario == 'halfday' else 'session'}; the first day is {days[0]}")
    try:
        with (
            StoreLock(store.path),
            bar(f"simulating {simulation.root}", len(days)) as advance,
            closing(store_days(simulation, store)) as storing,
        ):
            for stored in storing:
                saved[stored.saved] += 1
                rows += stored.rows
                advance()
    except StoreBusy as error:
        raise CommandError(str(error), RETRY) from None
    except StoreError as error:
        raise CommandError(str(error), DATA) from None
    except KeyboardInterrupt:
        done = plural(sum(saved.values()), "day")
        raise CommandError(f"interrupted; {done} stored, the same command goes on", INTERRUPTED) from None
    except OSError as error:
        where = error.filename or store.path
        raise CommandError(f"{where}: {error.strerror}; see [data] dir in the configuration", CANNOT_CREATE) from None
    told = ", ".join(f"{saved[kind]} {kind}" for kind in ("new", "replaced", "unchanged") if saved[kind])
    span = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
    out(f"SIMULATED {simulation.root} {span} as {simulation.source}: {told}; {rows:,} rows; {store.path}")
    pace = (time.monotonic() - started) / len(days)
    say(
        f"{pace:.2f} s a day; play one with: zdte-tui replay {days[0]} --root {simulation.root} "
        f"--source {simulation.source}"
    )
    return OK


def _made_up(args: argparse.Namespace) -> Making:
    from engine.session.simulation import Simulation
    from engine.tape.entries import valid_source

    for name, given in (("--to", args.last), ("--silent", args.silent)):
        if given is not None:
            raise CommandError(f"{name} goes with --along; without it give --from and --days", USAGE)
    config = load_config(args)
    return Simulation(
        root=args.root or config.session.roots[0],
        first=args.first or config.demo.date,
        days=args.days or 1,
        seed=config.demo.seed if args.seed is None else args.seed,
        scenario=args.scenario or "",
        step_seconds=args.step,
        expiries=args.expiries or config.demo.expiries,
        source=valid_source(args.source or (f"sim-{args.scenario}" if args.scenario else "sim")),
    )


def _recorded(args: argparse.Namespace, store: Store) -> Making:
    from engine.session.recorded import RecordedDays
    from engine.tape import StoreError
    from engine.tape.entries import valid_source

    if args.first is None or args.days is not None:
        raise CommandError("--along wants the days by date: --from D, and --to D for more than one", USAGE)
    config = load_config(args)
    name = f"{args.along}-path" + (f"-{args.scenario}" if args.scenario else "")
    along, source = valid_source(args.along), valid_source(args.source or name)
    try:
        return RecordedDays(
            store=store,
            along=along,
            root=args.root or config.session.roots[0],
            first=args.first,
            last=args.last or args.first,
            seed=config.demo.seed if args.seed is None else args.seed,
            scenario=args.scenario or "",
            step_seconds=args.step,
            expiries=args.expiries or config.demo.expiries,
            source=source,
            silent=args.silent,
        )
    except StoreError as error:
        raise CommandError(str(error), NO_INPUT) from None
