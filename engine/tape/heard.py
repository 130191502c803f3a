"""What a session heard beside prices: listings, the feed's state, daily closes, and when it listened at all.

It stands in a recorded day's file, so that a replay hears it again in its place.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

import msgspec

from engine.events import AnyEvent, DailyClose, FeedStatus, Listing
from engine.tape.errors import StoreError
from engine.types import Price, parse_symbol

HEARD_KEY: Final = b"zdte-heard"


class _Item(msgspec.Struct, frozen=True, kw_only=True, tag_field="heard", omit_defaults=True):
    """Something heard.

    Attributes:
        ts_known, ts_event: as its event had them, ns UTC.
        after: whether it came after prices of its own instant.
    """

    ts_known: int
    ts_event: int = 0
    after: bool = False


class HeardListing(_Item, frozen=True, kw_only=True, tag="listing"):
    """Instruments became known, by their symbols; never ``after`` the prices of its instant, which may be theirs."""

    symbols: tuple[str, ...]


class HeardStatus(_Item, frozen=True, kw_only=True, tag="feed"):
    """What the feed said of itself; ``added`` where nobody listened, and nothing could be said."""

    state: Literal["ok", "stale", "down"]
    text: str = ""
    added: bool = False


class HeardClose(_Item, frozen=True, kw_only=True, tag="close"):
    """An official daily close."""

    symbol: str
    day: dt.date
    close: Price


Item = HeardListing | HeardStatus | HeardClose


class Heard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of a day, in order.

    Attributes:
        started: when the first session of the day began, ns UTC; 0 where that is not known.
        runs: first and last instant of each span in which a process listened and prices came, ns UTC, in order.
        step: what usually lies between two instants that brought prices, ns.
        grace: how long the timers of the session waited for data of their instant, ns; 0 where that is not known.
    """

    started: int
    runs: tuple[tuple[int, int], ...]
    step: int
    items: tuple[Item, ...]
    grace: int = 0

    @property
    def closes(self) -> tuple[DailyClose, ...]:
        """The daily closes, as events."""
        return tuple(event for item in self.items if isinstance(event := event_of(item, 0), DailyClose))


def event_of(item: Item, first: int) -> AnyEvent:
    """The item as the event it was; ``first``: the number of the first of the instruments a listing names."""
    match item:
        case HeardListing():
            new = tuple(map(parse_symbol, item.symbols))
            return Listing(ts_known=item.ts_known, ts_event=item.ts_event, first=first, instruments=new)
        case HeardStatus():
            return FeedStatus(ts_known=item.ts_known, ts_event=item.ts_event, state=item.state, text=item.text)
        case HeardClose():
            return DailyClose(
                ts_known=item.ts_known, ts_event=item.ts_event, symbol=item.symbol, day=item.day, close=item.close
            )


def to_json(heard: Heard) -> bytes:
    """As JSON, the same bytes for the same things heard."""
    return msgspec.json.encode(heard, order="deterministic")


def from_json(data: bytes) -> Heard:
    """The inverse. Raises ``msgspec.MsgspecError``, and ``ValueError`` for what is no symbol."""
    found = msgspec.json.decode(data, type=Heard)
    for item in found.items:
        if isinstance(item, HeardListing):
            for symbol in item.symbols:
                parse_symbol(symbol)
    return found


def check(heard: Heard, symbols: tuple[str, ...], where: str) -> None:
    """Raises ``StoreError`` for what cannot have been heard so: out of order, a symbol twice, or not listed at all."""
    listed = [symbol for item in heard.items if isinstance(item, HeardListing) for symbol in item.symbols]
    if len(listed) != len(set(listed)):
        raise StoreError(f"{where}: an instrument is listed twice")
    if not set(symbols) <= set(listed):
        raise StoreError(f"{where}: an instrument has prices and was never listed")
    if heard.grace < 0:
        raise StoreError(f"{where}: timers wait {heard.grace} ns, which is less than none")
    times = [item.ts_known for item in heard.items]
    if times != sorted(times):
        raise StoreError(f"{where}: what was heard is not in order of time")
