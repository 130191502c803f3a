"""``zdte-tui`` itself: a trading session. Without a broker that is the demo market, and it says so."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from zdte_tui.commands.options import add_config_options, add_headless_options, limit_sources, load_config
from zdte_tui.commands.simulate import SCENARIOS
from zdte_tui.exits import UNAVAILABLE, USAGE, CommandError

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
    parser.add_argument("--fresh", action="store_true", help="do not continue a demo session that was cut off")
    add_headless_options(parser)
    add_config_options(parser)
    parser.set_defaults(run=run, parser=parser)


def run(args: argparse.Namespace) -> int:
    """Run a session, on the screen or without one."""
    if args.json and not args.no_ui:
        raise CommandError("--json goes with --no-ui", USAGE)
    if args.scenario:
        args.settings = [*args.settings, f'demo.scenario="{args.scenario}"']
    if args.no_ui:
        from zdte_tui.headless import LinePrinter, run_headless

        shown, config = LinePrinter(args.json), _read(args)
        return run_headless(_compose(args, config, stay=False, on_tick=shown), shown, config)
    from zdte_tui.interactive import play_on_screen

    return play_on_screen(args, lambda: _read(args), lambda config: _compose(args, config, stay=True))


def _read(args: argparse.Namespace) -> Config:
    config = load_config(args)
    _require_demo(config, args.demo or args.scenario is not None)
    return config


def _compose(
    args: argparse.Namespace, config: Config, *, stay: bool, on_tick: Callable[[Tick], None] | None = None
) -> Composed:
    from engine.journal.schedule import BackupSchedule
    from engine.session.compose import compose_demo
    from strategies.registry import REGISTRY
    from zdte_tui.logs import open_log

    open_log()
    speed = config.demo.speed if args.speed is None else args.speed
    composed = compose_demo(
        config,
        REGISTRY,
        speed=speed,
        stay=stay,
        fresh=args.fresh,
        on_tick=on_tick,
        limit_sources=lambda: limit_sources(args),
    )
    BackupSchedule.beside(composed.writer, config.journal.backup_minutes, config.journal.backup_keep)
    return composed


def _require_demo(config: Config, demo: bool) -> None:
    """Only the demo market can be traded so far: say so instead of pretending."""
    mode = config.session.mode
    if demo or mode in ("auto", "demo"):
        return
    raise CommandError(
        f'session.mode = "{mode}": broker sessions are not built yet; run with --demo or set session.mode = "demo"',
        UNAVAILABLE,
    )
