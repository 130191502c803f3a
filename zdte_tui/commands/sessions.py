"""``zdte-tui sessions``: what a journal holds, a line a session."""

from __future__ import annotations

import argparse
import json
import re
import sys
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.journal import add_journal_options, journal_file, open_journal, write_stdout
from zdte_tui.commands.options import add_config_options
from zdte_tui.exits import OK

if TYPE_CHECKING:
    from engine.journal import RunRow, SessionRow, SessionSummary
    from engine.types import Provenance

_HEADS = ("session", "day", "mode", "status", "runs", "trades", "wins", "P&L net", "fees", "worst", "data")
_RIGHT = {"runs", "trades", "wins", "P&L net", "fees", "worst"}

_HELP = """examples:
  zdte-tui sessions                 the account's sessions
  zdte-tui sessions --research      backtests and replays
  zdte-tui sessions --json | jq -r .name"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``sessions``."""
    parser = subparsers.add_parser(
        "sessions",
        help="list the sessions of a journal",
        description="List the sessions of a journal, oldest first: how they ended, what they earned, on whose data.",
        epilog=_HELP,
    )
    parser.add_argument("--json", action="store_true", help="JSON lines instead of a table")
    parser.set_defaults(run=run)
    add_journal_options(parser)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """List the sessions; returns the exit code."""
    from engine.journal import is_written

    path = journal_file(args)
    chosen = args.journal is not None or args.account is not None
    if not chosen and not path.exists():
        _say_empty(args.research, f"no journal yet at {path}")
        return OK
    with open_journal(path) as reader, reader.snapshot():
        figures = reader.summaries()
        sessions = reader.sessions()
        rows = [_row(session, reader.runs(session.session), figures.get(session.session)) for session in sessions]
    if not is_written(path):
        for row in rows:  # a process that was killed could not say so
            row["outcome"] = "cut off" if row["outcome"] == "running" else row["outcome"]
    if not rows:
        _say_empty(args.research, f"no sessions in {path}")
    elif args.json:
        write_stdout(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
    else:
        write_stdout(line.encode() + b"\n" for line in _table(rows))
    return OK


def _say_empty(research: bool, what: str) -> None:
    hint = "`zdte-tui backtest` or a replay writes one" if research else "`zdte-tui --demo` plays one"
    print(f"{what}: {hint}", file=sys.stderr)


def _row(session: SessionRow, runs: list[RunRow], figures: SessionSummary | None) -> dict[str, Any]:
    from engine.journal import SessionSummary, usd_text

    figures = figures or SessionSummary()
    return {
        "name": session.name,
        "account": session.info.account,
        "day": session.info.day.isoformat(),
        "roots": list(session.info.roots),
        "mode": runs[-1].mode if runs else "",
        "status": session.status,
        "outcome": runs[-1].outcome if runs else "",
        "runs": len(runs),
        "epochs": session.epochs,
        "trades": figures.trades,
        "open": figures.open,
        "wins": figures.wins,
        "pnl_net_usd": usd_text(figures.pnl),
        "fees_usd": usd_text(figures.fees),
        "worst_usd": None if figures.worst is None else usd_text(figures.worst),
        "provisional": figures.provisional,
        "provenance": [_label(source) for source in session.info.provenance],
    }


def _label(source: Provenance) -> str:
    """The label, with the scenario of a simulated day, which its note begins with."""
    scenario = re.match(r"scenario (\S+) ", source.note)
    return f"{source.label} {scenario[1]}" if scenario and source.origin == "simulated" else source.label


def _table(rows: list[dict[str, Any]]) -> list[str]:
    lines = [_HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(_HEADS))]
    return [
        "  ".join(
            cell.rjust(width) if head in _RIGHT else cell.ljust(width)
            for head, cell, width in zip(_HEADS, line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    """One line of the table. A result that may still change says so."""
    status = f"open: {row['outcome']}" if row["status"] == "open" else row["status"]
    trades = f"{row['trades']} ({row['open']} open)" if row["open"] else str(row["trades"])
    pnl = row["pnl_net_usd"] if row["pnl_net_usd"].startswith("-") else f"+{row['pnl_net_usd']}"
    if row["open"] and row["worst_usd"] is None:  # no trade is over, so there is no result yet, not one of nothing
        pnl = "n/a"
    return (
        row["name"],
        row["day"],
        row["mode"],
        status,
        str(row["runs"]),
        trades,
        str(row["wins"]),
        f"{pnl} PROVISIONAL" if row["provisional"] else pnl,
        row["fees_usd"],
        row["worst_usd"] or "n/a",
        ", ".join(dict.fromkeys(row["provenance"])) or "n/a",
    )
