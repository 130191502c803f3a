"""What an account brings into a new session: the log tells of changed limits, and a locked day stays locked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from engine.calendar import from_new_york
from engine.config import Config, load, with_trading
from engine.events import AnyRecord, BreakerRecord, CommandRecord, IntentRecord, Tick
from engine.journal import JournalReader
from engine.session.audit import audit
from engine.session.compose import Composed, compose_demo, make_engine
from engine.session.source import demo_source
from strategies.registry import REGISTRY

SMALL = ("risk.daily_loss=150", 'risk.why="a small account"')


def config(folder: Path, *settings: str) -> Config:
    return load(settings=[f"journal.path={folder / 'demo.sqlite'}", *settings])


def play(chosen: Config, until: str = "", fresh: bool = False, sources: dict[str, str] | None = None) -> str:
    """The demo day, flat out, to its end or to a time at which it is stopped as by a signal."""
    stop = from_new_york(chosen.demo.date, dt.time.fromisoformat(until)) if until else None
    held: list[Composed] = []

    def watch(tick: Tick) -> None:
        if stop is not None and tick.now >= stop:
            held[0].runner.stop()

    told = None if sources is None else (lambda: sources)
    composed = compose_demo(chosen, REGISTRY, speed=0, stay=False, fresh=fresh, on_tick=watch, limit_sources=told)
    held.append(composed)
    try:
        return composed.runner.run()
    finally:
        composed.close()


def of(chosen: Config, kind: type[AnyRecord]) -> list[AnyRecord]:  # type: ignore[type-arg]
    """Records of the newest session."""
    with JournalReader(Path(chosen.journal.path)) as reader:
        return reader.records(reader.select("last")[-1].session, [kind])  # type: ignore[list-item]


def commands(chosen: Config) -> list[tuple[str, str]]:
    return [(record.kind, record.text) for record in of(chosen, CommandRecord)]  # type: ignore[union-attr]


def test_the_first_session_and_one_under_the_same_limits_have_nothing_to_tell(tmp_path: Path) -> None:
    chosen = config(tmp_path, "demo.expiries=1")
    for _ in range(2):
        play(chosen, until="09:31", fresh=True)
        assert commands(chosen) == []


def test_changed_limits_are_told_with_where_and_why_before_anything_is_asked_for(tmp_path: Path) -> None:
    play(config(tmp_path), until="09:31")
    chosen = config(tmp_path, *SMALL)
    play(chosen, until="10:05", sources={"daily_loss": "--set", "max_open": "default"})
    text = "limits changed since the last session: daily_loss 500 -> 150 (--set); why: a small account"
    assert commands(chosen) == [("note", text)]
    (note,), (intent, *_) = of(chosen, CommandRecord), of(chosen, IntentRecord)
    assert note.seq < intent.seq  # type: ignore[union-attr]
    assert note.outcome == "noted"  # type: ignore[union-attr]


def test_a_day_cut_off_while_locked_is_not_unlocked_by_other_limits(tmp_path: Path) -> None:
    strict = config(tmp_path, *SMALL)
    play(strict, until="11:30")
    assert [record.name for record in of(strict, BreakerRecord)] == ["DAILY_LOSS"]  # type: ignore[union-attr]

    easy = config(tmp_path, "risk.daily_loss=5000")
    play(easy, until="13:30")

    assert [kind for kind, _ in commands(easy)] == ["note", "lock"]
    assert commands(easy)[1][1] == (
        "DAILY_LOSS in demo-2026-01-15-SPXW-1; other settings do not unlock the day, --fresh plays a simulated one anew"
    )
    (breaker,) = of(easy, BreakerRecord)
    assert (breaker.name, breaker.state, breaker.latched) == ("LOCKED", "HALTED", True)  # type: ignore[union-attr]
    assert of(easy, IntentRecord) == []

    again = config(tmp_path, "risk.daily_loss=6000")
    play(again, until="13:30")
    assert "LOCKED in demo-2026-01-15-SPXW-2" in commands(again)[1][1]
    assert of(again, IntentRecord) == []


def test_a_restart_under_the_same_limits_goes_on_locked_and_says_nothing_twice(tmp_path: Path) -> None:
    strict = config(tmp_path, *SMALL)
    play(strict, until="11:30")
    play(strict, until="13:30")
    assert commands(strict) == []
    assert [record.name for record in of(strict, BreakerRecord)] == ["DAILY_LOSS"]  # type: ignore[union-attr]
    late = from_new_york(strict.demo.date, dt.time(11, 30))
    assert not [record for record in of(strict, IntentRecord) if record.ts > late and record.kind == "open"]  # type: ignore[union-attr]


def test_a_simulated_day_asked_for_anew_or_of_another_market_is_not_locked(tmp_path: Path) -> None:
    play(config(tmp_path, *SMALL), until="11:30")
    play(config(tmp_path, "risk.daily_loss=5000"), until="10:05", fresh=True)
    assert of(config(tmp_path), IntentRecord)
    play(config(tmp_path, *SMALL), until="11:30", fresh=True)
    play(config(tmp_path, "risk.daily_loss=5000", "demo.seed=8"), until="09:31")
    assert [kind for kind, _ in commands(config(tmp_path))] == ["note"]


def test_what_was_brought_along_is_replayed_by_an_audit(tmp_path: Path) -> None:
    play(config(tmp_path), until="09:31")
    chosen = config(tmp_path, *SMALL)
    play(chosen)
    path = Path(chosen.journal.path)
    with JournalReader(path) as reader:
        row = reader.select("last")[-1]
    traded = with_trading(chosen, row.info.config_text)
    found = audit(path, row, lambda: make_engine(traded, REGISTRY, demo_source(traded), "demo"))
    assert (found.difference, found.orders > 0) == ("", True)
