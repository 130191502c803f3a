"""Which column of a ``long`` table is which field: by the names people use, or as ``--map`` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from engine.tape.errors import ImportRefused

SIDES: Final = ("bid", "ask")
BARS: Final = ("open", "high", "low")
PRICES: Final = (*SIDES, "price", "mid", *BARS, "underlying")
COUNTS: Final = ("bid_size", "ask_size", "volume", "bar_volume", "buy_volume", "open_interest")
TEXTS: Final = ("root", "symbol", "expiry", "right")

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "time": ("time", "ts", "timestamp", "datetime", "quote_datetime", "ts_et", "ts_event"),
    "known": ("known", "ts_known"),
    "root": ("root", "option_root", "underlying_symbol"),
    "symbol": ("symbol", "occ_symbol", "option_symbol", "contract"),
    "expiry": ("expiry", "expiration", "expiration_date", "exp_date"),
    "strike": ("strike", "strike_price"),
    "right": ("right", "option_type", "call_put", "put_call", "cp"),
    "bid": ("bid", "bid_price", "best_bid"),
    "ask": ("ask", "ask_price", "best_ask", "offer"),
    "bid_size": ("bid_size",),
    "ask_size": ("ask_size",),
    "price": ("price", "last", "trade_price"),
    "mid": ("mid", "mid_price"),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "volume": ("volume_so_far", "cum_volume"),
    "bar_volume": ("bar_volume", "volume"),
    "buy_volume": ("buy_volume",),
    "open_interest": ("open_interest", "oi"),
    "underlying": ("underlying", "underlying_price", "spot"),
}
"""Our fields, and the columns that are taken for them if nothing else is said, the first that is there."""

_QUOTE_BARS: Final = ("bid_open", "ask_open", "bid_high", "ask_low")


def choose(path: Path, header: Sequence[str], told: Mapping[str, str]) -> dict[str, str]:
    """Our name of each field to the file's name of its column.

    Raises ``ImportRefused`` for a field or column that is not there, and for a table that names no contract, no time or
    no price.
    """
    lowered = {name.strip().lower(): name for name in header}
    for field, column in told.items():
        if field not in NAMES:
            raise ImportRefused(path, f"--map {field}={column}: no field {field!r}{_near(field, NAMES)}")
        if column.strip().lower() not in lowered:
            raise ImportRefused(path, f"--map {field}={column}: no column {column!r}{_near(column, list(header))}")
    chosen = {field: lowered[column.strip().lower()] for field, column in told.items()}
    for field, names in NAMES.items():
        found = next(
            (lowered[name] for name in names if name in lowered and lowered[name] not in chosen.values()), None
        )
        if field not in chosen and found is not None:
            chosen[field] = found
    _require(path, header, chosen)
    doubled = [name for name in chosen.values() if list(header).count(name) > 1]
    if doubled:
        raise ImportRefused(path, f"the column {doubled[0]} comes twice", "row 1")
    return chosen


def is_bars(header: Sequence[str], chosen: Mapping[str, str]) -> str | None:
    """The column that shows that a row is of a stretch of time and not of an instant, or ``None``."""
    lowered = [name.strip().lower() for name in header]
    told = next((chosen[field] for field in (*BARS, "bar_volume") if field in chosen), None)
    return told or next((name for name in _QUOTE_BARS if name in lowered), None)


def _require(path: Path, header: Sequence[str], chosen: Mapping[str, str]) -> None:
    listed = ", ".join(header)[:200]
    if "time" not in chosen:
        raise ImportRefused(path, f"no column of times: name it with --map time=COLUMN; there are: {listed}", "row 1")
    parts = [field for field in ("expiry", "strike", "right") if field not in chosen]
    if "symbol" not in chosen and parts:
        missing = ", ".join(f"{field}=COLUMN" for field in parts)
        raise ImportRefused(
            path, f"no contract: --map symbol=COLUMN (OCC) or {missing} is wanted; there are: {listed}", "row 1"
        )
    if not {"bid", "ask"} <= chosen.keys() and "price" not in chosen and "mid" not in chosen:
        raise ImportRefused(
            path,
            f"no price: --map bid=COLUMN and ask=COLUMN, or price= or mid=, is wanted; there are: {listed}",
            "row 1",
        )
    if {"price", "mid"} <= chosen.keys():
        raise ImportRefused(path, "both a price and a mid: say which with --map price=COLUMN or mid=COLUMN", "row 1")


def _near(word: str, known: Mapping[str, object] | Sequence[str]) -> str:
    near = get_close_matches(word.lower(), [name.lower() for name in known], n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(known)[:200]}"
