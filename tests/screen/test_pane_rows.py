"""What each pane makes of a view, without any widget."""

from __future__ import annotations

import pytest
import views
from msgspec.structs import replace

from engine.types import to_units
from engine.view import ChainView, LogRow, ReadingRow, RiskRow, SideView
from zdte_tui.screen.grid import Row
from zdte_tui.screen.panes import PANES, chain, greeks, log, positions, risk, signals, smile
from zdte_tui.screen.panes.drawn import DrawnPane

CHAIN_KEYS = [column.key for column in chain.ChainPane.COLUMNS]


def text(row: Row) -> list[str]:
    return [cell for cell, _ in row.cells]


def bottom_text(view: ChainView) -> str:
    return "".join("".join(text(row)) for row in chain.bottom(view, 200))


def by_column(row: Row) -> dict[str, str]:
    return dict(zip(CHAIN_KEYS, text(row), strict=True))


def strike(number: int) -> Row:
    return next(row for row in chain.content(views.view(), 106).rows if row.key == str(to_units(number)))


# --- chain


def test_the_strike_nearest_the_money_is_marked_and_followed() -> None:
    content = chain.content(views.view(), 106)
    assert by_column(strike(5870))["strike"] == ">5870<"
    assert content.follow == str(to_units(5870))
    assert [row for row in content.rows if ">" in by_column(row)["strike"]] == [strike(5870)]


def test_calls_stand_left_mirrored_and_puts_right() -> None:
    row = by_column(strike(5880))
    side = next(each for each in views.chain().rows if each.strike == to_units(5880))
    assert side.call.bid is not None
    assert side.put.ask is not None
    assert row["call.bid"] == f"{side.call.bid / 1e4:.2f}"
    assert row["put.ask"] == f"{side.put.ask / 1e4:.2f}"
    assert row["call.delta"].startswith("+")
    assert row["put.delta"].startswith("-")
    assert row["call.volume"] == "16,900"
    assert CHAIN_KEYS[:6] == [key.replace("put", "call") for key in reversed(CHAIN_KEYS[-6:])]


def test_gamma_exposure_is_in_dollars_a_percent_calls_positive_and_puts_negative() -> None:
    row = by_column(strike(5870))
    side = next(each for each in views.chain().rows if each.strike == to_units(5870))
    assert side.call.gamma is not None
    assert side.call.open_interest is not None
    dollars = side.call.gamma * side.call.open_interest * 100 * 5870**2 * 0.01
    assert row["call.gex"] == f"{dollars / 1e9:+.1f}B"
    assert row["put.gex"] == row["call.gex"].replace("+", "-")
    assert row["call.gamma"] == "0.0100"


def test_without_open_interest_or_spot_there_is_no_gamma_exposure() -> None:
    full = views.chain()
    bare = replace(
        full.rows[0], call=replace(full.rows[0].call, open_interest=None), put=replace(full.rows[0].put, gamma=None)
    )
    shown = chain.content(views.view(chain=replace(full, rows=(bare,))), 160).rows[0]
    assert by_column(shown)["call.gex"] == "n/a"
    assert by_column(shown)["put.gex"] == "n/a"
    lost = chain.content(views.view(chain=replace(full, spot=None)), 160).rows[10]
    assert by_column(lost)["call.gex"] == by_column(lost)["put.gex"] == "n/a"


def test_a_tick_of_spot_makes_no_row_anew() -> None:
    full = views.chain()
    moved = replace(full, spot=(full.spot or 0) + 5000)
    first, second = (chain.content(views.view(chain=each), 160).rows for each in (full, moved))
    assert all(a is b for a, b in zip(first, second, strict=True))


def test_held_contracts_are_marked_short_and_long_on_their_side() -> None:
    assert by_column(strike(5900))["call.held"] == "S2"
    assert by_column(strike(5910))["call.held"] == "L2"
    assert by_column(strike(5845))["put.held"] == "S2"
    assert by_column(strike(5845))["call.held"] == ""


def test_missing_numbers_are_shown_missing() -> None:
    row = by_column(strike(5970))
    assert row["call.bid"] == "n/a"
    assert row["call.iv"] == "n/a"
    assert row["call.oi"] == "n/a"
    assert row["call.ask"] == "0.05"


def test_an_old_quote_is_dimmed_and_counted() -> None:
    lowest = strike(5770)
    assert dict(zip(CHAIN_KEYS, lowest.cells, strict=True))["put.bid"][1] == "stale"
    assert "1 of 82 quotes over 90s old" in "".join("".join(text(row)) for row in chain.bottom(views.chain(), 200))


def test_the_last_lines_tell_spot_forward_move_ages_and_the_close() -> None:
    words = "".join("".join(text(row)) for row in chain.bottom(views.chain(), 200))
    for part in (
        "spot 5,870.12 (0.2s old)",
        "forward 5,871.30",
        "expected move ±21.40",
        "close in 3h57m",
        "oldest quote 3m20s",
    ):
        assert part in words


def test_the_last_lines_without_a_market_say_so() -> None:
    empty = views.chain(spot=None, spot_age=None, forward=None, expected_move=None, rows=())
    words = "".join("".join(text(row)) for row in chain.bottom(empty, 200))
    assert "spot n/a (n/a old)" in words
    assert "forward n/a" in words
    assert "expected move n/a" in words


def test_the_title_names_root_expiry_and_the_keys_that_change_them() -> None:
    assert chain.content(views.view(), 80).title == "chain  SPXW 2026-01-15 (1 of 3)   e expiry   r root"
    alone = views.view(chain=views.chain(expiries=(views.DAY,)), header=views.header(roots=("SPXW",)))
    assert chain.content(alone, 80).title == "chain  SPXW 2026-01-15"


MIDS = "mids: no bid or ask on this tape, both sides show the mid"


@pytest.mark.parametrize("width", range(58, 201, 3))
def test_what_a_price_is_stands_whole_in_the_first_lines_at_any_width(width: int) -> None:
    rows = ["".join(text(row)) for row in chain.bottom(views.chain(prices=MIDS), width)]
    assert "prices mids" in rows[0]
    assert all(len(row) <= width for row in rows)
    assert MIDS in " ".join(" ".join(rows).split())


def test_a_feed_that_is_not_well_and_an_expiry_that_is_over_are_told_below_their_last_quotes() -> None:
    dead = views.view(
        header=views.header(feed="down", feed_text="socket closed"), chain=views.chain(seconds_to_close=0.0)
    )
    words = " ".join("".join(text(row)) for row in chain.content(dead, 100).bottom)
    assert "The feed is down: socket closed." in words
    assert "expired: these are its last quotes" in words
    assert "close in" not in words


# --- positions


def test_a_trade_and_its_sides_with_stops_and_who_holds_them() -> None:
    rows = positions.content(views.view(), 90).rows
    assert text(rows[0])[:8] == ["#7 IC 10:00", "2/2", "2.30", "1.35", "-", "-", "+$186.00", "+$158.00"]
    assert text(rows[1])[:8] == ["  puts 5845/5835", "2/2", "1.10", "0.55", "2.35 e", "1.80", "+$108.00", "+$94.00"]


def test_a_side_whose_result_is_not_told_apart_has_a_dash() -> None:
    rows = positions.content(views.view(), 90).rows
    assert text(rows[2])[6:8] == ["-", "-"]


def test_a_working_entry_shows_its_fill_and_its_note() -> None:
    rows = positions.content(views.view(), 90).rows
    working = next(n for n, row in enumerate(rows) if "#12" in text(row)[0])
    assert text(rows[working])[1] == "1/2"
    assert text(rows[working])[6] == "n/a"
    assert rows[working + 1].span
    assert text(rows[working + 1]) == ["     working: limit 2.20, mid 2.25"]


def test_a_wide_pane_has_the_note_in_a_column() -> None:
    rows = positions.content(views.view(), 150).rows
    assert not any(row.span for row in rows)
    assert text(rows[3])[-1] == "working: limit 2.20, mid 2.25"


def test_the_chances_of_a_side_are_those_of_its_short_and_missing_ones_are_shown_missing() -> None:
    rows = {row.key: text(row)[9:11] for row in positions.content(views.view(), 130).rows}
    assert rows["7.side.puts 5845/5835"] == ["9%", "4%"]
    assert rows["7.side.calls 5900/5910"] == ["n/a", "n/a"]
    assert rows["7.trade.#7 IC 10:00"] == ["-", "-"]


def test_a_trade_tells_how_far_its_breakeven_is_and_a_side_has_none() -> None:
    book = views.positions()
    inside, outside = (replace(book.rows[0], breakeven=to_units(each)) for each in (26.4, -3.6))
    rows = positions.content(views.view(positions=replace(book, rows=(inside, *book.rows[1:]))), 130).rows
    assert [text(row)[8] for row in rows[:3]] == ["+26.4", "-", "-"]
    rows = positions.content(views.view(positions=replace(book, rows=(outside, *book.rows[1:]))), 130).rows
    assert rows[0].cells[8] == ("-3.6", "alarm")
    rows = positions.content(views.view(), 130).rows
    assert text(rows[0])[8] == "n/a"  # held, and not known


def test_the_last_line_has_the_worst_loss_the_margin_and_what_closing_costs() -> None:
    book = views.positions(margin=to_units(3400), equity=to_units(50_000))
    (line,) = positions.content(views.view(positions=book), 130).bottom
    assert "".join(text(line)) == (
        "worst loss of the book -$1,640.00   margin $3,400 of $50,000   closing all now costs $38.40"
    )
    unbounded = "".join(text(positions.content(views.view(), 130).bottom[0]))
    assert "margin n/a   closing" in unbounded


def test_the_markets_signals_stand_below_the_strategies_and_what_is_missing_says_so() -> None:
    readings = (
        ReadingRow(ts=views.at("12:02:00"), root="SPXW", name="gex", text="+3.81bn$ a 1% move", known=True),
        ReadingRow(
            ts=views.at("12:02:00"), root="SPXW", name="flow", text="the source tells no volume yet", known=False
        ),
    )
    rows = signals.content(views.view(readings=readings), 120).rows
    assert [row.key for row in rows[-2:]] == ["market.SPXW.gex", "market.SPXW.flow"]
    assert text(rows[-2])[0:2] == ["12:02:00", "market"]
    assert text(rows[-2])[-2:] == ["gex", "+3.81bn$ a 1% move"]
    assert text(rows[-1])[-1] == "n/a: the source tells no volume yet"


def test_an_unarmed_stop_is_loud() -> None:
    unarmed = replace(views.positions().rows[1], stop_holder="UNARMED")
    rows = positions.content(views.view(positions=views.positions(rows=(unarmed,))), 90).rows
    assert rows[0].cells[4] == ("UNARMED", "alarm")


def test_the_last_line_totals_the_worst_loss() -> None:
    assert "".join(text(positions.content(views.view(), 90).bottom[0])).startswith("worst loss of the book -$1,640.00")


@pytest.mark.parametrize(
    ("state", "says"),
    [("ACTIVE", "No trades today"), ("REDUCING", "A resumes trading"), ("HALTED", "No key lifts that")],
)
def test_an_empty_book_says_why(state: str, says: str) -> None:
    content = positions.content(replace(views.empty(), header=views.header(state=state)), 90)
    assert says in content.message


# --- the others


def test_greeks_have_their_units_in_the_header_and_their_signs() -> None:
    assert [column.unit for column in greeks.COLUMNS[:5]] == ["", "$/point", "$/pt/pt", "$/min", "$/vp"]
    assert [column.unit for column in greeks.COLUMNS[5:]] == ["$/pt/min", "$/pt/vp", "$/vp/vp"]
    rows = greeks.content(views.view(), 60).rows
    assert text(rows[0]) == ["whole book", "-4.20", "-6.31", "+1.87", "-41.50", "-0.034", "+5.25", "-0.61"]
    assert text(rows[2])[2] == "n/a"


def test_greeks_without_room_are_named_with_the_key_that_shows_them() -> None:
    assert greeks.content(views.view(), 54).title == "greeks, in dollars   z: charm, vanna, vomma"
    assert greeks.content(views.view(), 90).title == "greeks, in dollars"


def test_the_chain_tells_the_chances_and_what_a_tick_is_in_volatility() -> None:
    row, side = by_column(strike(5900)), next(r for r in views.chain().rows if r.strike == to_units(5900)).call
    assert side.itm is not None
    assert row["call.itm"] == f"{100 * side.itm:.1f}"
    assert by_column(strike(5770))["put.touch"] == "n/a"
    assert "IV ±0.3 (tick)" in bottom_text(views.chain())
    assert "IV n/a (tick)" in bottom_text(views.chain(iv_tick=None))
    assert "IV ±0.02 (tick)" in bottom_text(views.chain(iv_tick=0.0002))


def test_the_smile_shows_quotes_beside_the_fit_and_what_it_says() -> None:
    content = smile.content(views.view(smile=views.smile()), 100)
    row = {row.key: text(row) for row in content.rows}[str(to_units(5870))]
    assert row[0] == ">5870<"
    assert content.follow == str(to_units(5870))
    assert {row.key: text(row) for row in content.rows}[str(to_units(5770))][1:4:2] == ["n/a", "n/a"]
    assert row[6].startswith("#####")
    said = " ".join("".join(text(line)) for line in content.bottom)
    assert "ATM 14.2%   RR25 -1.84   BF25 +0.37   move ±21.40" in said
    assert "1 of 40 quotes lie aside" in said


def test_a_smile_that_is_not_there_says_why() -> None:
    assert "comes with the next view" in smile.content(views.view(), 60).message
    few = views.smile(points=(), why_empty="4 strikes of SPXW 2026-01-15 have a volatility; a smile takes six")
    content = smile.content(views.view(smile=few), 60)
    assert content.message.startswith("4 strikes of SPXW")
    assert "e shows the next expiry" in content.message


def test_a_smile_that_leaves_free_money_says_so() -> None:
    words = "a butterfly at 5800 would be paid to be held"
    content = smile.content(views.view(smile=views.smile(arbitrage=words)), 80)
    assert ("not free of arbitrage: " + words, "warn") in [cell for line in content.bottom for cell in line.cells]


def test_signals_tell_what_and_why_in_as_many_lines_as_it_takes() -> None:
    rows = signals.content(views.view(), 60).rows
    first = [row for row in rows if row.key.startswith("iron_condor.SPXW.10:00")]
    assert text(first[0])[:5] == ["10:00:00", "iron_condor", "SPXW", "10:00", "entered"]
    assert " ".join(text(row)[5] for row in first) == views.signals()[0].text
    assert len(first) > 1


def test_risk_shows_numbers_bar_and_share() -> None:
    rows = {row.key: row for row in risk.content(views.view(), 53).rows}
    assert text(rows["PER_TRADE.per trade"])[1:] == ["$820 / $1,000", "########--", "82%"]
    assert text(rows["PER_STRATEGY.iron_condor"])[1] == "6.6% / 10.0%"
    assert text(rows["MAX_OPEN.open trades"])[1:] == ["8 / 8", "##########", "FULL"]
    assert text(rows["VIX.VIX scale"])[1:] == ["n/a / 35", "", "n/a"]


def test_a_profit_uses_nothing_of_the_loss_limit() -> None:
    rows = {row.key: row for row in risk.content(views.view(), 53).rows}
    assert text(rows["DAILY_LOSS.day loss"])[2:] == ["----------", "0%"]


def test_words_about_limits_stand_below_all_numbers_and_a_state_in_words_beside_its_name() -> None:
    said = RiskRow(name="state", code="NOT_ACTIVE", used=None, limit=None, unit="text", text="HALTED day loss reached")
    rows = risk.content(views.view(risk=(said, *views.risk())), 60).rows
    assert "".join(text(rows[0])) == "state          HALTED day loss reached"
    assert [text(row)[0] for row in rows[-2:]] == ["iron_condor: of equity", "VIX scale: full size below 25"]


def limit(name: str, code: str, used: float | None, most: float | None, unit: str, group: str) -> RiskRow:
    return RiskRow(name=name, code=code, used=used, limit=most, unit=unit, text="", group=group)


def test_limits_stand_under_the_headings_of_their_groups() -> None:
    rows = (
        limit("state", "NOT_ACTIVE", None, None, "text", "state"),
        limit("book", "PER_BOOK", 1000, 25_000, "dollars", "losses"),
        limit("rejects", "REJECTS", 1, 3, "count", "breakers"),
        limit("errors", "ERRORS", 0, 5, "count", "breakers"),
    )
    shown = risk.content(views.view(risk=rows), 53).rows
    assert [text(row)[0].strip() for row in shown] == [
        "state",
        "losses, worst case",
        "book",
        "breakers",
        "rejects",
        "errors",
    ]


@pytest.mark.parametrize(
    ("used", "most", "unit", "shown"),
    [
        (1_872.6, 20_000, "dollars", "$1,873 / $20,000"),
        (98_234, 250_000, "dollars", "$98,234 / $250k"),
        (2_140_000, 50_000_000, "dollars", "$2.14M / $50M"),
        (-12.3, 500, "dollars", "-$12 / $500"),
        (0.2, 0.25, "price", "$0.20 / $0.25"),
        (None, 2, "price", "n/a / $2.00"),
        (0, 10, "seconds", "0 / 10 s"),
        (None, 2000, "ms", "n/a / 2,000 ms"),
        (4, 5000, "count", "4 / 5,000"),
    ],
)
def test_figures_of_limits_are_short_and_have_their_unit(
    used: float | None, most: float, unit: str, shown: str
) -> None:
    row = limit("its name", "CODE", used, most, unit, "today")
    (_, line) = risk.content(views.view(risk=(row,)), 42).rows
    assert text(line)[1] == shown
    assert len(shown) <= 16


@pytest.mark.parametrize(
    ("said", "style"), [("ACTIVE: all", "text"), ("REDUCING PAUSED", "warn"), ("HALTED DAILY_LOSS", "loss")]
)
def test_a_state_that_stands_is_coloured_as_it_is_worded(said: str, style: str) -> None:
    row = RiskRow(name="state", code="NOT_ACTIVE", used=None, limit=None, unit="text", text=said, group="state")
    (line,) = risk.content(views.view(risk=(row,)), 42).rows
    assert {cell[1] for cell in line.cells} == {style}


def test_the_panes_title_names_what_stands_and_what_is_nearest_to_its_limit() -> None:
    near = limit("book", "PER_BOOK", 80, 100, "dollars", "losses")
    full = limit("open trades", "MAX_OPEN", 8, 8, "count", "losses")
    far = limit("rejects", "REJECTS", 2, 3, "count", "breakers")
    past = limit("quote age", "STALE_QUOTE", 89, 90, "seconds", "an entry")
    stands = limit("STALE_FEED", "BREAKER.STALE_FEED", None, None, "text", "state")
    for rows, title in (
        ((far, past), "risk"),
        ((near, far), "risk: book 80%"),
        ((near, full, far), "risk: open trades FULL, book 80%"),
        ((stands, near, full), "risk: STALE_FEED, open trades FULL"),
    ):
        assert risk.content(views.view(risk=rows), 42).title == title


def test_the_log_names_its_levels_in_words_and_ends_with_the_newest() -> None:
    rows = log.content(views.view(), 120).rows
    assert text(rows[-1])[:2] == ["12:02:31", "ALARM"]
    assert text(rows[3])[1] == "WARN"
    assert text(rows[0])[1] == ""


def test_a_log_without_a_loud_line_says_so_and_which_key_changes_that() -> None:
    quiet = views.view(log=tuple(row for row in views.log() if row.level == "info"))
    (row,) = log.louder(quiet, "alarm").log
    assert row.text == "no alarm among 8 lines so far: u shows the next level"
    assert [each.level for each in log.louder(views.view(), "warning").log] == ["warning", "alarm"]
    assert log.louder(views.view(log=()), "alarm").log == ()  # the pane itself says why


def test_a_headline_with_terminal_codes_is_harmless() -> None:
    row = LogRow(n=1, ts=views.at("10:00:00"), level="info", source="news", text="up\x1b]0;x\x07 \u202edown")
    rows = log.content(views.view(log=(row,)), 120).rows
    assert text(rows[0])[3] == "up?]0;x? down"


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("paced", [True, False])
def test_an_empty_pane_says_why(pane: type, paced: bool) -> None:
    view = replace(views.empty(), progress=views.progress(can_control=paced))
    if issubclass(pane, DrawnPane):
        drawing = pane().drawing(view, 60, 10)
        rows, message = drawing.lines, drawing.message
    else:
        rows, message = pane.content(view, 60).rows, pane.content(view, 60).message
    assert rows == ()
    assert len(message) > 20
    assert message.endswith(".")


@pytest.mark.parametrize("pane", [pane for pane in PANES if not issubclass(pane, DrawnPane)])
@pytest.mark.parametrize("width", [58, 78, 108, 198])
def test_every_row_has_a_cell_for_every_column(pane: type, width: int) -> None:
    for row in pane.content(views.view(), width).rows:
        assert row.span or len(row.cells) == len(pane.COLUMNS)


def test_a_side_without_anything_is_all_missing() -> None:
    row = replace(views.chain().rows[0], call=SideView())
    content = chain.content(views.view(chain=views.chain(rows=(row,))), 106)
    assert set(text(content.rows[0])[:6]) == {"n/a"}
