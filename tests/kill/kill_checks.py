"""What must hold of a journal and of the exchange once a session that was killed has come to its end."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from kill_exchange import Said
from kill_session import SHOWN

from engine.broker import SocketBroker
from engine.config import Config, exchange_path, journal_path
from engine.core.reconcile import RECONCILE, UNREAD
from engine.events import BrokerState, OrderRequest
from engine.journal.verify import verify
from engine.orders import DONE

Rows = list[tuple[object, ...]]


class Books:
    """The journal of one session, read-only."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    def __enter__(self) -> Books:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def rows(self, query: str, *values: object) -> Rows:
        return self._connection.execute(query, values).fetchall()


def asked(config: Config, market: str) -> BrokerState:
    """What the exchange says of the account now."""
    broker = SocketBroker(exchange_path(config, "demo"), market)
    try:
        (state,) = broker.converse([OrderRequest(action="snapshot")], broker.now)
    finally:
        broker.close()
    assert isinstance(state, BrokerState)
    return state


def violations(config: Config, market: str, said: Said | None, day_locks: bool) -> list[str]:
    """Every promise that is broken, in words; none if all is well.

    ``said``: what the exchange has noted, where there is one.
    """
    path = journal_path(config, "demo")
    with Books(path) as books:
        found = [*_file(path), *_end(books), *_identity(books), *_holdings(books), *_limits(books, config)]
        found += _shown(books, path.with_name(SHOWN))
        if day_locks and not books.rows("SELECT 1 FROM breakers WHERE name = 'DAILY_LOSS' AND latched"):
            found.append("d: the day's loss did not lock the day")
        if said is not None:
            found += _against(books, asked(config, market), said)
    return found


def _file(path: Path) -> Iterator[str]:
    verdict = verify(path)
    yield from (f"e: {problem}" for problem in verdict.problems)
    with closing(sqlite3.connect(path)) as connection:
        (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
    if sound != "ok":
        yield f"e: the file is damaged: {sound}"


def _end(books: Books) -> Iterator[str]:
    # One that was killed before anything had happened is closed and begun anew.
    ends = books.rows(
        "SELECT name, status, EXISTS (SELECT 1 FROM intents WHERE intents.session = sessions.session) FROM sessions"
    )
    if any(status != "closed" for _, status, _ in ends) or sum(bool(traded) for *_, traded in ends) > 1:
        yield f"f: the session is not closed, or there are several: {ends}"
    last = books.rows("SELECT client_order_id, status FROM order_events GROUP BY client_order_id HAVING max(id)")
    for own, status in last:
        if status not in DONE:
            yield f"f: order {own} is still {status} at the end"
    for trade, status in books.rows("SELECT trade_id, status FROM trades GROUP BY trade_id HAVING max(id)"):
        if status not in ("closed", "settled", "abandoned"):
            yield f"f: trade #{trade} is still {status} at the end"
    for text, many in books.rows("SELECT text, count(*) FROM notices WHERE text LIKE '%refused%' GROUP BY text"):
        yield f"f: {many} reports were not believed: {text}"


def _identity(books: Books) -> Iterator[str]:
    for what, query in (
        ("order ids", "SELECT client_order_id, count(*) FROM orders GROUP BY 1 HAVING count(*) > 1"),
        ("orders of an intent", "SELECT intent_id, count(*) FROM orders GROUP BY 1 HAVING count(*) > 1"),
        ("intents", "SELECT intent_id, count(*) FROM intents GROUP BY 1 HAVING count(*) > 1"),
        ("executions", "SELECT exec_id, count(*) FROM fills GROUP BY 1 HAVING count(*) > 1"),
        (
            "entries of a window",
            "SELECT key, count(DISTINCT trade_id) FROM trades WHERE key LIKE '__:__' AND status = "
            "'open' GROUP BY key HAVING count(DISTINCT trade_id) > 1",
        ),
    ):
        for which, many in books.rows(query):
            yield f"b: {many} {what}: {which}"
    for own, intent in books.rows(
        "SELECT client_order_id, intent_id FROM orders WHERE intent_id NOT IN (SELECT intent_id FROM intents)"
    ):
        yield f"a: order {own} is of intent {intent}, which is not written"


def _holdings(books: Books) -> Iterator[str]:
    held: Counter[tuple[object, object]] = Counter()
    for trade, symbol, quantity in books.rows("SELECT trade_id, symbol, quantity FROM fills ORDER BY id"):
        assert isinstance(quantity, int)
        held[trade, symbol] += quantity
    query = "SELECT trade_id, symbol, quantity FROM positions GROUP BY trade_id, symbol HAVING max(id)"
    told = {(trade, symbol): quantity for trade, symbol, quantity in books.rows(query)}
    for key in sorted({*held, *told}, key=str):
        if held[key] != told.get(key):
            yield f"c: #{key[0]} {key[1]}: its fills come to {held[key]}, its position says {told.get(key)}"
    settled = {(t, s) for t, s in books.rows("SELECT DISTINCT trade_id, symbol FROM settlements")}
    for key, quantity in sorted(held.items(), key=str):
        if quantity and key not in settled:
            yield f"c: #{key[0]} still holds {quantity} {key[1]}, and it was not settled"


def _limits(books: Books, config: Config) -> Iterator[str]:
    """The worst case of all trades at every approval, and nothing opened once the day is locked."""
    locked = books.rows("SELECT min(id) FROM breakers WHERE latched AND state = 'HALTED'")[0][0]
    if locked is not None:
        for (intent,) in books.rows(
            "SELECT intent_id FROM intents JOIN orders USING (intent_id) WHERE intents.kind "
            "= 'open' AND intents.actor != 'broker' AND intents.id > ?",
            locked,
        ):
            yield f"d: intent {intent} opened after the day was locked"
    most = config.account.equity_units * min(config.risk.per_book, config.risk.per_strategy)
    worst: dict[object, int] = {}
    for trade, status, loss in books.rows("SELECT trade_id, status, worst_case_e4 FROM trades ORDER BY id"):
        assert isinstance(loss, int)
        worst[trade] = loss if status in ("working", "open") else 0
        if sum(worst.values()) > most or sum(map(bool, worst.values())) > config.risk.max_open:
            yield f"d: with #{trade} the worst case is {sum(worst.values())} of {most}, {len(worst)} trades"
            return


def _shown(books: Books, shown: Path) -> Iterator[str]:
    told = shown.read_text().split() if shown.exists() else []
    there = {row[0] for row in books.rows("SELECT command_id FROM commands")}
    for command_id in told:
        if command_id not in there:
            yield f"f: command {command_id} was answered, and is not in the journal"


def _against(books: Books, state: BrokerState, said: Said) -> Iterator[str]:
    ours = {row[0] for row in books.rows("SELECT client_order_id FROM orders")}
    for order in state.orders:
        if order.client_order_id not in ours:
            yield f"a: the exchange has {order.client_order_id}, which the journal does not know"
        if order.status in ("accepted", "partially_filled", "pending_cancel"):
            yield f"f: {order.client_order_id} still works at the exchange"
    submissions = Counter(words[1] for words in said if words[0] == "submit")
    yield from (f"b: {own} was sent {many} times" for own, many in submissions.items() if many > 1)
    yield from (f"a: {w[1]} was sent before it was journalled" for w in said if w[0] == "submit" and not w[2])
    yield from (f"c: the exchange refused {w[1]}: {w[2]}" for w in said if w[0] == "rejected")
    theirs = {
        leg.exec_id: (leg.contract.symbol, leg.quantity if leg.side == "buy" else -leg.quantity, leg.price, leg.fee)
        for order in state.orders
        for leg in order.executions
    }
    mine = {row[0]: row[1:] for row in books.rows("SELECT exec_id, symbol, quantity, price_e4, fee_e4 FROM fills")}
    for exec_id in sorted({*theirs, *mine}, key=str):
        there, here = theirs.get(str(exec_id)), mine.get(exec_id)
        if there != here:
            yield f"c: execution {exec_id}: the exchange says {there}, the journal {here}"
    held: Counter[object] = Counter()
    for word, symbol, quantity in said:
        if word == "fill":
            assert isinstance(quantity, int)
            before, held[symbol] = held[symbol], held[symbol] + quantity
            if before * held[symbol] < 0:
                yield f"c: {symbol} went from {before} to {held[symbol]} at the exchange: closed twice"


def finished(config: Config) -> bool:
    """Whether the journal says that the day was played to its end."""
    query = "SELECT 1 FROM sessions JOIN runs USING (session) WHERE status = 'closed' AND outcome = 'completed'"
    with Books(journal_path(config, "demo")) as books:
        return bool(books.rows(query))


def reconciled_within(config: Config) -> list[int]:
    """Event time of every restart until the account was compared and agreed, ns."""
    lifted = "SELECT min(ts) FROM breakers WHERE name IN (?, ?) AND state = 'ACTIVE' AND id > ?"
    with Books(journal_path(config, "demo")) as books:
        starts = books.rows("SELECT id, ts FROM notices WHERE text LIKE 'restarted from the journal%' ORDER BY id")
        found = []
        for start, ts in starts:
            later = books.rows(lifted, UNREAD, RECONCILE, start)[0][0]
            if isinstance(later, int) and isinstance(ts, int):
                found.append(later - ts)
    return found
