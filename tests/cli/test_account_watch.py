"""``zdte-tui account --watch``: what happens to the account's orders is told as it happens, and once."""

from __future__ import annotations

import datetime as dt
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "venue"))
from venue_hall import Hall, hall, legs, mleg

from engine.events import BrokerOrder, BrokerReport, BrokerState, LegFill
from engine.types import Contract, Leg, Package
from zdte_tui.commands.account_watch import Watch, words

CONTRACT = Contract("SPXW", dt.date(2026, 1, 15), 59_100_000, "C")
FILLS = tuple(LegFill(f"l1:{n}", CONTRACT, "sell", 1, 27_900) for n in (1, 2))
ORDER = BrokerOrder("own", "filled", Package((Leg(CONTRACT, "sell", "open"),)), 2, None, None, FILLS)


def report(kind: str, *fills: LegFill) -> BrokerReport:
    return BrokerReport(ts_known=1, client_order_id="own", kind=kind, legs=fills)  # type: ignore[arg-type]


def state(*orders: BrokerOrder, held: int = 0) -> BrokerState:
    return BrokerState(ts_known=1, asked=1, orders=orders, positions=((CONTRACT, held),) if held else ())


def test_an_execution_is_told_once_whoever_tells_it() -> None:
    watch = Watch()
    (first,) = watch.news(report("fill", FILLS[0]))
    assert words(first) == "order own: executed sell 1 SPXW260115C05910000 at $2.79"
    told = watch.news(state(ORDER, held=-2))
    assert [words(each) for each in told] == [
        "order own: executed sell 1 SPXW260115C05910000 at $2.79",
        "positions: -2 SPXW260115C05910000",
    ]
    assert watch.news(report("fill", *FILLS)) == []
    assert watch.news(state(ORDER, held=-2)) == []
    assert [words(each) for each in watch.news(state(ORDER))] == ["positions: none"]


@pytest.mark.parametrize(("kind", "said"), [("cancelled", ["order own: cancelled"]), ("unknown", []), ("absent", [])])
def test_the_end_of_an_order_is_told_once_and_a_doubt_is_none(kind: str, said: list[str]) -> None:
    watch = Watch()
    assert [words(each) for each in watch.news(report(kind))] == said
    assert watch.news(report(kind)) == []


def lines(process: subprocess.Popen[bytes], until: str) -> list[str]:
    """What it writes, up to the line that holds ``until``."""
    assert process.stdout is not None
    found: list[str] = []
    end = time.monotonic() + 60
    while not found or until not in found[-1]:
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))
        assert ready, found
        line = process.stdout.readline().decode()
        assert line, (found, process.stderr.read() if process.stderr else b"")
        found.append(line.rstrip("\n"))
    return found


def watching(where: Hall, home: Path) -> subprocess.Popen[bytes]:
    keys = where.access.keys["one"]
    pair = {"APCA_API_KEY_ID": keys.key_id, "APCA_API_SECRET_KEY": keys.secret, "HOME": str(home)}
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "TMPDIR", "NUMBA_CACHE_DIR")}
    settings = [f"alpaca.trading_url={where.url}", "broker.reconcile_seconds=1"]
    command = [sys.executable, "-m", "zdte_tui", "account", "--watch", "--json"]
    command += [word for each in settings for word in ("--set", each)]
    return subprocess.Popen(
        command, env=kept | pair, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    )


def test_a_condor_sold_by_somebody_else_is_seen_and_an_interrupt_ends_it_well(home: Path) -> None:
    with hall() as where, watching(where, home) as process:
        try:
            (first,) = lines(process, "options_level")
            assert json.loads(first)["positions"] == []
            order = mleg(legs(where.condor()), client_order_id="theirs")
            status, _ = where.ask("POST", "/v2/orders", order)
            assert status == 200
            told = [json.loads(line) for line in lines(process, "positions")]
        finally:
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
    fills = [each for each in told if each["event"] == "fill"]
    assert sorted(each["symbol"] for each in fills) == sorted(contract.symbol for contract in where.condor())
    assert all(each["client_order_id"] == "theirs" for each in fills)
    assert len(told[-1]["positions"]) == 4
    assert (process.returncode, errors) == (0, b"")


def test_an_exchange_that_goes_away_is_told_in_lines_and_not_in_tracebacks(home: Path) -> None:
    with hall() as where:
        process = watching(where, home)
        lines(process, "options_level")
        time.sleep(0.5)  # it listens
    with process:
        assert process.stderr is not None
        ready, _, _ = select.select([process.stderr], [], [], 60)
        assert ready
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    said = errors.decode().splitlines()
    assert "zdte-tui: trade updates of Alpaca do not come: the connection ended" in said
    assert all(line.startswith("zdte-tui: ") for line in said), errors.decode()
    assert process.returncode == 0
