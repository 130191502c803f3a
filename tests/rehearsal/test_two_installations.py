"""Two sessions on one account, each with a journal of its own, through the real SDK."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agreeing import MORNING
from rehearsing import SPEED, Rehearsal, at, settings

from engine.alpaca.parse_orders import AlpacaOrder, read_orders
from engine.alpaca.rest import Rest
from engine.config.alpaca import AlpacaTable
from engine.session.installation import installation_of
from engine.session.live_compose import compose_live
from engine.session.rehearsal import LocalExchange, rehearsed
from engine.session.source import demo_source
from engine.session.whose import whose_path
from engine.view import CommandRequest
from strategies.registry import REGISTRY
from zdte_tui.exits import OK
from zdte_tui.parser import build_parser

LONG_WAIT = 'strategies.iron_condor.exit_time="11:30"'


@contextmanager
def playing(folder: Path, exchange: LocalExchange, *more: str) -> Iterator[Rehearsal]:
    """A paper session as a person starts one, its journal in a folder of its own."""
    folder.mkdir(exist_ok=True)
    config = settings(folder, LONG_WAIT, *more)
    made = rehearsed(config, demo_source(config), exchange.port, SPEED)
    made = made.model_copy(update={"account": config.account})
    composed = compose_live(made, REGISTRY, "paper", stay=False, keys=exchange.keys)
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


def audited(journal: Path) -> int:
    args = build_parser().parse_args(["journal", "audit", "--journal", str(journal)])
    return int(args.run(args))


def test_each_knows_its_own_orders_and_says_whose_the_others_are(tmp_path: Path) -> None:
    config = settings(tmp_path)
    exchange = LocalExchange(config, demo_source(config), SPEED, at(9, 57), None, tmp_path / "keys")
    entries = 'strategies.iron_condor.entries=["10:00", "10:01", "10:02", "10:03", "10:04", "10:06", "10:08", "10:10"]'
    try:
        with playing(tmp_path / "one", exchange, entries) as one:
            one.wait(lambda: bool(one.rows("SELECT 1 FROM fills")))
            mark = installation_of(one.journal)
            sent = {str(own) for (own,) in one.rows("SELECT client_order_id FROM orders WHERE actor != 'broker'")}
            assert sent
            assert all(own.startswith(f"main_paper-{mark}-") for own in sent)
            with playing(tmp_path / "two", exchange, 'strategies.iron_condor.entries=["15:00"]') as two:
                assert installation_of(two.journal) not in ("", mark)
                two.wait(lambda: bool(two.rows("SELECT 1 FROM commands WHERE text LIKE 'check warn: other sessions%'")))
                ((note,),) = two.rows("SELECT text FROM commands WHERE text LIKE 'check warn: other sessions%'")
                assert two.rows(
                    f"SELECT 1 FROM commands WHERE text LIKE 'check ok: order ids: begin with"
                    f" main_paper-{installation_of(two.journal)}-%'"
                )
                assert re.search(rf"account main_paper, installation {mark}\): \d+ orders? of today", str(note))
                two.wait(lambda: bool(two.rows("SELECT 1 FROM trades WHERE strategy = 'outside'")))
                said = [str(text) for (text,) in two.rows("SELECT text FROM notices WHERE level = 'alarm'")]
                assert any(f"another zdte-tui session (account main_paper, installation {mark})" in s for s in said)
                theirs = two.rows("SELECT client_order_id FROM orders WHERE actor != 'broker'")
                assert not theirs, "it closed nothing of what the other holds"
        known = {str(own) for (own,) in one.rows("SELECT client_order_id FROM orders WHERE actor != 'broker'")}
        assert set(orders(exchange)) <= known, "nobody else has sent any"
        assert not [own for own, order in orders(exchange).items() if order.word == "canceled" and own not in known]
    finally:
        exchange.close()


def test_a_restart_keeps_its_ids_and_one_from_before_there_were_any_keeps_none(tmp_path: Path) -> None:
    config = settings(tmp_path)
    exchange = LocalExchange(config, demo_source(config), SPEED, at(9, 57), None, tmp_path / "keys")
    entries = 'strategies.iron_condor.entries=["10:00", "10:30"]'

    def sent(session: Rehearsal) -> set[str]:
        return {str(own) for (own,) in session.rows("SELECT client_order_id FROM orders WHERE actor != 'broker'")}

    try:
        with playing(tmp_path / "one", exchange, entries) as one:
            one.wait(lambda: bool(one.rows("SELECT 1 FROM fills")))
            mark, before = installation_of(one.journal), sent(one)
        with playing(tmp_path / "one", exchange, entries) as again:
            assert "continuing" in again.composed.greeting
            again.composed.runner.send(CommandRequest("flatten"))
            again.wait(lambda: sent(again) > before)
            assert all(own.startswith(f"main_paper-{mark}-") for own in sent(again))
        assert audited(again.journal) == OK
        kept = whose_path(again.journal, "main_paper")
        kept.write_text(f"{kept.read_text().split()[0]}\n")  # as it was before there were installations
        with playing(tmp_path / "one", exchange, entries) as older:
            assert older.composed.runner._playing.engine.state.installation == ""
    finally:
        exchange.close()
