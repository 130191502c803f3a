"""``zdte-tui replay DAY``: a recorded day through the same panes, or without a screen."""

from __future__ import annotations

import argparse

from zdte_tui.commands.options import add_config_options, add_headless_options, day, load_config, root
from zdte_tui.exits import USAGE, CommandError

DEFAULT_SPEED = 60.0

_HELP = """examples:
  zdte-tui replay 2024-08-07
  zdte-tui replay 2021-01-04 --source lean --speed 120
  zdte-tui replay 2024-08-07 --no-ui --json | jq -r 'select(.record == "fill") | .symbol'

`zdte-tui data list` shows which days there are. On the screen: space pauses, . steps a minute, [ and ] change the
speed, g jumps to a time, n to the next signal or trade, ? shows every key."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``replay``."""
    parser = subparsers.add_parser(
        "replay",
        help="a recorded day through the panes",
        description="Play a stored day through the engine, on the screen or without one. The journal is research.path.",
        epilog=_HELP,
    )
    parser.add_argument("day", type=day, metavar="DAY", help="such as 2024-08-07, or yesterday")
    parser.add_argument(
        "--root", type=root, metavar="R", help="option root; the first of session.roots where it is not given"
    )
    parser.add_argument("--source", metavar="S", help="which source of the day; quotes before mids where not given")
    add_headless_options(parser)
    add_config_options(parser)
    parser.set_defaults(run=run, parser=parser)


def run(args: argparse.Namespace) -> int:
    """Replay a day."""
    if args.json and not args.no_ui:
        raise CommandError("--json goes with --no-ui", USAGE)
    config = load_config(args)
    if not args.no_ui:
        from zdte_tui.interactive import require_screen

        require_screen(config)
    from engine.config import data_dir
    from engine.session.compose import compose_replay
    from engine.session.source import TapeSource
    from engine.tape import Store
    from strategies.registry import REGISTRY
    from zdte_tui.commands.stored import stored_day
    from zdte_tui.logs import open_log

    open_log()
    chosen = args.root or config.session.roots[0]
    store = Store(data_dir(config))
    stored_day(store, chosen, args.day, args.source)
    source = TapeSource(store, chosen, args.day, args.source)
    if args.no_ui:
        from zdte_tui.headless import LinePrinter, run_headless

        shown = LinePrinter(args.json)
        composed = compose_replay(config, REGISTRY, source, speed=args.speed or 0.0, stay=False, on_tick=shown)
        return run_headless(composed, shown)
    from zdte_tui.interactive import run_interactive

    speed = DEFAULT_SPEED if args.speed is None else args.speed
    return run_interactive(compose_replay(config, REGISTRY, source, speed=speed, stay=True), config)
