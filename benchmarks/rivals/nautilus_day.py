"""nautilus-trader over the same quotes: 78,000 quote ticks a day into a strategy that sells the same condors.

    nautilus_day.py PLAIN CONDORS.json

It is told which contracts to trade and when, so it prices nothing: at the time of each entry it submits four market
orders, and it closes what it holds forty minutes before the close. Timed are the whole day, from the file to the end,
and ``BacktestEngine.run`` alone. Its logging, its risk engine and its analysis are off.
"""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import nautilus_trader
import numpy as np
import pyarrow.parquet as pq
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, RiskEngineConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import AccountType, AssetClass, OmsType, OptionKind, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import OptionContract
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

VENUE = Venue("CBOE")
MINUTES = 390
BEFORE_CLOSE = 40 * 60 * 10**9
Condor = dict[str, Any]


class Condors(Strategy):
    """Sells condors at their times, closes everything at the end."""

    def __init__(self, instruments: list[OptionContract], condors: list[Condor], close: int) -> None:
        super().__init__()
        self.instruments, self.condors, self.close = instruments, condors, close
        self.ticks = 0
        self.fills: list[tuple[str, int, float]] = []

    def on_start(self) -> None:
        """Ask for every contract's quotes, and to be woken."""
        for instrument in self.instruments:
            self.subscribe_quote_ticks(instrument.id)
        for number, condor in enumerate(self.condors):
            self.clock.set_time_alert_ns(f"entry {number}", condor["ts"] + 1_000, self.on_entry)
        self.clock.set_time_alert_ns("exit", self.close - BEFORE_CLOSE + 1_000, self.on_exit)

    def on_quote_tick(self, tick: QuoteTick) -> None:  # noqa: ARG002
        """A quote arrives; its price is in the cache."""
        self.ticks += 1

    def on_entry(self, event: Any) -> None:
        """Four market orders."""
        for name, quantity, _ in self.condors[int(event.name.split()[1])]["legs"]:
            side = OrderSide.BUY if quantity > 0 else OrderSide.SELL
            order = self.order_factory.market(InstrumentId(Symbol(name), VENUE), side, Quantity.from_int(abs(quantity)))
            self.submit_order(order)

    def on_exit(self, event: Any) -> None:  # noqa: ARG002
        """Flat."""
        for instrument in self.instruments:
            self.close_all_positions(instrument.id)

    def on_order_filled(self, event: Any) -> None:
        """Remember it, to compare."""
        quantity = int(event.last_qty) * (1 if event.order_side == OrderSide.BUY else -1)
        self.fills.append((event.instrument_id.symbol.value, quantity, float(event.last_px)))


def option(name: str, strike: int, call: bool, opened: int, close: int) -> OptionContract:
    """A contract of today."""
    return OptionContract(
        instrument_id=InstrumentId(Symbol(name), VENUE),
        raw_symbol=Symbol(name),
        asset_class=AssetClass.INDEX,
        currency=USD,
        price_precision=2,
        price_increment=Price.from_str("0.01"),
        multiplier=Quantity.from_int(100),
        lot_size=Quantity.from_int(1),
        underlying="SPX",
        option_kind=OptionKind.CALL if call else OptionKind.PUT,
        strike_price=Price(strike / 1e4, 2),
        activation_ns=opened,
        expiration_ns=close + BEFORE_CLOSE,
        ts_event=opened,
        ts_init=opened,
        margin_init=Decimal("0"),
        margin_maint=Decimal("0"),
    )


def play(path: Path, condors: list[Condor]) -> tuple[float, float, int, list[tuple[str, int, float]]]:
    """Milliseconds from the file to the end and for the run alone, ticks seen, and the fills."""
    begun = time.perf_counter()
    table = pq.read_table(path)
    clock = table["ts"].to_numpy().reshape(MINUTES, -1)[:, 0].astype(np.uint64)
    bids, asks = (table[side].to_numpy().reshape(MINUTES, -1) / 1e4 for side in ("bid", "ask"))
    width = bids.shape[1]
    strikes, calls = table["strike"].to_pylist()[:width], table["call"].to_pylist()[:width]
    opened, close = int(clock[0]), int(clock[-1])
    engine = BacktestEngine(
        BacktestEngineConfig(
            logging=LoggingConfig(bypass_logging=True), risk_engine=RiskEngineConfig(bypass=True), run_analysis=False
        )
    )
    engine.add_venue(VENUE, OmsType.NETTING, AccountType.MARGIN, [Money(100_000, USD)], base_currency=USD)
    instruments: list[OptionContract] = []
    ticks: list[QuoteTick] = []
    ten = np.full(MINUTES, 10.0)
    for row, (strike, call) in enumerate(zip(strikes, calls, strict=True)):
        instrument = option(f"{'C' if call else 'P'}{strike}", strike, call, opened, close)
        instruments.append(instrument)
        engine.add_instrument(instrument)
        bid, ask = np.ascontiguousarray(bids[:, row]), np.ascontiguousarray(asks[:, row])
        ticks += QuoteTick.from_raw_arrays_to_list(instrument.id, 2, 0, bid, ask, ten, ten, clock, clock)
    engine.add_data(ticks)
    strategy = Condors(instruments, condors, close)
    engine.add_strategy(strategy)
    ready = time.perf_counter()
    engine.run()
    ended = time.perf_counter()
    seen, fills = strategy.ticks, strategy.fills
    engine.dispose()
    return (ended - begun) * 1e3, (ended - ready) * 1e3, seen, fills


def main() -> None:
    """Play the days, the first one twice, and answer."""
    folder = Path(sys.argv[1])
    days = json.loads(Path(sys.argv[2]).read_text("utf-8"))
    first = next(iter(days.items()))
    played = [play(folder / f"{day}.parquet", condors) for day, condors in (first, *days.items())][1:]
    answer = {
        "version": nautilus_trader.__version__,
        "whole": [whole for whole, _, _, _ in played],
        "days": [run for _, run, _, _ in played],
        "ticks": sum(ticks for _, _, ticks, _ in played),
        "fills": {day: fills for day, (_, _, _, fills) in zip(days, played, strict=True)},
    }
    sys.stdout.write(json.dumps(answer) + "\n")


main()
