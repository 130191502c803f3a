"""A recorded day: whoever plays it knows at each instant what the session knew, whatever streamed and was cut off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_frames import (
    INSTRUMENTS,
    NEAR,
    OPEN,
    known,
    listing,
    quote,
    record,
    restarted,
    sessions,
    start,
    taped,
)

from engine.clock import SECOND
from engine.events import AnyEvent, ChainBatch, FeedStatus, Listing, encode
from engine.session.streamed import Streamed
from engine.tape import Store, StoreError, frames
from engine.tape.heard import HeardStatus
from engine.tape.quality import inspect_day


def has_prices(events: list[AnyEvent]) -> bool:
    return any(isinstance(event, ChainBatch) and rows_told(event) for event in events)


def rows_told(batch: ChainBatch) -> bool:
    if batch.bid is not None or batch.ask is not None:
        return True
    beside = (batch.price, batch.volume, batch.open_interest)
    return any(column is not None and (column >= 0).any() for column in beside)


@given(events=sessions().filter(has_prices), block=st.sampled_from([1, 2, 4096]))
@settings(max_examples=120)
def test_the_market_of_a_recorded_day_knows_at_each_instant_what_it_knew_then(
    events: list[AnyEvent], block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("day")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "_A_BLOCK", block)
        tape = taped(Store(folder), record(folder / "a.events", events))
    instants = [ts + NEAR for ts in sorted({event.ts_known for event in events})]
    for then, now in zip(known(events, instants), known(tape.events(), instants), strict=True):
        assert now == then


@given(events=sessions().filter(has_prices), data=st.data())
@settings(max_examples=100)
def test_killed_anywhere_and_gone_on_it_is_the_same_day(
    events: list[AnyEvent], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A restart warms up with what was committed, and a market that is played goes on from there; frames behind the
    last commit were recorded already, and one may be cut short."""
    folder = tmp_path_factory.mktemp("day")
    whole = taped(Store(folder / "whole"), record(folder / "w.events", events))
    reached = data.draw(st.integers(2, len(events)))
    committed = data.draw(st.sampled_from(sorted({event.ts_known for event in events[1:reached]})))
    first = record(folder / "a.events", events[:reached])
    content = first.read_bytes()
    first.write_bytes(
        content + data.draw(st.sampled_from([b"", b"\x99", b"\x10\0\0\0\x01\x02\x03\x04zlib", b"\0" * 64]))
    )
    warm = [event for event in events if event.ts_known <= committed]
    second = record(folder / "b.events", restarted(warm, [event for event in events if event.ts_known > committed]))
    again = taped(Store(folder / "again"), first, second)
    assert [encode(event) for event in again.events()] == [encode(event) for event in whole.events()]


def test_instruments_that_a_restart_numbers_otherwise_keep_their_quotes(tmp_path: Path) -> None:
    first = [start(), listing(OPEN), quote(OPEN + SECOND, [2, 3], [100, 200])]
    backwards = INSTRUMENTS[:1:-1]
    second = [
        start(resumed=True),
        listing(OPEN + 2 * SECOND, 0, backwards),
        quote(OPEN + 2 * SECOND, [0, 3], [999, 111]),
    ]
    tape = taped(Store(tmp_path), record(tmp_path / "a.events", first), record(tmp_path / "b.events", second))
    (after,) = known(tape.events(), [OPEN + 3 * SECOND])
    found = {one.symbol: after[one.symbol][0] for one in INSTRUMENTS[2:]}
    assert found == {
        INSTRUMENTS[2].symbol: 111,
        INSTRUMENTS[3].symbol: 200,
        INSTRUMENTS[4].symbol: -1 - 2**31 + 1,
        INSTRUMENTS[5].symbol: 999,
    }
    assert sum(isinstance(event, Listing) for event in tape.events()) == 1, "listed once"


def test_where_nobody_listened_the_day_says_so_and_a_replay_hears_it(tmp_path: Path) -> None:
    late = OPEN + 600 * SECOND
    first = [start(late), listing(late), *(quote(late + n * SECOND, [2], [100 + n]) for n in range(1, 20))]
    back = late + 200 * SECOND
    second = [start(resumed=True), listing(back), *(quote(back + n * SECOND, [2], [300 + n]) for n in range(20))]
    tape = taped(Store(tmp_path), record(tmp_path / "a.events", first), record(tmp_path / "b.events", second))
    told = [event for event in tape.events() if isinstance(event, FeedStatus)]
    assert [(event.state, (event.ts_known - late) // SECOND) for event in told] == [("down", 24), ("ok", 200)]
    assert told[0].text == "not recorded: no session was listening"
    texts = [silence.text for silence in tape.silences()]
    assert texts == [
        "09:30:00-09:40:01 began late",
        "09:40:19-09:43:20 nobody listened",
        "09:43:39-16:00:00 ended early",
    ]
    assert [reason for reason in inspect_day(tape).reasons if reason in texts] == texts


def test_what_the_feed_said_of_itself_is_a_silence_and_is_heard_again(tmp_path: Path) -> None:
    said = [(10, "stale"), (40, "down"), (90, "ok"), (91, "stale"), (92, "ok")]
    events = [start(), listing(OPEN), quote(OPEN + SECOND, [2], [100])]
    events += [FeedStatus(ts_known=OPEN + at * SECOND, state=state, text=f"{state} at {at}") for at, state in said]
    events += [quote(OPEN + n * SECOND, [2], [n]) for n in range(93, 99)]
    tape = taped(Store(tmp_path), record(tmp_path / "a.events", events))
    heard = [event for event in tape.events() if isinstance(event, FeedStatus)]
    assert [(event.state, event.text) for event in heard] == [(state, f"{state} at {at}") for at, state in said]
    assert tape.silences()[0].text == "09:30:01-09:31:33 the feed was stale"


def test_a_quote_and_a_trade_of_one_instant_with_two_times_are_a_nanosecond_apart(tmp_path: Path) -> None:
    at = OPEN + SECOND
    trade = ChainBatch(ts_known=at, ts_event=at - 5, idx=np.array([2], np.int32), price=np.array([7], np.int32))
    events = [start(), listing(OPEN), quote(at, [2], [100], [at - 9]), trade]
    tape = taped(Store(tmp_path), record(tmp_path / "a.events", events))
    assert tape.header.counts["nudged"] == 1
    batches = [event for event in tape.events() if isinstance(event, ChainBatch)]
    found = [(batch.ts_known - at, batch.ts_event - at, batch.more) for batch in batches]
    assert found == [(0, -9, True), (0, -5, False)], "one instant, and nothing is decided between the two"
    assert tape.columns.ts_known.tolist() == [at, at + 1], "as the file has them"
    assert (tape.last_of(at - 1), tape.last_of(at), tape.last_of(at + 9)) == (at - 1, at + 1, at + 9)


def test_bars_of_the_day_so_far_that_come_at_once_stay_bars(tmp_path: Path) -> None:
    """A late start is told the past minutes of a fund at one instant."""
    at = OPEN + 3600 * SECOND
    bars = [
        ChainBatch(
            ts_known=at,
            ts_event=OPEN + minute * 60 * SECOND,
            idx=np.array([0], np.int32),
            **{name: np.array([minute], np.int32) for name in ("open", "high", "low", "price", "volume")},
            more=minute < 60,
        )
        for minute in range(1, 61)
    ]
    tape = taped(Store(tmp_path), record(tmp_path / "a.events", [start(at), listing(at), *bars]))
    again = [event for event in tape.events() if isinstance(event, ChainBatch)]
    assert [(bar.ts_event, bar.high, bar.more) for bar in again] == [(bar.ts_event, bar.high, bar.more) for bar in bars]
    assert {bar.ts_known for bar in again} == {at}, "as they came"


def test_quotes_of_one_instant_become_the_last_of_them(tmp_path: Path) -> None:
    at = OPEN + SECOND
    events = [start(), listing(OPEN), quote(at, [2, 3], [100, 50]), quote(at, [2], [101])]
    tape = taped(Store(tmp_path), record(tmp_path / "a.events", events))
    assert tape.header.counts["merged"] == 1
    (batch,) = [event for event in tape.events() if isinstance(event, ChainBatch)]
    assert batch.bid is not None
    assert batch.bid.tolist() == [101, 50]


def test_a_day_of_more_instants_than_are_prepared_at_once_is_whole(tmp_path: Path) -> None:
    sent = [quote(OPEN + n * 1_000_000, [2 + n % 4], [n]) for n in range(1, 20_001)]
    tape = taped(Store(tmp_path), record(tmp_path / "a.events", [start(), listing(OPEN), *sent]))
    batches = [event for event in tape.events() if isinstance(event, ChainBatch)]
    assert [batch.ts_known for batch in batches] == [frame.ts_known for frame in sent]
    assert [int(batch.bid[0]) for batch in batches if batch.bid is not None] == list(range(1, 20_001))
    assert [event.seq for event in tape.events()] == list(range(20_001))


def test_what_was_heard_is_sealed_with_the_prices(tmp_path: Path) -> None:
    store = Store(tmp_path)
    tape = taped(store, record(tmp_path / "a.events", [start(), listing(OPEN), quote(OPEN + SECOND, [2], [100])]))
    assert tape.header.version == 4
    data = tape.path.read_bytes()
    assert data.count(b'"heard":"listing"') == 1
    tape.path.write_bytes(data.replace(b'"heard":"listing"', b'"heard":"listinG"'))
    with pytest.raises(StoreError, match="does not match its hash"):
        store.open(store.choose("SPXW", tape.day))


def test_rows_that_are_nudged_into_the_next_block_stay_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "_A_BLOCK", 1)
    at = OPEN + SECOND
    trades = [
        ChainBatch(ts_known=at + n, ts_event=at - 9 + n, idx=np.array([2], np.int32), price=np.array([n], np.int32))
        for n in range(3)
    ]
    frame = [quote(at + n, [2], [n], [at - 20]) for n in range(3)]
    events = [start(), listing(OPEN), frame[0], trades[0], frame[1], trades[1], frame[2], trades[2]]
    tape = taped(Store(tmp_path), record(tmp_path / "a.events", events))
    batches = [event for event in tape.events() if isinstance(event, ChainBatch)]
    found = np.unique(tape.columns.ts_known)
    assert len(batches) == len(found)
    assert tape.columns.ts_known.tolist() == sorted(tape.columns.ts_known.tolist())
    assert [batch.more for batch in batches] == [True] * (len(batches) - 1) + [False]
    (last,) = known(tape.events(), [at + 100])
    assert last == known(events, [at + 100])[0]


def test_a_frame_that_cannot_be_is_named(tmp_path: Path) -> None:
    path = record(tmp_path / "a.events", [start(), quote(OPEN + SECOND, [2], [100])])
    with pytest.raises(StoreError, match=r"a\.events: event 2 cannot be: a batch names an instrument that"):
        Streamed().read(path)


def test_a_silence_the_feed_ends_itself_is_not_ended_for_it(tmp_path: Path) -> None:
    first = [start(), listing(OPEN), quote(OPEN + SECOND, [2], [100])]
    back = OPEN + 60 * SECOND
    second = [
        start(resumed=True),
        FeedStatus(ts_known=back, state="down", text="connecting"),
        listing(back),
        quote(back + SECOND, [2], [101]),
        FeedStatus(ts_known=back + 2 * SECOND, state="ok"),
    ]
    tape = taped(Store(tmp_path), record(tmp_path / "a.events", first), record(tmp_path / "b.events", second))
    assert tape.heard is not None
    told = [item for item in tape.heard.items if isinstance(item, HeardStatus)]
    assert [(item.state, item.added) for item in told] == [("down", True), ("down", False), ("ok", False)]
