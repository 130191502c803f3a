"""What a person orders: each command leaves a row that says what came of it."""

from __future__ import annotations

from core_builders import Played, Tape, condor_tape, run

from engine.events import BreakerRecord, CommandRecord, ExitRecord, IntentRecord

TWO = 'strategies.iron_condor.entries=["10:00", "11:00"]'


def outcomes(played: Played) -> list[tuple[str, str]]:
    return [(record.kind, record.outcome) for record in played.of(CommandRecord)]


def test_flatten_closes_everything_and_stops_entries_until_resumed() -> None:
    played = run(condor_tape("11:10").command("10:30", "flatten"), TWO, until="11:10")

    assert outcomes(played) == [("flatten", "closing 1 trade; no new entries until resumed")]
    (closed,) = played.of(ExitRecord)
    assert (closed.actor, closed.trigger, closed.scope) == ("person", "flatten", "package")
    assert not played.held()
    assert "FLATTENED" in played.skipped()["11:00"]


def test_flatten_with_nothing_held_says_so_and_still_stops_entries() -> None:
    played = run(condor_tape("10:10").command("09:45", "flatten"), until="10:10")

    assert outcomes(played) == [("flatten", "closing 0 trades; no new entries until resumed")]
    assert "FLATTENED" in played.skipped()["10:00"]


def test_flatten_twice_begins_one_exit() -> None:
    played = run(condor_tape("10:30").command("10:10:00", "flatten").command("10:10:02", "flatten"), until="10:30")

    assert len(played.of(ExitRecord)) == 1
    assert outcomes(played)[1] == ("flatten", "closing 1 trade; no new entries until resumed")


def test_resume_lifts_what_a_person_put_there() -> None:
    played = run(condor_tape("11:10").command("10:30", "flatten").command("10:40", "resume"), TWO, until="11:10")

    assert outcomes(played)[1] == ("resume", "entries are allowed")
    assert [(record.name, record.state) for record in played.of(BreakerRecord)] == [
        ("FLATTENED", "REDUCING"),
        ("FLATTENED", "ACTIVE"),
    ]
    assert len(played.held()) == 4


def test_pause_keeps_what_is_held_and_can_be_said_twice() -> None:
    played = run(condor_tape("11:10").command("10:30", "pause").command("10:31", "pause"), TWO, until="11:10")

    assert outcomes(played) == [("pause", "no new entries"), ("pause", "entries were paused already")]
    assert len(played.held()) == 4
    assert "PAUSED" in played.skipped()["11:00"]


def test_stops_and_exit_times_go_on_while_paused() -> None:
    played = run(condor_tape("15:25").command("10:30", "pause"), until="15:25")

    assert [trigger for _, _, trigger in played.exits()] == ["exit_time"]


def test_close_trade_closes_that_trade_only() -> None:
    played = run(condor_tape("11:10").command("11:05", "close_trade", 2, "enough"), TWO, until="11:10")

    assert outcomes(played) == [("close_trade", "closing #2")]
    assert [(e.trade_id, e.text) for e in played.of(ExitRecord)] == [(2, "enough")]
    assert {trade.trade_id for trade in played.engine.state.portfolio if trade.open} == {1}


def test_close_trade_says_why_there_is_nothing_to_close() -> None:
    tape = condor_tape("16:00").command("10:05", "close_trade", 7).command("10:10:00", "close_trade", 1)
    tape.command("10:10:02", "close_trade", 1).command("10:20", "close_trade", 1)

    assert outcomes(run(tape)) == [
        ("close_trade", "trade #7 holds nothing"),
        ("close_trade", "closing #1"),
        ("close_trade", "#1 is being closed already"),
        ("close_trade", "trade #1 holds nothing"),
    ]


def test_nothing_can_be_closed_after_the_close() -> None:
    tape = Tape().list(["5350P", "5350C"])
    quotes = {"5315P": (0.5, 0.6), "5325P": (1.3, 1.4), "5375C": (1.2, 1.3), "5385C": (0.4, 0.5)}
    pairs = {"5350P": (10.0, 10.2), "5350C": (10.0, 10.2)}
    tape.quote("09:59", quotes | pairs).hold("10:00", "15:00").command("16:05", "close_trade", 1)

    played = run(tape, "strategies.iron_condor.hold_to_settlement=true")

    assert outcomes(played) == [("close_trade", "SPXW trades no more today: what #1 holds will settle")]
    assert [intent.kind for intent in played.of(IntentRecord)] == ["open"]


def test_a_note_is_kept_in_the_persons_words() -> None:
    played = run(condor_tape("10:10").command("10:05", "note", text="CPI was cool"), until="10:10")

    (note,) = played.of(CommandRecord)
    assert (note.actor, note.text, note.outcome) == ("person", "CPI was cool", "noted")
