"""The account as Alpaca shows it: money, what may be traded, what is held, and its clock. None of this raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.alpaca.parse_values import Told, instant, option, price, shown, whole, word
from engine.types import Contract, Money, Price

_BLOCKS = {
    "account_blocked": "the account is blocked",
    "trading_blocked": "trading is blocked",
    "trade_suspended_by_user": "trading was suspended by its owner",
    "transfers_blocked": "transfers are blocked",
}
_HIDDEN = 4
"""Characters of an account's number that are shown."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account. Amounts are units of 1e-4 dollars; ``None`` where Alpaca did not say.

    Attributes:
        number: masked but for its last characters. status: Alpaca's word, such as ``active``.
        blocks: why it may not trade, a line each. level: of options trading, 0 to 3.
    """

    number: str
    status: str
    blocks: tuple[str, ...]
    level: int | None
    equity: Money | None
    cash: Money | None
    buying_power: Money | None
    options_buying_power: Money | None


@dataclass(frozen=True, slots=True)
class Held:
    """A position.

    Attributes:
        contract: ``None`` where it is no option. quantity: signed; ``None`` where it is no whole number.
        average: what was paid a share. current: what it is worth a share. profit: unrealised.
    """

    symbol: str
    contract: Contract | None
    quantity: int | None
    average: Price | None
    current: Price | None
    profit: Money | None


@dataclass(frozen=True, slots=True)
class MarketClock:
    """The server's time and the market's next hours, ns UTC; ``None`` where it did not say."""

    now: int | None
    open: bool | None
    next_open: int | None
    next_close: int | None


def read_account(raw: dict[str, Any], told: Told) -> Account:
    """The account, its number masked."""
    level = raw.get("options_trading_level")
    return Account(
        number=masked(raw.get("account_number")),
        status=word(raw.get("status")) or "n/a",
        blocks=tuple(text for key, text in _BLOCKS.items() if raw.get(key) is True),
        level=whole(level, told, "options_trading_level"),
        equity=price(raw.get("equity"), told, "equity"),
        cash=price(raw.get("cash"), told, "cash"),
        buying_power=price(raw.get("buying_power"), told, "buying_power"),
        options_buying_power=price(raw.get("options_buying_power"), told, "options_buying_power"),
    )


def read_positions(raws: list[dict[str, Any]], told: Told) -> list[Held]:
    """Everything held. What is no option is kept as it is named."""
    found = []
    for raw in raws:
        symbol = raw.get("symbol")
        symbol = symbol if isinstance(symbol, str) and symbol else "n/a"
        name = f"position {symbol}"
        options = word(raw.get("asset_class")) in ("us_option", "")
        found.append(
            Held(
                symbol=symbol,
                contract=option(symbol, told, name) if options else None,
                quantity=_signed(raw, told, name),
                average=price(raw.get("avg_entry_price"), told, f"{name}: avg_entry_price"),
                current=price(raw.get("current_price"), told, f"{name}: current_price"),
                profit=price(raw.get("unrealized_pl"), told, f"{name}: unrealized_pl"),
            )
        )
    return found


def read_clock(raw: dict[str, Any], told: Told) -> MarketClock:
    """The clock."""
    times = {key: instant(raw.get(key)) for key in ("timestamp", "next_open", "next_close")}
    told += [f"clock: {key} is no time: {shown(raw.get(key))}" for key, found in times.items() if found is None]
    is_open = raw.get("is_open")
    return MarketClock(
        now=times["timestamp"],
        open=is_open if isinstance(is_open, bool) else None,
        next_open=times["next_open"],
        next_close=times["next_close"],
    )


def masked(number: Any) -> str:
    """An account's number with all but its last four characters hidden."""
    text = number if isinstance(number, str) else ""
    return "*" * max(0, len(text) - _HIDDEN) + text[-_HIDDEN:] if len(text) > _HIDDEN else "*" * len(text) or "n/a"


def _signed(raw: dict[str, Any], told: Told, name: str) -> int | None:
    """A short position is negative, whether its quantity says so or only its side does."""
    quantity = whole(raw.get("qty"), told, f"{name}: qty")
    if quantity is None:
        return None
    side = word(raw.get("side"))
    if side not in ("long", "short"):
        told.append(f"{name}: its side is not known: {shown(raw.get('side'))}")
        return quantity
    return -abs(quantity) if side == "short" else abs(quantity)
