"""``zdte-tui journal drill``: would a backup bring the account back? Tried in a temporary place."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from zdte_tui.commands.journal import add_journal_options, journal_file, require_journal
from zdte_tui.commands.journal_verify import verified, watching
from zdte_tui.commands.options import add_config_options, load_config
from zdte_tui.exits import DATA, OK, CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.config import Config
    from engine.events import AnyEvent, AnyRecord
    from engine.journal import Progress, SessionRow

_HELP = """In a temporary place: a backup is made and verified, restored, verified again, read to its last record, and
written on; then a new engine takes the last session back, and must hold what its fills and settlements come to. The
journal itself is only read. Exit code 65 where a step fails.

examples:
  zdte-tui journal drill
  zdte-tui journal drill --account main"""


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``journal drill``."""
    parser = actions.add_parser(
        "drill",
        help="back up, restore elsewhere and go on from it, as a rehearsal",
        description="Rehearse a restoration, and say what that has proven.",
        epilog=_HELP,
    )
    parser.set_defaults(run=run)
    add_journal_options(parser)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Rehearse; a line a step."""
    from engine.journal import JournalError
    from engine.journal.drill import drill

    path = journal_file(args)
    require_journal(path)
    config = load_config(args)
    began = time.monotonic()
    try:
        with watching("copying") as step, drill(path, now=time.time(), step=step) as (done, restored):
            print(f"backup    {verified(done.backup)}")
            print(f"restored  {verified(done.restored)}")
            print(f"read      {done.records:,} records decoded")
            if done.written is None:
                print("written   n/a: there is no session to play again")
                print("folded    n/a: there is no session to take back")
            else:
                print(f"written   one session more; {verified(done.written)}")
                print(f"folded    {_fold(config, restored, played_again=True)}")
    except JournalError as error:
        raise CommandError(f"the drill failed: {error}", DATA) from None
    print(f"proven in {time.monotonic() - began:.1f} s: a backup made now can be restored and gone on from")
    print("not proven: that a backup lies on another disk than the journal")
    return OK


def _fold(config: Config, path: Path, played_again: bool) -> str:
    """Let a new engine take a session back; what it holds must be what the records come to."""
    from engine.journal import JournalReader

    with JournalReader(path) as reader:
        sessions = reader.sessions()
        row = sessions[-2] if played_again and len(sessions) > 1 else sessions[-1]
        records = reader.records(row.session)
        progress = reader.progress(row.session)
    if progress is None or not records:
        return f"n/a: nothing had happened in {row.name}"
    held = _held_after(config, row, records, progress)
    wanted = _sums(records)
    if held != wanted:
        raise CommandError(f"the drill failed: {row.name}: the engine holds {held}, the records say {wanted}", DATA)
    many = f"{len(held)} position{'' if len(held) == 1 else 's'}"
    return f"{row.name}: {len(records):,} records; the engine holds what fills and settlements come to ({many})"


def _held_after(
    config: Config, row: SessionRow, records: list[AnyRecord], progress: Progress
) -> dict[tuple[int, str], int]:
    """Contracts by trade and symbol in an engine that took the session back."""
    from engine.calendar import session
    from engine.config import with_trading
    from engine.core import Engine
    from engine.events import Restore, SessionStart, Warming
    from engine.strategy import build_strategies
    from strategies.registry import REGISTRY

    info = row.info
    traded = with_trading(config, info.config_text)
    meanings = {root: label.meaning for root, label in zip(info.roots, info.provenance, strict=False)}
    engine = Engine(
        traded,
        session(info.day),
        info.account,
        info.roots,
        meanings,
        build_strategies(traded.strategies, REGISTRY, list(info.roots)),
    )

    def events() -> Iterator[AnyEvent]:
        yield SessionStart(ts_known=0, day=info.day, epoch=row.epochs, resumed=True)
        yield Warming(ts_known=0, on=True)
        yield Warming(ts_known=progress.ts, on=False)
        yield Restore(ts_known=progress.ts, ts_event=progress.ts, records=tuple(records))

    for event in events():
        engine.process(event)
    return {
        (trade.trade_id, contract.symbol): holding.quantity
        for trade in engine.state.portfolio
        for contract, holding in trade.holdings.items()
        if holding.quantity
    }


def _sums(records: list[AnyRecord]) -> dict[tuple[int, str], int]:
    """What fills come to, less what settled."""
    from engine.events import FillRecord, SettlementRecord

    held: Counter[tuple[int, str]] = Counter()
    for record in records:
        if isinstance(record, FillRecord):
            held[record.trade_id, record.symbol] += record.quantity
    for record in records:
        if isinstance(record, SettlementRecord):
            held[record.trade_id, record.symbol] = 0
    return {key: quantity for key, quantity in held.items() if quantity}
