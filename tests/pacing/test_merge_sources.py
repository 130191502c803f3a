"""Several sources become one stream: in order, stable, with one numbering of instruments."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pacing_events import batch, command, listing

from engine.events import AnyEvent, ChainBatch, Listing
from engine.pacing import merge
from engine.types import Underlying


def meaning(events: list[AnyEvent]) -> list[tuple[int, str, int]]:
    """Each value as (time, symbol, value), read through the merged numbering."""
    names: list[str] = []
    found = []
    for event in events:
        if isinstance(event, Listing):
            assert event.first == len(names)
            names += [i.symbol for i in event.instruments if isinstance(i, Underlying)]
        elif isinstance(event, ChainBatch):
            assert event.price is not None
            pairs = zip(event.idx.tolist(), event.price.tolist(), strict=True)
            found += [(event.ts_known, names[index], value) for index, value in pairs]
    return found


def test_each_source_keeps_its_own_instruments() -> None:
    spx = [listing(1, "SPX", "VIX"), batch(2, {0: 5350, 1: 16})]
    xsp = [listing(1, "XSP", "QQQ"), batch(2, {0: 535, 1: 480})]

    assert meaning(list(merge([spx, xsp]))) == [(2, "SPX", 5350), (2, "VIX", 16), (2, "XSP", 535), (2, "QQQ", 480)]


def test_an_index_that_two_sources_list_gets_one_number() -> None:
    first = [listing(1, "SPX"), batch(2, {0: 5350})]
    second = [listing(1, "VIX", "SPX"), batch(3, {0: 16, 1: 5351})]

    merged = list(merge([first, second]))

    assert [event.instruments for event in merged if isinstance(event, Listing)] == [
        (Underlying("SPX"),),
        (Underlying("VIX"),),
    ]
    assert meaning(merged) == [(2, "SPX", 5350), (3, "VIX", 16), (3, "SPX", 5351)]


def test_a_listing_without_news_is_left_out() -> None:
    merged = list(merge([[listing(1, "SPX")], [listing(2, "SPX"), batch(3, {0: 7})]]))

    assert [type(event).__name__ for event in merged] == ["Listing", "ChainBatch"]
    assert meaning(merged) == [(3, "SPX", 7)]


def test_instruments_that_are_listed_later_go_on_with_their_sources_numbers() -> None:
    first = [listing(1, "SPX"), batch(2, {0: 1}), listing(5, "SPY", first=1), batch(6, {0: 2, 1: 3})]
    second = [listing(1, "XSP"), batch(6, {0: 4}, seq=1)]

    assert meaning(list(merge([first, second])))[1:] == [(6, "SPX", 2), (6, "SPY", 3), (6, "XSP", 4)]


def test_at_one_instant_listings_come_before_data_and_data_before_people() -> None:
    merged = list(merge([[command(5)], [batch(5, {})], [listing(5, "SPX")]]))

    assert [type(event).__name__ for event in merged] == ["Listing", "ChainBatch", "Command"]


def test_at_equal_order_the_earlier_source_comes_first() -> None:
    first, second = command(5), command(5)

    merged = list(merge([[first], [second]]))

    assert [event is first for event in merged] == [True, False]


times = st.lists(st.integers(0, 20), max_size=15).map(sorted)


@given(st.lists(times, min_size=1, max_size=4))
def test_a_merge_loses_nothing_keeps_each_sources_order_and_is_sorted(plans: list[list[int]]) -> None:
    sources = [
        [listing(0, f"S{n}"), *(batch(ts, {0: 1000 * n + k}, seq=k) for k, ts in enumerate(plan))]
        for n, plan in enumerate(plans)
    ]

    merged = list(merge(sources))

    assert [event.order for event in merged] == sorted(event.order for event in merged)
    found = meaning(merged)
    for n, plan in enumerate(plans):
        assert [(ts, value) for ts, symbol, value in found if symbol == f"S{n}"] == [
            (ts, 1000 * n + k) for k, ts in enumerate(plan)
        ]


def test_the_sources_are_read_as_they_are_needed() -> None:
    taken = []

    def endless():
        for ts in range(10**9):
            taken.append(ts)
            yield command(ts)

    stream = merge([endless()])
    for _ in range(3):
        next(stream)

    assert len(taken) <= 4
