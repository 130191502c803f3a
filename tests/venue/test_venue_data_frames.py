"""A batch on the wire: whole, in few frames, quotes as the packer writes them; wider on the indicative feed by wish."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import aiohttp
import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from venue_data_world import CALL, DAY, KEYS, PUT, World, at, played, small_market

from engine.clock import MINUTE, SECOND
from engine.events import AnyEvent, ChainBatch, Listing
from engine.market import Market
from engine.types import MISSING, Contract
from engine.venue.data import data_routes
from engine.venue.data_history import History
from engine.venue.data_wire import as_msgpack, option_quote, widened
from engine.venue.streams_wire import option_quote_head, option_quote_tail
from engine.venue.trading import trading_routes
from zdte_tui.main import main

MANY = tuple(Contract("SPXW", DAY, (5000 + 5 * n) * 10_000, "C") for n in range(1200))


@given(
    ts=st.integers(1, 2**33 * 10**9),
    prices=st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)),
    sizes=st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)),
    symbol=st.sampled_from([CALL.symbol, "SPY260115C00600000", "X"]),
)
def test_a_quote_is_written_as_the_packer_writes_its_fields(
    ts: int, prices: tuple[int, int], sizes: tuple[int, int], symbol: str
) -> None:
    fields = {"T": "q", "S": symbol, **as_msgpack(option_quote(ts, *prices, *sizes))}
    written = option_quote_head(symbol) + option_quote_tail(ts, prices[0] / 10_000, prices[1] / 10_000, *sizes)
    found = msgpack.unpackb(written)
    assert found == fields == msgpack.unpackb(msgpack.packb(fields))
    assert [type(value) for value in found.values()] == [type(value) for value in fields.values()]


def crowd() -> Iterator[AnyEvent]:
    """Twelve hundred contracts, quoted in one batch each minute."""
    yield Listing(ts_known=at("09:30"), ts_event=at("09:30"), first=0, instruments=MANY)
    for minute in (1, 2):
        when = at("09:30") + minute * MINUTE
        values = {
            name: np.full(len(MANY), value * 100, np.int32) for name, value in (("bid", 100 + minute), ("ask", 110))
        }
        sizes = {name: np.full(len(MANY), 3, np.int32) for name in ("bid_size", "ask_size")}
        yield ChainBatch(ts_known=when, ts_event=when, idx=np.arange(len(MANY), dtype=np.int32), **values, **sizes)


async def subscribed(client: aiohttp.ClientSession, world: World, path: str, symbols: list[str]) -> Any:
    """A socket with quotes of these."""
    socket = await client.ws_connect(world.ws + path, headers={"Content-Type": "application/msgpack"}, max_msg_size=0)
    for message in (
        {"action": "auth", "key": KEYS.key_id, "secret": KEYS.secret},
        {"action": "subscribe", "quotes": symbols},
    ):
        await socket.receive()
        await socket.send_bytes(msgpack.packb(message))
    (confirmed,) = msgpack.unpackb((await socket.receive()).data)
    assert confirmed["quotes"] == symbols
    return socket


@pytest.mark.parametrize(("most", "frames"), [(512, [512, 488]), (1000, [1000]), (300, [300, 300, 300, 100])])
def test_a_batch_leaves_whole_in_as_few_frames_as_may_be(most: int, frames: list[int]) -> None:
    async def scene(world: World) -> None:
        wanted = [each.symbol for each in MANY[:1000]]
        async with aiohttp.ClientSession() as client:
            socket = await subscribed(client, world, "/v1beta1/opra", wanted)
            await world.play("09:31")
            await world.play("09:32")
            for cents in (101, 102):
                found = [msgpack.unpackb((await socket.receive()).data) for _ in frames]
                assert [len(each) for each in found] == frames
                told = [each for frame in found for each in frame]
                assert [each["S"] for each in told] == wanted
                assert {each["bp"] for each in told} == {cents / 100}
            await socket.close()

    played(scene, events=crowd, parts=(data_routes(most_in_frame=most),))


def test_indicative_quotes_are_wider_by_request_and_on_the_stream_and_orders_meet_the_markets() -> None:
    async def scene(world: World) -> None:
        async with aiohttp.ClientSession() as client:
            wide = await subscribed(client, world, "/v1beta1/indicative", [CALL.symbol])
            true = await subscribed(client, world, "/v1beta1/opra", [CALL.symbol, PUT.symbol])
            await world.play("09:30:15")  # the call 1.50 at 1.52, the put 1.48 at 1.50
            (quote,) = msgpack.unpackb((await wide.receive()).data)
            assert (quote["bp"], quote["ap"], quote["bs"]) == (1.46, 1.56, 11)
            assert [each["bp"] for each in msgpack.unpackb((await true.receive()).data)] == [1.5, 1.48]
            for socket in (wide, true):
                await socket.close()
        for feed, bid, ask in (("indicative", 1.46, 1.56), ("opra", 1.5, 1.52)):
            _, latest = await world.get(f"/v1beta1/options/quotes/latest?symbols={CALL.symbol}&feed={feed}")
            _, snapshot = await world.get(f"/v1beta1/options/snapshots?symbols={CALL.symbol}&feed={feed}")
            _, chain = await world.get(f"/v1beta1/options/snapshots/SPY?feed={feed}")
            for found in (
                latest["quotes"][CALL.symbol],
                snapshot["snapshots"][CALL.symbol]["latestQuote"],
                chain["snapshots"][CALL.symbol]["latestQuote"],
            ):
                assert (found["bp"], found["ap"]) == (bid, ask)
        body = {"symbol": CALL.symbol, "side": "buy", "qty": "1", "type": "market", "time_in_force": "day"}
        headers = {"APCA-API-KEY-ID": KEYS.key_id, "APCA-API-SECRET-KEY": KEYS.secret}
        _, sent = await world.ask("POST", "/v2/orders", body, headers)
        _, order = await world.get(f"/v2/orders/{sent['id']}")
        assert order["filled_avg_price"] == "1.52"

    played(scene, events=small_market, parts=(trading_routes(), data_routes(indicative_width=5)))


@pytest.mark.parametrize(
    ("bid", "ask", "width", "found"),
    [
        (15000, 15200, 1, (15000, 15200)),
        (15000, 15200, 5, (14600, 15600)),
        (15000, 15100, 2, (14900, 15200)),  # half a cent more on each side is a whole one
        (100, 500, 10, (0, 2300)),
        (15000, 15000, 5, (15000, 15000)),  # locked, as of a tape of mids
        (0, 500, 3, (0, 1000)),
        (MISSING, 500, 3, (MISSING, 500)),
        (300, MISSING, 3, (300, MISSING)),
        (500, 400, 3, (500, 400)),
    ],
)
def test_a_width_is_around_the_mid(bid: int, ask: int, width: float, found: tuple[int, int]) -> None:
    low, high = widened(np.array([bid], np.int32), np.array([ask], np.int32), width)
    assert (low.item(0), high.item(0)) == found


rows = st.lists(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 300), st.one_of(st.none(), st.integers(0, 4))),
        max_size=4,
    ),
    min_size=1,
    max_size=90,
)


@given(batches=rows, looks=st.sets(st.integers(0, 89), max_size=5))
@settings(max_examples=60, deadline=None)
def test_what_is_kept_of_trades_is_what_a_plain_fold_keeps(
    batches: list[list[tuple[int, int, int | None]]], looks: set[int]
) -> None:
    """Several instruments, a row told twice in a batch, volumes that are missing or stand still, readers that lag."""
    market = Market({"SPXW": "quote"})
    opened = at("00:00")
    history = History(market, opened)
    listing = Listing(ts_known=at("09:30"), ts_event=at("09:30"), first=0, instruments=MANY[:3])
    market.list_instruments(listing)
    history.happened(listing)
    prints: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    sold: dict[int, int] = {}
    volumes: dict[int, int] = defaultdict(int)
    for number, told in enumerate(batches):
        when = at("09:30") + (number + 1) * 20 * SECOND
        columns: list[tuple[int, int, int]] = []
        for idx, price, more in told:
            volumes[idx] += more or 0
            columns.append((idx, price, MISSING if more is None else volumes[idx]))
            size = 0 if more is None else volumes[idx] - sold.get(idx, 0)
            if size > 0 or (more is None and idx not in sold):
                prints[idx].append((when, price, size))
            if more is not None:
                sold[idx] = volumes[idx]
        if columns:
            idx_, price_, volume_ = (np.array(each, np.int32) for each in zip(*columns, strict=True))
            event = ChainBatch(ts_known=when, ts_event=when, idx=idx_, price=price_, volume=volume_)
            trades, _ = history.happened(event)
            new = [] if trades is None else list(trades.of(np.ones(3, np.bool_)))
            for idx, at_, made in new:
                assert prints[idx][at_] == tuple(made)
            assert len(new) == sum(1 for each in prints.values() for one in each if one[0] == when)
        if number in looks:
            first = history.series(0)
            assert first is not None
            assert first.prints == len(prints[0])
    for idx in range(3):
        series = history.series(idx)
        assert series is not None
        assert [tuple(series.print(n)) for n in range(series.prints)] == prints[idx]
        for bar in series.minute_bars(2**62):
            of = [each for each in prints[idx] if bar.ts < each[0] <= bar.ts + MINUTE]
            assert (bar.open, bar.high, bar.low, bar.close) == (
                of[0][1],
                max(each[1] for each in of),
                min(each[1] for each in of),
                of[-1][1],
            )
            assert (bar.volume, bar.trades) == (sum(each[2] for each in of), len(of))
        day = series.day
        assert (day is None) == (not prints[idx])
        assert day is None or day.bar(opened).volume == sum(each[2] for each in prints[idx])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--http", "0", "--indicative-width", "0.5"], "'0.5' is not a width: write 1 to 100, such as 5"),
        (["--http", "0", "--indicative-width", "wide"], "'wide' is not a width"),
        (["--http", "0", "--frame", "0"], "'0' is not a number of messages; write 1 to 100000"),
        (["--frame", "600"], "--frame goes with --http"),
        (["--indicative-width", "2"], "--indicative-width goes with --http"),
    ],
)
def test_a_mistake_is_one_line(options: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(["exchange", *options])
    except SystemExit as ended:
        code = ended.code  # type: ignore[assignment]
    assert code == 64
    assert words in capsys.readouterr().err
