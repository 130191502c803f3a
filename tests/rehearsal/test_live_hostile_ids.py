"""The journal of a day is deleted while Alpaca still has its orders: no order id is used again."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from agreeing import MORNING
from rehearsing import DAY, SPEED, Rehearsal, at, settings

from engine.alpaca.parse_orders import AlpacaOrder, read_orders
from engine.alpaca.rest import Rest
from engine.config import Config
from engine.config.alpaca import AlpacaTable
from engine.session.epochs import above, next_epoch
from engine.session.live_compose import compose_live
from engine.session.rehearsal import ACCOUNT, LocalExchange, rehearsed
from engine.session.source import demo_source
from strategies.registry import REGISTRY


@contextmanager
def playing(config: Config, exchange: LocalExchange) -> Iterator[Rehearsal]:
    """A session on an exchange that goes on after it."""
    settled = rehearsed(config, demo_source(config), exchange.port, SPEED)
    composed = compose_live(settled, REGISTRY, "paper", stay=False, keys=exchange.keys, account_called=ACCOUNT)
    thread = threading.Thread(target=composed.runner.run, daemon=True)
    thread.start()
    try:
        yield Rehearsal(composed, exchange, thread)
    finally:
        composed.runner.stop()
        thread.join(20)
        composed.close()


def orders(exchange: LocalExchange) -> dict[str, AlpacaOrder]:
    rest = Rest(exchange.keys, f"http://127.0.0.1:{exchange.port}", AlpacaTable(requests_a_minute=100_000))
    try:
        return {order.client_order_id: order for order in read_orders(rest.orders(MORNING), [])}
    finally:
        rest.close()


def test_a_session_after_a_deleted_journal_sends_under_ids_of_its_own(tmp_path: Path) -> None:
    config = settings(
        tmp_path, 'strategies.iron_condor.entries=["10:00", "10:12"]', 'strategies.iron_condor.exit_time="10:20"'
    )
    exchange = LocalExchange(config, demo_source(config), SPEED, at(9, 57), None, tmp_path / "keys")
    try:
        with playing(config, exchange) as first:
            first.wait(lambda: bool(first.rows("SELECT 1 FROM fills")))
        before = orders(exchange)
        assert before
        for each in tmp_path.glob("live.sqlite*"):
            each.unlink()
        with playing(config, exchange) as second:
            second.wait(lambda: bool(second.rows("SELECT 1 FROM fills f WHERE f.client_order_id LIKE 'rehearsal-%'")))
            sent = {str(own) for (own,) in second.rows("SELECT client_order_id FROM orders WHERE actor != 'broker'")}
            assert not sent & set(before)
            assert second.rows("SELECT 1 FROM commands WHERE text LIKE 'Alpaca has orders of today%'")
            second.wait(lambda: sent <= set(orders(exchange)))
    finally:
        exchange.close()


@pytest.mark.parametrize(
    ("own", "installation", "epoch"),
    [
        ("main_paper-20260115-0-1", "", 1),
        ("main_paper-20260115-7-12", "", 8),
        ("main_paper-20260115-7-12", "0123456789", 0),
        ("main_paper-0123456789-20260115-7-12", "0123456789", 8),
        ("main_paper-0123456789-20260115-7-12", "", 0),
        ("K-main_paper-20260115-4-2", "", 5),
        ("main_shadow-20260115-4-2", "", 0),
        ("main_paper-20260114-4-2", "", 0),
        ("sent by hand", "", 0),
        ("", "", 0),
    ],
)
def test_only_ids_of_the_account_installation_and_day_count(own: str, installation: str, epoch: int) -> None:
    assert above("main_paper", installation, dt.date(2026, 1, 15), [own]) == epoch


def test_a_run_that_the_journal_does_not_know_makes_every_later_epoch_a_new_one() -> None:
    now = at(10, 0, DAY)
    assert next_epoch(0, 0, now) == 0
    assert next_epoch(3, 3, now) == 3
    lost = next_epoch(0, 1, now)
    assert lost > 1_000_000
    assert next_epoch(1, 1, now + 1) == 1, "it sent nothing, and what was lost is below"
    assert next_epoch(1, lost + 1, now + 60_000_000_000) > lost
    assert next_epoch(1, lost + 1, now - 60_000_000_000) > lost, "a clock that was set back"
