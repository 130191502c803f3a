"""An order id is used once, also where the journal that counted the runs is gone: the broker's orders remember them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from engine.alpaca.rest import Rest
from engine.calendar import from_new_york
from engine.clock import SECOND
from engine.core import IN_THE_DARK
from engine.types import ClientOrderId

OTHERS = (
    "Alpaca has orders of today under this account's name that the journal does not know: it was deleted, or another "
    "session trades the account, and the two would cancel each other's orders"
)
"""What is noted where a session begins among them."""


def epochs_used(rest: Rest, account: str, day: dt.date) -> int:
    """The first epoch above those in the ids of the account's orders of a day, as Alpaca has them; 0 without any.

    Raises ``AlpacaError``.
    """
    midnight = dt.datetime.fromtimestamp(from_new_york(day, dt.time()) // SECOND, dt.UTC)
    return above(account, day, (raw.get("client_order_id") for raw in rest.orders(midnight)))


def above(account: str, day: dt.date, client_order_ids: Iterable[object]) -> int:
    """The first epoch above those of an account's ids of a day; other ids do not count."""
    found = -1
    for each in client_order_ids:
        try:
            own = ClientOrderId.parse(str(each).removeprefix(IN_THE_DARK))
        except ValueError:
            continue
        if (own.account, own.day) == (account, day):
            found = max(found, own.epoch)
    return found + 1


def next_epoch(runs: int, used: int, now: int) -> int:
    """The epoch of a run.

    Args:
        runs: how many runs the journal has of the account and day. used: see ``epochs_used``. now: ns UTC.

    Where the broker knows of a run that the journal does not, the seconds since 1970: more than any count, and a later
    run has more. Runs that sent nothing are in neither, so what the broker shows plus one might be used twice.
    """
    return runs if runs >= used else max(used, now // SECOND)
