"""Kills a kept exchange at random points, starts it again, and compares it with a twin that was asked the same.

    python tests/venue/venue_kill.py --points 25 --seed 1

The twin never dies. Both stand still but where a request moves their clocks: so both are asked at the same instants.
A request that was under way at the kill counts as asked if the diary has it; one that was answered must be in there.
Prints what it found as a line of JSON; exit code 1 where the two differ.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.alpaca.keys import Keys
from engine.calendar import session
from engine.config import load
from engine.session.exchange import make_exchange, make_venue
from engine.session.source import demo_source
from engine.types import Contract
from engine.venue.access import Access
from engine.venue.app import VENUE, serve
from engine.venue.clock import VenueClock
from engine.venue.data_query import rfc3339
from engine.venue.diary import Diary
from engine.venue.diary_records import Outcome
from engine.venue.venue import Venue

ACCOUNTS = ("one", "two")
ACCESS = Access({name: Keys(f"PKLOCAL{name.upper()}", f"local-{name}") for name in ACCOUNTS})
SETTINGS = (
    ("demo.step_seconds=5", "demo.expiries=1"),
    ("demo.step_seconds=5", "demo.expiries=1", "fills.latency_ms=400"),
    ("demo.step_seconds=5", "demo.expiries=1", "fills.model=improve"),
    (
        "demo.step_seconds=5",
        "demo.expiries=1",
        "fills.latency_ms=400",
        "fills.model=improve",
        "fills.size_limit=quoted",
    ),
)
PATHS = (
    "/v2/account",
    "/v2/orders?status=all&nested=true&direction=asc&limit=500",
    "/v2/positions",
    "/v2/account/activities?direction=asc",
)
MINUTE = 60 * 10**9

Answer = tuple[int, Any]


class Exchange:
    """A forked exchange that stands still five minutes after the open, or where its diary says."""

    def __init__(self, settings: tuple[str, ...], keep: Path | None) -> None:
        self._config, self._keep = load([], list(settings)), keep
        self._source = demo_source(self._config)
        self.pid = self.port = 0
        self._link: http.client.HTTPConnection | None = None
        make_exchange(self._venue(), ACCESS)[VENUE].advance()  # what is loaded here, no child has to load

    def _venue(self) -> Venue:
        clock = VenueClock(session(self._source.day).open + 5 * MINUTE, speed=0)
        return make_venue(self._config, self._source, clock, ACCOUNTS)

    def start(self) -> None:
        ready, told = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            try:
                os.close(ready)
                app = make_exchange(self._venue(), ACCESS, keep=self._keep)
                serve(app, started=lambda port: os.write(told, f"{port}\n".encode()))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        os.close(told)
        with os.fdopen(ready) as heard:
            line = heard.readline()
        if not line:
            os.waitpid(self.pid, 0)
            self.pid = 0
            raise RuntimeError("the exchange did not begin")
        self.port = int(line)
        self._link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def send(self, method: str, path: str, body: Any = None, account: str = "one") -> None:
        assert self._link is not None
        keys = ACCESS.keys[account]
        headers = {"APCA-API-KEY-ID": keys.key_id, "APCA-API-SECRET-KEY": keys.secret}
        data = None if body is None else json.dumps(body)
        self._link.request(method, path, data, headers | {"Content-Type": "application/json"})

    def hear(self) -> Answer:
        assert self._link is not None
        answer = self._link.getresponse()
        data = answer.read()
        return answer.status, json.loads(data) if data else None

    def ask(self, method: str, path: str, body: Any = None, account: str = "one") -> Answer:
        self.send(method, path, body, account)
        return self.hear()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.pid = 0

    def end(self) -> None:
        if self._link is not None:
            self._link.close()
        if self.pid:
            self.kill()


class Round:
    """A conversation with a victim and its twin, and what differed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = Random(seed)
        self.file = folder / f"{seed}.kept"
        settings = SETTINGS[seed % len(SETTINGS)]
        self.victim, self.twin = Exchange(settings, self.file), Exchange(settings, None)
        self.wrong: list[str] = []
        self.asked = self.lost = 0
        self._orders: dict[str, list[str]] = {name: [] for name in ACCOUNTS}
        self._restarts: list[float] = []

    def run(self, kills: int) -> None:
        try:
            self.victim.start()
            self.twin.start()
            self._middle = self._spot()
            for _ in range(kills):
                for _ in range(self.chance.randint(2, 7)):
                    self._both(*self._request())
                self._killed(*self._request())
                if self.wrong:
                    return
        finally:
            self.victim.end()
            self.twin.end()

    def _spot(self) -> int:
        _, found = self.twin.ask("GET", "/v1beta1/indices/latest/values?symbols=SPX")
        return round(float(json.dumps(found).split('"v": ')[1].split("}")[0].split(",")[0]) / 5) * 5

    def _request(self) -> tuple[str, str, Any, str]:
        chance, account = self.chance, self.chance.choice(ACCOUNTS)
        known = self._orders[account]
        match chance.choice(
            ["package"] * 4 + ["single"] * 4 + ["clock"] * 4 + ["cancel", "replace"] * 3 + ["close", "fault"]
        ):
            case "package":
                return "POST", "/v2/orders", self._package(account), account
            case "single":
                return "POST", "/v2/orders", self._single(account), account
            case "cancel" if known:
                return "DELETE", f"/v2/orders/{self._open(account) or chance.choice(known)}", None, account
            case "replace" if known:
                body = {"qty": str(chance.randint(1, 4)), "limit_price": f"{chance.randint(5, 60) / 100}"}
                return "PATCH", f"/v2/orders/{self._open(account) or chance.choice(known)}", body, account
            case "close" if known:
                _, held = self.twin.ask("GET", "/v2/positions", None, account)
                shorts = [each["symbol"] for each in held if each["side"] == "short"]
                if shorts:
                    return "DELETE", f"/v2/positions/{chance.choice(shorts)}", None, account
            case "fault":
                return "POST", "/control/faults", {"fault": "busted_trade", "times": 2, "chance": 0.5}, account
        _, told = self.twin.ask("GET", "/control/clock")
        now = told["start"] + round(chance.expovariate(1) * 8 * 10**9)
        return "POST", "/control/clock", {"now": rfc3339(now)}, account

    def _open(self, account: str) -> str:
        """An order that works, of one leg if there is one."""
        _, found = self.twin.ask("GET", "/v2/orders?nested=true", None, account)
        return min(found, key=lambda each: each["order_class"] != "simple")["id"] if found else ""

    def _contract(self, right: Any, away: int) -> str:
        return Contract("SPXW", demo_source(load([], [])).day, (self._middle + away) * 10_000, right).symbol

    def _package(self, account: str) -> dict[str, Any]:
        near, wing = 5 * self.chance.randint(1, 5), 5 * self.chance.randint(1, 4)
        strikes = [("P", -near - wing, "buy"), ("P", -near, "sell"), ("C", near, "sell"), ("C", near + wing, "buy")]
        legs = [
            {
                "symbol": self._contract(right, away),
                "ratio_qty": "1",
                "side": side,
                "position_intent": f"{side}_to_open",
            }
            for right, away, side in strikes
        ]
        limit = self.chance.choice([None, f"{-self.chance.randint(50, 900) / 100:.2f}"])
        how = {"type": "market"} if limit is None else {"type": "limit", "limit_price": limit}
        body = {"order_class": "mleg", "qty": str(self.chance.randint(1, 3)), "time_in_force": "day", "legs": legs}
        return body | how | {"client_order_id": self._own(account)}

    def _single(self, account: str) -> dict[str, Any]:
        symbol = self._contract(self.chance.choice("CP"), 5 * self.chance.randint(-4, 4))
        price = f"{self.chance.randint(5, 3000) / 100:.2f}"
        body = {"symbol": symbol, "side": "buy", "qty": str(self.chance.randint(1, 4)), "type": "limit"}
        return body | {"time_in_force": "day", "limit_price": price, "client_order_id": self._own(account)}

    def _own(self, account: str) -> str:
        self.asked += 1
        return f"{account}-{self.asked}"

    def _both(self, *request: Any) -> None:
        found, expected = self.victim.ask(*request), self.twin.ask(*request)
        if request[1] == "/control/clock":  # from where it was set differs, the market's time does not
            found, expected = (found[0], found[1]["now"]), (expected[0], expected[1]["now"])
        if found != expected:
            self.wrong.append(f"{request} was answered {found}, of the twin {expected}")
        elif request[:2] == ("POST", "/v2/orders") and found[0] == 200:
            self._orders[request[3]].append(found[1]["id"])

    def _killed(self, *request: Any) -> None:
        kept = _requests(self.file)
        self.victim.send(*request)
        time.sleep(self.chance.choice([0, self.chance.uniform(0, 0.002), self.chance.uniform(0, 0.002), 0.02]))
        self.victim.kill()
        try:
            answer: Answer | None = self.victim.hear()
        except (OSError, http.client.HTTPException):
            answer = None
        reached = _requests(self.file) > kept
        if answer is not None and answer[0] < 300 and not reached:
            self.wrong.append(f"{request} was answered {answer} and is forgotten")
        self.lost += answer is None
        began = time.monotonic()
        self.victim.start()
        self._restarts.append(time.monotonic() - began)
        if reached:
            expected = self.twin.ask(*request)
            if request[:2] == ("POST", "/v2/orders") and expected[0] == 200:
                self._orders[request[3]].append(expected[1]["id"])
        for account in ACCOUNTS:
            for path in PATHS:
                found, whole = (each.ask("GET", path, None, account) for each in (self.victim, self.twin))
                if found != whole:
                    self.wrong.append(f"after {request}: {path} of {account}: {_first(found[1], whole[1])}")


def _requests(file: Path) -> int:
    """How many things were asked that the file has."""
    copy = file.with_suffix(".copy")
    copy.write_bytes(file.read_bytes())
    what: dict[str, str] = {}
    diary = Diary(copy, what)
    diary.close()
    return sum(not isinstance(each, Outcome) for each in diary.past) if diary.past else 0


def _first(found: Any, whole: Any) -> str:
    """The first thing in which two answers differ."""
    if isinstance(found, list) and isinstance(whole, list):
        for one, other in zip(found, whole, strict=False):
            if one != other:
                return _first(one, other)
        return f"{len(found)} of {len(whole)}"
    if isinstance(found, dict) and isinstance(whole, dict):
        for key in whole:
            if found.get(key) != whole[key]:
                return f"{key}: {_first(found.get(key), whole[key])}"
    return f"{found!r} for {whole!r}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=5, help="a conversation")
    args = parser.parse_args()
    points = lost = asked = 0
    wrong: list[str] = []
    restarts: list[float] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="zv") as folder:
        for seed in range(args.seed, args.seed + -(-args.points // args.kills)):
            each = Round(Path(folder), seed)
            each.run(args.kills)
            wrong += [f"seed {seed}: {text}" for text in each.wrong]
            restarts += each._restarts
            points, lost, asked = points + len(each._restarts), lost + each.lost, asked + each.asked
    restarts.sort()
    told = {"points": points, "unanswered": lost, "orders": asked, "wrong": wrong[:10]}
    times = {"restart_p50_s": round(restarts[len(restarts) // 2], 2), "restart_max_s": round(restarts[-1], 2)}
    print(json.dumps(told | times | {"seconds": round(time.monotonic() - began, 1)}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
