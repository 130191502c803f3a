"""``zdte-tui completion SHELL``: a completion script, made from the command line's own parser by shtab."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from zdte_tui.exits import OK

SHELLS = ("bash", "zsh", "fish")

_HELP = """examples:
  zdte-tui completion bash > ~/.local/share/bash-completion/completions/zdte-tui
  zdte-tui completion zsh > ~/.zfunc/_zdte-tui
  zdte-tui completion fish > ~/.config/fish/completions/zdte-tui.fish

zsh: ~/.zfunc must stand in fpath before compinit, `fpath=(~/.zfunc $fpath)`. Stored days, sources and sessions are
asked of the program while you type; everything else is in the script: write it again after an upgrade."""

# Words only the running program knows, by the option or argument they complete.
_ASKED = {"day": "days", "first": "days", "last": "days", "source": "sources", "session": "sessions"}
_FILES = ("FILE", "PATH", "DIR")

# Bash takes `=` for the end of a word: --root=SPX and --set risk.daily_l would never be completed as one.
_BASH_EQUALS = """
_zdte_tui_whole_words() {
  local -a joined=()
  local index current=0 cut=""
  for index in "${!COMP_WORDS[@]}"; do
    local word="${COMP_WORDS[index]}" last=$(( ${#joined[@]} - 1 ))
    if (( index > 1 )) && { [[ $word == "=" ]] || [[ ${COMP_WORDS[index-1]} == "=" ]]; }; then
      joined[last]+="$word"
    else
      joined+=("$word")
    fi
    (( index == COMP_CWORD )) && current=$(( ${#joined[@]} - 1 ))
  done
  local whole="${joined[current]}"
  [[ $whole == *=* ]] && cut="${whole%=*}="
  local -a COMP_WORDS
  if [[ $whole == --*=* ]]; then
    COMP_WORDS=("${joined[@]:0:current}" "${whole%%=*}" "${whole#*=}")
    current=$(( current + 1 ))
    [[ ${whole#*=} == *=* ]] && cut="${whole#*=}" && cut="${cut%=*}=" || cut=""
  else
    COMP_WORDS=("${joined[@]:0:current+1}")
  fi
  local COMP_CWORD=$current
  _shtab_zdte_tui
  [[ -n $cut ]] && COMPREPLY=("${COMPREPLY[@]#"$cut"}")
  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -o bashdefault -F _zdte_tui_whole_words zdte-tui
"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``completion``."""
    parser = subparsers.add_parser(
        "completion",
        help="a completion script for bash, zsh or fish",
        description="Print a completion script for a shell, made from this program's own commands and options.",
        epilog=_HELP,
    )
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help="bash, zsh or fish")
    parser.add_argument("--words", choices=sorted(set(_ASKED.values())), help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the script, or the words a script asks for."""
    if args.words is not None:
        print("\n".join(_stored_words(args.words)))
        return OK
    import shtab

    from zdte_tui.parser import build_parser

    parser = build_parser()
    for action in _every_action(parser):
        _add_words(action, args.shell)
    script = shtab.complete(parser, args.shell)
    print(script + (_BASH_EQUALS if args.shell == "bash" else ""))
    return OK


def _every_action(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _every_action(command)
        else:
            yield action


def _add_words(action: argparse.Action, shell: str) -> None:
    """Tell shtab what completes an option or argument that names no choices of its own."""
    import shtab

    if action.choices is not None or action.nargs == 0:
        return
    if action.dest in _ASKED:
        asked = shtab.cmd(f"zdte-tui completion {shell} --words {_ASKED[action.dest]} 2>/dev/null")
        action.complete = asked  # type: ignore[attr-defined]
    elif action.metavar in _FILES:
        action.complete = shtab.FILE  # type: ignore[attr-defined]
    elif action.dest == "root":
        from engine.types import PRODUCTS

        action.choices = sorted(PRODUCTS)
    elif action.dest == "settings":
        action.choices = list(_settings())
    elif action.dest == "key":
        action.choices = list(_keys())


def _keys() -> Iterator[str]:
    """Every setting and every table of the configuration."""
    from engine.config import effective

    names = (".".join(setting.key[:n]) for setting in effective() for n in range(1, len(setting.key) + 1))
    yield from dict.fromkeys(names)


def _settings() -> Iterator[str]:
    """``key=`` for every setting, and ``key=value`` where there are few values."""
    from engine.config import Config, effective
    from strategies.registry import REGISTRY
    from zdte_tui.screen.app import known_themes

    for setting in effective():
        if setting.key[0] == "strategies":
            name, *rest = setting.key[1:]
            values = _values(REGISTRY[name].settings_model, rest[2:] if rest[0] == "by_root" else rest)
        else:
            values = known_themes() if setting.name == "ui.theme" else _values(Config, setting.key)
        yield from (f"{setting.name}={value}" for value in values or [""])


def _values(model: Any, path: Iterable[str]) -> list[str]:
    """The values of a field that has few."""
    annotation = model
    for part in path:
        if part not in getattr(annotation, "model_fields", {}):
            return []
        annotation = annotation.model_fields[part].annotation
    if annotation is bool:
        return ["true", "false"]
    return [str(value) for value in get_args(annotation)] if get_origin(annotation) is Literal else []


def _stored_words(what: str) -> list[str]:
    """Days and sources of the store, or sessions of the journals; nothing where they cannot be read."""
    from engine.config import data_dir, journal_path, load, research_path, user_config_file
    from zdte_tui.commands.accounts import DEMO_ACCOUNT

    try:
        own = user_config_file()
        config = load([own] if own.exists() else [])
        if what == "sessions":
            accounts = (config.account.name, DEMO_ACCOUNT)
            return _sessions([*(journal_path(config, each) for each in accounts), research_path(config)])
        names = [path.name.split(".") for path in data_dir(config).glob("days/*/*.parquet")]
        return sorted({name[0] if what == "days" else name[1] for name in names if len(name) == 3})
    except (OSError, ValueError):  # nobody can be told in the middle of a word
        return []


def _sessions(journals: list[Path]) -> list[str]:
    from engine.journal import JournalError, JournalReader

    found = ["last", "all"]
    for path in journals:
        try:
            with JournalReader(path) as reader:
                found += [session.name for session in reader.sessions()]
        except JournalError:
            continue
    return list(dict.fromkeys(found))
