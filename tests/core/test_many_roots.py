"""Two roots and several expiries in one session, each with its own chain, windows and settlement."""

from __future__ import annotations

import datetime as dt

import numpy as np
from core_builders import CONDOR, DAY, SPOT, Played, Tape, at, clock, ladder, make_engine, option, play

from engine.events import ChainBatch, SettlementRecord, SignalRecord
from engine.pacing import merge

TOMORROW = DAY + dt.timedelta(days=1)
XSP = {"531P": (0.10, 0.14), "533P": (0.40, 0.44), "537C": (0.40, 0.44), "539C": (0.10, 0.14)}
XSP_STRIKES = [f"strategies.iron_condor.by_root.XSP.strikes.{name}" for name in ("short=2", "wing=4")]


def both(until: str = "16:00") -> Played:
    """SPXW around 5350 with two expiries, XSP around 535, both every minute from 09:59."""
    spx = Tape().list(ladder(5300, 5400)).list(ladder(5300, 5400), expiry=TOMORROW)
    spx.quote("09:58", dict.fromkeys(CONDOR, (9.0, 9.2)), expiry=TOMORROW)
    spx.quote("09:59", CONDOR, spot=SPOT).hold("10:00", "15:59").close(5350.0)
    xsp = (
        Tape("XSP")
        .list(ladder(520, 550, 1))
        .quote("09:59", XSP, spot=535.0)
        .hold("10:00", "15:59")
        .close(535.0, "16:20")
    )
    engine = make_engine(*XSP_STRIKES, "strategies.iron_condor.hold_to_settlement=true", roots=("SPXW", "XSP"))
    return play(engine, merge([spx.sorted(), xsp.sorted()[1:]]), at(until))


def test_each_root_trades_its_own_strikes() -> None:
    played = both("10:05")

    assert sorted(text for _, text in played.signals("entering")) == [
        "531/533P 537/539C for 0.52 credit",
        "5315/5325P 5375/5385C for 1.40 credit",
    ]
    assert {trade.root: trade.filled for trade in played.engine.state.portfolio} == {"SPXW": 1, "XSP": 10}


def test_no_root_decides_before_the_other_has_its_quotes_of_the_same_instant() -> None:
    """XSP's quotes change at 10:00, the instant of SPXW's batch and of both windows."""
    dearer = {name: (round(bid + 0.20, 2), round(ask + 0.20, 2)) for name, (bid, ask) in XSP.items()}
    spx = Tape().list(ladder(5300, 5400)).quote("09:59", CONDOR, spot=SPOT).hold("10:00", "10:03")
    xsp = Tape("XSP").list(ladder(520, 550, 1)).quote("09:59", XSP, spot=535.0).quote("10:00", dearer, spot=535.0)
    played = play(
        make_engine(*XSP_STRIKES, roots=("SPXW", "XSP")), merge([spx.sorted(), xsp.sorted()[1:]]), at("10:02")
    )

    prices = {name: price for _, _, name, price in played.fills() if name in XSP}
    assert prices == {"531P": 0.34, "533P": 0.60, "537C": 0.60, "539C": 0.34}


def test_only_the_expiry_of_the_day_is_traded() -> None:
    played = both("10:05")

    assert {contract.expiry for trade in played.engine.state.portfolio for contract in trade.holdings} == {DAY}
    assert played.engine.state.market.expiries("SPXW") == (DAY, TOMORROW)
    assert played.engine.state.market.quote(option("5325P", expiry=TOMORROW)).bid == 90_000


def test_the_roots_do_not_mix_their_values() -> None:
    market = both("10:05").engine.state.market

    assert market.value("SPX")[0] == 53_500_000
    assert market.value("XSP")[0] == 5_350_000
    assert market.quote(option("533P", "XSP")).bid == 4_000


def test_each_root_settles_on_its_own_close() -> None:
    played = both("16:30")

    official = {(clock(r.ts), r.symbol[:3], r.value) for r in played.of(SettlementRecord) if not r.provisional}
    assert official == {("16:15:00", "SPX", 53_500_000), ("16:20:00", "XSP", 5_350_000)}
    assert {trade.status for trade in played.engine.state.portfolio} == {"settled"}


def test_every_signal_names_its_root() -> None:
    windows = {(signal.root, signal.key) for signal in both("10:05").of(SignalRecord)}

    assert windows == {("SPXW", "10:00"), ("XSP", "10:00")}


def test_the_merged_stream_keeps_indices_within_what_is_listed() -> None:
    spx = Tape().list(ladder(5300, 5400)).quote("09:59", CONDOR, spot=SPOT)
    xsp = Tape("XSP").list(ladder(520, 550, 1)).quote("09:59", XSP, spot=535.0)
    batches = [event for event in merge([spx.sorted(), xsp.sorted()[1:]]) if isinstance(event, ChainBatch)]

    assert not set(batches[0].idx.tolist()) & set(batches[1].idx.tolist())
    assert np.concatenate([batch.idx for batch in batches]).max() < 2 + 42 + 62
