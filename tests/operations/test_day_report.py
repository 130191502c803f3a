"""The report of a day: a fold over the journal, and what a person reads of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from watched_sessions import Run

from engine.clock import SECOND
from engine.events import (
    AnyRecord,
    BreakerRecord,
    CommandRecord,
    DecisionRecord,
    FillRecord,
    NoticeRecord,
    OrderEventRecord,
    OrderRecord,
    TradeRecord,
)
from engine.journal import JournalReader, RunRow, SessionInfo, SessionRow
from engine.session.day_report import DayReport, Slipped, report_of
from engine.types import Provenance, to_units
from zdte_tui.report_text import markdown, report_lines, text

DAY = dt.date(2026, 1, 15)
OPEN = 1_768_487_400 * SECOND
SYMBOL = "SPXW260115C05910000"


def at(seconds: int) -> dict[str, Any]:
    return {"seq": seconds + 1, "ts": OPEN + seconds * SECOND, "account": "main"}


def row(origin: Any = "recorded", account: str = "main") -> SessionRow:
    info = SessionInfo(
        account=account, day=DAY, roots=("SPXW",), provenance=(Provenance("alpaca", origin, "quote"),),
        config_text="{}", config_hash="c" * 64, code_version="0.1.0", seed=None,
    )  # fmt: skip
    return SessionRow(session=1, name="main-1", status="closed", epochs=1, info=info)


def runs(mode: str = "paper", many: int = 1) -> list[RunRow]:
    return [
        RunRow(
            run=number, session=1, epoch=number, started_at=f"2026-01-15T14:3{number}:00.000Z", ended_at=None,
            mode=mode, speed=1.0, host="h", pid=1, python="3.11", outcome="completed", progress=None,
        )
        for number in range(many)
    ]  # fmt: skip


def report(*records: AnyRecord, **changes: Any) -> DayReport:
    return report_of(changes.pop("row", row()), changes.pop("runs", runs()), list(records))


def order(name: str, kind: Any, seconds: int = 0) -> OrderRecord:
    return OrderRecord(
        **at(seconds), client_order_id=name, intent_id=1, trade_id=1, strategy="s", root="SPXW", actor="strategy",
        kind=kind, quantity=1, limit=None, legs=(),
    )  # fmt: skip


def fill(name: str, quantity: int, price: float, bid: float | None = None, ask: float | None = None) -> FillRecord:
    return FillRecord(
        **at(1), exec_id="e", client_order_id=name, trade_id=1, symbol=SYMBOL, quantity=quantity, price=to_units(price),
        fee=0, bid=None if bid is None else to_units(bid), ask=None if ask is None else to_units(ask), quote_age_ns=0,
    )  # fmt: skip


def trade(status: Any, realised: float | None, number: int = 1, fees: float = 5.2) -> TradeRecord:
    return TradeRecord(
        **at(2), trade_id=number, strategy="s", root="SPXW", key="10:00", label="IC 10:00", expiry=DAY, status=status,
        quantity=1, credit=to_units(1.8), fees=to_units(fees), worst_case=to_units(1800), text="",
        realised=None if realised is None else to_units(realised),
    )  # fmt: skip


def notice(seconds: int, level: Any, source: str, words: str) -> NoticeRecord:
    return NoticeRecord(**at(seconds), level=level, source=source, text=words)


def test_gross_is_net_with_the_fees_given_back_and_open_trades_are_in_neither() -> None:
    found = report(trade("closed", 100), trade("settled", -30, 2), trade("open", None, 3))
    assert (found.pnl, found.gross) == (to_units(70), to_units(80.4))
    assert (found.won, found.still_open) == (1, 1)
    assert found.fees == to_units(15.6)
    assert "1 STILL OPEN, not in the result" in "\n".join(text(found))


def test_an_entry_that_was_given_up_is_no_trade() -> None:
    assert report(trade("abandoned", None)).trades == ()


def test_a_result_that_awaits_an_official_close_says_so() -> None:
    said = "\n".join(text(report(trade("settled_provisional", 1))))
    assert "PROVISIONAL" in said
    assert "no official close came" in said


def test_slippage_is_against_the_mid_and_positive_where_it_cost() -> None:
    found = report(
        order("a", "open"),
        order("b", "close"),
        fill("a", -2, 1.00, 1.00, 1.10),  # sold five cents below the mid, twice
        fill("b", 1, 0.50, 0.40, 0.50),
        fill("b", 1, 0.50),  # met no quote
    )
    assert found.entry_slip == Slipped(cost=to_units(10), fills=1)
    assert found.exit_slip == Slipped(cost=to_units(5), fills=1, unknown=1)
    said = "\n".join(text(found))
    assert "entries cost +10.00 against the mid, over 1 fills" in said
    assert "exits cost +5.00 against the mid, over 1 fills; 1 met no quote and are not in it" in said


def test_a_fill_better_than_the_mid_gains() -> None:
    assert report(order("a", "open"), fill("a", 1, 0.40, 0.40, 0.60)).entry_slip.cost == -to_units(10)


def test_where_nothing_met_a_quote_the_cost_is_not_known_and_no_zero() -> None:
    assert "entries cost n/a against the mid: 1 fills met no quote" in "\n".join(
        text(report(order("a", "open"), fill("a", 1, 1)))
    )


def test_orders_stand_by_their_last_state_and_rejects_with_their_reasons() -> None:
    def event(name: str, status: Any, words: str = "") -> OrderEventRecord:
        return OrderEventRecord(**at(1), client_order_id=name, status=status, filled=0, limit=None, text=words)

    denied = DecisionRecord(**at(1), intent_id=9, approved=False, code="MAX_OPEN", text="x", quantity=0, worst_case=0)
    found = report(
        order("a", "open"), order("b", "open"), order("c", "close"),
        event("a", "accepted"), event("a", "filled"), event("b", "rejected", "no buying power"), denied,
    )  # fmt: skip
    assert found.orders == {"filled": 1, "new": 1, "rejected": 1}
    assert found.rejected == {"no buying power": 1}
    assert "denied by the gate: 1 x MAX_OPEN" in "\n".join(text(found))


def test_a_gap_of_the_feed_lasts_until_it_is_well_again() -> None:
    found = report(
        notice(10, "warning", "feed", "stale"), notice(20, "warning", "feed", "down"), notice(40, "info", "feed", "ok"),
        notice(90, "warning", "feed", "down again"),
    )  # fmt: skip
    assert [(span.start - OPEN, span.end and span.end - OPEN, span.text) for span in found.gaps] == [
        (10 * SECOND, 40 * SECOND, "stale"),
        (90 * SECOND, None, "down again"),
    ]
    assert "09:30:10 to 09:30:40  feed: stale" in "\n".join(text(found))
    assert "09:31:30 to the end  feed: down again" in "\n".join(text(found))


def test_a_breaker_stands_until_it_is_lifted_and_its_first_words_count() -> None:
    def breaker(seconds: int, name: str, state: Any, words: str) -> BreakerRecord:
        return BreakerRecord(**at(seconds), name=name, state=state, latched=False, text=words)

    found = report(
        breaker(1, "STALE_FEED", "REDUCING", "no data"), breaker(2, "LOCKED", "HALTED", "a person"),
        breaker(5, "STALE_FEED", "ACTIVE", "data again"),
    )  # fmt: skip
    assert [(span.name, span.end is None) for span in found.breakers] == [("STALE_FEED", False), ("LOCKED", True)]


def test_what_the_broker_had_otherwise_and_alarms_and_commands_have_their_places() -> None:
    command = CommandRecord(
        **at(3), command_id="0-1", actor="person", kind="flatten", trade_id=0, text="why", outcome="1 closed"
    )
    found = report(
        notice(1, "alarm", "broker", "adopted: 2 x"), notice(2, "alarm", "exit", "not closed yet"), command,
        notice(4, "alarm", "risk", "a breaker has its own place"),
    )  # fmt: skip
    assert [each.text for each in found.differences] == ["broker: adopted: 2 x"]
    assert [each.text for each in found.alarms] == ["exit: not closed yet"]
    assert [each.text for each in found.commands] == ["flatten (why) -> 1 closed"]


def test_restarts_are_counted_with_their_times() -> None:
    found = report(runs=runs(many=3))
    assert (found.runs, len(found.restarts)) == (3, 2)
    assert "2 restarts, at 2026-01-15T14:31:00.000Z" in "\n".join(text(found))


@pytest.mark.parametrize(
    ("mode", "origin", "account", "words"),
    [
        ("demo", "simulated", "demo", "SIMULATED; mode demo"),
        ("shadow", "recorded", "main_shadow", "SIMULATED; mode shadow"),
        ("paper", "recorded", "rehearsal", "SIMULATED; mode paper"),
        ("paper", "recorded", "main_paper", "PAPER: an account at Alpaca with made-up money; mode paper"),
        ("live", "recorded", "main", "LIVE: REAL MONEY; mode live"),
    ],
)
def test_what_is_simulated_says_so_and_real_money_too(mode: str, origin: str, account: str, words: str) -> None:
    assert words in "\n".join(text(report(row=row(origin, account), runs=runs(mode))))


def test_words_of_a_broker_cannot_break_the_document_or_the_terminal() -> None:
    nasty = "a|b\n# head \x1b[31m`code` <b>"
    found = report(notice(1, "alarm", "broker", nasty))
    lines = markdown(found)
    assert not any("\x1b" in line or "\n" in line for line in [*lines, *text(found)])
    assert not any(line.startswith("# head") for line in lines)
    assert any("a\\|b" in line for line in lines)


# --- the command, on a real day


@pytest.fixture
def played(run: Run, home: Path) -> Path:
    assert run("--demo", "--no-ui", "--speed", "max", "--set", "demo.date=2025-11-28").code == 0
    return home / "xdg_state_home" / "zdte-tui" / "demo.sqlite"


def test_the_report_agrees_with_the_journals_own_figures(run: Run, played: Path) -> None:
    said = run("report", "--json")
    assert said.code == 0
    found = said.object
    with JournalReader(played) as reader:
        (last,) = reader.select("last")
        figures = reader.summary(last.session)
        assert text_of(played, last.session) == run("report").out
    assert (found["pnl"], found["fees"], len(found["trades"])) == (figures.pnl, figures.fees, figures.trades)
    assert found["gross"] - found["fees"] == found["pnl"]
    assert found["simulated"] is True
    assert found["trades"]


def text_of(journal: Path, session: int) -> str:
    return "".join(f"{line}\n" for line in report_lines(journal, session))


def test_a_day_or_a_name_chooses_the_session(run: Run, played: Path) -> None:
    by_day, by_name = run("report", "2025-11-28"), run("report", "demo-2025-11-28-SPXW-1")
    assert by_day.out == by_name.out
    assert by_day.out.startswith("demo-2025-11-28-SPXW-1: Friday 2025-11-28, SPXW\n  SIMULATED; mode demo")


def test_a_document_is_written_whole_and_for_its_owner(run: Run, played: Path, home: Path) -> None:
    path = home / "day.md"
    assert run("report", "--markdown", "-o", str(path)).out == ""
    assert path.read_text().startswith("# demo-2025-11-28-SPXW-1: Friday 2025-11-28, SPXW\n")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["2025-11-27"], 66, "has no session of 2025-11-27"),
        (["2025-13-40"], 64, "is no day of the calendar"),
        (["demo-2025-11-28-SPXW-7"], 64, "did you mean demo-2025-11-28-SPXW-1?"),
        (["all"], 64, "a report is of one session"),
        (["-o", "/nowhere/at/all.md"], 73, "cannot write"),
    ],
)
def test_mistakes_are_one_line_each(run: Run, played: Path, words: list[str], code: int, said: str) -> None:
    found = run("report", *words)
    assert (found.code, found.out, found.err.count("\n")) == (code, "", 1)
    assert said in found.err


def test_without_a_journal_that_is_said(run: Run) -> None:
    found = run("report")
    assert (found.code, found.err.count("\n")) == (66, 1)
