"""The exchange as a process of its own that remembers everything it was asked, and looks into the journal meanwhile."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from kill_days import Short

from engine.broker import ExchangeServer, SimulatedBroker
from engine.broker.port import Answer
from engine.calendar import session
from engine.config import Config, exchange_path, journal_path
from engine.events import BrokerReport, OrderRequest
from engine.session.exchange import market_text
from engine.session.source import Source, meanings

SAYS = "exchange.log"
Said = list[list[object]]


class Remembering(SimulatedBroker):
    """Notes every submission with whether the journal held its order by then, and every execution in its order."""

    def __init__(self, config: Config, market: Source) -> None:
        self._journal = journal_path(config, "demo")
        self._log = os.open(exchange_path(config, "demo").with_name(SAYS), os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        super().__init__(config, session(market.day), meanings(market), market.events())

    def __del__(self) -> None:
        os.close(self._log)

    def take(self, request: OrderRequest) -> list[Answer]:
        if request.action == "submit":
            self._write("submit", request.client_order_id, self._announced(request.client_order_id))
        return super().take(request)

    def _note(self, reports: list[BrokerReport]) -> None:  # type: ignore[override]
        super()._note(reports)
        for report in reports:
            if report.kind == "fill":
                for leg in report.legs:
                    signed = leg.quantity if leg.side == "buy" else -leg.quantity
                    self._write("fill", leg.contract.symbol, signed)
            elif report.kind == "rejected":
                self._write("rejected", report.client_order_id, report.text)

    def _announced(self, client_order_id: str) -> bool:
        """Whether an intent with that order is committed: what another process can read of the journal is."""
        query = "SELECT count(*) FROM orders JOIN intents USING (session, intent_id) WHERE client_order_id = ?"
        with closing(sqlite3.connect(f"file:{self._journal}?mode=ro", uri=True)) as journal:
            return bool(journal.execute(query, (client_order_id,)).fetchone()[0])

    def _write(self, *words: object) -> None:
        os.write(self._log, json.dumps(words).encode() + b"\n")


def said(exchange: Path) -> Said:
    """What a remembering exchange at that socket has noted since the day began there."""
    return [json.loads(line) for line in exchange.with_name(SAYS).read_text().splitlines()]


class ExchangeProcess:
    """An exchange in a forked child; it outlives the sessions that are killed."""

    def __init__(self, config: Config, market: Short) -> None:
        self.path = exchange_path(config, "demo")
        ready, told = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            try:
                server = ExchangeServer(self.path, market_text(config, market), lambda: Remembering(config, market))
                os.write(told, b"!")
                server.serve()
            finally:
                os._exit(1)
        os.close(told)
        heard = os.read(ready, 1)
        os.close(ready)
        if not heard:
            raise RuntimeError("the exchange did not begin")

    def said(self) -> Said:
        """What it has noted since the day began there."""
        return said(self.path)

    def end(self) -> None:
        """Kill it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.path.unlink(missing_ok=True)
