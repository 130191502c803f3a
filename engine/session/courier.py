"""Carries what the engine wants sent to an outside broker, and brings what the broker says, as events in their time."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Iterable

import msgspec

from engine.broker import Broker, BrokerDown
from engine.broker.port import Answer
from engine.core import IN_THE_DARK
from engine.events import BrokerReport, OrderRequest

log = logging.getLogger(__name__)


class Courier:
    """Talks to one broker, on the runner's thread.

    Attributes:
        problem: why the broker cannot be reached, or empty. What was sent meanwhile has an unknown outcome.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._heard: list[tuple[int, int, Answer]] = []
        self._count = 0
        self.problem = ""

    def carry(self, requests: Iterable[OrderRequest], now: int, written: bool) -> None:
        """Send requests at ``now`` and hear what there is to hear.

        Where the journal does not hold what announces them (not ``written``), no order leaves but one that closes and
        whose id says that it leaves in the dark, so that a restart knows it for ours. Where the journal has just begun
        to fail, the closing order is refused here, and sent again under such an id.
        """
        sent = list(requests)
        if not written:
            for request in (request for request in sent if _needs_the_journal(request)):
                text = "not sent: the journal cannot be written"
                self._hear(_report(request, now, "rejected", text))
            sent = [request for request in sent if not _needs_the_journal(request) and request.reduces]
        try:
            answers = self._broker.converse(sent, now)
        except BrokerDown as error:
            self._lost(sent, now, str(error))
            for answer in error.heard:
                self._hear(answer)
            return
        if self.problem:
            log.warning("the broker answers again")
            self.problem = ""
        for answer in answers:
            self._hear(answer)

    def _lost(self, sent: list[OrderRequest], now: int, why: str) -> None:
        if not self.problem:
            log.error("%s", why)
        self.problem = why
        for request in sent:
            if request.action == "submit":
                self._hear(_report(request, now, "unknown", why))

    def _hear(self, answer: Answer) -> None:
        self._count += 1
        heapq.heappush(self._heard, (answer.ts_known, self._count, answer))

    @property
    def next_ts(self) -> int | None:
        """When the next thing the broker has said is heard, ns UTC; None where there is nothing."""
        return self._heard[0][0] if self._heard else None

    def take(self, now: int) -> Answer | None:
        """The next thing heard. What was said in the past is heard now: time does not go back."""
        if not self._heard:
            return None
        answer = heapq.heappop(self._heard)[2]
        return answer if answer.ts_known >= now else msgspec.structs.replace(answer, ts_known=now)

    def close(self) -> None:
        """Hang up."""
        self._broker.close()


def _needs_the_journal(request: OrderRequest) -> bool:
    in_the_dark = request.reduces and request.client_order_id.startswith(IN_THE_DARK)
    return request.action == "submit" and not in_the_dark


def _report(request: OrderRequest, now: int, kind: str, text: str) -> BrokerReport:
    return BrokerReport(
        ts_known=now,
        ts_event=now,
        cause=request.client_order_id,
        client_order_id=request.client_order_id,
        kind="rejected" if kind == "rejected" else "unknown",
        text=text,
    )
