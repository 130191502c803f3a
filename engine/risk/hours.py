"""Controls of the clock: the product's hours, and how long before their end nothing is opened any more."""

from __future__ import annotations

import datetime as dt

from engine.calendar import clock_text
from engine.clock import MINUTE
from engine.config import RiskTable
from engine.risk.measure import Finding
from engine.risk.request import Book, OpenRequest


def closed(request: OpenRequest, book: Book, _limits: RiskTable) -> Finding:
    """Now is within the hours of the product, and no leg has expired."""
    expiry: dt.date = min(leg.contract.expiry for leg in request.package.legs)
    if expiry < book.session.day:
        return f"{expiry} has expired"
    end = book.session.product_close(request.root)
    if not book.session.open <= book.now < end:
        return f"{request.root} trades from {clock_text(book.session.open)} to {clock_text(end)}"
    return ""


def near_the_end(request: OpenRequest, book: Book, limits: RiskTable) -> Finding:
    """Nothing is opened in the last minutes before the product's close, before the broker takes no openings, or before
    all is closed."""
    close = book.session.product_close(request.root)
    expires_today = any(leg.contract.expiry == book.session.day for leg in request.package.legs)
    ends = [at for at in (book.open_until, book.flat_by) if at is not None] if expires_today else []
    cutoff = min([close, *ends])
    if book.now < cutoff - limits.no_open_minutes * MINUTE:
        return ""
    broker = "may not be opened at the broker from" if cutoff == book.open_until else "is to be flat by"
    what = "closes" if cutoff == close else broker
    at = clock_text(cutoff, seconds=False)
    if book.now >= cutoff:
        return f"{request.root} {what} {at}"
    left = (cutoff - book.now) / MINUTE
    return f"{request.root} {what} {at}: {left:.3g} of {limits.no_open_minutes} min left"
