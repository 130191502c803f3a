"""A kept exchange that was killed goes on as if it had not been; what cannot be gone on from is refused in a line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from alpaca.trading.client import TradingClient
from test_venue_command import exchange

from engine.alpaca.venue_clock import VenueTime, read_venue_clock
from engine.calendar import session
from engine.config import load
from engine.session.exchange import make_exchange, make_venue
from engine.session.source import demo_source
from engine.venue import keeping
from engine.venue.access import Access
from engine.venue.asked import Asked, AskedLeg
from engine.venue.clock import VenueClock
from engine.venue.diary import MAGIC, Diary, DiaryError
from engine.venue.diary_records import Anchored, Listens, Outcome, Taken
from engine.venue.faults import FAULTS_KEY
from engine.venue.keeping import KEEPER
from engine.venue.trading import DESKS
from engine.venue.venue import Venue
from zdte_tui.main import main

KILL = Path(__file__).with_name("venue_kill.py")
MINUTE = 60 * 10**9
CONFIG = load([], ["demo.expiries=1"])
SOURCE = demo_source(CONFIG)
OPEN = session(SOURCE.day).open
ACCESS = Access.made_up(("one",))


def test_twenty_five_kills_at_random_points_change_nothing() -> None:
    done = subprocess.run(
        [sys.executable, str(KILL), "--points", "25"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["wrong"] == []
    assert (found["points"], done.returncode) == (25, 0)
    assert 0 < found["unanswered"] < 25  # some were killed while they were answering, some after


def client(said: str) -> tuple[Any, str]:
    """The SDK's client, and the address."""
    url = re.search(r"url_override='(http://[^']+)'", said)
    folder = re.search(r"keys of rehearsal: (.+)", said)
    assert url is not None
    assert folder is not None
    key, secret = (Path(folder[1], f"alpaca-paper-{name}").read_text().strip() for name in ("key-id", "secret"))
    return TradingClient(key, secret, url_override=url[1], raw_data=True), url[1]


def test_the_command_is_found_where_it_was_with_its_orders_and_its_clock(tmp_path: Path) -> None:
    how = ("--keep", str(tmp_path / "day.kept"), "--speed", "30", "--start", "10:00", "--set", "demo.expiries=1")
    with exchange(tmp_path, *how) as (process, said):
        assert f"kept in {tmp_path / 'day.kept'}" in said
        trading, url = client(said)
        wanted = trading.get("/options/contracts", {"type": "call", "strike_price_gte": "5950", "limit": 1})
        symbol = wanted["option_contracts"][0]["symbol"]
        body = {"symbol": symbol, "side": "buy", "qty": "2", "type": "market", "time_in_force": "day"}
        sent = trading.post("/orders", body)
        clock = read_venue_clock(url)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    with exchange(tmp_path, *how) as (process, said):
        assert "goes on from" in said
        assert "1 requests, by the clock it had" in said
        trading, again = client(said)
        assert (again, read_venue_clock(again)) == (url, clock)
        (order,) = trading.get("/orders", {"status": "all"})
        assert (order["id"], order["status"], order["created_at"]) == (sent["id"], "filled", sent["created_at"])
        (held,) = trading.get("/positions")
        assert (held["symbol"], held["qty"]) == (symbol, "2")
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert f"are kept in {tmp_path / 'day.kept'}" in process.stderr.read()


def venue(speed: float = 0.0) -> Venue:
    return make_venue(CONFIG, SOURCE, VenueClock(OPEN + 5 * MINUTE, speed), ("one",))


def bought(of: Venue, app: Any, own: str) -> Any:
    """Buy a call at market."""
    of.advance()
    contract = next(each for each in of.listed if getattr(each, "right", "") == "C" and of.market.quote(each).ask)
    return app[DESKS]["one"].submit(Asked(own, "simple", "market", (AskedLeg(contract, "buy", None),), 1, None, None))


def test_a_clock_that_ran_has_run_on_meanwhile(tmp_path: Path) -> None:
    first = venue()
    app = make_exchange(first, ACCESS, keep=tmp_path / "k")
    assert not app[KEEPER].continued
    first.clock.set(first.clock.now(), 60)
    anchor = first.clock.anchor
    app[KEEPER].close()
    second = venue()
    assert make_exchange(second, ACCESS, keep=tmp_path / "k")[KEEPER].continued
    assert (second.clock.anchor, second.clock.speed) == (anchor, 60)


def test_a_machine_that_was_started_anew_counts_by_its_own_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = venue()
    app = make_exchange(first, ACCESS, keep=tmp_path / "k")
    first.clock.set(first.clock.now(), 60)
    app[KEEPER].close()
    diary = Diary(tmp_path / "k", {})
    (_, last) = (each for each in diary.past if isinstance(each, Anchored))
    ten_seconds_ago = time.time_ns() - 10 * 10**9
    diary.write(Anchored(last.start, last.since, 60, "another start", ten_seconds_ago))
    diary.close()
    second = venue()
    make_exchange(second, ACCESS, keep=tmp_path / "k")
    assert second.clock.now() - last.start >= 600 * 10**9
    assert isinstance(keeping._boot(), str)
    monkeypatch.setattr(keeping, "_BOOT", tmp_path / "no such file")
    assert keeping._boot() == ""


def test_what_was_cut_short_at_the_end_was_never_answered_and_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "k"
    first = venue()
    app = make_exchange(first, ACCESS, keep=path)
    whole = bought(first, app, "one")
    size = path.stat().st_size
    bought(first, app, "two")
    app[KEEPER].close()
    data = path.read_bytes()
    for cut in (size + 1, size + 9, len(data) - 1):
        path.write_bytes(data[:cut])
        second = venue()
        made = make_exchange(second, ACCESS, keep=path)
        assert next(iter(made[DESKS]["one"].orders)) == whole["id"]
        kept = made[KEEPER].requests
        assert kept == len(made[DESKS]["one"].orders)
        bought(second, made, "three")  # and it is written after the last whole one
        made[KEEPER].close()
        third = venue()
        again = make_exchange(third, ACCESS, keep=path)
        assert again[KEEPER].requests == kept + 1
        again[KEEPER].close()


def test_a_full_disk_takes_nothing_and_the_order_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = venue()
    app = make_exchange(first, ACCESS, keep=tmp_path / "k")
    size = (tmp_path / "k").stat().st_size

    written, left = os.write, [20]

    def full(file: int, data: memoryview) -> int:
        if not left:
            raise OSError(28, "No space left on device")
        return written(file, data[: left.pop()])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left"):
            bought(first, app, "one")
    assert app[DESKS]["one"].orders == {}
    assert (tmp_path / "k").stat().st_size == size
    assert bought(first, app, "one")["client_order_id"] == "one"


def test_faults_that_have_happened_do_not_happen_again(tmp_path: Path) -> None:
    first = venue()
    app = make_exchange(first, ACCESS, keep=tmp_path / "k", seed=7)
    faults = app[FAULTS_KEY]
    faults.switch("http_504")
    faults.switch("http_429", times=3)
    assert faults.take("http_504")
    assert faults.take("http_429")
    drawn = [bool(faults.take("mute_updates")) for _ in range(2000)]
    assert any(drawn)
    app[KEEPER].close()
    again = make_exchange(venue(), ACCESS, keep=tmp_path / "k", seed=7)[FAULTS_KEY]
    assert again.happened == faults.happened
    assert again.on == faults.on
    until = len(drawn) - drawn[::-1].index(True)
    assert again.drawn["mute_updates"] == until
    assert [bool(again.take("mute_updates")) for _ in range(2000 - until)] == drawn[until:]


def test_one_exchange_a_file(tmp_path: Path) -> None:
    app = make_exchange(venue(), ACCESS, keep=tmp_path / "k")
    with pytest.raises(DiaryError, match=r"another exchange keeps .* now: end it, or name another file"):
        make_exchange(venue(), ACCESS, keep=tmp_path / "k")
    app[KEEPER].close()


def test_what_another_market_has_come_to_is_not_gone_on_from(tmp_path: Path) -> None:
    first = venue()
    app = make_exchange(first, ACCESS, keep=tmp_path / "k")
    bought(first, app, "one")
    app[KEEPER].close()
    diary = Diary(tmp_path / "k", {})
    (request,) = (each for each in diary.past if not isinstance(each, Anchored | Outcome | Listens | Taken))
    diary.write(request)
    diary.write(Outcome("refused: by another program"))
    diary.close()
    with pytest.raises(DiaryError, match="its request 2, at 09:35:00 New York, came to 'refused: by another"):
        make_exchange(venue(), ACCESS, keep=tmp_path / "k")


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (None, ["--accounts", "2"], "with --accounts 'rehearsal', not 'rehearsal, rehearsal2': give the same again"),
        (None, ["--set", "demo.seed=8"], "keeps an exchange with market 'SPXW 2026-01-15, seed 7"),
        (b"a letter to somebody", [], "is not what an exchange has kept: name another file"),
        (MAGIC + b"\x01\0\0\0\0\0\0\0\xff" + b"\0" * 20, [], "is damaged at byte 8"),
    ],
)
def test_a_file_of_something_else_is_named_and_left_as_it_was(
    content: bytes | None,
    options: list[str],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = tmp_path / "k"
    if content is None:
        of = make_venue(CONFIG, SOURCE, VenueClock(OPEN, 0), ("rehearsal",))
        make_exchange(of, ACCESS, keep=path)[KEEPER].close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    assert main(["exchange", "--http", "0", "--set", "demo.expiries=1", "--keep", str(path), *options]) == 73
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "are kept in" not in line]
    assert words in line
    assert str(path) in line
    assert path.read_bytes() == before


def test_a_place_where_nothing_can_be_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main(["exchange", "--http", "0", "--keep", str(tmp_path)]) == 73
    assert f"cannot keep the exchange in {tmp_path}: Is a directory" in capsys.readouterr().err
    assert main(["exchange", "--keep", "x"]) == 64
    assert "--keep goes with --http" in capsys.readouterr().err


def test_a_clock_resumed_is_the_same_clock() -> None:
    one = VenueClock(5, 60, steady=lambda: 1000)
    other = VenueClock(0, 0, steady=lambda: 1010)
    other.resume(*one.anchor, one.speed)
    assert other.now() == VenueTime(5, 1000, 60).at(1010) == 605
