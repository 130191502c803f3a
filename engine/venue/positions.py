"""What an account holds, marked on the market's newest quotes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.market import Market
from engine.types import Instrument, Money, Price, Underlying
from engine.venue.desk import Desk
from engine.venue.ledger import Holding, multiplier
from engine.venue.wire import id_of, money_text, number_text


def mark(market: Market, instrument: Instrument) -> Price | None:
    """Mid of the newest quote, a bid that is not there counting 0; the last value of a share. None: never seen."""
    if isinstance(instrument, Underlying):
        return market.value(instrument.symbol)[0]
    quote = market.quote(instrument)
    if quote.ask is None:
        return quote.bid
    return ((quote.bid or 0) + quote.ask) // 2


def worth(desk: Desk, instrument: Instrument, holding: Holding) -> Money:
    """Market value, money units, negative of what is short; at cost where no price was ever seen."""
    price = mark(desk.venue.market, instrument)
    return multiplier(instrument) * (holding.cost if price is None else holding.quantity * price)


def long_value(desk: Desk) -> Money:
    """Of what is held long."""
    return sum(worth(desk, *each) for each in desk.ledger.held.items() if each[1].quantity > 0)


def short_value(desk: Desk) -> Money:
    """Of what is held short, negative."""
    return sum(worth(desk, *each) for each in desk.ledger.held.items() if each[1].quantity < 0)


def body(desk: Desk, instrument: Instrument, holding: Holding) -> dict[str, Any]:
    """One position as Alpaca shows it: quantity, value and cost of a short are negative."""
    share = isinstance(instrument, Underlying)
    symbol = instrument.symbol
    times = multiplier(instrument)
    price = mark(desk.venue.market, instrument)
    value, cost = worth(desk, instrument, holding), times * holding.cost
    profit = value - cost
    part = number_text(round(Decimal(profit) / abs(cost), 6)) if cost else "0"
    closing = 0 if share else sum(_closing(desk, symbol))
    free = max(0, abs(holding.quantity) - closing)
    return {
        "asset_id": id_of(symbol),
        "symbol": symbol,
        "exchange": "ARCA" if symbol == "SPY" else "NASDAQ" if share else "",
        "asset_class": "us_equity" if share else "us_option",
        "asset_marginable": share,
        "avg_entry_price": number_text(round(Decimal(holding.cost) / holding.quantity / 10_000, 6)),
        "qty": str(holding.quantity),
        "qty_available": str(free if holding.quantity > 0 else -free),
        "side": "long" if holding.quantity > 0 else "short",
        "market_value": money_text(value),
        "cost_basis": money_text(cost),
        "unrealized_pl": money_text(profit),
        "unrealized_plpc": part,
        "unrealized_intraday_pl": money_text(profit),
        "unrealized_intraday_plpc": part,
        "current_price": money_text(price),
        "lastday_price": "0",
        "change_today": "0",
    }


def _closing(desk: Desk, symbol: str) -> list[int]:
    return [
        leg.ratio * order.left
        for order in desk.open_orders
        for leg in order.legs
        if leg.effect == "close" and leg.contract.symbol == symbol
    ]
