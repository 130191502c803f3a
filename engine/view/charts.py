"""The chart: the minutes of the root that is looked at, and what of the book lies on them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from engine.clock import MINUTE
from engine.core import Engine
from engine.market import Chain
from engine.types import Contract, Price, product
from engine.view.chains import looked_at
from engine.view.chart import ChartMark, ChartStop, ChartStrike, ChartView
from engine.view.equity import EquityMark
from engine.view.minutes import Minutes, Recorder, average, cone
from engine.view.request import ViewRequest
from engine.view.stop_levels import stop_levels


def build_chart(
    engine: Engine, request: ViewRequest, recorder: Recorder, marks: Iterable[EquityMark], now: int
) -> ChartView:
    """The chart of the root the reader looks at; its expiry tells the expected move."""
    state = engine.state
    root, _, chain = looked_at(engine, request)
    minutes = recorder.of(root)
    spot = recorder.price(root, chain)
    seen = Minutes(list(minutes.times), list(minutes.prices), list(minutes.volumes), minutes.opening)
    if spot is not None:
        _add_now(seen, state.now, spot, recorder.volume(root))
    averages, kind = average(seen, state.session.open) if seen.times else ([], "")
    return ChartView(
        root=root,
        symbol=product(root).underlying,
        expiry=None if chain is None else chain.expiry,
        open=state.session.open,
        close=state.session.product_close(root),
        now=now,
        times=tuple(seen.times),
        prices=tuple(seen.prices),
        average=tuple(averages),
        average_kind=kind,
        average_why=_why(root) if kind == "TWAP" else "",
        spot=spot,
        high=max(seen.prices, default=None),
        low=min(seen.prices, default=None),
        marks=_marks(engine, root, seen, marks),
        strikes=_strikes(engine, root),
        stops=_stops(engine, root, chain),
        cone=None if chain is None or spot is None or chain.expiry != state.session.day else cone(chain, spot),
        opening=seen.opening
        if seen.opening is not None and seen.opening.end <= state.session.product_close(root)
        else None,
        since=seen.times[0] if seen.times else None,
    )


def _add_now(seen: Minutes, now: int, spot: Price, volume: int | None) -> None:
    """The newest point is now: it stands in for the minute's first, which is of the same minute."""
    if seen.times and seen.times[-1] == now:
        seen.prices[-1], seen.volumes[-1] = spot, volume
        return
    seen.times.append(now)
    seen.prices.append(spot)
    seen.volumes.append(volume)


def _why(root: str) -> str:
    terms = product(root)
    if terms.settlement == "cash":
        return f"{terms.underlying} is an index and has no volume"
    return f"the source tells no volume of {terms.underlying}"


def _marks(engine: Engine, root: str, seen: Minutes, marks: Iterable[EquityMark]) -> tuple[ChartMark, ...]:
    found = []
    for mark in marks:
        trade = engine.state.portfolio.get(mark.trade_id)
        if trade is not None and trade.root == root:
            found.append(ChartMark(mark.ts, mark.kind, mark.trade_id, _price_at(seen, mark.ts)))
    return tuple(found)


def _price_at(seen: Minutes, ts: int) -> Price | None:
    """The nearest point's price; None where none lies within two minutes."""
    after = bisect_right(seen.times, ts)
    near = [at for at in (after - 1, after) if 0 <= at < len(seen.times)]
    best = min(near, key=lambda at: abs(seen.times[at] - ts), default=None)
    return None if best is None or abs(seen.times[best] - ts) > 2 * MINUTE else seen.prices[best]


def _strikes(engine: Engine, root: str) -> tuple[ChartStrike, ...]:
    net: dict[Contract, int] = {}
    for trade in engine.state.portfolio.open_trades:
        if trade.root == root:
            for contract, quantity in trade.standing.held.items():
                net[contract] = net.get(contract, 0) + quantity
    short: dict[tuple[Price, str], int] = {}
    for contract, quantity in net.items():
        if quantity < 0:
            key = (contract.strike, contract.right)
            short[key] = short.get(key, 0) - quantity
    return tuple(
        ChartStrike(strike, "C" if right == "C" else "P", many) for (strike, right), many in sorted(short.items())
    )


def _stops(engine: Engine, root: str, chain: Chain | None) -> tuple[ChartStop, ...]:
    if chain is None:
        return ()
    trades = [trade for trade in engine.state.portfolio.open_trades if trade.root == root]
    return tuple(level for trade in trades for level in stop_levels(engine, trade, chain))
