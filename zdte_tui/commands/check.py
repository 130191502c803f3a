"""``zdte-tui check``: what to look at before the open."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from zdte_tui.commands.options import add_config_options, load_config
from zdte_tui.exits import CONFIG, OK, UNAVAILABLE, CommandError
from zdte_tui.telling import one_line

if TYPE_CHECKING:
    from engine.alpaca.keys import Keys
    from engine.config import Config
    from engine.session.checklist import Facts, Line, Mode
    from engine.session.live_compose import LiveMode

_HELP = """each line says ok, note, warn or fail, what was seen, and -> how to mend it. It changes nothing, at Alpaca or
here. Without --mode it is the mode a session would take: [session] mode; with "auto" paper where there are keys for it,
else the demo.

examples:
  zdte-tui check
  zdte-tui check --mode live
  zdte-tui check --mode demo
  zdte-tui check --json | jq -r '.lines[] | select(.state == "fail") | .text'
  zdte-tui check && zdte-tui --no-ui
  zdte-tui check --day                 nothing else than whether there is a trading day today that is not over

exit codes: 0 no line says fail, 69 one does, 78 configuration"""

MODES = ("demo", "paper", "shadow", "live")


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``check``."""
    parser = subparsers.add_parser(
        "check",
        help="what to look at before the open: account, levels, buying power, feed, clock, cutoffs, events",
        description="Look at everything a trading day needs, before it begins.",
        epilog=_HELP,
    )
    parser.add_argument("--day", action="store_true", help="only whether today trades and is not over; asks nobody")
    parser.add_argument("--mode", choices=MODES, help="of which session; default: the one that would be started")
    parser.add_argument("--json", action="store_true", help="one JSON object with every line")
    parser.set_defaults(run=run)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Look and tell; returns the exit code."""
    from engine.session.checklist import checklist, lines_text, worst

    if args.day:
        return _day()
    config = load_config(args)
    facts = _facts(config, args.mode)
    lines = checklist(config, facts)
    if args.json:
        found = _object(facts, lines, worst(lines), _simulated(config, facts.mode))
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        day = facts.session.day.isoformat() if facts.session is not None else "no trading day"
        print(f"{facts.mode} session, {day}{'  SIMULATED' if _simulated(config, facts.mode) else ''}")
        for line in lines_text(lines):
            print(one_line(line))
        counts = {state: sum(line.state == state for line in lines) for state in ("fail", "warn")}
        print(f"{worst(lines)}: {counts['fail']} to mend, {counts['warn']} to look at")
    sys.stdout.flush()
    return UNAVAILABLE if worst(lines) == "fail" else OK


def _day() -> int:
    """What a service asks before it starts."""
    from engine.clock import SystemClock
    from engine.session.checklist_facts import trading_day

    found, why = trading_day(SystemClock().now())
    print(why if found is None else f"{found.day} is a trading day{', a HALF-DAY' if found.early else ''}")
    return UNAVAILABLE if found is None else OK


def _facts(config: Config, wanted: str | None) -> Facts:
    from engine.alpaca.key_check import in_the_clear
    from engine.clock import SystemClock
    from engine.session.checklist_facts import gather
    from engine.watch.secrets import told_where
    from strategies.registry import REGISTRY

    mode, keys, no_keys = _mode(config, wanted)
    told, not_told = told_where()
    if mode == "demo":
        from engine.calendar import session
        from engine.session.compose import DEMO_ACCOUNT
        from engine.session.source import demo_source

        day = session(demo_source(config).day)
        return gather(config, REGISTRY, mode, DEMO_ACCOUNT, SystemClock(), day=day, told=told, not_told=not_told)
    url = config.alpaca.live_url if mode == "live" else config.alpaca.trading_url
    if (wrong := in_the_clear(url)) is not None:
        raise CommandError(wrong, CONFIG)
    if keys is None:
        return gather(
            config, REGISTRY, mode, _account(config, mode), SystemClock(), no_keys=no_keys, told=told, not_told=not_told
        )
    from engine.session.live_compose import gateway

    way = gateway(config, _kind(mode), keys)
    try:
        return gather(
            config,
            REGISTRY,
            mode,
            _account(config, mode),
            way.clock,
            rest=lambda: way.rest,
            keys=keys.source,
            told=told,
            not_told=not_told,
        )
    finally:
        way.rest.close()


def _account(config: Config, mode: Mode) -> str:
    from engine.session.live_compose import account_name

    return account_name(config, _kind(mode))


def _kind(mode: Mode) -> LiveMode:
    return "live" if mode == "live" else "shadow" if mode == "shadow" else "paper"


def _mode(config: Config, wanted: str | None) -> tuple[Mode, Keys | None, str]:
    """Which kind of session, its keys, and why there are none."""
    from engine.alpaca.key_places import find_keys, keys_if_any
    from engine.alpaca.keys import KeysError

    asked = wanted or config.session.mode
    mode: Mode = "paper" if asked == "auto" else asked  # type: ignore[assignment]
    try:
        if asked == "auto":
            found = keys_if_any("paper")
            return ("demo", None, "") if found is None else (mode, found, "")
        return mode, None if mode == "demo" else find_keys("live" if mode == "live" else "paper"), ""
    except KeysError as error:
        return mode, None, str(error)


def _simulated(config: Config, mode: Mode) -> bool:
    """Whether what such a session shows is no market's: the demo, or a local exchange."""
    from engine.feed.alpaca.labels import is_local

    return mode == "demo" or is_local(config.alpaca.live_url if mode == "live" else config.alpaca.trading_url)


def _object(facts: Facts, lines: tuple[Line, ...], state: str, simulated: bool) -> dict[str, object]:
    return {
        "mode": facts.mode,
        "simulated": simulated,
        "day": facts.session.day.isoformat() if facts.session is not None else None,
        "worst": state,
        "lines": [
            {"state": line.state, "subject": line.subject, "text": line.text, "mend": line.mend or None}
            for line in lines
        ],
    }
