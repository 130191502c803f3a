"""An order id is used once, also where the journal that counted the runs is gone: the broker's orders remember them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from engine.alpaca.parse_orders import AlpacaOrder, read_orders
from engine.alpaca.rest import Rest
from engine.calendar import from_new_york
from engine.clock import SECOND
from engine.core import IN_THE_DARK
from engine.types import ClientOrderId

LOST = (
    "Alpaca has orders of today under this session's own ids that the journal does not know: it was deleted, or put "
    "back to an older state, or a copy of it trades the account; those that work are cancelled"
)
"""What is noted where a session begins among them."""


def orders_of(rest: Rest, day: dt.date) -> list[AlpacaOrder]:
    """The account's orders of a day, as Alpaca has them. Raises ``AlpacaError``."""
    midnight = dt.datetime.fromtimestamp(from_new_york(day, dt.time()) // SECOND, dt.UTC)
    return read_orders(rest.orders(midnight), [])


def above(account: str, installation: str, day: dt.date, client_order_ids: Iterable[str]) -> int:
    """The first epoch above those in the ids of an account and installation on a day, 0 without any; others do not
    count."""
    found = -1
    for each in client_order_ids:
        try:
            own = ClientOrderId.parse(each.removeprefix(IN_THE_DARK))
        except ValueError:
            continue
        if (own.account, own.installation, own.day) == (account, installation, day):
            found = max(found, own.epoch)
    return found + 1


def next_epoch(runs: int, used: int, now: int) -> int:
    """The epoch of a run.

    Args:
        runs: how many runs the journal has of the account and day. used: see ``above``. now: ns UTC.

    Where the broker knows of a run that the journal does not, the seconds since 1970: more than any count, and a later
    run has more. Runs that sent nothing are in neither, so what the broker shows plus one might be used twice.
    """
    return runs if runs >= used else max(used, now // SECOND)
