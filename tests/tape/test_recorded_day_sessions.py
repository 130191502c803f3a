"""A session's market on the tape: a replay of it decides what the session decided, killed and restarted or not."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from recorded_frames import known

from engine.config import Config, load
from engine.events import AnyEvent, AnyRecord, ChainBatch, FeedStatus, FillRecord, Listing, SessionStart, encode
from engine.journal import JournalReader, JournalWriter, SessionRow
from engine.session.compose import compose_demo, compose_replay, session_info
from engine.session.ledger import recording_path
from engine.session.source import TapeSource, demo_source
from engine.session.taping import tape_session, untaped
from engine.tape import DayBuilder, DayTape, Store, StoreBusy, StoreError, UnderlyingTable
from engine.tape.lock import StoreLock
from engine.tape.recording import Recorder, read_recording
from engine.types import Provenance, Underlying
from strategies.registry import REGISTRY
from zdte_tui.commands import data
from zdte_tui.exits import DATA, NO_INPUT, OK, USAGE, CommandError

NAME = "demo-2026-01-15-SPXW-1"


def settings(folder: Path, *more: str) -> list[str]:
    return [
        f"journal.path={folder / 'account.sqlite'}",
        f"research.path={folder / 'research.sqlite'}",
        f"data.dir={folder / 'store'}",
        "account.name=demo",
        "demo.step_seconds=60",
        "demo.expiries=1",
        *more,
    ]


def demo(config: Config) -> tuple[Path, SessionRow]:
    """A demo session played to its end: its journal and its row."""
    composed = compose_demo(config, REGISTRY, speed=0.0, stay=False)
    assert composed.runner.run() == "completed"
    composed.close()
    return composed.writer.path, only_session(composed.writer.path)


def only_session(journal: Path) -> SessionRow:
    with JournalReader(journal) as reader:
        (row,) = reader.sessions()
        return row


def records(journal: Path, session: int) -> list[AnyRecord]:
    with JournalReader(journal) as reader:
        return reader.records(session)


def replayed(config: Config, source: str = "recorded") -> list[AnyRecord]:
    """The records of a replay of what the store has."""
    day = config.demo.date
    composed = compose_replay(
        config, REGISTRY, TapeSource(Store(Path(config.data.dir)), "SPXW", day, source), speed=0.0, stay=False
    )
    assert composed.runner.run() == "completed"
    session = composed.runner.session
    composed.close()
    return records(Path(config.research.path), session)


def opened(config: Config) -> DayTape:
    store = Store(Path(config.data.dir))
    return store.open(store.choose("SPXW", config.demo.date, "recorded"))


@pytest.fixture
def run(tmp_path: Path):
    """Runs ``data ...`` beside the session; returns the exit code."""

    def run_it(*words: object) -> int:
        parser = argparse.ArgumentParser(prog="zdte-tui")
        data.add(parser.add_subparsers())
        chosen = [word for setting in settings(tmp_path) for word in ("--set", setting)]
        args = parser.parse_args(["data", *map(str, words), *chosen])
        return args.run(args)

    return run_it


@pytest.mark.parametrize("scenario", ["", "outage", "fomc"])
def test_a_replay_of_a_taped_session_decides_what_the_session_decided(tmp_path: Path, scenario: str) -> None:
    """Every record of the journal, to its event's number: what streamed comes again in its place."""
    config = load(settings=settings(tmp_path, f"demo.scenario={scenario}"))
    journal, row = demo(config)
    (taped,) = tape_session(config, journal, row)
    assert (taped.result, taped.nudged) == ("new", 0)
    then = records(journal, row.session)
    assert any(isinstance(record, FillRecord) for record in then)
    assert replayed(config) == then


def test_a_session_of_two_roots_is_a_day_each_with_its_own_underlying(tmp_path: Path) -> None:
    config = load(settings=settings(tmp_path, 'session.roots=["SPXW","SPY"]'))
    journal, row = demo(config)
    taped = tape_session(config, journal, row)
    assert [(one.root, one.result, one.silences) for one in taped] == [("SPXW", "new", ()), ("SPY", "new", ())]
    streamed = list(demo_source(config).events())
    close = max(event.ts_known for event in streamed if isinstance(event, ChainBatch))
    (whole,) = known(streamed, [close])
    store = Store(Path(config.data.dir))
    for root, other in (("SPXW", "SPY"), ("SPY", "SPX")):
        (again,) = known(store.open(store.choose(root, config.demo.date)).events(), [close])
        assert {"VIX", "VIX9D"} <= set(again)
        assert other not in again
        assert again["closes"] == whole["closes"]
        mine = [one.symbol for one in again["instruments"]]
        assert len(mine) > 100
        assert [again[symbol] for symbol in mine] == [whole[symbol] for symbol in mine]


def test_a_taped_day_is_played_with_what_its_session_heard_and_nothing_beside(tmp_path: Path) -> None:
    """Values of the index that somebody has imported were not there for the session."""
    config = load(settings=settings(tmp_path))
    journal, row = demo(config)
    real = msgspec.structs.replace(row.info.provenance[0], origin="recorded")
    row = msgspec.structs.replace(row, info=msgspec.structs.replace(row.info, provenance=(real,)))
    recording = recording_path(journal, NAME, 0)
    events = [event for event in read_recording(recording) if not isinstance(event, ChainBatch)]
    spot = Underlying("SPX")
    quotes = [event for event in read_recording(recording) if isinstance(event, ChainBatch)]
    recording.unlink()
    with Recorder(recording) as recorder:
        for event in sorted([*events, *map(without_underlyings, quotes)], key=lambda event: event.ts_known):
            recorder.write(event)
    tape_session(config, journal, row)
    store, builder = Store(Path(config.data.dir)), DayBuilder()
    for minute in range(1, 100):
        ts = quotes[0].ts_known + minute * 60_000_000_000
        builder.put(ts, ts, spot, price=59_000_000)
    label = Provenance("bars", "vendor", "trade_bar")
    store.save(UnderlyingTable("SPX", config.demo.date, label, "test", 1, builder.build()))
    entry = store.choose("SPXW", config.demo.date)
    assert entry.header is not None
    assert (entry.provenance.label, entry.header.counts["underlying"]) == ("recorded quote", 0)
    assert store.beside(entry) is None
    market_heard = TapeSource(store, "SPXW", config.demo.date).events()
    assert not any(
        (event.price is not None and event.price.max() == 59_000_000)
        for event in market_heard
        if isinstance(event, ChainBatch)
    )


def without_underlyings(batch: ChainBatch) -> ChainBatch:
    """The rows of contracts, which come behind the values of the indices."""
    return msgspec.structs.replace(
        batch,
        **{name: column[4:] for name in batch.__struct_fields__ if hasattr(column := getattr(batch, name), "shape")},
    )


def test_a_taped_day_says_what_it_is_and_where_it_is_silent(tmp_path: Path) -> None:
    config = load(settings=settings(tmp_path, "demo.scenario=outage"))
    journal, row = demo(config)
    tape_session(config, journal, row)
    tape = opened(config)
    label = tape.provenance
    assert (label.source, label.origin, label.meaning) == ("recorded", "simulated", "quote")
    assert label.note.startswith(f"as it streamed to {NAME}; demo: scenario outage")
    (silence,) = tape.silences()
    assert silence.why.startswith("the feed was stale")
    assert tape.header.flags == (f"gap:{silence.span}",)
    assert any(isinstance(event, FeedStatus) and event.state == "down" for event in tape.events())


def test_killed_in_the_middle_of_recording_and_gone_on_it_is_one_day(tmp_path: Path) -> None:
    """kill -9 of the real program, a frame cut short on top of it, and a restart: nothing twice, nothing lost."""
    config = load(settings=settings(tmp_path))
    words = [word for setting in settings(tmp_path) for word in ("--set", setting)]
    command = [sys.executable, "-m", "zdte_tui", "--demo", "--no-ui", *words]
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    process = subprocess.Popen([*command, "--speed", "2000"], env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert any("10:00 entered" in line for line in process.stderr)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stderr.close()
    journal = tmp_path / "account.sqlite"
    first = recording_path(journal, NAME, 0)
    with first.open("ab") as file:
        file.write(b"\x40\0\0\0half a frame")

    half = tape_session(config, journal, only_session(journal))
    assert [(one.result, one.silences[-1].why) for one in half] == [("new", "ended early")]
    assert "truncated" in opened(config).header.flags[0]

    subprocess.run([*command, "--speed", "max"], env=environment, check=True, capture_output=True)
    row = only_session(journal)
    assert row.epochs == 2
    assert [(one.result, one.silences) for one in tape_session(config, journal, row)] == [("replaced", ())]
    whole = [event for event in demo_source(config).events() if isinstance(event, ChainBatch | FeedStatus)]
    again = [event for event in opened(config).events() if isinstance(event, ChainBatch | FeedStatus)]
    assert [market(event) for event in again] == [market(event) for event in whole]


def market(event: ChainBatch | FeedStatus) -> bytes:
    """An event without its number."""
    return encode(msgspec.structs.replace(event, seq=0))


def later(event: AnyEvent, ts: int) -> AnyEvent:
    """What a session that begins at ``ts`` hears then."""
    return event if event.ts_known >= ts else msgspec.structs.replace(event, ts_known=ts)


def test_sessions_of_a_market_and_day_are_parts_of_one_and_those_killed_are_found(tmp_path: Path) -> None:
    """Settings changed at noon: the next session is another one of the same account and day."""
    config = load(settings=settings(tmp_path))
    source = demo_source(config)
    events = list(source.events())
    journal = tmp_path / "account.sqlite"
    real = msgspec.structs.replace(source.provenance[0], source="alpaca", origin="recorded")
    info = msgspec.structs.replace(session_info(config, REGISTRY, source, "demo", None), provenance=(real,))
    writer = JournalWriter(journal)
    noon = events[len(events) // 2].ts_known
    for part in (
        [event for event in events if event.ts_known < noon],
        [later(event, noon) for event in events if event.ts_known >= noon or isinstance(event, Listing | SessionStart)],
    ):
        number = writer.begin_session(info, mode="paper", speed=1)
        writer.stop("stopped")
        with JournalReader(journal) as reader:
            name = reader.session(number).name
        with Recorder(recording_path(journal, name, 0)) as recorder:
            for event in part:
                recorder.write(event)
        writer.resume(number, mode="paper")
        writer.end_session("abandoned")
    writer.close()
    with JournalReader(journal) as reader:
        first, second = reader.sessions()
    assert [row.name for row in untaped(config, journal, "demo")] == [second.name]
    tape_session(config, journal, first)
    assert [row.name for row in untaped(config, journal, "demo")] == [second.name]
    (taped,) = tape_session(config, journal, second)
    assert (taped.result, taped.silences) == ("replaced", ())
    assert untaped(config, journal, "demo") == []
    (kept,) = tape_session(config, journal, first)
    assert kept.result == "kept", "what covers less of the day does not take its place"
    tape = opened(config)
    assert (tape.provenance.origin, tape.header.counts["runs"]) == ("recorded", 2)
    again = [event.ts_known for event in tape.events() if isinstance(event, ChainBatch)]
    assert again == [event.ts_known for event in events if isinstance(event, ChainBatch)]


def test_a_simulated_day_never_takes_the_place_of_a_markets(tmp_path: Path) -> None:
    config = load(settings=settings(tmp_path))
    journal, row = demo(config)
    real = msgspec.structs.replace(row.info.provenance[0], origin="recorded")
    tape_session(
        config, journal, msgspec.structs.replace(row, info=msgspec.structs.replace(row.info, provenance=(real,)))
    )
    before = opened(config).path.read_bytes()
    with pytest.raises(StoreError, match=r"is of the market, and session .* is simulated: give it another name"):
        tape_session(config, journal, row)
    assert opened(config).path.read_bytes() == before
    assert [one.result for one in tape_session(config, journal, row, source="rehearsed")] == ["new"]


def test_the_command_tapes_a_session_once_and_tells_so(run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo(load(settings=settings(tmp_path)))
    assert run("tape", NAME) == OK
    assert capsys.readouterr().out.startswith("SPXW 2026-01-15 recorded SIMULATED taped: ")
    assert run("tape", NAME) == OK
    assert "unchanged: these very recordings are in the store" in capsys.readouterr().out
    assert run("tape", NAME, "--json") == OK
    (day,) = json.loads(capsys.readouterr().out)["days"]
    assert (day["session"], day["result"], day["silences"]) == (NAME, "unchanged", [])
    assert run("verify") == OK
    told = capsys.readouterr().out
    assert told.startswith("ok       SPXW 2026-01-15 recorded")
    assert "trust: no (simulated" in told


def test_the_gaps_of_a_taped_day_are_listed_shown_and_speak_against_it(
    run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = load(settings=settings(tmp_path, "demo.scenario=outage"))
    tape_session(config, *demo(config))
    span = opened(config).silences()[0].span
    assert run("list") == OK
    assert f"gap:{span}" in capsys.readouterr().out
    assert run("show", "2026-01-15", "--source", "recorded", "--ascii") == OK
    assert f"silent   {span} the feed was stale" in capsys.readouterr().out
    assert run("show", "2026-01-15", "--source", "recorded", "--json") == OK
    assert [each["why"] for each in json.loads(capsys.readouterr().out)["silences"]] == ["the feed was stale"]
    assert run("verify") == OK
    assert capsys.readouterr().out.startswith(f"suspect  SPXW 2026-01-15 recorded  {span} the feed was stale")


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["demo-2026-01-15-SPXW-2"], NO_INPUT, f"did you mean {NAME}"),
        (["research:x"], USAGE, "'research' is no journal: write account:x, paper:x"),
        ([NAME, "--source", "Too Bad"], USAGE, "cannot name a source"),
    ],
)
def test_what_is_asked_wrongly_is_one_line(run, tmp_path: Path, words: list[str], code: int, text: str) -> None:
    demo(load(settings=settings(tmp_path)))
    with pytest.raises(CommandError, match=text) as caught:
        run("tape", *words)
    assert caught.value.code == code
    assert not (tmp_path / "store").exists()


def test_a_recording_that_is_gone_or_damaged_leaves_nothing_in_the_store(run, tmp_path: Path) -> None:
    journal, _ = demo(load(settings=settings(tmp_path)))
    path = recording_path(journal, NAME, 0)
    content = path.read_bytes()
    path.write_bytes(content[:5000] + b"\xff" + content[5001:])
    with pytest.raises(CommandError, match="is damaged at byte") as caught:
        run("tape", NAME)
    assert caught.value.code == DATA
    path.unlink()
    with pytest.raises(CommandError, match=f"session {NAME} has no recording: there is no "):
        run("tape", NAME)
    assert not (tmp_path / "store").exists()


def test_while_another_import_is_at_work_it_says_so(tmp_path: Path) -> None:
    config = load(settings=settings(tmp_path))
    journal, row = demo(config)
    with StoreLock(tmp_path / "store"), pytest.raises(StoreBusy, match="another import"):
        tape_session(config, journal, row)


def test_a_recording_given_to_import_leads_to_the_command(run, tmp_path: Path) -> None:
    journal, _ = demo(load(settings=settings(tmp_path)))
    with pytest.raises(CommandError, match=f"bring it in with: zdte-tui data tape {NAME}"):
        run("import", recording_path(journal, NAME, 0))


def test_zeros_that_a_power_failure_left_are_no_events(tmp_path: Path) -> None:
    path = tmp_path / "a.events"
    with Recorder(path) as recorder:
        recorder.write(FeedStatus(ts_known=1, state="ok"))
    path.write_bytes(path.read_bytes() + b"\0" * 4096)
    assert [event.ts_known for event in read_recording(path)] == [1]
    path.write_bytes(path.read_bytes() + b"\x01")
    with pytest.raises(StoreError, match="is damaged at byte"):
        list(read_recording(path))
