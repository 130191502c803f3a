"""``zdte-tui data``: bring files, downloads and recordings into the day store, list what is there, check it, look."""

from __future__ import annotations

from typing import Any

from zdte_tui.commands import (
    data_download,
    data_import,
    data_list,
    data_prune,
    data_show,
    data_tape,
    data_verify,
    simulate,
)

# Said here as well as in the importers, so that --help need not load numpy; a test holds the two together.
FORMATS = {
    "mid-json": "SPXW 0DTE mid prices of one-minute trade bars, one .json or .json.gz for many days",
    "lean": "QuantConnect LEAN Data folder: minute quotes, trades, open interest of index and share options",
    "databento": "Databento DBN files of OPRA, .dbn or .dbn.zst: quotes cbbo-1m or cbbo-1s, definitions beside them",
    "bars-csv": "one-minute trade bars of options: one .csv(.gz) table, or a folder of O_SPY250902C00625000_*.csv",
    "cboe-quotedata": "Cboe website's delayed quote table of a whole chain (SPX, XSP, SPY, QQQ), one .csv a snapshot",
    "cboe-datashop": "Cboe DataShop end-of-day summary: whole chains at 15:45 and the close, .csv or .csv.gz",
    "index-bars": "bars of an index or fund, .csv(.gz) or .parquet: time,open,high,low,close and perhaps volume",
    "index-daily": "daily closes as CSV (Date,Open,High,Low,Close), such as spx_daily.csv or vix_1990_2026.csv",
    "long": "any table with a row a contract and time, CSV or Parquet; --map names its columns",
}

_HELP = """examples:
  zdte-tui data import ~/Downloads/bars     whatever is recognised there
  zdte-tui data download SPY 2024-03-04     what Alpaca has of a past day
  zdte-tui data tape demo-2026-01-15-SPXW-1   the market that a session recorded as it streamed
  zdte-tui data list                        which days there are
  zdte-tui data verify                      which of them a backtest may trust, and why not"""


def add(subparsers: Any) -> None:
    """Declare ``data`` and its actions."""
    parser = subparsers.add_parser(
        "data",
        help="bring market data into the day store, list it, check it, look at it",
        description="Bring market data into the day store, list it, check it, look at it.",
        epilog=_HELP,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    data_import.add(actions, FORMATS)
    data_list.add(actions)
    data_show.add(actions)
    data_verify.add(actions)
    data_download.add(actions)
    data_tape.add(actions)
    data_prune.add(actions)
    simulate.add_action(actions)
