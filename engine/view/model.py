"""Everything a screen shows, as one immutable value. Numbers are exact units or None: None is shown as missing.

Prices are units of 1e-4 dollars a share (index points), amounts units of 1e-4 dollars, times ns UTC, ages ns.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from engine.alerts import AlertsView
from engine.types import Money, Price
from engine.view.chart import ChartView
from engine.view.comparison import ComparisonView
from engine.view.deals import DealsView
from engine.view.equity import EquityView
from engine.view.gamma import GammaView
from engine.view.orders import OrdersView
from engine.view.payoff import PayoffView
from engine.view.reading import ReadingRow
from engine.view.request import ViewRequest
from engine.view.seat import SeatView
from engine.view.term import TermView
from engine.view.ticket import ProposalRow, TicketView

TradingState = Literal["ACTIVE", "REDUCING", "HALTED"]
Level = Literal["info", "warning", "alarm"]


class HeaderView(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: what the eye needs first.

    Attributes:
        banner: ``SIMULATED``, ``REPLAY vendor lean quote``, ``PAPER``, ``LIVE``.
        feed: ok, stale, down or closed; ``feed_text`` says it in words.
        oldest_held_age: age of the oldest quote of a held leg; None with nothing held.
        day_pnl, realised, open_pnl: net of fees; None where it cannot be known now.
        provisional: whether the P&L still waits for an official close.
        nearest_short: points from spot to the nearest held short strike, negative once it is in the money.
        next_deadline: what happens next on its own, in words, such as ``exit 15:20``; empty for nothing.
        state_text: why it is not ACTIVE, in words; breakers: the names of what put it there.
        vix: index points; ``vix_source`` names where it is from, such as ``prior close`` or ``chain-implied``.
    """

    banner: str
    account: str
    roots: tuple[str, ...]
    day: dt.date
    now: int
    feed: str
    feed_text: str
    oldest_held_age: int | None
    day_pnl: Money | None
    realised: Money
    open_pnl: Money | None
    provisional: bool
    nearest_short: Price | None
    next_deadline: str
    next_deadline_ts: int | None
    state: TradingState
    state_text: str
    vix: float | None
    vix_source: str
    breakers: tuple[str, ...] = ()


class SideView(msgspec.Struct, frozen=True):
    """One option of a chain's row. IV is annualised (0.15 is 15%); delta a share, gamma a point, theta and vega
    in dollars a share: a day, a vol point. ``itm`` and ``touch`` are risk-neutral probabilities: to expire in the
    money, and that the forward trades at the strike before. ``held`` is signed contracts over all trades; ``age`` of
    the quote; ``streamed``: whether the feed brings its quotes, which else are of when they were asked for.
    """

    bid: Price | None = None
    ask: Price | None = None
    bid_size: int | None = None
    ask_size: int | None = None
    iv: float | None = None
    delta: float | None = None
    gamma: float | None = None
    theta: float | None = None
    vega: float | None = None
    volume: int | None = None
    open_interest: int | None = None
    age: int | None = None
    held: int = 0
    itm: float | None = None
    touch: float | None = None
    streamed: bool = True


class ChainRow(msgspec.Struct, frozen=True):
    """One strike with its call and its put."""

    strike: Price
    call: SideView
    put: SideView


class ChainView(msgspec.Struct, frozen=True, kw_only=True):
    """One expiry of one root, strikes ascending. ``expiries`` lists what else there is of the root.

    ``iv_tick`` is plus or minus how much volatility half a tick of price is at the money. ``dividend`` says of an
    American root whether the shares pay one tomorrow, or that this is not known; empty if not.
    """

    root: str
    expiry: dt.date
    expiries: tuple[dt.date, ...]
    spot: Price | None
    spot_age: int | None
    forward: float | None
    atm: Price | None
    expected_move: float | None
    seconds_to_close: float
    prices: str
    rows: tuple[ChainRow, ...]
    why_empty: str = ""
    dividend: str = ""
    iv_tick: float | None = None


class SmilePoint(msgspec.Struct, frozen=True):
    """A strike on the smile: the volatility of its quote and of the fit, annual; ``density`` is the risk-neutral
    probability a dollar (an index point) there, ``above`` that to expire above it."""

    strike: Price
    market: float | None
    model: float | None
    density: float | None
    above: float | None


class SmileView(msgspec.Struct, frozen=True, kw_only=True):
    """The smile fitted to one expiry. Volatilities are annual (0.01 is a vol point); None where undefined.

    Attributes:
        atm: of the fit at the forward. skew: its change for a strike 1% higher.
        risk_reversal, butterfly: of the 25-delta call and put; call_strike, put_strike: where those are, dollars.
        move: expected move, what the straddle at the forward costs. deviation: one standard deviation until expiry at
            the fit's volatility; both in dollars a share (points).
        iv_tick: as in ``ChainView``. error: how far the quotes lie from the fit, root mean square.
        quotes: how many were fitted; outliers: how many of them lie more than three of their errors aside.
        arbitrage: where the fit leaves free money, in words; empty where it leaves none.
        why_empty: why nothing is fitted.
    """

    root: str
    expiry: dt.date
    forward: float | None
    atm_strike: Price | None
    points: tuple[SmilePoint, ...] = ()
    atm: float | None = None
    skew: float | None = None
    risk_reversal: float | None = None
    butterfly: float | None = None
    call_strike: float | None = None
    put_strike: float | None = None
    move: float | None = None
    deviation: float | None = None
    iv_tick: float | None = None
    error: float | None = None
    quotes: int = 0
    outliers: int = 0
    arbitrage: str = ""
    why_empty: str = ""


class PositionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A trade, one of its sides, or a working entry.

    Attributes:
        level: ``trade``, ``side`` (indented below its trade) or ``settled``.
        filled, wanted: packages.
        entry: net credit a package (negative: debit). cost: what closing costs a package now, at mid.
        stop_at: closing price at which the stop fires; stop_holder: e engine, b broker, eb both, UNARMED, or empty.
        distance: stop_at less cost.
        pnl_mid, pnl_now: of the trade, at mid and if liquidated now, fees taken off.
        note: status in words: ``working: limit 2.20``, ``settled PROVISIONAL``.
        has_short: whether this row is about short contracts, of which the next two tell.
        breakeven: of a trade, points from spot to the nearest price at which it would bring nothing at expiry; negative
            while it would lose where spot is.
        itm, touch: of its shorts the greater risk-neutral probability to expire in the money, and that the forward
            trades at the strike before expiry.
    """

    trade_id: int
    level: str
    label: str
    filled: int
    wanted: int
    entry: Price | None
    cost: Price | None
    stop_at: Price | None
    stop_holder: str
    distance: Price | None
    pnl_mid: Money | None
    pnl_now: Money | None
    note: str
    has_short: bool = False
    itm: float | None = None
    touch: float | None = None
    breakeven: Price | None = None


class PositionsView(msgspec.Struct, frozen=True, kw_only=True):
    """The book.

    Attributes:
        worst_loss: the most all open trades can still end up losing together, at expiry, positive.
        flatten_cost: what closing everything now loses against the mids, fees included; None where a quote is missing.
        contracts: how many contracts are held, long and short.
        margin: what the strikes of all trades may cost; None where a loss has no bound. equity: of the account.
        stops_doubt: why the engine's stops cannot be relied on, whoever holds them; empty where they can.
    """

    rows: tuple[PositionRow, ...]
    open_trades: int
    worst_loss: Money
    flatten_cost: Money | None
    contracts: int = 0
    margin: Money | None = None
    equity: Money | None = None
    stops_doubt: str = ""


class GreeksRow(msgspec.Struct, frozen=True, kw_only=True):
    """Dollar Greeks of a group: delta a point, gamma (change of delta) a point, theta a minute, vega a vol point.

    Of the second order: charm is the change of delta a minute, vanna that of delta a vol point, vomma that of vega a
    vol point.
    """

    group: str
    delta: float | None
    gamma: float | None
    theta: float | None
    vega: float | None
    charm: float | None = None
    vanna: float | None = None
    vomma: float | None = None


class SignalRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a strategy last said of one window or trade."""

    ts: int
    strategy: str
    root: str
    key: str
    kind: str
    text: str


class RiskRow(msgspec.Struct, frozen=True, kw_only=True):
    """One limit: how much is used, of what.

    Attributes:
        used: None where nothing has told yet, or nothing is used up. limit: None where it is no number.
        unit: dollars, price (dollars with cents), count, percent, seconds, ms or text.
        text: what the figure is; with the unit ``text``, the figure itself.
        group: what it is a limit of; rows of a group follow one another.
    """

    name: str
    code: str
    used: float | None
    limit: float | None
    unit: str
    text: str
    group: str = ""


class LogRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log. ``n`` counts lines from the session's start."""

    n: int
    ts: int
    level: Level
    source: str
    text: str


class Mark(msgspec.Struct, frozen=True):
    """A moment on the timeline: a signal, a trade, a command, an alert, a bookmark; what it was in words."""

    ts: int
    kind: str
    text: str = ""


class ProgressView(msgspec.Struct, frozen=True, kw_only=True):
    """Where in the day we are, and how fast.

    Attributes:
        open, close: of the session; end: when the last of its products stops trading.
        speed: seconds of market a second; 0 is as fast as possible.
        earliest: the earliest instant to which a jump can go: now, in a session continued after a restart.
        practice: since when a person has traded in the strategies' place or beside them; None while nobody has.
        strategies: what they do then, a key of ``PRACTICES``; empty while nobody practises.
        told: what the newest jump or taking over came to, where it needs words; ``tellings`` counts them.
    """

    open: int
    close: int
    end: int
    now: int
    speed: float
    paused: bool
    finished: bool
    can_control: bool
    marks: tuple[Mark, ...]
    earliest: int = 0
    practice: int | None = None
    strategies: str = ""
    told: str = ""
    tellings: int = 0


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of a session.

    Attributes:
        version: grows with every event of the engine.
        alarm: a problem that stands while the engine goes on, such as a journal that cannot be written.
        error: why the engine has stopped.
        asked: what the reader looked at when it was made.
        smile: of the chain's expiry; None where the reader did not ask for it. payoff, gamma, term: likewise.
        alerts: what was told of, and the rules by which.
        ticket: of the package the reader asks about; None where it asks about none.
        readings: what the market says beyond its prices; None where not asked for.
        orders, chart, equity: the blotter, the day's prices and its P&L; None where not asked for.
        proposals: what strategies would enter; None where not asked for. deals: what trades cost to close.
        seat: who looks on besides this reader, and who is in control; None where nobody else can look on.
        comparison: of the session with the same day played hands-off; None where the reader did not ask for it.
    """

    version: int
    header: HeaderView
    chain: ChainView | None
    positions: PositionsView
    greeks: tuple[GreeksRow, ...]
    signals: tuple[SignalRow, ...]
    risk: tuple[RiskRow, ...]
    log: tuple[LogRow, ...]
    progress: ProgressView
    alarm: str = ""
    error: str = ""
    asked: ViewRequest = ViewRequest()
    smile: SmileView | None = None
    payoff: PayoffView | None = None
    gamma: GammaView | None = None
    term: TermView | None = None
    seat: SeatView | None = None
    comparison: ComparisonView | None = None
    ticket: TicketView | None = None
    proposals: tuple[ProposalRow, ...] | None = None
    deals: DealsView = DealsView()
    readings: tuple[ReadingRow, ...] | None = None
    orders: OrdersView | None = None
    chart: ChartView | None = None
    equity: EquityView | None = None
    alerts: AlertsView = AlertsView()
