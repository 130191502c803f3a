"""``zdte-tui`` itself: a trading session: at Alpaca where there are keys, else the demo market, and it says so."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from zdte_tui.commands.options import add_config_options, add_headless_options, limit_sources, load_config
from zdte_tui.commands.run_live import (
    add_options,
    check_options,
    compose_at_alpaca,
    compose_rehearsal,
    confirm_live,
    mode_of,
)
from zdte_tui.commands.simulate import SCENARIOS
from zdte_tui.exits import USAGE, CommandError

if TYPE_CHECKING:
    from engine.config import Config
    from engine.events import Tick
    from engine.session.compose import Composed


def add_to(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a session on the top-level parser."""
    from engine import __version__

    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument("--demo", action="store_true", help="play the simulated demo market, whatever the config says")
    parser.add_argument(
        "--scenario",
        metavar="NAME",
        choices=list(SCENARIOS),
        help=f"which kind of day the demo is: {', '.join(SCENARIOS)}; implies --demo",
    )
    parser.add_argument("--fresh", action="store_true", help="do not continue a session of the day that was cut off")
    add_options(parser)
    add_headless_options(parser)
    add_config_options(parser)
    parser.set_defaults(run=run, parser=parser)


def run(args: argparse.Namespace) -> int:
    """Run a session, on the screen or without one."""
    if args.json and not args.no_ui:
        raise CommandError("--json goes with --no-ui", USAGE)
    check_options(args)
    if args.scenario:
        args.settings = [*args.settings, f'demo.scenario="{args.scenario}"']
    if args.no_ui:
        from zdte_tui.headless import LinePrinter, run_headless

        shown, config = LinePrinter(args.json), load_config(args)
        return run_headless(_compose(args, config, stay=False, on_tick=shown), shown, config)
    from zdte_tui.arming import live_is_written
    from zdte_tui.interactive import play_on_screen

    if live_is_written(args):  # a person is asked before there is a screen
        confirm_live(args)
    return play_on_screen(args, lambda: load_config(args), lambda config: _compose(args, config, stay=True))


def _compose(
    args: argparse.Namespace, config: Config, *, stay: bool, on_tick: Callable[[Tick], None] | None = None
) -> Composed:
    from engine.journal.schedule import BackupSchedule
    from zdte_tui.logs import open_log

    open_log()
    mode = mode_of(args, config)
    if mode == "demo":
        composed = _compose_demo(args, config, stay=stay, on_tick=on_tick)
    elif mode == "rehearse":
        composed = compose_rehearsal(args, config, stay=stay, on_tick=on_tick)
    else:
        composed = compose_at_alpaca(args, config, mode, stay=stay, on_tick=on_tick)
    BackupSchedule.beside(composed.writer, config.journal.backup_minutes, config.journal.backup_keep)
    return composed


def _compose_demo(
    args: argparse.Namespace, config: Config, *, stay: bool, on_tick: Callable[[Tick], None] | None
) -> Composed:
    from engine.session.compose import compose_demo
    from strategies.registry import REGISTRY

    return compose_demo(
        config,
        REGISTRY,
        speed=config.demo.speed if args.speed is None else args.speed,
        stay=stay,
        fresh=args.fresh,
        on_tick=on_tick,
        limit_sources=lambda: limit_sources(args),
    )
