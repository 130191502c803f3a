"""``zdte-tui compare``: two sessions of one day side by side, or one beside the same day played hands-off."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.journal import write_stdout
from zdte_tui.commands.options import add_config_options, load_config
from zdte_tui.commands.past_sessions import find_session, reopened
from zdte_tui.exits import OK, USAGE, CommandError

if TYPE_CHECKING:
    from pathlib import Path

    from engine.config import Config
    from engine.journal import SessionRow
    from engine.view.comparison import ComparisonView, SideFigures
    from engine.view.story import Story

_HELP = """Without a second session, the day is played again hands-off, with the session's own data and settings: what
the strategies alone made of it. Nothing is journalled for that.

examples:
  zdte-tui compare main-2024-08-07-SPXW-2
  zdte-tui compare main-2024-08-07-SPXW-2 main-2024-08-07-SPXW-3
  zdte-tui compare main-2024-08-07-SPXW-2 --json | jq .differences"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``compare``."""
    parser = subparsers.add_parser(
        "compare",
        help="a practice session beside the hands-off run of its day",
        description="Set two sessions of one day side by side: P&L by the minute, figures, decisions that differed.",
        epilog=_HELP,
    )
    parser.add_argument("session", metavar="SESSION", help="a session of the journals")
    parser.add_argument("other", nargs="?", metavar="SESSION", help="another of the same day; hands-off if not given")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.set_defaults(run=run, parser=parser)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Compare."""
    from engine.session.comparing import story_of
    from engine.view.story import compare

    config = load_config(args)
    path, row = find_session(config, args.session)
    first = story_of(path, row)
    names = row.name, "hands-off"
    if args.other is None:
        second = _hands_off(config, args.session, path)
    else:
        other_path, other = find_session(config, args.other)
        if (other.info.day, other.info.roots) != (row.info.day, row.info.roots):
            raise CommandError(
                f"{row.name} is of {_day(row)} and {other.name} of {_day(other)}: "
                "only sessions of one day and its roots can be compared",
                USAGE,
            )
        if any(a.origin != b.origin for a, b in zip(row.info.provenance, other.info.provenance, strict=False)):
            raise CommandError(f"one of {row.name} and {other.name} was simulated, the other was not", USAGE)
        second = story_of(other_path, other)
        names = (row.name, other.name) if row.name != other.name else (args.session, args.other)
    found = compare(first, second, names)
    labels = list(dict.fromkeys(label.label for label in row.info.provenance))
    lines = [json.dumps(_json(found, labels), ensure_ascii=False)] if args.json else _table(found, labels)
    write_stdout(line.encode() + b"\n" for line in lines)
    return OK


def _hands_off(config: Config, name: str, journal: Path) -> Story:
    """As far as the session itself has come."""
    from engine.journal import JournalReader
    from engine.session.compose import make_engine
    from engine.session.handsoff import hands_off
    from strategies.registry import REGISTRY

    again = reopened(config, name)
    account = again.past.row.info.account
    with JournalReader(journal) as reader:
        reached = reader.progress(again.past.row.session)
    found = hands_off(again.source, lambda: make_engine(again.config, REGISTRY, again.source, account))
    return found.until(reached.ts if reached else 0)


def _day(row: SessionRow) -> str:
    return f"{row.info.day} {'+'.join(row.info.roots)}"


def _usd(amount: int | None) -> float | None:
    return None if amount is None else amount / 10_000


def _json(found: ComparisonView, labels: list[str]) -> dict[str, Any]:
    def side(figures: SideFigures | None) -> dict[str, Any]:
        assert figures is not None
        return {
            "name": figures.name,
            "net_usd": _usd(figures.net),
            "max_drawdown_usd": _usd(figures.drawdown),
            "fees_usd": _usd(figures.fees),
            "trades": figures.trades,
            "open": figures.open,
            "wins": figures.wins,
            "provisional": figures.provisional,
        }

    path = found.path
    return {
        "data": labels,
        "first": side(found.first),
        "second": side(found.second),
        "differences": [
            {"ts": each.ts, "side": each.side, "text": each.text, "results_usd": [_usd(one) for one in each.results]}
            for each in found.differences
        ],
        "path": [
            {"ts": ts, "first_usd": _usd(first), "second_usd": _usd(second)}
            for ts, first, second in zip(path.ts, path.first, path.second, strict=True)
        ],
    }


def _table(found: ComparisonView, labels: list[str]) -> list[str]:
    from engine.view.compared import difference_rows, figure_rows, path_rows

    lines = [f"data: {', '.join(labels)}", "", *_columns(figure_rows(found), "<>>>"), "", "net by the half hour (ET)"]
    lines += [*_columns(path_rows(found), "<>>>"), "", "what differed" if found.differences else "nothing differed"]
    return lines + _columns(difference_rows(found), "<<>><")


def _columns(rows: list[tuple[str, ...]], sides: str) -> list[str]:
    """Rows of cells, each column as wide as its widest; ``sides`` says which are flush left or right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    cells = [[f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)] for row in rows]
    return ["  ".join(row).rstrip() for row in cells]
