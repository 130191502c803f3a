"""The report of a day in words: as lines for a terminal, or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.calendar import clock_text
from engine.session.day_report import DayReport, Happening, Slipped, Span, TradeLine
from engine.types import dollars_text
from zdte_tui.telling import one_line

MOST = 20
"""Lines of a list that are shown; the journal has them all."""
_REAL = {"paper": "PAPER: an account at Alpaca with made-up money", "live": "LIVE: REAL MONEY"}


class Part(NamedTuple):
    """A part of the report: its head, a table with its heads (empty for none), and lines."""

    head: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    lines: list[str]


def report_lines(journal: Path, session: int) -> list[str]:
    """The report of a session of a journal, as lines. Raises ``JournalError``."""
    from engine.journal import JournalReader
    from engine.session.day_report import read_report

    with JournalReader(journal) as reader:
        return text(read_report(reader, reader.session(session)))


def text(report: DayReport) -> list[str]:
    """Lines for a terminal."""
    lines = []
    for part in _parts(report):
        lines += [one_line(part.head)]
        lines += [f"  {one_line(line)}".rstrip() for line in (*_columns(part.heads, part.rows), *part.lines)]
    return lines


def markdown(report: DayReport) -> list[str]:
    """The same as a document."""
    lines: list[str] = []
    for number, part in enumerate(_parts(report)):
        lines += [f"{'#' if not number else '##'} {_plain(part.head)}", ""]
        if part.rows:
            lines += [_row(part.heads), _row(tuple("---" for _ in part.heads)), *map(_row, part.rows), ""]
        if part.lines:
            lines += [*(f"- {_plain(line)}" for line in part.lines), ""]
    return lines


def _parts(report: DayReport) -> Iterator[Part]:
    yield _head(report)
    yield _trades(report.trades)
    yield _orders(report)
    happened = [
        ("breakers", [_span(each) for each in report.breakers]),
        ("feed gaps", [_span(each) for each in report.gaps]),
        ("differences from the broker", [_happening(each) for each in report.differences]),
        ("other alarms", [_happening(each) for each in report.alarms]),
        ("commands of a person", [_happening(each) for each in report.commands]),
    ]
    none = [name for name, found in happened if not found]
    for name, found in happened:
        if found:
            over = [f"and {len(found) - MOST} more"] if len(found) > MOST else []
            yield Part(f"{name}: {len(found)}", (), [], [*found[:MOST], *over])
    if none:
        yield Part(f"no {', no '.join(none)}", (), [], [])


def _head(report: DayReport) -> Part:
    kind = "SIMULATED" if report.simulated else _REAL.get(report.mode, report.mode)
    result = f"{_usd(report.pnl, sign=True)} net{' PROVISIONAL' if report.provisional else ''}"
    over = len(report.trades) - report.still_open
    counts = f"{over} trade{'' if over == 1 else 's'} over, {report.won} won"
    still = f", {report.still_open} STILL OPEN, not in the result" if report.still_open else ""
    lines = [
        f"{kind}; mode {report.mode or 'n/a'}, account {report.account}, data: {report.data}",
        f"result {result if over else 'none'}: {counts}{still}",
        *_provisional(report),
        f"gross {_usd(report.gross, sign=True)}, fees {_usd(report.fees)}, "
        f"deepest fall of the day's P&L {_usd(report.drawdown)} (minute marks at mid)",
        f"how it ended: {report.outcome or 'n/a'}; {_restarts(report)}",
        f"{report.code}, configuration {report.config[:12]}",
    ]
    return Part(f"{report.session}: {report.day:%A} {report.day}, {', '.join(report.roots)}", (), [], lines)


def _provisional(report: DayReport) -> list[str]:
    """Why a result is not final, and what will tell."""
    if not report.provisional:
        return []
    compare = "; compare with what the broker paid" if report.mode in _REAL and not report.simulated else ""
    return [f"PROVISIONAL: settled on the last value known, as no official close came{compare}"]


def _restarts(report: DayReport) -> str:
    many = len(report.restarts)
    if not many:
        return "no restart"
    return f"{many} restart{'' if many == 1 else 's'}, at {', '.join(report.restarts[:MOST])} (UTC)"


def _trades(trades: tuple[TradeLine, ...]) -> Part:
    if not trades:
        return Part("no trades", (), [], [])
    heads = (
        "trade",
        "what",
        "status",
        "qty",
        "in",
        "out",
        "credit",
        "gross",
        "fees",
        "net",
        "lowest",
        "worst case",
        "why",
    )
    rows = [
        (
            f"#{trade.trade_id}",
            trade.label,
            trade.status.replace("settled_provisional", "settled PROVISIONAL"),
            str(trade.quantity),
            _time(trade.entered),
            _time(trade.left),
            f"{trade.credit / 10_000:.2f}",
            _usd(trade.gross, sign=True),
            _usd(trade.fees),
            _usd(trade.net, sign=True),
            _usd(trade.deepest, sign=True),
            _usd(trade.worst_case),
            ", ".join(trade.why) or "n/a",
        )
        for trade in trades
    ]
    return Part(f"trades: {len(trades)}; times of New York", heads, rows, [])


def _orders(report: DayReport) -> Part:
    total = sum(report.orders.values())
    states = ", ".join(f"{many} {state.replace('_', ' ')}" for state, many in report.orders.items())
    lines = [
        f"entries cost {_slip(report.entry_slip)}",
        f"exits cost {_slip(report.exit_slip)}",
        *(f"rejected {many} x: {why}" for why, many in list(report.rejected.items())[:MOST]),
    ]
    if report.denied:
        lines.append("denied by the gate: " + ", ".join(f"{many} x {code}" for code, many in report.denied.items()))
    return Part(f"orders: {total}{f' ({states})' if states else ''}", (), [], lines if total or report.denied else [])


def _slip(slipped: Slipped) -> str:
    if not slipped.fills:
        return f"n/a against the mid: {slipped.unknown} fills met no quote" if slipped.unknown else "nothing: no fills"
    unknown = f"; {slipped.unknown} met no quote and are not in it" if slipped.unknown else ""
    return f"{_usd(slipped.cost, sign=True)} against the mid, over {slipped.fills} fills{unknown}"


def _span(span: Span) -> str:
    end = "the end" if span.end is None else clock_text(span.end)
    return f"{clock_text(span.start)} to {end}  {span.name}{f': {span.text}' if span.text else ''}"


def _happening(happening: Happening) -> str:
    return f"{clock_text(happening.ts)}  {happening.text}"


def _time(ts: int | None) -> str:
    return "n/a" if ts is None else clock_text(ts)


def _usd(units: int | None, sign: bool = False) -> str:
    return "n/a" if units is None else dollars_text(units, sign=sign)


def _columns(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    lines = (heads, *rows)
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    left = {"what", "status", "why", "trade"}
    return [
        "  ".join(
            cell.ljust(width) if head in left else cell.rjust(width)
            for head, cell, width in zip(heads, line, widths, strict=True)
        )
        for line in lines
    ]


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(map(_plain, cells))} |"


def _plain(words: str) -> str:
    """Words in which nothing is Markdown's."""
    text = one_line(words)
    for sign in "\\|*_`#<>[]":
        text = text.replace(sign, f"\\{sign}")
    return text
