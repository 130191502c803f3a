"""What one event led to."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.events.records import AnyRecord
from engine.types import Package, Price


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Something to send to an external broker, after the records that announce it are on disk.

    ``lookup`` asks what became of one order, ``snapshot`` for the whole account (see ``BrokerState``).

    Attributes:
        reduces: whether it can only lessen risk: that leaves even where the journal cannot be written.
        limit: signed net price, a debit positive; None: market. stop: the trigger of a stop order on one leg.
    """

    action: Literal["submit", "cancel", "replace", "lookup", "snapshot"]
    client_order_id: str = ""
    package: Package | None = None
    quantity: int = 0
    limit: Price | None = None
    stop: Price | None = None
    reduces: bool = True


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's answer to one event.

    Attributes:
        seq: number of the event in this session, from 1.
        now: the engine's time after it, ns UTC.
        changes: what changed: ``market`` data, the ``session`` (anything that left a record).
        records: rows for the journal, to be committed before anything in ``outbox`` is sent.
        outbox: requests to an external broker; empty with the simulated exchange.
        wake_at: the next instant at which the engine wants a ``Timer``, or None.
    """

    seq: int
    now: int
    changes: frozenset[str] = frozenset()
    records: tuple[AnyRecord, ...] = ()
    outbox: tuple[OrderRequest, ...] = ()
    wake_at: int | None = None
