"""Views of a session: empty, working, open, stopped, settled, locked. What cannot be known is None."""

from __future__ import annotations

import math

import pytest
from core_builders import (
    CALLS_HIT,
    CONDOR,
    DAY,
    PUTS_HIT,
    SPOT,
    Tape,
    at,
    condor_tape,
    ladder,
    make_engine,
)  # fmt: skip

from engine import pricing
from engine.calendar import session
from engine.clock import SECOND
from engine.core import Engine
from engine.events import ChainBatch, Command, FeedStatus
from engine.pacing import Timeline
from engine.view import PositionRow, ProgressView, View, ViewRequest
from engine.view.build import ViewBuilder

TWO = 'strategies.iron_condor.entries=["10:00", "11:00"]'
NO_STOP = "strategies.iron_condor.stop.scope=none"


def seen(tape: Tape, until: str, *settings: str, later: int = 0, request: ViewRequest | None = None) -> View:
    """What the screen shows at a time; ``later`` ns after the last event."""
    return watched(make_engine(*settings), tape, until)[1](later, request)


def watched(engine: Engine, tape: Tape, until: str):
    builder = ViewBuilder(engine, "SIMULATED")
    timeline = Timeline(iter(tape.sorted()))
    while (ts := timeline.next_ts) is not None and ts <= at(until):
        event = timeline.take()
        assert event is not None
        tick = engine.process(event)
        timeline.wake_at = tick.wake_at
        builder.absorb(tick)

    def view(later: int = 0, request: ViewRequest | None = None) -> View:
        return builder.build(request or ViewRequest(), progress(engine, builder, at(until) + later))

    return builder, view


def progress(engine: Engine, builder: ViewBuilder, now: int) -> ProgressView:
    day = session(DAY)
    return ProgressView(
        open=day.open, close=day.close, end=day.close, now=now, speed=60, paused=False, finished=False,
        can_control=True, marks=builder.marks,
    )  # fmt: skip


def rows(view: View) -> list[PositionRow]:
    return list(view.positions.rows)


def side(view: View, word: str) -> PositionRow:
    return next(row for row in rows(view) if row.level == "side" and row.label.startswith(word))


def test_before_anything_is_listed_the_view_says_why_it_is_empty() -> None:
    view = seen(Tape(), "09:35")

    assert view.chain is not None
    assert view.chain.rows == ()
    assert view.chain.why_empty == "no SPXW option is listed yet: the first quotes come after the open"
    assert rows(view) == []
    assert view.greeks == ()
    header = view.header
    assert (header.day_pnl, header.realised, header.open_pnl) == (0, 0, 0)
    assert (header.oldest_held_age, header.nearest_short, header.vix) == (None, None, None)
    assert (header.feed, header.feed_text) == ("stale", "no data since the open")
    assert header.vix_source == "unknown"


def test_before_the_open_the_feed_is_closed_not_stale() -> None:
    assert seen(Tape(), "09:00").header.feed_text == "opens at 09:30"
    assert seen(Tape(), "09:00").header.feed == "closed"


def test_the_chain_shows_each_strike_and_what_is_held() -> None:
    chain = seen(condor_tape(), "10:01").chain

    assert chain is not None
    assert [row.strike for row in chain.rows] == [strike * 10_000 for strike in range(5300, 5401, 5)]
    row = next(row for row in chain.rows if row.strike == 53_250_000)
    assert (row.put.bid, row.put.ask, row.put.held, row.put.age) == (13_000, 14_000, -1, 0)
    assert (row.call.bid, row.call.ask, row.call.held, row.call.age, row.call.iv) == (None, None, 0, None, None)
    assert row.put.iv is not None
    assert row.put.delta is not None
    assert row.put.delta < 0
    assert (chain.spot, chain.atm, chain.expected_move) == (53_500_000, 53_500_000, None)


def test_a_chain_of_mids_says_that_both_sides_are_the_mid() -> None:
    engine = make_engine(meanings={"SPXW": "mid"})
    _, view = watched(engine, condor_tape("10:01"), "10:01")

    assert view().chain.prices == "mids: no bid or ask on this tape, both sides show the mid"


def test_stale_quotes_are_shown_with_their_age_and_without_greeks() -> None:
    chain = seen(condor_tape("10:00"), "10:05").chain

    assert chain is not None
    row = next(row for row in chain.rows if row.strike == 53_250_000)
    assert (row.put.bid, row.put.age, row.put.iv, row.put.delta) == (13_000, 300 * SECOND, None, None)


def test_a_working_entry_has_a_row_with_its_limit() -> None:
    view = seen(condor_tape(), "10:00", "fills.latency_ms=2000")

    (row, *sides) = rows(view)
    assert (row.level, row.filled, row.wanted, row.note) == ("trade", 0, 1, "working: 1.40 credit")
    assert (row.entry, row.cost, row.pnl_mid, row.stop_holder) == (None, None, None, "")
    assert sides == []
    assert (view.positions.open_trades, view.positions.contracts) == (0, 0)


def test_an_open_trade_has_a_row_a_side_with_its_stop_and_its_distance() -> None:
    view = seen(condor_tape(), "10:01")

    (trade, puts, calls) = rows(view)
    assert (trade.label, trade.filled, trade.wanted, trade.entry, trade.cost) == ("#1 IC 10:00", 1, 1, 14_000, 16_000)
    assert (trade.pnl_mid, trade.pnl_now, trade.stop_at, trade.stop_holder) == (-226_000, -452_000, None, "")
    assert (puts.label, puts.entry, puts.cost) == ("puts 5315/5325", 7_000, 8_000)
    assert (puts.stop_at, puts.stop_holder, puts.distance) == (14_500, "e", 6_500)
    assert (calls.label, calls.entry, calls.cost, calls.distance) == ("calls 5375/5385", 7_000, 8_000, 6_500)


def test_a_package_stop_stands_on_the_trades_row() -> None:
    stop = "strategies.iron_condor.stop"
    view = seen(condor_tape(), "10:01", f"{stop}.scope=package", f"{stop}.multiple=1.5")

    (trade, puts, _) = rows(view)
    assert (trade.stop_at, trade.stop_holder, trade.distance) == (21_500, "e", 5_500)
    assert (puts.stop_at, puts.stop_holder) == (None, "")


def test_the_headers_pnl_is_the_portfolios() -> None:
    engine = make_engine(TWO)
    tape = condor_tape("10:01").quote("10:02", PUTS_HIT, spot=SPOT).hold("10:03", "10:05").quote("10:06", CONDOR)
    _, view = watched(engine, tape.hold("10:07", "11:05"), "11:05")

    header = view().header
    portfolio = engine.state.portfolio
    marks = [engine.guard.mark(trade).pnl_mid for trade in portfolio.open_trades]
    assert len(marks) == 2
    assert None not in marks
    assert header.realised == portfolio.realised
    assert header.realised < 0, "the side that was stopped and all fees are paid"
    assert header.day_pnl == sum(mark or 0 for mark in marks)
    assert header.day_pnl == header.realised + header.open_pnl
    assert sum(row.pnl_mid or 0 for row in rows(view()) if row.level != "side") == header.day_pnl


def test_a_leg_without_a_fresh_quote_makes_the_days_pnl_unknown_and_its_side_unarmed() -> None:
    tape = condor_tape("10:01").quote("10:02", {"5385C": (None, None)}, spot=SPOT)

    view = seen(tape, "10:02")

    header = view.header
    assert (header.day_pnl, header.open_pnl, header.realised) == (None, None, -26_000)
    assert (side(view, "puts").stop_holder, side(view, "calls").stop_holder) == ("e", "UNARMED")
    assert (side(view, "calls").cost, side(view, "calls").distance) == (None, None)
    assert view.positions.flatten_cost is None
    day_loss = next(row for row in view.risk if row.code == "DAILY_LOSS")
    assert day_loss.used is None
    book = next(row for row in view.greeks if row.group == "book")
    assert book.delta is None


def test_a_feed_that_is_down_arms_nothing() -> None:
    engine = make_engine()
    _, view = watched(engine, condor_tape("10:01"), "10:01")
    engine.process(FeedStatus(ts_known=at("10:01"), state="down", text="no heartbeat"))

    assert side(view(), "puts").stop_holder == "UNARMED"
    assert (view().header.feed, view().header.feed_text) == ("down", "no heartbeat")


def test_a_trade_whose_strategy_has_failed_is_unarmed_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_engine()
    tape = condor_tape("10:05")
    _, view = watched(engine, tape, "10:01")

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("strategies.iron_condor.strategy.manage", broken)
    engine.process(next(e for e in tape.sorted() if isinstance(e, ChainBatch) and e.ts_known == at("10:02")))
    # A quiet market does not ask the strategy; anything a person says does.
    engine.process(Command(ts_known=at("10:02"), command_id="1", kind="note", actor="person"))

    (row,) = rows(view())
    assert (row.stop_holder, row.note) == ("UNARMED", "its strategy has stopped: nobody watches it")
    assert row.pnl_mid == -226_000


def test_the_age_of_the_oldest_held_quote_grows_while_nothing_happens() -> None:
    tape = condor_tape("10:01").quote("10:01:20", {name: CONDOR[name] for name in ("5315P", "5325P", "5375C")})

    assert seen(tape, "10:01:20").header.oldest_held_age == 20 * SECOND
    assert seen(tape, "10:01:20", later=5 * SECOND).header.oldest_held_age == 25 * SECOND


@pytest.mark.parametrize(
    ("spot", "points"), [(5350.0, 25.0), (5340.0, 15.0), (5370.0, 5.0), (5325.0, 0.0), (5320.0, -5.0), (5380.0, -5.0)]
)
def test_the_nearest_short_is_negative_once_in_the_money(spot: float, points: float) -> None:
    tape = condor_tape("10:01").quote("10:02", {}, spot=spot)

    assert seen(tape, "10:02", NO_STOP).header.nearest_short == round(points * 10_000)


def test_the_nearest_short_of_several_trades_is_the_nearest_of_all() -> None:
    wide = {"5290P": (0.10, 0.15), "5300P": (1.3, 1.4), "5400C": (1.2, 1.3), "5410C": (0.10, 0.15), **CONDOR}
    tape = Tape().list(ladder(5280, 5420)).quote("09:59", wide, spot=SPOT).hold("10:00", "10:59")
    tape.quote("11:00", {"5335P": (2.4, 2.5), "5385C": (2.0, 2.1), "5395C": (0.3, 0.4)}, spot=5360.0)
    tape.hold("11:01", "11:02")

    # Short puts at 5325 and 5335, short calls at 5375 and 5385; spot at 5360.
    assert seen(tape, "11:02", TWO, NO_STOP).header.nearest_short == 15 * 10_000


def test_the_next_deadline_is_the_next_window_then_the_exit_then_the_close() -> None:
    tape = condor_tape()

    assert seen(tape, "09:59").header.next_deadline == "entry 10:00"
    assert seen(tape, "10:01", TWO).header.next_deadline == "entry 11:00"
    view = seen(tape, "10:01")
    assert (view.header.next_deadline, view.header.next_deadline_ts) == ("exit 15:20", at("15:20"))
    assert seen(tape, "15:30").header.next_deadline == "close 16:00"
    after = seen(tape, "16:00")
    assert (after.header.next_deadline, after.header.next_deadline_ts) == ("", None)


def test_a_stopped_side_is_closed_and_the_other_still_armed() -> None:
    tape = condor_tape("10:01").quote("10:02", PUTS_HIT, spot=SPOT).hold("10:03", "10:05")

    view = seen(tape, "10:05")

    assert (side(view, "puts").note, side(view, "puts").stop_at, side(view, "puts").filled) == ("closed", None, 0)
    assert (side(view, "calls").stop_holder, side(view, "calls").note) == ("e", "")


def test_a_side_that_is_being_closed_says_so() -> None:
    tape = condor_tape("10:01").quote("10:02", PUTS_HIT, spot=SPOT).hold("10:02:05", "10:02:05")

    assert side(seen(tape, "10:02:05"), "puts").note == "closing"


def test_longs_left_to_expire_are_named() -> None:
    worthless = CONDOR | {"5315P": (0.00, 0.05), "5385C": (0.00, 0.05)}
    tape = condor_tape("10:01").quote("10:02", worthless, spot=SPOT).hold("10:03", "10:06")

    view = seen(tape.command("10:04", "close_trade", 1), "10:06")

    assert [row.note for row in rows(view)] == ["", "5315P left to expire", "5385C left to expire"]


def test_a_settled_trade_is_provisional_until_the_official_close() -> None:
    tape = condor_tape("10:01").hold("15:59", "15:59").close(5320.0)
    hold = "strategies.iron_condor.hold_to_settlement=true"

    provisional, official = seen(tape, "16:05", hold), seen(tape, "16:15", hold)

    assert provisional.header.provisional
    assert [(row.level, row.note, row.pnl_mid) for row in rows(provisional)] == [
        ("settled", "settled PROVISIONAL", 1_374_000)
    ]
    assert not official.header.provisional
    assert [(row.note, row.pnl_mid) for row in rows(official)] == [("settled", 1_374_000 - 5_000_000)]
    assert official.header.day_pnl == official.header.realised == 1_374_000 - 5_000_000
    assert official.header.oldest_held_age is None


def test_a_locked_day_shows_its_state_and_why() -> None:
    tape = condor_tape("10:01").quote("10:02", PUTS_HIT | CALLS_HIT, spot=SPOT).hold("10:03", "10:06")

    view = seen(tape, "10:06", NO_STOP, "risk.daily_loss=80")

    assert view.header.state == "HALTED"
    assert view.header.state_text.startswith("DAILY_LOSS: day -182.60 reached -80.00")
    state, loss = (next(row for row in view.risk if row.code == code) for code in ("NOT_ACTIVE", "DAILY_LOSS"))
    assert state.text.startswith("HALTED DAILY_LOSS")
    assert loss.used is not None
    assert loss.used > 80 == loss.limit


def test_worst_loss_and_the_cost_of_flattening() -> None:
    positions = seen(condor_tape(), "10:01").positions

    assert (positions.open_trades, positions.contracts) == (1, 4)
    assert positions.worst_loss == (1000 - 140) * 10_000 + 26_000
    # 0.20 from mid to bid and ask, and four fees.
    assert positions.flatten_cost == 20 * 10_000 + 26_000


def test_greeks_are_of_the_book_of_each_strategy_expiry_and_trade() -> None:
    rows_by_group = {row.group: row for row in seen(condor_tape("11:05"), "11:05", TWO).greeks}

    assert list(rows_by_group) == [
        "book", "iron_condor SPXW", "SPXW 2024-08-07", "#1 IC 10:00", "#2 IC 11:00",
    ]  # fmt: skip
    book, first, second = (rows_by_group[name] for name in ("book", "#1 IC 10:00", "#2 IC 11:00"))
    assert first.theta is not None
    assert second.theta is not None
    assert book.theta == pytest.approx(first.theta + second.theta)


def test_second_order_greeks_are_how_the_first_move_in_dollars() -> None:
    engine = make_engine()
    _, view = watched(engine, condor_tape("10:05"), "10:05")
    book = view().greeks[0]
    chain = engine.state.chain("SPXW", DAY)
    assert chain is not None
    trade = engine.state.portfolio.open_trades[0]

    def dollars(forward: float = 0.0, vol: float = 0.0, years: float = 0.0) -> tuple[float, float]:
        """Delta a point and vega a vol point of the book, with forward, every vol or the time moved."""
        delta = vega = 0.0
        for contract, holding in trade.holdings.items():
            row, sign = chain.layout.row_of[contract.strike], 1.0 if contract.right == "C" else -1.0
            at_strike = (chain.pricing_forward + forward, float(chain.strikes[row]), chain.years + years)
            greeks = pricing.greeks(sign, *at_strike, float(chain.iv[row]) + vol)
            delta += 100 * holding.quantity * float(greeks.delta)
            vega += holding.quantity * float(greeks.vega)
        return delta, vega

    step, minute = 1e-4, 1 / (365 * 24 * 60)
    by_vol = [(up - down) / (2 * step) / 100 for up, down in zip(dollars(vol=step), dollars(vol=-step), strict=True)]
    assert book.vanna == pytest.approx(by_vol[0], rel=1e-3)
    assert book.vomma == pytest.approx(by_vol[1], rel=1e-3)
    later = 0.1 * minute
    assert book.charm == pytest.approx((dollars(years=-later)[0] - dollars(years=later)[0]) / 0.2, rel=1e-3)


def test_a_side_tells_the_chances_of_its_short_and_a_trade_leaves_that_to_its_sides() -> None:
    engine = make_engine()
    _, view = watched(engine, condor_tape("10:05"), "10:05")
    shown = view()
    assert shown.chain is not None
    for word, right in (("puts", "P"), ("calls", "C")):
        row = side(shown, word)
        short = next(
            c
            for trade in engine.state.portfolio
            for c, h in trade.holdings.items()
            if h.quantity < 0 and c.right == right
        )
        quoted = next(each for each in shown.chain.rows if each.strike == short.strike)
        option = quoted.call if right == "C" else quoted.put
        assert row.has_short
        assert (row.itm, row.touch) == (option.itm, option.touch)
        assert row.itm is not None
        assert row.touch is not None
        assert 0 < row.itm < row.touch < 1
    trade = next(row for row in rows(shown) if row.level == "trade")
    assert (trade.has_short, trade.itm, trade.touch) == (False, None, None)


def test_old_quotes_leave_the_chances_unknown() -> None:
    shown = seen(condor_tape("10:01"), "10:15")
    held = [row for row in rows(shown) if row.level == "side"]
    assert all(row.has_short for row in held)
    assert [(row.itm, row.touch) for row in held] == [(None, None)] * 2


def smiling(strikes: range) -> Tape:
    """Quotes a dime wide around prices of a smile, at 10:05."""
    years = pricing.years_to(at("10:05"), session(DAY).product_close("SPXW"))
    quotes = {}
    for strike in strikes:
        for right, sign in (("P", -1), ("C", 1)):
            mid = float(pricing.price(sign, SPOT, strike, years, 0.2 - 0.5 * math.log(strike / SPOT)))
            quotes[f"{strike}{right}"] = (round(max(mid - 0.05, 0), 2), round(mid + 0.05, 2))
    return Tape().list(ladder(strikes.start, strikes.stop - 1)).quote("10:05", quotes, spot=SPOT)


def test_a_smile_is_fitted_only_for_who_asks() -> None:
    engine = make_engine()
    _, view = watched(engine, smiling(range(5300, 5401, 5)), "10:05")
    assert view().smile is None
    smile = view(request=ViewRequest(parts=("smile",))).smile
    chain = engine.state.chain("SPXW", DAY)
    assert smile is not None
    assert chain is not None
    assert chain.smile is not None
    assert [point.strike for point in smile.points] == list(chain.layout.strikes)
    assert (smile.atm, smile.quotes, smile.move) == (chain.smile.atm_vol, chain.smile.points, chain.expected_move)
    assert smile.skew == pytest.approx(-0.005, abs=0.002)
    assert smile.risk_reversal is not None
    assert smile.risk_reversal < 0
    assert smile.why_empty == smile.arbitrage == ""
    chances = [point.above for point in smile.points if point.above is not None]
    assert chances == sorted(chances, reverse=True)


def test_at_the_close_nothing_is_expected_to_move_any_more() -> None:
    """The straddle's last quote is what it settles at, and its spread: no move to come."""
    last = {
        f"{strike}{right}": (max(sign * (SPOT - strike), 0.0), max(sign * (SPOT - strike), 0.0) + 0.1)
        for strike in range(5300, 5401, 5)
        for right, sign in (("C", 1), ("P", -1))
    }
    tape = smiling(range(5300, 5401, 5)).quote("16:00", last, spot=SPOT)
    for when, moves in (("10:05", True), ("16:00", False)):
        engine = make_engine()
        view = watched(engine, tape, when)[1](request=ViewRequest(parts=("smile",)))
        chain = engine.state.chain("SPXW", DAY)
        assert chain is not None
        assert chain.expected_move > 0
        assert view.chain is not None
        assert view.smile is not None
        assert (view.chain.expected_move is not None, view.smile.move is not None) == (moves, moves)


@pytest.mark.parametrize(
    ("tape", "words"),
    [
        (Tape(), "no SPXW option is listed yet: the first quotes come after the open"),
        (smiling(range(5340, 5361, 10)), "3 strikes of SPXW 2024-08-07 have a volatility; a smile takes six"),
    ],
)
def test_where_no_smile_can_be_fitted_the_view_says_why(tape: Tape, words: str) -> None:
    smile = seen(tape, "10:05", request=ViewRequest(parts=("smile",))).smile
    assert smile is not None
    assert smile.points == ()
    assert smile.why_empty == words


def test_the_newest_signal_of_each_window_and_the_log_in_order() -> None:
    view = seen(condor_tape("11:05"), "11:05", TWO)

    assert [(row.key, row.kind) for row in view.signals] == [("10:00", "entered"), ("11:00", "entered")]
    assert [row.n for row in view.log] == list(range(1, len(view.log) + 1))
    assert [row.ts for row in view.log] == sorted(row.ts for row in view.log)


def test_the_log_keeps_counting_when_old_lines_are_dropped() -> None:
    tape = condor_tape("10:01")
    for n in range(1200):
        tape.command("10:05", "note", text=f"line {n}")
    engine = make_engine()

    _, view = watched(engine, tape, "10:05")
    log = view().log

    assert len(log) == 500
    assert [row.n for row in log] == list(range(log[-1].n - 499, log[-1].n + 1))
    assert log[-1].text.endswith("(line 1199)")


def test_the_timelines_marks_are_signals_trades_and_commands() -> None:
    tape = condor_tape("10:01").quote("10:02", PUTS_HIT, spot=SPOT).hold("10:03", "10:05")
    marks = seen(tape.command("10:04", "note"), "10:05").progress.marks

    assert [(mark.kind, mark.ts) for mark in marks] == [
        ("entering", at("10:00")),
        ("trade", at("10:00")),
        ("stop", at("10:02:03")),
        ("trade", at("10:02:08")),
        ("command", at("10:04")),
    ]


def test_the_version_grows_with_every_event() -> None:
    engine = make_engine()
    _, view = watched(engine, condor_tape("10:01"), "10:01")

    assert view().version == engine.state.seq
    assert view() == view()


def test_a_reader_may_look_at_another_root_or_expiry_and_is_not_given_nonsense() -> None:
    view = seen(condor_tape(), "10:01", request=ViewRequest(root="QQQ"))

    assert view.chain is not None
    assert view.chain.root == "SPXW"
