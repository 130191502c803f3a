"""A day that never was, as views: fixed instants, a chain of 41 strikes, a condor, a settled trade, and their words."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from engine.calendar import from_new_york, session
from engine.types import to_units
from engine.view import (
    Alert,
    AlertRequest,
    AlertsView,
    ChainRow,
    ChainView,
    CommandRequest,
    FlattenEstimate,
    GreeksRow,
    HeaderView,
    LogRow,
    Mark,
    Pace,
    PositionRow,
    PositionsView,
    ProgressView,
    RiskRow,
    RuleView,
    SeatView,
    SideView,
    SignalRow,
    SmilePoint,
    SmileView,
    View,
    ViewRequest,
)

DAY = dt.date(2026, 1, 15)
SECOND = 1_000_000_000
SPOT = 5870.12


def at(text: str) -> int:
    """An instant of the day, from New York time."""
    return from_new_york(DAY, dt.time.fromisoformat(text))


def header(**changes: Any) -> HeaderView:
    base = HeaderView(
        banner="SIMULATED",
        account="main",
        roots=("SPXW", "XSP"),
        day=DAY,
        now=at("12:02:31"),
        feed="ok",
        feed_text="",
        oldest_held_age=int(0.4 * SECOND),
        day_pnl=to_units(186),
        realised=0,
        open_pnl=to_units(186),
        provisional=False,
        nearest_short=to_units(27),
        next_deadline="exit 15:20",
        next_deadline_ts=at("15:20:00"),
        state="ACTIVE",
        state_text="",
        vix=15.34,
        vix_source="chain-implied",
    )
    return replace(base, **changes)


def progress(**changes: Any) -> ProgressView:
    day = session(DAY)
    base = ProgressView(
        open=day.open,
        close=day.close,
        end=day.close,
        now=at("12:02:31"),
        speed=60,
        paused=False,
        finished=False,
        can_control=True,
        marks=(
            Mark(at("10:00:00"), "entering"),
            Mark(at("10:00:07"), "trade"),
            Mark(at("10:41:00"), "stop"),
            Mark(at("11:00:00"), "entering"),
            Mark(at("11:31:00"), "command"),
            Mark(at("12:00:00"), "skipped"),
        ),
    )
    return replace(base, **changes)


def _side(strike: int, right: str, held: int, age: int) -> SideView:
    away = strike - SPOT if right == "C" else SPOT - strike
    sigma = 14.0
    d = -away / sigma
    chance = 0.5 * (1 + math.erf(d / math.sqrt(2)))
    value = max(0.05, sigma * math.exp(-d * d / 2) / math.sqrt(2 * math.pi) - away * chance)
    half = 0.05 if value < 3 else 0.10
    cents = round(value / 0.05) * 0.05
    return SideView(
        bid=to_units(round(max(0.0, cents - half), 2)),
        ask=to_units(round(cents + half, 2)),
        bid_size=10,
        ask_size=12,
        iv=0.142 + abs(strike - SPOT) / 4000 + (0.01 if right == "P" else 0),
        delta=round(chance if right == "C" else -chance, 4),
        gamma=0.01,
        theta=-12.5,
        vega=0.8,
        volume=max(0, 18_400 - abs(strike - 5870) * 150),
        open_interest=max(0, 9_200 - abs(strike - 5870) * 60),
        age=age,
        held=held,
        itm=chance,
        touch=min(1.0, 2 * min(chance, 1 - chance)),
    )


def chain(**changes: Any) -> ChainView:
    held = {(5845, "P"): -2, (5835, "P"): 2, (5900, "C"): -2, (5910, "C"): 2}
    rows = []
    for n, strike in enumerate(range(5770, 5975, 5)):
        call, put = (
            _side(strike, right, held.get((strike, right), 0), int((0.2 + 0.1 * (n % 7)) * SECOND)) for right in "CP"
        )
        if strike == 5770:
            put = replace(put, iv=None, delta=None, itm=None, touch=None, age=200 * SECOND)
        if strike == 5970:
            call = SideView(bid=None, ask=to_units(0.05), age=int(3.2 * SECOND))
        rows.append(ChainRow(to_units(strike), call, put))
    base = ChainView(
        root="SPXW",
        expiry=DAY,
        expiries=(DAY, DAY + dt.timedelta(days=1), DAY + dt.timedelta(days=5)),
        spot=to_units(SPOT),
        spot_age=int(0.2 * SECOND),
        forward=5871.3,
        atm=to_units(5870),
        expected_move=21.4,
        seconds_to_close=(at("16:00:00") - at("12:02:31")) / SECOND,
        prices="quotes",
        rows=tuple(rows),
        iv_tick=0.0031,
    )
    return replace(base, **changes)


def smile(**changes: Any) -> SmileView:
    points = []
    for strike in range(5770, 5975, 5):
        x = (strike - SPOT) / 14.0
        model = 0.142 + 0.004 * x * x / 10 - 0.003 * x / 10
        points.append(
            SmilePoint(
                strike=to_units(strike),
                market=None if strike == 5770 else model + (0.006 if strike == 5800 else 0.0004 * math.sin(strike)),
                model=model,
                density=math.exp(-x * x / 2) / math.sqrt(2 * math.pi) / 14.0,
                above=0.5 * (1 - math.erf(x / math.sqrt(2))),
            )
        )
    base = SmileView(
        root="SPXW",
        expiry=DAY,
        forward=5871.3,
        atm_strike=to_units(5870),
        points=tuple(points),
        atm=0.1421,
        skew=-0.0213,
        risk_reversal=-0.0184,
        butterfly=0.0037,
        call_strike=5880.4,
        put_strike=5860.1,
        move=21.4,
        deviation=26.6,
        iv_tick=0.0031,
        error=0.0006,
        quotes=40,
        outliers=1,
    )
    return replace(base, **changes)


def _position(**changes: Any) -> PositionRow:
    base = PositionRow(
        trade_id=7,
        level="trade",
        label="#7 IC 10:00",
        filled=2,
        wanted=2,
        entry=to_units(2.30),
        cost=to_units(1.35),
        stop_at=None,
        stop_holder="",
        distance=None,
        pnl_mid=to_units(186),
        pnl_now=to_units(158),
        note="",
    )
    return replace(base, **changes)


def positions(**changes: Any) -> PositionsView:
    side = {"level": "side", "stop_holder": "e", "stop_at": to_units(2.35), "has_short": True}
    rows = (
        _position(),
        _position(
            label="puts 5845/5835",
            entry=to_units(1.10),
            cost=to_units(0.55),
            distance=to_units(1.80),
            pnl_mid=to_units(108),
            pnl_now=to_units(94),
            itm=0.042,
            touch=0.091,
            **side,
        ),
        _position(
            label="calls 5900/5910",
            entry=to_units(1.20),
            cost=to_units(0.80),
            distance=to_units(1.55),
            pnl_mid=None,
            pnl_now=None,
            **side,
        ),
        _position(
            trade_id=12,
            label="#12 IC 11:00",
            filled=1,
            entry=None,
            cost=None,
            pnl_mid=None,
            pnl_now=None,
            note="working: limit 2.20, mid 2.25",
        ),
        _position(
            trade_id=3,
            level="settled",
            label="#3 IC 09:45",
            filled=1,
            wanted=1,
            entry=to_units(1.9),
            cost=0,
            pnl_mid=to_units(-212.6),
            pnl_now=to_units(-212.6),
            note="stopped 10:41, settled PROVISIONAL",
        ),
    )
    base = PositionsView(rows=rows, open_trades=2, worst_loss=to_units(1640), flatten_cost=to_units(38.4), contracts=12)
    return replace(base, **changes)


def greeks() -> tuple[GreeksRow, ...]:
    return (
        GreeksRow(
            group="whole book", delta=-4.2, gamma=-6.31, theta=1.87, vega=-41.5, charm=-0.034, vanna=5.25, vomma=-0.61
        ),
        GreeksRow(
            group="iron_condor", delta=-4.2, gamma=-6.31, theta=1.87, vega=-41.5, charm=-0.034, vanna=5.25, vomma=-0.61
        ),
        GreeksRow(group=str(DAY), delta=-4.2, gamma=None, theta=1.87, vega=-41.5),
    )


def signals() -> tuple[SignalRow, ...]:
    def row(time: str, key: str, kind: str, text: str) -> SignalRow:
        return SignalRow(ts=at(time), strategy="iron_condor", root="SPXW", key=key, kind=kind, text=text)

    return (
        row("10:00:00", "10:00", "entered", "#7: credit 2.30 over the least 1.00, shorts at delta 0.10, VIX 15.3"),
        row("11:00:00", "11:00", "entering", "#12: limit 2.20, the mid is 2.25; step 2 of 4"),
        row("12:00:00", "12:00", "skipped", "credit 0.85 is below min_credit 1.00"),
        row("12:00:00", "13:00", "scheduled", "opens at 13:00"),
    )


def risk() -> tuple[RiskRow, ...]:
    return (
        RiskRow(name="per trade", code="PER_TRADE", used=820, limit=1000, unit="dollars", text=""),
        RiskRow(name="day loss", code="DAILY_LOSS", used=0, limit=500, unit="dollars", text=""),
        RiskRow(name="iron_condor", code="PER_STRATEGY", used=6.6, limit=10, unit="percent", text="of equity"),
        RiskRow(name="open trades", code="MAX_OPEN", used=8, limit=8, unit="count", text=""),
        RiskRow(name="VIX scale", code="VIX", used=None, limit=35, unit="count", text="full size below 25"),
    )


def log() -> tuple[LogRow, ...]:
    def row(n: int, time: str, source: str, text: str, level: Any = "info") -> LogRow:
        return LogRow(n=n, ts=at(time), level=level, source=source, text=text)

    return (
        row(1, "09:30:00", "session", "the day begins: SPXW, XSP, simulated, seed 7"),
        row(2, "10:00:07", "exchange", "#7 filled 2 x IC 2.30 credit (mid 2.35, natural 2.20, asked 2.30)"),
        row(3, "10:00:07", "stops", "#7 stops armed: engine, puts 2.35, calls 2.35"),
        row(4, "10:41:00", "stops", "#3 puts stopped at 4.10", "warning"),
        row(5, "10:41:02", "exchange", "#3 closed at 4.15, -212.60 after fees"),
        row(6, "11:00:00", "gate", "#12 approved: worst loss 820.00 of 1,000.00"),
        row(7, "11:31:00", "person", "pause"),
        row(8, "11:31:40", "person", "resume"),
        row(9, "12:00:00", "iron_condor", "12:00 skipped: credit 0.85 is below min_credit 1.00"),
        row(10, "12:02:31", "market", "SPXW quotes of 2 strikes are older than 90 s", "alarm"),
    )


def view(**changes: Any) -> View:
    base = View(
        version=1,
        header=header(),
        chain=chain(),
        positions=positions(),
        greeks=greeks(),
        signals=signals(),
        risk=risk(),
        log=log(),
        progress=progress(),
    )
    return replace(base, **changes)


def empty(**changes: Any) -> View:
    """The session before anything has happened."""
    return view(
        chain=None,
        positions=positions(rows=(), open_trades=0, worst_loss=0, flatten_cost=None),
        greeks=(),
        signals=(),
        risk=(),
        log=(),
        header=header(oldest_held_age=None, day_pnl=0, open_pnl=0, nearest_short=None, vix=None, next_deadline=""),
        progress=progress(now=session(DAY).open, marks=()),
        **changes,
    )


def _day_parts(request: ViewRequest) -> dict[str, Any]:
    import comparison_views  # they are made of the words of this file
    import day_views
    import risk_views

    made = {
        "orders": day_views.orders,
        "chart": day_views.chart,
        "equity": day_views.equity,
        "payoff": lambda: risk_views.payoff(request.payoff),
        "gamma": risk_views.gamma,
        "term": risk_views.term,
        "comparison": comparison_views.comparison,
    }
    return {part: make() if part in request.parts else None for part, make in made.items()}


def alert(id: int, text: str, level: str = "warning", **changes: Any) -> Alert:  # noqa: A002 - the field's name
    base = Alert(
        id=id, serial=id, ts=at("12:02:30"), first_ts=at("12:02:30"), level=level, kind="rule", text=text, root="SPXW",
        trade_id=0, count=1, acknowledged=False,
    )  # fmt: skip
    return replace(base, **changes)


def alerts(*found: Alert, **changes: Any) -> AlertsView:
    """Alerts as a session has them; given the oldest first."""
    unseen = [each for each in found if not each.acknowledged]
    base = AlertsView(
        alerts=tuple(sorted(found, key=lambda each: -each.serial)),
        unacknowledged=len(unseen),
        alarms=sum(each.level == "alarm" for each in unseen),
        serial=max((each.serial for each in found), default=0),
        rules=(
            RuleView(number=1, text="spot < 5850 once", by="config", state="armed", now="now 5,870.12"),
            RuleView(number=2, text="pnl < -300", by="person", state="fired", now="now -310.00"),
        ),
    )
    return replace(base, **changes)


def seat(**changes: Any) -> SeatView:
    """Of the first of two screens, the one in control."""
    usual: dict[str, Any] = {
        "number": 1,
        "name": "the session's own screen",
        "in_control": True,
        "watching": False,
        "holder": "the session's own screen",
        "viewers": 2,
    }
    return SeatView(**{**usual, **changes})


@dataclass
class FakePort:
    """A Port that remembers what was asked of it, and answers a pace or a look as the session would."""

    current: View | None = field(default_factory=view)
    paces: list[Pace] = field(default_factory=list)
    commands: list[CommandRequest] = field(default_factory=list)
    looks: list[ViewRequest] = field(default_factory=list)
    asked: list[AlertRequest] = field(default_factory=list)
    taken: int = 0
    estimate: str = "2 trades, 12 contracts: about $38.40 against the mids, fees included"

    def view(self) -> View | None:
        return self.current

    def put(self, **changes: Any) -> None:
        """Publish a newer view."""
        assert self.current is not None
        self.current = replace(self.current, version=self.current.version + 1, **changes)

    def look_at(self, request: ViewRequest) -> None:
        self.looks.append(request)
        if self.current is None:
            return
        shown = self.current.chain
        if request.root is not None:
            assert shown is not None
            shown = replace(shown, root=request.root, expiry=request.expiry or DAY)
        # Looking elsewhere is no event: the version stays.
        self.current = replace(
            self.current,
            asked=request,
            chain=shown,
            smile=smile() if "smile" in request.parts else None,
            **_day_parts(request),
        )

    def command(self, request: CommandRequest) -> None:
        self.commands.append(request)

    def take_control(self) -> None:
        self.taken += 1

    def pace(self, pace: Pace) -> None:
        self.paces.append(pace)
        assert self.current is not None
        if pace.action in ("toggle", "pause", "resume"):
            paused = not self.current.progress.paused if pace.action == "toggle" else pace.action == "pause"
            self.put(progress=replace(self.current.progress, paused=paused))
        elif pace.action == "speed":
            self.put(progress=replace(self.current.progress, speed=pace.value))

    def alerts(self, request: AlertRequest) -> None:
        self.asked.append(request)

    def flatten_estimate(self) -> FlattenEstimate:
        return FlattenEstimate(trades=2, contracts=12, cost=to_units(38.4), text=self.estimate)
