"""``zdte-tui replay DAY``: a recorded day through the same panes, or without a screen."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from zdte_tui.commands.options import add_config_options, add_headless_options, day, load_config, root
from zdte_tui.commands.past_sessions import reopened
from zdte_tui.exits import USAGE, CommandError

if TYPE_CHECKING:
    from engine.config import Config
    from engine.events import Tick
    from engine.session.compose import Composed
    from engine.session.source import TapeSource

DEFAULT_SPEED = 60.0

_HELP = """examples:
  zdte-tui replay 2024-08-07
  zdte-tui replay 2021-01-04 --source lean --speed 120
  zdte-tui replay 2024-08-07 --no-ui --json | jq -r 'select(.record == "fill") | .symbol'
  zdte-tui replay --session main-2024-08-07-SPXW     a session of the journal, with the orders given in it

`zdte-tui data list` shows which days there are, `zdte-tui sessions` which sessions. On the screen: space pauses, . and
, step a minute, > and < an event, [ and ] change the speed, g jumps to a time, n and p to the next and the previous
signal or trade, m sets a bookmark, t takes over: you trade the day in a practice session of its own. ? shows every
key."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``replay``."""
    parser = subparsers.add_parser(
        "replay",
        help="a recorded day through the panes",
        description="Play a stored day, or a session of a journal, through the engine, on the screen or without one. "
        "The journal is research.path.",
        epilog=_HELP,
    )
    parser.add_argument("day", type=day, nargs="?", metavar="DAY", help="such as 2024-08-07, or yesterday")
    parser.add_argument(
        "--session", metavar="NAME", help="a session of the journals instead of a day: with its own data and orders"
    )
    parser.add_argument(
        "--root", type=root, metavar="R", help="option root; the first of session.roots where it is not given"
    )
    parser.add_argument("--source", metavar="S", help="which source of the day; quotes before mids where not given")
    add_headless_options(parser)
    add_config_options(parser)
    parser.set_defaults(run=run, parser=parser)


def run(args: argparse.Namespace) -> int:
    """Replay a day, or a session."""
    if (args.day is None) == (args.session is None):
        raise CommandError("name a DAY such as 2024-08-07, or a session with --session NAME", USAGE)
    if args.session is not None and (args.root is not None or args.source is not None):
        raise CommandError("a session brings its own root and source: leave --root and --source out", USAGE)
    if args.json and not args.no_ui:
        raise CommandError("--json goes with --no-ui", USAGE)
    if args.no_ui:
        from zdte_tui.headless import LinePrinter, run_headless

        shown, config = LinePrinter(args.json), load_config(args)
        speed = args.speed or 0.0
        return run_headless(_compose(args, config, speed=speed, stay=False, on_tick=shown), shown, config)
    from zdte_tui.interactive import play_on_screen

    speed = DEFAULT_SPEED if args.speed is None else args.speed
    return play_on_screen(args, lambda: _read(args), lambda config: _compose(args, config, speed=speed, stay=True))


def _read(args: argparse.Namespace) -> Config:
    """The configuration, once the store has the day."""
    config = load_config(args)
    if args.session is not None:
        reopened(config, args.session)
    else:
        _source(args, config)
    return config


def _source(args: argparse.Namespace, config: Config) -> TapeSource:
    from engine.config import data_dir
    from engine.session.source import TapeSource
    from engine.tape import Store
    from zdte_tui.commands.stored import stored_day

    chosen = args.root or config.session.roots[0]
    store = Store(data_dir(config))
    stored_day(store, chosen, args.day, args.source)
    return TapeSource(store, chosen, args.day, args.source)


def _compose(
    args: argparse.Namespace,
    config: Config,
    *,
    speed: float,
    stay: bool,
    on_tick: Callable[[Tick], None] | None = None,
) -> Composed:
    from engine.session.compose import compose_replay
    from strategies.registry import REGISTRY
    from zdte_tui.logs import open_log

    open_log()
    if args.session is None:
        return compose_replay(config, REGISTRY, _source(args, config), speed=speed, stay=stay, on_tick=on_tick)
    found = reopened(config, args.session)
    return compose_replay(
        found.config, REGISTRY, found.source, speed=speed, stay=stay, on_tick=on_tick, past=found.past
    )
