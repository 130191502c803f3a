"""Backtests in the journal: what was planned, which days are done, and their figures, so that one can be resumed."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence

import msgspec

from engine.journal.tables import Columns
from engine.types import Money

BACKTESTS: Columns = {
    "backtest": int,
    "key": str,
    "root": str,
    "first": str,
    "last": str,
    "days": int,
    "config_hash": str,
    "code_version": str,
    "started_at": str,
    "status": str,
}
BACKTEST_DAYS: Columns = {"session": int, "backtest": int, "day": str, "figures": str}


CONFIGURATIONS: Columns = {
    "configuration": int,
    "backtest": int,
    "settings": str,
    "config_hash": str,
    "trades": int,
    "wins": int,
    "pnl_e4": int,
    "fees_e4": int,
    "max_drawdown_e4": int,
    "figures": str,
}


class ConfigurationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration of a grid and what it came to over all its days, money units.

    Attributes:
        settings: JSON object, the text of each value of the grid by its setting's name.
        figures: every figure, as JSON.
    """

    settings: str
    config_hash: str
    trades: int
    wins: int
    pnl: Money
    fees: Money
    max_drawdown: Money
    figures: str


class BacktestInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a backtest is, known when it begins.

    Attributes:
        key: hash of everything its figures follow from: days with the hashes of their files, settings, code.
        days: how many it plays, from ``first`` to ``last``.
    """

    key: str
    root: str
    first: dt.date
    last: dt.date
    days: int
    config_hash: str
    code_version: str


class BacktestRow(msgspec.Struct, frozen=True, kw_only=True):
    """A backtest as it stands in the journal; ``done`` of its days are played. ``status``: running, completed."""

    backtest: int
    info: BacktestInfo
    started_at: str
    status: str
    done: int


def insert(connection: sqlite3.Connection, info: BacktestInfo, started_at: str) -> int:
    """A new row; returns its number. Inside a transaction."""
    cursor = connection.execute(
        "INSERT INTO backtests (key, root, first, last, days, config_hash, code_version, started_at, status) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'running')",
        (
            info.key,
            info.root,
            info.first.isoformat(),
            info.last.isoformat(),
            info.days,
            info.config_hash,
            info.code_version,
            started_at,
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def insert_configurations(connection: sqlite3.Connection, backtest: int, rows: Sequence[ConfigurationRow]) -> None:
    """One row a configuration, in order. Inside a transaction."""
    connection.executemany(
        "INSERT INTO configurations (backtest, settings, config_hash, trades, wins, pnl_e4, fees_e4, max_drawdown_e4, "
        "figures) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(backtest, *msgspec.structs.astuple(row)) for row in rows],
    )


def configurations(connection: sqlite3.Connection, backtest: int) -> list[ConfigurationRow]:
    """The configurations of a grid, in order."""
    found = connection.execute(
        "SELECT settings, config_hash, trades, wins, pnl_e4, fees_e4, max_drawdown_e4, figures FROM configurations "
        "WHERE backtest = ? ORDER BY configuration",
        (backtest,),
    )
    names = ConfigurationRow.__struct_fields__
    return [ConfigurationRow(**dict(zip(names, row, strict=True))) for row in found]


def close_cut_off(connection: sqlite3.Connection) -> None:
    """Tidy the sessions that a killed backtest left open: their days are played again, as sessions of their own.

    One without a single event is as if it had never begun, and goes; one with records stays, closed.
    """
    forget_empty(connection)
    connection.execute(
        "UPDATE sessions SET status = 'closed' WHERE status = 'open' AND session IN "
        "(SELECT session FROM runs WHERE mode = 'backtest')"
    )
    connection.execute("UPDATE runs SET outcome = 'interrupted' WHERE mode = 'backtest' AND outcome = 'running'")


def forget_empty(connection: sqlite3.Connection) -> None:
    """Remove the open sessions of backtests of which nothing was journalled. Inside a transaction."""
    empty = (
        "SELECT session FROM sessions JOIN runs USING (session) WHERE status = 'open' AND mode = 'backtest' "
        "AND progress_seq IS NULL"
    )
    gone = [(session,) for (session,) in connection.execute(empty).fetchall()]
    connection.executemany("DELETE FROM runs WHERE session = ?", gone)
    connection.executemany("DELETE FROM sessions WHERE session = ?", gone)


def add_day(connection: sqlite3.Connection, backtest: int, session: int, figures: str) -> None:
    """A day is done: its figures as JSON, in the transaction that closes its session."""
    connection.execute(
        "INSERT INTO backtest_days (session, backtest, day, figures) "
        "SELECT session, ?, day, ? FROM sessions WHERE session = ?",
        (backtest, figures, session),
    )


def select(connection: sqlite3.Connection, key: str | None = None) -> list[BacktestRow]:
    """Backtests in the order in which they began: all, or those with that key."""
    found = connection.execute(
        "SELECT backtest, key, root, first, last, days, config_hash, code_version, started_at, status, "
        "(SELECT count(*) FROM backtest_days WHERE backtest_days.backtest = backtests.backtest) "
        "FROM backtests WHERE ? IS NULL OR key = ? ORDER BY backtest",
        (key, key),
    )
    return [
        BacktestRow(
            backtest=row[0],
            info=BacktestInfo(
                key=row[1],
                root=row[2],
                first=dt.date.fromisoformat(row[3]),
                last=dt.date.fromisoformat(row[4]),
                days=row[5],
                config_hash=row[6],
                code_version=row[7],
            ),
            started_at=row[8],
            status=row[9],
            done=row[10],
        )
        for row in found
    ]


def figures(connection: sqlite3.Connection, backtest: int) -> dict[dt.date, str]:
    """The figures of the days that are done, by day, as the JSON that was written."""
    rows = connection.execute("SELECT day, figures FROM backtest_days WHERE backtest = ? ORDER BY day", (backtest,))
    return {dt.date.fromisoformat(day): text for day, text in rows}
