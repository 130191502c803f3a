"""The loop waits for the disk only where an order is to be sent; what is sent is committed by then."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from kill_days import Short, market
from kill_listening import Watched

from engine.journal.transaction import Transaction

STUCK_S = 0.6
SETTINGS = (
    'strategies.iron_condor.entries=["10:00", "10:08"]',
    "strategies.iron_condor.min_credit=0.2",
    "strategies.iron_condor.min_side_credit=0.05",
    "strategies.iron_condor.max_imbalance=0",
    "strategies.iron_condor.strikes.short=0.2",
    "account.equity=1000000",
    "risk.daily_loss=100000",
)


@pytest.fixture(scope="module")
def short() -> Short:
    return market()


def test_market_events_go_on_while_the_disk_is_stuck_and_no_order_leaves_before_its_commit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, short: Short
) -> None:
    watched = Watched(monkeypatch, tmp_path, short, *SETTINGS)
    meanwhile: list[int] = []
    enough = threading.Event()
    end = Transaction.__exit__

    def slow(self: Transaction, *error: object) -> None:
        before = len(watched.ticks)
        enough.wait(STUCK_S)
        end(self, *error)  # type: ignore[arg-type]
        meanwhile.append(len(watched.ticks) - before)

    monkeypatch.setattr(Transaction, "__exit__", slow)
    watched.run()

    sent = [asked for asked in watched.broker.asked if asked.action == "submit"]
    assert len(sent) >= 4, "two entries and what closes them"
    assert all(asked.committed for asked in sent)
    assert max(meanwhile) >= 20, "a loop that waits for the disk would see one event a commit"
    assert len(meanwhile) < len(watched.ticks) / 4, "what queues up meanwhile is one transaction"


def test_an_order_whose_commit_fails_does_not_leave(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, short: Short
) -> None:
    watched = Watched(monkeypatch, tmp_path, short, *SETTINGS)
    begin = Transaction.__enter__
    full = True

    def refused(self: Transaction) -> None:
        if full:
            raise OSError(28, "No space left on device")
        begin(self)

    monkeypatch.setattr(Transaction, "__enter__", refused)
    playing = watched.composed.runner.run
    outcome = playing()
    full = False
    watched.composed.close()

    assert outcome == "unwritten"
    assert not [asked for asked in watched.broker.asked if asked.action == "submit"], "it could only open"
    assert not watched.broker.exchange.positions
