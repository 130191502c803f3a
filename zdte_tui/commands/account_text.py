"""What ``zdte-tui account`` says: for a person, and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.alpaca.parse import Account, Held, MarketClock
from engine.alpaca.parse_orders import AlpacaOrder
from engine.alpaca.snapshot import Snapshot
from engine.calendar import to_new_york
from engine.core import another_session
from engine.feed.alpaca.labels import is_local
from engine.session.strangers import named
from engine.types import dollars_text
from zdte_tui.commands.accounts import account_label

SPREADS = 3
_LEVELS = {
    0: "options are off",
    1: "covered calls and cash-secured puts only",
    2: "long options too, no spreads",
    3: "spreads too",
}
_SECOND = 1_000_000_000
_DAY = 86_400 * _SECOND
_SKEWED = _SECOND
"""A clock that is further off than this is worth a word, ns."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was asked: of which kind of account, where, and what came of it.

    Attributes:
        wanted: the strategies switched on. name, installation: what order ids of a session here begin with.
    """

    kind: str
    url: str
    account: Account
    snapshot: Snapshot
    wanted: tuple[str, ...]
    told: tuple[str, ...]
    name: str
    installation: str

    @property
    def working(self) -> list[AlpacaOrder]:
        """Orders that may still trade."""
        return [order for order in self.snapshot.orders if order.working]

    @property
    def may_trade(self) -> bool | None:
        """Whether spreads may be traded, which every strategy here does; None where Alpaca named no level."""
        level = self.account.level
        return None if level is None else level >= SPREADS and not self.account.blocks


def text(seen: Seen) -> list[str]:
    """Lines for a terminal."""
    account, snapshot = seen.account, seen.snapshot
    lines = [
        f"{account_label(seen.kind, seen.url)} {account.number}  status {account.status}  {seen.url}",
        *(f"  {block}" for block in account.blocks),
        f"  {_level(seen)}",
        f"  equity {_usd(account.equity)}  cash {_usd(account.cash)}  buying power {_usd(account.buying_power)}"
        f"  for options {_usd(account.options_buying_power)}",
        f"  {_clock(snapshot.clock, snapshot.skew)}",
    ]
    lines += [f"  {_position(held)}" for held in snapshot.positions] or ["  no positions"]
    lines += [line for order in seen.working for line in _order(order, _sender(seen, order))] or ["  no order works"]
    done = len(snapshot.orders) - len(seen.working)
    lines += [f"  {done} order{'' if done == 1 else 's'} of the day done"] if done else []
    lines += (
        [] if snapshot.settled else ["  orders were executed while this was read: positions may not agree with them"]
    )
    lines.append(f"  order ids of sessions here: {named(seen.name, seen.installation)}")
    return [*lines, *(f"  not understood: {each}" for each in seen.told)]


def as_object(seen: Seen) -> dict[str, Any]:
    """The same for programs; amounts in dollars as text, times as ns UTC, null where Alpaca did not say."""
    account, snapshot = seen.account, seen.snapshot
    clock = snapshot.clock
    return {
        "kind": seen.kind,
        "url": seen.url,
        "simulated": is_local(seen.url),
        "number": account.number,
        "status": account.status,
        "blocks": list(account.blocks),
        "options_level": account.level,
        "strategies": list(seen.wanted),
        "may_trade": seen.may_trade,
        "equity_usd": _plain(account.equity),
        "cash_usd": _plain(account.cash),
        "buying_power_usd": _plain(account.buying_power),
        "options_buying_power_usd": _plain(account.options_buying_power),
        "market_open": clock.open,
        "now_ns": clock.now,
        "next_open_ns": clock.next_open,
        "next_close_ns": clock.next_close,
        "skew_ns": snapshot.skew,
        "settled": snapshot.settled,
        "positions": [
            {
                "symbol": held.symbol,
                "quantity": held.quantity,
                "average_usd": _plain(held.average, 4),
                "current_usd": _plain(held.current, 4),
                "profit_usd": _plain(held.profit),
            }
            for held in snapshot.positions
        ],
        "orders": [_order_object(order, _sender(seen, order)) for order in snapshot.orders],
        "installation": seen.installation or None,
        "not_understood": list(seen.told),
    }


def _level(seen: Seen) -> str:
    level = seen.account.level
    if level is None:
        return "options level n/a"
    names = ", ".join(seen.wanted) or "every strategy here"
    trades = (
        f"{names} can trade"
        if level >= SPREADS and not seen.account.blocks
        else f"{names} cannot trade" + (f": that needs level {SPREADS}" if level < SPREADS else "")
    )
    return f"options level {level}: {_LEVELS.get(level, 'not known here')}; {trades}"


def _clock(clock: MarketClock, skew: int | None) -> str:
    market = {True: "open", False: "closed", None: "n/a"}[clock.open]
    following = clock.next_close if clock.open else clock.next_open
    then = f", {'closes' if clock.open else 'opens'} {_time(following)}" if following is not None else ""
    return f"market {market}{then}; Alpaca's clock {_time(clock.now)}, {_skew(skew)}"


def _skew(skew: int | None) -> str:
    if skew is None:
        return "skew n/a"
    way = "ahead of" if skew > 0 else "behind"
    days = abs(skew) // _DAY
    words = f"{days:,} days {way} ours" if days else f"{abs(skew) / _SECOND:,.3f} s {way} ours"
    return f"{words}: set your clock (NTP), or this exchange plays another time" if abs(skew) > _SKEWED else words


def _time(instant: int | None) -> str:
    return "n/a" if instant is None else f"{to_new_york(instant):%Y-%m-%d %H:%M:%S} ET"


def _position(held: Held) -> str:
    quantity = "n/a" if held.quantity is None else f"{held.quantity:+d}"
    return (
        f"{quantity} {held.symbol}  paid {_usd(held.average)}  now {_usd(held.current)}  unrealised {_usd(held.profit)}"
    )


def _sender(seen: Seen, order: AlpacaOrder) -> str:
    return another_session(order.client_order_id, seen.name, seen.installation)


def _order(order: AlpacaOrder, sender: str) -> list[str]:
    """A line an order, with the other session that sent it; a package's legs a line each below it."""
    limit = "market" if order.limit is None and order.stop is None else _net(order.limit)
    stop = "" if order.stop is None else f"  stop {_usd(order.stop)}"
    single = len(order.legs) == 1
    name = f" {order.legs[0].side} {order.legs[0].symbol}" if single else ""
    head = f"  order {order.client_order_id or order.order_id}{name}  {order.word}  {order.filled}/{order.quantity}"
    legs = [] if single else [f"    {leg.side} {leg.ratio} {leg.symbol} to {leg.effect}" for leg in order.legs]
    whose = f"  of {sender}" if sender else ""
    return [f"{head}  {limit}{stop}".rstrip() + whose, *legs]


def _net(limit: int | None) -> str:
    if limit is None:
        return ""
    return f"{'credit' if limit < 0 else 'debit'} ${dollars_text(abs(limit))}"


def _order_object(order: AlpacaOrder, sender: str) -> dict[str, Any]:
    return {
        "another_session": sender or None,
        "client_order_id": order.client_order_id,
        "id": order.order_id,
        "status": order.word,
        "working": order.working,
        "quantity": order.quantity,
        "filled": order.filled,
        "limit_usd": _plain(order.limit),
        "stop_usd": _plain(order.stop),
        "legs": [
            {
                "symbol": leg.symbol,
                "side": leg.side,
                "effect": leg.effect,
                "ratio": leg.ratio,
                "filled": leg.filled,
            }
            for leg in order.legs
        ],
    }


def _usd(units: int | None) -> str:
    if units is None:
        return "n/a"
    return f"{'-' if units < 0 else ''}${dollars_text(abs(units))}"


def _plain(units: int | None, places: int = 2) -> str | None:
    return None if units is None else dollars_text(units, places).replace(",", "")
