"""What a session at a local exchange decided, the replay of its tape decides again; and its audit reproduces it."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from rehearsing import DAY, Rehearsal, at, rehearsal, settings

from engine.config import Config, with_trading
from engine.events import AnyRecord, FillRecord, IntentRecord, OrderRecord, SignalRecord
from engine.journal import JournalReader, SessionRow
from engine.session.compose import compose_replay
from engine.session.live import GRACE_SECONDS
from engine.session.live_compose import compose_live
from engine.session.past import Past, reopen
from engine.session.rehearsal import LocalExchange, rehearsed
from engine.session.source import DemoSource, Source, TapeSource
from engine.session.taping import tape_session
from engine.tape import Store
from strategies.registry import REGISTRY
from zdte_tui.commands import journal as journal_command
from zdte_tui.exits import OK

SPEED = 60.0
DEALT = (SignalRecord, IntentRecord, OrderRecord, FillRecord)


@pytest.fixture(scope="module")
def market() -> DemoSource:
    """A simulated day of quotes every five seconds."""
    return DemoSource.of(DAY, ["SPXW"], seed=7, step_seconds=5, expiries=1)


@contextmanager
def shadow(config: Config, source: Source, folder: Path, start: int) -> Iterator[Rehearsal]:
    """A shadow session of the source's day from ``start`` (ns UTC) on."""
    exchange = LocalExchange(config, source, SPEED, start, None, folder / "keys")
    try:
        taken = rehearsed(config, source, exchange.port, SPEED)
        composed = compose_live(taken, REGISTRY, "shadow", stay=False, fresh=True, keys=exchange.keys)
        thread = threading.Thread(target=composed.runner.run, daemon=True)
        thread.start()
        try:
            yield Rehearsal(composed, exchange, thread)
        finally:
            composed.runner.stop()
            thread.join(20)
            composed.close()
    finally:
        exchange.close()


def only_session(journal: Path) -> SessionRow:
    with JournalReader(journal) as reader:
        (row,) = reader.sessions()
        return row


def dealt(journal: Path, session: int, until: int) -> list[AnyRecord]:
    """Signals, intents, orders and fills up to an instant (ns UTC), but for the numbers of events: a session is also
    told what its checklist says, and hears two batches of one instant where the tape has one."""
    with JournalReader(journal) as reader:
        found = reader.records(session, list(DEALT))
    return [msgspec.structs.replace(record, seq=0) for record in found if record.ts <= until]


def audited(journal: Path) -> int:
    parser = argparse.ArgumentParser(prog="zdte-tui")
    journal_command.add(parser.add_subparsers())
    args = parser.parse_args(["journal", "audit", "--journal", str(journal)])
    return args.run(args)


def replayed(config: Config, source: Source, past: Past | None = None) -> int:
    """A market replay into the research journal; its session there."""
    composed = compose_replay(config, REGISTRY, source, speed=0.0, stay=False, past=past)
    try:
        assert composed.runner.run() == "completed"
        return composed.runner.session
    finally:
        composed.close()


def test_a_shadow_session_taped_and_replayed_gives_the_same_orders_and_fills(
    market: DemoSource, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = settings(tmp_path, f"data.dir={tmp_path / 'store'}")
    with shadow(config, market, tmp_path, at(9, 58)) as found:
        journal = found.journal
        found.wait(found.closed)
    row = only_session(journal)
    traded = with_trading(config, row.info.config_text)
    assert (traded.broker.kind, traded.broker.profile) == ("inside", "alpaca")
    assert (traded.broker.max_legs, traded.broker.replaces) == (4, False)
    traded = traded.model_copy(update={"account": traded.account.model_copy(update={"name": row.info.account})})
    with JournalReader(journal) as reader:
        progress = reader.progress(row.session)
    assert progress is not None
    then = dealt(journal, row.session, progress.ts)
    assert {type(record) for record in then} == set(DEALT)

    tape_session(config, journal, row)
    source = TapeSource(Store(tmp_path / "store"), "SPXW", row.info.day, "recorded")
    assert source.grace == round(GRACE_SECONDS * SPEED * 1e9)
    research = Path(config.research.path)
    assert dealt(research, replayed(traded, source), progress.ts) == then, "the replay of the tape"

    again = reopen(config, Store(tmp_path / "store"), journal, row)
    assert again.source.grace == source.grace
    assert dealt(research, replayed(again.config, again.source, again.past), progress.ts) == then, "of the session"

    assert audited(journal) == OK
    assert "reproduced" in capsys.readouterr().out


def test_the_audit_of_a_paper_rehearsal_reproduces_it(
    market: DemoSource, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with rehearsal(settings(tmp_path), market, tmp_path, start=at(9, 58), speed=SPEED) as found:
        journal = found.journal
        found.wait(found.closed)
    row = only_session(journal)
    assert {type(record) for record in dealt(journal, row.session, at(16, 0))} == set(DEALT)
    assert audited(journal) == OK
    assert "reproduced" in capsys.readouterr().out
