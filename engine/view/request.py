"""What a reader of views looks at."""

from __future__ import annotations

import datetime as dt

import msgspec

from engine.view.payoff import PayoffRequest
from engine.view.ticket import TicketRequest


class ViewRequest(msgspec.Struct, frozen=True):
    """Which chain the reader looks at; None takes the first root and its nearest expiry.

    ``parts`` are the parts of a view that are made for those alone who ask for them, such as ``smile``, sorted.
    ``ticket`` is a package to be told about. ``payoff`` is what the risk graph is to show.
    """

    root: str | None = None
    expiry: dt.date | None = None
    parts: tuple[str, ...] = ()
    ticket: TicketRequest | None = None
    payoff: PayoffRequest = PayoffRequest()
