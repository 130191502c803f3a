"""A comparison as rows of text: what the pane and the command line say alike."""

from __future__ import annotations

from engine.calendar import clock_text
from engine.clock import MINUTE
from engine.types import Money, dollars_text
from engine.view.comparison import ComparisonView

NONE = "n/a"
EVERY = 30 * MINUTE
SIDES = {"first": "only here", "second": "only there", "both": "otherwise"}

Row = tuple[str, ...]


def money_text(amount: Money | None) -> str:
    """Signed dollars, or n/a."""
    return NONE if amount is None else dollars_text(amount, sign=True)


def figure_rows(found: ComparisonView) -> list[Row]:
    """A head and a row a figure: its name, both sides, the first less the second."""
    first, second = found.first, found.second
    if first is None or second is None:
        return []
    apart = None if first.net is None or second.net is None else first.net - second.net
    word = [" PROVISIONAL" if side.provisional else "" for side in (first, second)]
    return [
        ("", first.name, second.name, "difference"),
        ("net", money_text(first.net) + word[0], money_text(second.net) + word[1], money_text(apart)),
        _less("max drawdown", first.drawdown, second.drawdown),
        _less("fees", first.fees, second.fees),
        (
            "trades",
            _trades(first.trades, first.open),
            _trades(second.trades, second.open),
            f"{first.trades - second.trades:+d}",
        ),
        ("won", str(first.wins), str(second.wins), f"{first.wins - second.wins:+d}"),
    ]


def _less(name: str, first: Money, second: Money) -> Row:
    return name, dollars_text(first), dollars_text(second), dollars_text(first - second, sign=True)


def _trades(trades: int, still_open: int) -> str:
    return f"{trades} ({still_open} open)" if still_open else str(trades)


def path_rows(found: ComparisonView, every: int = EVERY) -> list[Row]:
    """Net P&L of both at the last minute of each ``every`` ns, and at the end: time, both, their difference."""
    path, rows = found.path, list[Row]()
    for n, ts in enumerate(path.ts):
        last = n == len(path.ts) - 1
        if last or (ts - 1) // every != (path.ts[n + 1] - 1) // every:
            first, second = path.first[n], path.second[n]
            apart = None if first is None or second is None else first - second
            rows.append((clock_text(ts, seconds=False), money_text(first), money_text(second), money_text(apart)))
    return rows or [("no minute with a trade", "", "", "")]


def difference_rows(found: ComparisonView) -> list[Row]:
    """When, on which side, the results of both, what."""
    return [
        (clock_text(each.ts), SIDES[each.side], *(money_text(one) for one in each.results), each.text)
        for each in found.differences
    ]
