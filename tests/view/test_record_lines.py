"""Records as lines for people."""

from __future__ import annotations

import pytest
from core_builders import CALLS_HIT, PUTS_HIT, SPOT, condor_tape, run
from msgspec.structs import replace

from engine.events import FillRecord, MarkRecord, OrderRecord, PositionRecord, StateRecord
from engine.view.lines import Line, as_told, line_of, net_text, short_symbol


def told(played) -> list[Line]:
    return [line for record in played.records if (line := line_of(record)) is not None]


def test_a_trades_life_reads_as_a_trader_would_tell_it() -> None:
    tape = condor_tape("10:01").quote("10:02", PUTS_HIT, spot=SPOT).hold("10:03", "10:04")

    texts = [line.text for line in told(run(tape, until="10:04"))]

    assert texts == [
        "SPXW 10:00 scheduled: opens at 10:00",
        "SPXW 10:00 entering: 5315/5325P 5375/5385C for 1.40 credit",
        "main-20240807-0-1 sent 1.40 credit",
        "#1 bought 1 5315P at 0.60 (quote 0.50 x 0.60)",
        "#1 sold 1 5325P at 1.30 (quote 1.30 x 1.40)",
        "#1 sold 1 5375C at 1.20 (quote 1.20 x 1.30)",
        "#1 bought 1 5385C at 0.50 (quote 0.40 x 0.50)",
        "SPXW 10:00 entered: #1 filled 1 at 1.40 credit",
        "SPXW 10:00 stop: #1 puts cost 1.60 to close, stop at 1.45",
        "#1 puts stop: puts cost 1.60 to close, stop at 1.45",
        "main-20240807-0-2 sent 1.60 debit",
        "main-20240807-0-2 accepted 1.70 debit: limit walks to ticks",
        "#1 sold 1 5315P at 0.80 (quote 0.80 x 0.90)",
        "#1 bought 1 5325P at 2.50 (quote 2.40 x 2.50)",
    ]


def test_executions_of_one_contract_each_are_told_as_one_fill() -> None:
    records = run(condor_tape("10:01"), until="10:01").records
    legs = [record for record in records if isinstance(record, FillRecord)]
    by_one = [replace(leg, exec_id=f"{leg.exec_id}:{n}") for leg in legs for n in range(10)]
    dearer = [replace(legs[0], price=legs[0].price + 100), replace(legs[0], seq=legs[0].seq + 1)]
    others = [record for record in records if not isinstance(record, FillRecord)]

    fills = list(as_told([*others, *by_one, *dearer]))[len(others) :]

    assert [line.text for record in fills if (line := line_of(record)) is not None] == [
        "#1 bought 10 5315P at 0.60 (quote 0.50 x 0.60)",
        "#1 sold 10 5325P at 1.30 (quote 1.30 x 1.40)",
        "#1 sold 10 5375C at 1.20 (quote 1.20 x 1.30)",
        "#1 bought 10 5385C at 0.50 (quote 0.40 x 0.50)",
        "#1 bought 1 5315P at 0.61 (quote 0.50 x 0.60)",
        "#1 bought 1 5315P at 0.60 (quote 0.50 x 0.60)",
    ]
    assert sum(fill.fee for fill in fills if isinstance(fill, FillRecord)) == sum(each.fee for each in by_one + dearer)
    assert list(as_told(others)) == others


def test_a_double_stop_is_loud() -> None:
    tape = condor_tape("10:01").quote("10:02", PUTS_HIT, spot=SPOT).hold("10:03", "10:04")
    tape.quote("10:05", CALLS_HIT, spot=SPOT).hold("10:06", "10:07")

    loud = [line for line in told(run(tape, until="10:07")) if line.level == "alarm"]

    assert [(line.source, line.text) for line in loud] == [
        ("iron_condor", "SPXW 10:00 double stop: #1 DOUBLE STOP: both sides")
    ]


def test_a_denial_names_its_code() -> None:
    lines = told(run(condor_tape("10:01"), "risk.per_trade=0.008", until="10:01"))

    denied = next(line for line in lines if line.source == "risk")
    assert denied.level == "warning"
    assert denied.text.startswith("denied PER_TRADE: ")


def test_a_note_is_shown_in_the_persons_words() -> None:
    lines = told(run(condor_tape("10:01").command("10:00:30", "note", text="CPI was cool"), until="10:01"))

    assert ("info", "person", "note: noted (CPI was cool)") in lines


def test_a_settlement_says_whether_it_is_final() -> None:
    tape = condor_tape("10:01").hold("15:59", "15:59").close(5320.0)
    lines = told(run(tape, "strategies.iron_condor.hold_to_settlement=true"))

    settled = [line.text for line in lines if line.source == "settle" and "5325P" in line.text]
    assert settled == ["#1 5325P +0.00 PROVISIONAL", "#1 5325P -500.00"]


def test_rows_that_others_speak_for_have_no_line() -> None:
    played = run(condor_tape("10:01"), until="10:01")

    for kind in (MarkRecord, PositionRecord, StateRecord, OrderRecord):
        assert played.of(kind)
        assert {line_of(record) for record in played.of(kind)} == {None}


@pytest.mark.parametrize(
    ("price", "text"), [(None, "at market"), (-23_000, "2.30 credit"), (18_000, "1.80 debit"), (0, "0.00 debit")]
)
def test_net_prices(price: int | None, text: str) -> None:
    assert net_text(price) == text


def test_symbols() -> None:
    assert short_symbol("SPXW240807P05325000") == "5325P"
    assert short_symbol("SPX") == "SPX"
