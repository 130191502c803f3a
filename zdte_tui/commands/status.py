"""``zdte-tui status``: how a running session stands, from another terminal."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.control import Heard, add_session_options, ask

if TYPE_CHECKING:
    from engine.control import Client, Place, Status, TradeStatus

_HELP = """examples:
  zdte-tui status                      mode, state, day's P&L, open trades and working entries
  zdte-tui status --all --json | jq -r .state

exit codes: 0 told, 69 no session runs, 75 no answer in time. n/a is a number nobody knows now."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``status``."""
    parser = subparsers.add_parser(
        "status",
        help="how a running session stands: state, P&L, open trades",
        description="Ask a session that runs in another terminal how it stands. It changes nothing.",
        epilog=_HELP,
    )
    add_session_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask; returns the exit code."""
    return ask(args, _status, lambda *_: "`zdte-tui --demo` starts one of the demo market")


def _status(client: Client, place: Place) -> Heard:
    status = client.status()
    return Heard(place, lines=_lines(status), row=_row(status))


def mode_of(status: Status) -> str:
    """The mode and whose data it plays; never left out."""
    return status.banner or "mode unknown"


def state_words(status: Status) -> str:
    """``REDUCING (FLATTENED)``."""
    return status.state + (f" ({', '.join(status.breakers)})" if status.breakers else "")


def closed_words(trade: TradeStatus) -> str:
    """A trade that is over, and what it made."""
    return f"{trade.label} {trade.note or 'over'}: {_money(trade.pnl_mid)} net"


def trade_row(trade: TradeStatus) -> dict[str, Any]:
    """A trade as JSON, amounts in dollars as text."""
    return {
        "trade_id": trade.trade_id,
        "label": trade.label,
        "state": trade.state,
        "filled": trade.filled,
        "wanted": trade.wanted,
        "pnl_mid_usd": _dollars(trade.pnl_mid),
        "pnl_now_usd": _dollars(trade.pnl_now),
        "note": trade.note,
    }


def _lines(status: Status) -> list[str]:
    from engine.calendar import clock_text

    where = "the day is over" if status.finished else "the market is paused" if status.paused else ""
    head = [status.account, f"[{mode_of(status)}]", f"{status.day} {clock_text(status.now)} ET", state_words(status)]
    provisional = " PROVISIONAL" if status.provisional else ""
    parts = f"realised {_money(status.realised)}, open {_money(status.open_pnl)}"
    lines = [
        "  ".join([*head, *([where] if where else []), f"process {status.pid}"]),
        *([f"  ENGINE STOPPED: {status.error}"] if status.error else []),
        *([f"  ALARM: {status.alarm}"] if status.alarm else []),
        *([] if status.fresh else ["  this is the last picture it made: the engine is busy or has stopped"]),
        *([f"  {status.why}"] if status.why else []),
        f"  feed {status.feed}{f': {status.feed_text}' if status.feed_text else ''}",
        f"  day {_money(status.day_pnl)}{provisional} ({parts})",
        f"  worst loss of the book {_money(-status.worst_loss)}; closing it costs about {_cost(status)}",
    ]
    shown = [trade for trade in status.trades if trade.state != "over"]
    lines += [_trade(trade) for trade in shown] or ["  nothing is held, no entry works"]
    over = len(status.trades) - len(shown)
    return [*lines, *([f"  {over} trade{'s' if over > 1 else ''} over"] if over else [])]


def _trade(trade: TradeStatus) -> str:
    """A line a trade: what it is, how much of it, what it makes."""
    words = f"  {trade.label}  {trade.state} {trade.filled}/{trade.wanted}"
    pnl = "" if trade.state == "working" else f"  {_money(trade.pnl_mid)} at mid, {_money(trade.pnl_now)} if closed now"
    return f"{words}{pnl}{f'  {trade.note}' if trade.note else ''}"


def _cost(status: Status) -> str:
    from engine.types import dollars_text

    return "n/a" if status.flatten_cost is None else f"${dollars_text(status.flatten_cost)}"


def _money(units: int | None) -> str:
    from engine.types import dollars_text

    if units is None:
        return "n/a"
    return f"{'-' if units < 0 else '+'}${dollars_text(abs(units))}"


def _dollars(units: int | None) -> str | None:
    from engine.types import dollars_text

    return None if units is None else dollars_text(units)


def _row(status: Status) -> dict[str, Any]:
    return {
        "account": status.account,
        "mode": mode_of(status),
        "pid": status.pid,
        "day": status.day,
        "now_ns": status.now,
        "state": status.state,
        "breakers": status.breakers,
        "why": status.why,
        "feed": status.feed,
        "feed_text": status.feed_text,
        "paused": status.paused,
        "finished": status.finished,
        "day_pnl_usd": _dollars(status.day_pnl),
        "realised_usd": _dollars(status.realised),
        "open_pnl_usd": _dollars(status.open_pnl),
        "provisional": status.provisional,
        "worst_loss_usd": _dollars(status.worst_loss),
        "flatten_cost_usd": _dollars(status.flatten_cost),
        "trades": [trade_row(trade) for trade in status.trades],
        "alarm": status.alarm,
        "error": status.error,
        "fresh": status.fresh,
    }
