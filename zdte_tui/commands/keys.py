"""``zdte-tui keys``: what each key does, with the user's keymap taken into account."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from zdte_tui.commands.journal import write_stdout
from zdte_tui.exits import CONFIG, OK, CommandError

if TYPE_CHECKING:
    from zdte_tui.screen.actions import Action
    from zdte_tui.screen.actions.keymap import Keymap

_HELP = """examples:
  zdte-tui keys                     every action, its keys and its word at the : line
  zdte-tui keys --preset vim        as that preset has them
  zdte-tui keys --json              one JSON object a line
  zdte-tui keys --file              where your own keymap belongs, and what stands in one

a keymap:
  preset = "vim"                    # default or vim
  [keys]
  flatten = ["F", "f8"]             # an action's name as listed here; [] takes its keys away"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``keys``."""
    parser = subparsers.add_parser(
        "keys",
        help="list what each key does",
        description="List every action of the workstation with its keys, its name in a keymap, and its word.",
        epilog=_HELP,
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="JSON lines instead of a table")
    form.add_argument("--markdown", action="store_true", help="the table of docs/keys.md")
    form.add_argument("--file", action="store_true", help="say where your own keymap belongs")
    parser.add_argument("--preset", metavar="NAME", help="a preset (default, vim) instead of your own keymap")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List the keys; returns the exit code."""
    from zdte_tui.screen.actions.keymap import KeymapError, keymap_file, load_keymap, read_keymap

    if args.file:
        path = keymap_file()
        write_stdout([f"{path}{'' if path.exists() else ' (not there: the default keys are in force)'}\n".encode()])
        return OK
    try:
        keymap = load_keymap() if args.preset is None else read_keymap({"preset": args.preset})
    except KeymapError as error:
        raise CommandError(str(error), CONFIG) from error
    if args.json:
        text = "".join(f"{json.dumps(_object(each, keymap))}\n" for each in _actions())
    else:
        text = markdown(keymap) if args.markdown else table(keymap)
    write_stdout([text.encode()])
    return OK


def _actions() -> tuple[Action, ...]:
    from zdte_tui.screen.actions import ACTIONS

    return ACTIONS


def _object(each: Action, keymap: Keymap) -> dict[str, object]:
    return {
        "action": each.key_id,
        "keys": list(keymap.of(each)),
        "word": each.word,
        "takes": each.takes,
        "help": each.help,
        "group": each.group,
        "pane": each.where,
        "confirm": each.confirm,
        "modes": sorted(each.modes),
    }


def _sentence(each: Action) -> str:
    more = "; y confirms" if each.confirm else ""
    where = "" if "live" in each.modes else " (replay and demo)"
    return f"{f'{each.where}: ' if each.where else ''}{each.help}{more}{where}"


def table(keymap: Keymap) -> str:
    """The actions for a terminal, group by group."""
    lines: list[str] = []
    for group in dict.fromkeys(each.group for each in _actions()):
        lines += ["", group] if lines else [group]
        for each in _actions():
            if each.group == group:
                word = f":{each.word} {each.takes}".rstrip()
                lines.append(f"  {keymap.shown(each):<12} {each.key_id:<22} {word:<26} {_sentence(each)}".rstrip())
    return "\n".join(lines) + "\n"


def markdown(keymap: Keymap) -> str:
    """The table of docs/keys.md."""
    from zdte_tui.screen.actions.keymap import DEFAULT, PRESETS, key_name, read_keymap

    lines = [
        "# Keys",
        "",
        "Generated from the registry of actions by `zdte-tui keys --markdown`; a test compares it.",
        "",
        "Capitals move money or stop it: `y` confirms them within five seconds, Enter never does. Every action has a",
        "word at the `:` line and stands in the palette (`ctrl+p`). `?` shows the keys of where you are.",
        "Your own keys go into `keymap.toml`; `zdte-tui keys --file` says where it belongs. Two actions with one key",
        "in one place are refused at the start, by name.",
    ]
    for group in dict.fromkeys(each.group for each in _actions()):
        lines += [
            "",
            f"## {group}",
            "",
            "| keys | what it does | at the `:` line | name in a keymap |",
            "|---|---|---|---|",
        ]
        for each in _actions():
            if each.group == group:
                keys = " ".join(f"`{key_name(key)}`" for key in keymap.of(each)).replace("|", "\\|")
                word = f"`:{each.word}{f' {each.takes}' if each.takes else ''}`".replace("|", "\\|")
                lines.append(f"| {keys} | {_sentence(each)} | {word} | `{each.key_id}` |".replace("|  |", "| |"))
    for name in PRESETS:
        if name == DEFAULT.preset:
            continue
        changed = read_keymap({"preset": name}).changed
        lines += ["", f"## The preset {name}", "", "| name | keys |", "|---|---|"]
        lines += [
            f"| `{action}` | {' '.join(f'`{key_name(key)}`' for key in keys)} |" for action, keys in changed.items()
        ]
    return "\n".join(lines) + "\n"
