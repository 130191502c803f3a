"""``zdte-tui config``: write a configuration to start from, show what holds and why, check it, say where things lie."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.options import add_config_options, config_files, file, load_config
from zdte_tui.exits import CANNOT_CREATE, CONFIG, OK, USAGE, CommandError
from zdte_tui.telling import one_line

if TYPE_CHECKING:
    from engine.config import Config, ConfigError, Setting

_HELP = """examples:
  zdte-tui config init                      write the commented default where your own configuration lies
  zdte-tui config show --changed            what differs from the default, and where it was set
  zdte-tui config check                     is everything in it right?
  zdte-tui config path                      where configuration, data, journals and log lie"""

_INIT_HELP = """examples:
  zdte-tui config init
  zdte-tui config init --path ./condor.toml
  zdte-tui config init --force

The file says what every setting means. Only what differs from the default has to stand in it; the rest may go."""

_SHOW_HELP = """examples:
  zdte-tui config show
  zdte-tui config show risk
  zdte-tui config show risk.daily_loss --set risk.daily_loss=800
  zdte-tui config show --changed > condor.toml
  zdte-tui config show --json | jq -r '.settings[] | select(.source != "default") | .key'

Each line is `key = value`, then the place where it was set: default, FILE:LINE or --set. It can stand in a file."""

_CHECK_HELP = """examples:
  zdte-tui config check
  zdte-tui config check condor.toml
  zdte-tui config check --set fills.model=mid --set fills.slippage=0.02

A line a mistake, and exit code 78. FILE alone is laid over the default; without it, what a session would read."""

_PATH_HELP = """examples:
  zdte-tui config path
  zdte-tui config path --json | jq -r .data.path"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``config`` and its actions."""
    parser = subparsers.add_parser(
        "config",
        help="write, show and check the configuration",
        description="Write a configuration to start from, show what holds and where it was set, check it.",
        epilog=_HELP,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    init = actions.add_parser(
        "init",
        help="write the commented default",
        description="Write the commented default configuration. A file that is there is left alone.",
        epilog=_INIT_HELP,
    )
    init.add_argument("--path", type=file, metavar="FILE", help="where to; your own configuration file by default")
    init.add_argument("--force", action="store_true", help="replace a file that is there, and keep it as FILE.bak")
    init.set_defaults(run=run_init)

    show = actions.add_parser(
        "show",
        help="the values that hold, and where each was set",
        description="The values that hold, and where each was set.",
        epilog=_SHOW_HELP,
    )
    show.add_argument("key", nargs="?", metavar="KEY", help="one setting or table, such as risk or risk.daily_loss")
    show.add_argument("--json", action="store_true", help="one JSON object")
    show.add_argument("--changed", action="store_true", help="only what differs from the default")
    show.set_defaults(run=run_show)

    check = actions.add_parser(
        "check",
        help="is everything in it right?",
        description="Check a configuration: every key, every value, every strategy's table.",
        epilog=_CHECK_HELP,
    )
    check.add_argument("file", nargs="?", type=file, metavar="FILE", help="a file; by default what a session reads")
    check.set_defaults(run=run_check)

    path = actions.add_parser(
        "path",
        help="where everything lies",
        description="Where configuration, data, journals and log lie, and which of them are there.",
        epilog=_PATH_HELP,
    )
    path.add_argument("--json", action="store_true", help="one JSON object")
    path.set_defaults(run=run_path)

    for leaf in (show, check, path):
        add_config_options(leaf)


# init


def run_init(args: argparse.Namespace) -> int:
    """Write the commented default, whole or not at all."""
    from engine.config import default_text, user_config_file
    from zdte_tui.commands.journal import write_file

    path: Path = args.path if args.path is not None else user_config_file()
    if path.is_symlink():
        path = path.resolve()
    kept = ""
    if path.exists():
        if not path.is_file():
            raise CommandError(f"{path} is not a regular file: name another with --path", CANNOT_CREATE)
        if not args.force:
            raise CommandError(
                f"{path} is there already: --force replaces it and keeps it as {path.name}.bak", CANNOT_CREATE
            )
        backup = _free_name(path)
        write_file(backup, [path.read_bytes()])
        kept = f"; the old one is {backup}"
    if args.path is None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_file(path, [default_text().encode()])
    print(f"wrote {path}{kept}")
    return OK


def _free_name(path: Path) -> Path:
    number, backup = 1, path.with_name(f"{path.name}.bak")
    while backup.exists():
        number += 1
        backup = path.with_name(f"{path.name}.bak{number}")
    return backup


# show


def run_show(args: argparse.Namespace) -> int:
    """Show the values that hold."""
    from engine.config import config_hash, effective, load

    files = config_files(args)
    every = effective(files, args.settings)
    shown = _chosen(every, args.key)
    if args.changed:
        shown = [setting for setting in shown if setting.changed]
    if args.json:
        found = {
            "files": [str(each) for each in files],
            "hash": config_hash(load(files, args.settings)),
            "settings": list(map(_object, shown)),
        }
        print(json.dumps(found, indent=1, ensure_ascii=False, default=str))
        return OK
    if not shown:
        print("zdte-tui: everything is as in the default", file=sys.stderr)
    width = min(60, max((len(setting.toml) for setting in shown), default=0))
    for setting in shown:
        print(f"{setting.toml:<{width}}  # {setting.place}")
    return OK


def _chosen(every: list[Setting], key: str | None) -> list[Setting]:
    """The settings under a key; raises ``CommandError`` with the nearest one."""
    if key is None:
        return every
    parts = tuple(key.split("."))
    found = [setting for setting in every if setting.key[: len(parts)] == parts]
    if not found:
        raise CommandError(f"there is no setting {key!r}{_nearest_key(every, key)}", USAGE)
    return found


def _nearest_key(every: list[Setting], key: str) -> str:
    from difflib import get_close_matches

    known = dict.fromkeys(".".join(setting.key[:n]) for setting in every for n in range(1, len(setting.key) + 1))
    near = get_close_matches(key[:100], known, n=1, cutoff=0.5)
    last = [name for name in known if name.rpartition(".")[2] == key]  # daily_loss for risk.daily_loss
    return f"; did you mean {(last or near)[0]}?" if last or near else "; `zdte-tui config show` lists them"


def _object(setting: Setting) -> dict[str, Any]:
    return {
        "key": setting.name,
        "value": setting.value,
        "source": setting.source,
        "line": setting.line,
        "changed": setting.changed,
    }


# check


def run_check(args: argparse.Namespace) -> int:
    """Say everything that is wrong, a line each; 78 where anything is."""
    from engine.config import config_hash, located, read_layers, try_load

    files = config_files(args) if args.file is None else [args.file]
    config, wrong = try_load(files, args.settings)
    if config is None:
        return _say(map(str, wrong))
    layers = read_layers(files, args.settings)[0]
    late = [located(error, layers) for error in (*_strategy_faults(config), *_late_faults(config))]
    if late:
        return _say(late)
    told = ", ".join(map(str, files)) or "the default alone; you have no configuration of your own"
    print(f"ok: {told}; hash {config_hash(config)}")
    return OK


def _say(lines: Iterable[str]) -> int:
    for line in lines:
        print(f"zdte-tui: {one_line(line)}", file=sys.stderr)
    return CONFIG


def _strategy_faults(config: Config) -> Iterator[ConfigError]:
    """What each strategy's own model refuses: of the common keys first, of what roots need differently after that."""
    from engine.config import faults
    from engine.strategy.protocol import settings_for
    from strategies.registry import REGISTRY

    for name, raw in config.strategies.items():
        model = REGISTRY[name].settings_model
        common = faults(model, settings_for(raw, ""), f"strategies.{name}")
        yield from common
        for root in raw.get("by_root", {}) if not common else ():
            yield from faults(model, settings_for(raw, root), f"strategies.{name}.by_root.{root}")


def _late_faults(config: Config) -> Iterator[ConfigError]:
    """What only shows when a session begins."""
    from engine.calendar import NotASession, session
    from engine.config import ConfigError, data_dir, journal_path, nearest, research_path
    from engine.strategy import build_strategies
    from strategies.registry import REGISTRY
    from zdte_tui.screen.app import known_themes

    if not any(True for _ in _strategy_faults(config)):
        try:
            build_strategies(config.strategies, REGISTRY, config.session.roots)
        except ConfigError as error:
            yield error
    try:
        session(config.demo.date)
    except NotASession as error:
        yield ConfigError(f"config: demo.date: {error}; choose a trading day", ("demo", "date"))
    themes = known_themes()
    if config.ui.theme not in themes:
        said = f"config: ui.theme: unknown theme {config.ui.theme!r}{nearest(config.ui.theme, themes)}"
        yield ConfigError(said, ("ui", "theme"))
    for place in (data_dir, research_path, lambda known: journal_path(known, known.account.name)):
        try:
            place(config)
        except ConfigError as error:
            yield error


# path


def run_path(args: argparse.Namespace) -> int:
    """Say where everything lies."""
    from engine.config import data_dir, journal_path, research_path, state_dir, user_config_file
    from zdte_tui.commands.accounts import DEMO_ACCOUNT
    from zdte_tui.logs import log_file

    if not args.json:
        _place("config", user_config_file())  # said even where what stands in it is wrong
    config = load_config(args)
    places = {
        "config": user_config_file(),
        "data": data_dir(config),
        "state": state_dir(),
        "journal": journal_path(config, config.account.name),
        "demo": journal_path(config, DEMO_ACCOUNT),
        "research": research_path(config),
        "log": log_file(),
    }
    if args.json:
        found = {name: {"path": str(path), "exists": path.exists()} for name, path in places.items()}
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return OK
    for name, path in list(places.items())[1:]:
        _place(name, path)
    return OK


def _place(name: str, path: Path) -> None:
    print(f"{name:<9} {path}{'' if path.exists() else '  (not there yet)'}")
