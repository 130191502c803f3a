"""What the exchange knows of a day: nothing later than now, each print once, and what each kind of source can tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from venue_data_world import CALL, DAY, SPY, at

from engine.calendar import session
from engine.clock import MINUTE, SECOND
from engine.config import load
from engine.events import AnyEvent, ChainBatch, Listing
from engine.types import MISSING, PriceMeaning
from engine.venue.clock import VenueClock
from engine.venue.data_book import DataBook
from engine.venue.data_pages import Item, page
from engine.venue.data_query import BadQuery, Span, make_token, parse_instant, parse_token, rfc3339
from engine.venue.venue import Venue

OPEN = at("09:30")
CONFIG = load()


def book_of(events: list[AnyEvent], meaning: PriceMeaning = "quote") -> tuple[Venue, DataBook]:
    listing = Listing(ts_known=OPEN, ts_event=OPEN, first=0, instruments=(SPY, CALL))
    clock = VenueClock(OPEN - 1, speed=0)
    venue = Venue(CONFIG, session(DAY), {"SPY": meaning}, lambda: iter([listing, *events]), clock, ())
    return venue, DataBook(venue, at("00:00"))


def play(venue: Venue, now: int) -> None:
    venue.clock.set(now)
    venue.advance()


def row(when: int, **columns: int) -> ChainBatch:
    """Values of the call at an instant."""
    values = {name: np.array([value], np.int32) for name, value in columns.items()}
    return ChainBatch(ts_known=when, ts_event=when, idx=np.array([1], np.int32), **values)


prints = st.lists(st.tuples(st.integers(1, 600), st.integers(1, 500), st.integers(0, 3)), min_size=1, max_size=30)


@given(made=prints, looks=st.lists(st.integers(0, 660), min_size=1, max_size=8))
@settings(max_examples=60)
def test_bars_are_those_of_the_prints_until_now_and_of_no_minute_that_goes_on(
    made: list[tuple[int, int, int]], looks: list[int]
) -> None:
    told, volume = [], 0
    seen: list[tuple[int, int, int]] = []
    for second, cents, size in sorted(made, key=lambda each: each[0]):
        volume += size
        told.append(row(OPEN + second * SECOND, price=cents * 100, volume=volume))
        if size:
            seen.append((OPEN + second * SECOND, cents * 100, size))
    venue, book = book_of(told)
    for look in sorted(looks):
        now = OPEN + look * SECOND
        play(venue, now)
        series = book.series(1)
        assert series is not None
        known = [each for each in seen if each[0] <= now]
        assert [tuple(series.print(n)) for n in range(series.prints)] == known
        bars = list(series.minute_bars(now))
        assert all(bar.ts + MINUTE <= now for bar in bars)
        for bar in bars:
            of = [each for each in known if bar.ts < each[0] <= bar.ts + MINUTE]
            assert (bar.open, bar.close) == (of[0][1], of[-1][1])
            assert (bar.high, bar.low) == (max(each[1] for each in of), min(each[1] for each in of))
            assert (bar.volume, bar.trades) == (sum(each[2] for each in of), len(of))
        over = {(each[0] - 1) // MINUTE * MINUTE for each in known}
        assert [bar.ts for bar in bars] == sorted(start for start in over if start + MINUTE <= now)
        five = list(series.bars(5 * MINUTE, at("00:00"), now))
        assert sum(bar.volume for bar in five) == sum(bar.volume for bar in bars)
        newest = book.last_print(1, delayed=False)
        assert (newest is None) == (not known)
        assert newest is None or newest.ts == known[-1][0]


def test_the_market_can_be_played_in_slices_and_comes_to_the_same() -> None:
    venue, book = book_of([row(OPEN + n * MINUTE, price=n * 1_0000, volume=n) for n in (1, 2, 3)])
    play(venue, OPEN)
    venue.clock.set(OPEN + 3 * MINUTE)
    for n in (1, 2, 3, 3):
        venue.advance(MINUTE)
        assert venue.now == OPEN + n * MINUTE
        newest = book.last_print(1, delayed=False)
        assert newest is not None
        assert newest.price == n * 1_0000


def test_a_source_of_mids_tells_locked_quotes_and_no_trades() -> None:
    venue, book = book_of([row(OPEN + MINUTE, price=1_5000)], "mid")
    play(venue, OPEN + MINUTE)
    quote = book.option_quote(1)
    assert quote is not None
    assert (quote["bp"], quote["ap"], quote["bs"]) == (1.5, 1.5, 0)
    assert book.series(1) is None


def test_a_source_of_trade_bars_tells_its_bars() -> None:
    bars = {"open": 1_4000, "high": 1_9000, "low": 1_3000, "price": 1_5000, "volume": 12}
    venue, book = book_of([row(OPEN + MINUTE, **bars)], "trade_bar")
    play(venue, OPEN + MINUTE)
    series = book.series(1)
    assert series is not None
    (bar,) = series.minute_bars(OPEN + MINUTE)
    assert (bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume) == (OPEN, 1_4000, 1_9000, 1_3000, 1_5000, 12)


def test_a_source_without_volumes_tells_trades_of_size_0() -> None:
    venue, book = book_of([row(OPEN + SECOND, price=1_5000), row(OPEN + 2 * SECOND, price=1_7000)])
    play(venue, OPEN + MINUTE)
    series = book.series(1)
    assert series is not None
    (bar,) = series.minute_bars(OPEN + MINUTE)
    assert (bar.volume, bar.trades, bar.mean) == (0, 2, 1_6000)


def test_a_side_that_is_taken_away_is_0_with_size_0() -> None:
    whole = row(OPEN + SECOND, bid=1_0000, ask=1_1000, bid_size=5, ask_size=6)
    venue, book = book_of([whole, row(OPEN + 2 * SECOND, bid=MISSING, ask=1_1000, bid_size=MISSING, ask_size=6)])
    play(venue, OPEN + MINUTE)
    quote = book.option_quote(1)
    assert quote is not None
    assert (quote["bp"], quote["bs"], quote["ap"], quote["as"]) == (0.0, 0, 1.1, 6)


symbols = st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 12), min_size=1)


@given(counts=symbols, limit=st.integers(1, 9), descending=st.booleans())
@settings(max_examples=80)
def test_pages_put_together_are_the_whole(counts: dict[str, int], limit: int, descending: bool) -> None:
    def items(symbol: str) -> Iterator[Item]:
        for n in range(counts[symbol]):
            yield Item(n, n, lambda n=n: {"t": n})  # type: ignore[misc]

    token, found, pages = None, [], 0
    while True:
        told, text = page(sorted(counts), items, Span(0, 100, limit, descending, token))
        found += [(symbol, each["t"]) for symbol, each_of in told.items() for each in each_of]
        pages += 1
        if text is None:
            break
        assert sum(map(len, told.values())) == limit
        token = parse_token({"page_token": text})
    order = [(symbol, n) for symbol in sorted(counts) for n in range(counts[symbol])]
    if descending:
        order = [(symbol, n) for symbol in sorted(counts) for n in reversed(range(counts[symbol]))]
    assert found == [(symbol, rfc3339(n)) for symbol, n in order]
    assert pages == max(1, -(-len(order) // limit))


@given(st.integers(0, 4_000_000_000_000_000_000))
def test_an_instant_is_read_as_it_is_written(instant: int) -> None:
    assert parse_instant(rfc3339(instant), "start") == instant


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_instants_and_tokens(text: str) -> None:
    for reading in (lambda: parse_instant(text, "start"), lambda: parse_token({"page_token": text})):
        with suppress(BadQuery):
            reading()


def test_a_token_names_the_last_item() -> None:
    assert parse_token({"page_token": make_token("SPY", 7)}) == ("SPY", 7)


@pytest.mark.parametrize(
    ("text", "end", "told"),
    [
        ("2026-01-15", False, "2026-01-15T05:00:00Z"),
        ("2026-01-15", True, "2026-01-16T04:59:59.999999999Z"),
        ("2026-01-15T09:30:00-05:00", False, "2026-01-15T14:30:00Z"),
        ("2026-01-15T14:30:00.000000001Z", True, "2026-01-15T14:30:00.000000001Z"),
        ("2026-01-15T14:30:00 00:00", False, "2026-01-15T14:30:00Z"),  # a plus that was not escaped in the query
    ],
)
def test_dates_are_days_of_new_york(text: str, end: bool, told: str) -> None:
    assert rfc3339(parse_instant(text, "start", end)) == told
