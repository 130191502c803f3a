"""``zdte-tui data download``: what Alpaca has of past days into the day store."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import shlex
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.data_download_progress import Progress, row_text
from zdte_tui.commands.data_text import open_store, out, plural, say
from zdte_tui.commands.options import add_config_options, day, load_config, root
from zdte_tui.exits import (
    CANNOT_CREATE,
    CONFIG,
    DATA,
    INTERRUPTED,
    NO_AUTH,
    NO_INPUT,
    OK,
    RETRY,
    UNAVAILABLE,
    USAGE,
    CommandError,
)

if TYPE_CHECKING:
    from engine.alpaca.keys import Keys
    from engine.session.download_span import Asked, Downloaded
    from engine.tape import Store

_PERCENT = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2})?%?")

_HELP = """Options since February 2024, bars of funds since 2016. What comes are prices of trades: there are no past
quotes of options. A stored day says so, and `data verify` trusts it for entries and settlement, not for stops. SPX
and XSP are no stocks and have no bars at Alpaca: their options are stored alone, and spot is told from pairs of calls
and puts.

What is stored is not fetched again, holidays are left out, and after an interruption the same command goes on. Keys
are those of `zdte-tui login`; addresses are [alpaca] data_url and trading_url. What another server than Alpaca gives is
labelled simulated.

examples:
  zdte-tui data download SPY 2024-03-04
  zdte-tui data download SPY 2024-03-04..2024-03-28 --width 3
  zdte-tui data download SPXW 2026-10-01..2026-10-30 --trades
  zdte-tui data download QQQ 2019-01-02..2019-12-31 --underlying
  zdte-tui data download SPY 2024-03-04 --json | jq -r '.days[].result'
  zdte-tui replay 2024-03-04 --root SPY --source alpaca

exit codes: 0 all that Alpaca has is stored, 65 a request or a stored day is not taken, 66 it has nothing of any
day, 69 it is out of order, 75 too many requests, or another import is at work, 77 no keys, or they or the plan are
refused, 78 the configuration, as an address that would show the keys"""


def add(actions: Any) -> None:
    """Declare ``data download``."""
    parser = actions.add_parser(
        "download",
        help="fetch past days from Alpaca into the day store",
        description="Fetch what Alpaca has of past days into the day store: options that expire that day, and the "
        "fund they settle on.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("root", type=root, metavar="ROOT", help="option root, such as SPY")
    parser.add_argument("days", type=_days, metavar="DAY[..DAY]", help="a day, or the first and the last one")
    parser.add_argument(
        "--width", type=_width, default=0.02, metavar="PCT",
        help="strikes so many per cent beyond the day's largest move, both ways; 2 if not given",
    )  # fmt: skip
    parser.add_argument("--trades", action="store_true", help="every trade too, as the source alpaca-trades")
    parser.add_argument("--underlying", action="store_true", help="bars of the fund alone, no options")
    parser.add_argument(
        "--requests", type=_requests, default=200, metavar="N",
        help="data requests a minute that your plan allows; 200 (the free one) if not given",
    )  # fmt: skip
    parser.add_argument("--source", metavar="NAME", help="the name under which the store keeps it; alpaca if not given")
    parser.add_argument("--json", action="store_true", help="the account as one JSON object")
    parser.set_defaults(run=run)
    add_config_options(parser)


def _days(text: str) -> tuple[dt.date, dt.date]:
    first, dots, last = text.partition("..")
    span = day(first), day(last) if dots else day(first)
    if span[0] > span[1]:
        raise argparse.ArgumentTypeError(f"{text[:40]!r}: the first day lies after the last")
    return span


def _width(text: str) -> float:
    share = float(text.rstrip("%")) / 100 if _PERCENT.fullmatch(text) else -1.0
    if not 0.001 <= share <= 0.5:
        raise argparse.ArgumentTypeError(f"{text!r} is not a width; write per cent from 0.1 to 50, such as 2")
    return share


def _requests(text: str) -> int:
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    if not 1 <= value <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of requests a minute; write 1 to 10000")
    return value


def run(args: argparse.Namespace) -> int:
    """Fetch and store. See the help for the exit codes."""
    import time

    from engine.alpaca.key_check import in_the_clear
    from engine.alpaca.key_places import find_keys
    from engine.alpaca.keys import KeysError

    asked = _asked(args, time.time_ns())
    store, config = open_store(args), load_config(args)
    for url in (config.alpaca.data_url, config.alpaca.trading_url):
        if (wrong := in_the_clear(url)) is not None:
            raise CommandError(wrong, CONFIG)
    try:
        keys = find_keys("paper")
    except KeysError as error:
        raise CommandError(str(error), NO_AUTH) from None
    done = _fetch(args, asked, config.alpaca, keys, store)
    if args.json:
        out(json.dumps({"store": str(store.path), "root": asked.root, "days": [_json(one) for one in done]}, indent=1))
    else:
        _sum_up(asked, store, done)
    if done and all(one.result == "nothing" for one in done):
        return NO_INPUT
    return OK


def _asked(args: argparse.Namespace, now: int) -> Asked:
    """What was said, checked before anything is asked of anybody."""
    from engine.calendar import FIRST_DAY, LAST_DAY
    from engine.session.download_span import OPTIONS_SINCE, STOCKS_SINCE, Asked, past_days
    from engine.tape import StoreError
    from engine.tape.entries import valid_source
    from engine.types import product

    first, last = args.days
    index = product(args.root).settlement == "cash"
    if args.underlying and index:
        raise CommandError(
            f"{product(args.root).underlying} is an index and no stock at Alpaca: there are no bars of it to fetch; "
            "import some with: zdte-tui data import PATH --format index-bars",
            USAGE,
        )
    if args.underlying and args.trades:
        raise CommandError("--trades are of options, and --underlying is without them", USAGE)
    since = STOCKS_SINCE if args.underlying else OPTIONS_SINCE
    if first < since:
        what = "bars of stocks" if args.underlying else "options"
        hint = "" if args.underlying or index else f"; --underlying fetches {args.root} alone, since {STOCKS_SINCE}"
        raise CommandError(f"{first}: Alpaca has {what} since {since}{hint}", USAGE)
    if last > LAST_DAY or first < FIRST_DAY:
        raise CommandError(f"{last}: the calendar reaches from {FIRST_DAY} to {LAST_DAY}", USAGE)
    name = args.source or "alpaca"
    try:
        valid_source(f"{name}-trades")
    except StoreError as error:
        raise CommandError(f"--source: {error}", USAGE) from None
    days = [first + dt.timedelta(days=step) for step in range((last - first).days + 1)]
    over, early = past_days(args.root, days, now)
    if not over and early:
        raise CommandError(f"{early[0]} is not over: a day can be fetched 15 minutes after options stop trading", USAGE)
    if not over:
        span = f"{first}" if first == last else f"{first} to {last}"
        raise CommandError(f"{span}: the exchange is closed, there is nothing to fetch", USAGE)
    if early:
        say(f"left out: {early[0]} and later, not over yet")
    return Asked(args.root, over, args.width, args.trades, not args.underlying, name)


def _fetch(args: argparse.Namespace, asked: Asked, table: Any, keys: Keys, store: Store) -> list[Downloaded]:
    import time

    from engine.feed.alpaca.history import History
    from engine.feed.alpaca.history_errors import HistoryError
    from engine.session.download import Download
    from engine.tape import StoreBusy, StoreError
    from engine.tape.lock import StoreLock

    done: list[Downloaded] = []
    try:
        with (
            StoreLock(store.path),
            Progress(asked.days, rows=not args.json) as progress,
            closing(History(table, keys, args.requests, progress.say)) as history,
        ):
            if not history.is_alpaca:
                progress.say(f"{history.host} is not Alpaca: what comes from it is stored as simulated")
            for one in Download(asked, history, store, time.time_ns, progress.share).run():
                done.append(one)
                progress.row(one)
    except StoreBusy as error:
        raise CommandError(str(error), RETRY) from None
    except StoreError as error:
        raise CommandError(str(error), DATA) from None
    except HistoryError as error:
        codes = {"keys": NO_AUTH, "plan": NO_AUTH, "limit": RETRY, "request": DATA}
        raise CommandError(f"{error}; {_kept(args, done)}", codes.get(error.fault, UNAVAILABLE)) from None
    except KeyboardInterrupt:
        raise CommandError(f"interrupted; {_kept(args, done)}", INTERRUPTED) from None
    except OSError as error:
        where = error.filename or store.path
        raise CommandError(f"{where}: {error.strerror}; see [data] dir in the configuration", CANNOT_CREATE) from None
    return done


def _kept(args: argparse.Namespace, done: list[Downloaded]) -> str:
    """What stays, and the command that goes on."""
    stored = sum(one.result == "stored" for one in done)
    first, last = args.days
    words = ["zdte-tui", "data", "download", args.root, f"{first}" if first == last else f"{first}..{last}"]
    words += ["--width", f"{args.width * 100:g}"] if args.width != 0.02 else []
    words += [f"--{name}" for name in ("trades", "underlying", "json") if getattr(args, name)]
    words += ["--requests", str(args.requests)] if args.requests != 200 else []
    for option in ("source", "config"):
        value = getattr(args, option)
        words += [f"--{option}", str(value)] if value is not None else []
    for setting in args.settings:
        words += ["--set", setting]
    return f"{plural(stored, 'day')} stored, go on with: {shlex.join(words)}"


def _sum_up(asked: Asked, store: Store, done: list[Downloaded]) -> None:
    kinds = {name: sum(one.result == name for one in done) for name in ("stored", "there", "nothing")}
    words = {"stored": "stored", "there": "there before", "nothing": "of which Alpaca has nothing"}
    told = ", ".join(f"{count} {words[name]}" for name, count in kinds.items() if count)
    sent = sum(one.sent for one in done)
    out(f"{asked.root} {plural(len(done), 'day')}: {told}; {plural(sent, 'request')}; {store.path}")
    played = next((one.day for one in done if one.result != "nothing"), None)
    if asked.options and played is not None and sys.stderr.isatty():
        say(f"play one with: zdte-tui replay {played} --root {asked.root} --source {asked.source}")


def _json(one: Downloaded) -> dict[str, Any]:
    return {
        "day": str(one.day),
        "result": one.result,
        "stored": one.files,
        "contracts": one.contracts,
        "contracts_without_bars": one.without,
        "bars": one.bars,
        "trades": one.trades,
        "underlying_bars": one.minutes,
        "requests": one.sent,
        "notes": one.notes,
        "text": row_text(one),
    }
