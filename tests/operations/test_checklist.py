"""Before the open: from facts to lines, and the facts gathered from a real account over HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from answering_server import answering
from watched_sessions import Run, Watched

from engine.alpaca.keys import Keys
from engine.alpaca.parse import Account, Held, MarketClock
from engine.alpaca.parse_orders import AlpacaOrder
from engine.alpaca.rest import Rest
from engine.alpaca.snapshot import Snapshot
from engine.calendar import from_new_york, parse_time_of_day, session
from engine.clock import SECOND
from engine.config import Config, load
from engine.session.checklist import WARN_BYTES, Facts, Line, Planned, checklist, lines_text, worst
from engine.session.checklist_facts import gather
from engine.strategy import Needs
from engine.types import Contract, parse_symbol, to_units
from strategies.registry import REGISTRY

DAY = dt.date(2026, 1, 15)
HALF_DAY = dt.date(2025, 11, 28)
ACCOUNT = Account(
    "*****7XYZ", "ACTIVE", (), 3, to_units(100_000), to_units(100_000), to_units(200_000), to_units(50_000)
)
CONDOR = Planned(
    "iron_condor", "SPXW", Needs(3, to_units(20), (parse_time_of_day("10:00"),), parse_time_of_day("close-70m"))
)

SHORT = parse_symbol("SPXW260115C05910000")
assert isinstance(SHORT, Contract)
HELD = Held(SHORT.symbol, SHORT, -2, None, None, None)


def snapshot(day: dt.date = DAY, **changes: Any) -> Snapshot:
    found = session(day)
    clock = MarketClock(now=found.open - 60 * SECOND, open=False, next_open=found.open, next_close=found.close)
    values: dict[str, Any] = {
        "clock": clock, "skew": 0, "positions": (), "orders": (), "settled": True, "told": (),
    }  # fmt: skip
    return Snapshot(**(values | changes))


def facts(**changes: Any) -> Facts:
    """Of a paper session before the open in which nothing is amiss."""
    values: dict[str, Any] = {
        "mode": "paper",
        "now": session(DAY).open - 60 * SECOND,
        "session": session(DAY),
        "planned": (CONDOR,),
        "keys": "a file",
        "account": ACCOUNT,
        "snapshot": snapshot(),
        "journal": "a folder",
        "room": 100 * WARN_BYTES,
        "told": "1 address in a file",
    }
    return Facts(**(values | changes))


@pytest.fixture(scope="module")
def config() -> Config:
    return load(settings=['alpaca.option_feed="opra"', 'alpaca.stock_feed="sip"'])


def of(lines: tuple[Line, ...], subject: str) -> list[Line]:
    return [line for line in lines if line.subject.startswith(subject)]


def one(config: Config, subject: str, **changes: Any) -> Line:
    """The gravest line of a subject."""
    return max(of(checklist(config, facts(**changes)), subject), key=lambda line: worst((line,)) + line.text)


def state(config: Config, subject: str, **changes: Any) -> str:
    return worst(tuple(of(checklist(config, facts(**changes)), subject)))


def test_where_nothing_is_amiss_no_line_asks_for_anything(config: Config) -> None:
    lines = checklist(config, facts())
    assert worst(lines) == "ok"
    assert not any(line.mend for line in lines)


def test_live_orders_of_another_session_are_told(config: Config) -> None:
    order = AlpacaOrder("b1", "main_paper-0123456789-20260115-0-1", "accepted", "new", (), 1, None, None, None)
    there = {"snapshot": snapshot(orders=(order,)), "name": "main_paper"}
    found = one(config, "other sessions", installation="fedcba9876", **there)
    assert found.state == "warn"
    assert "account main_paper, installation 0123456789): 1 order of today, 1 LIVE" in found.text
    assert "end one of them" in found.mend
    assert not of(checklist(config, facts(installation="0123456789", **there)), "other sessions")


@pytest.mark.parametrize(
    ("subject", "changes", "expected", "words"),
    [
        ("keys", {"no_keys": "none anywhere"}, "fail", "none anywhere"),
        ("account", {"account": None, "unread": "no connection"}, "fail", "no connection"),
        ("account", {"account": replace(ACCOUNT, status="ACCOUNT_CLOSED")}, "fail", "ACCOUNT_CLOSED"),
        ("account", {"account": replace(ACCOUNT, blocks=("trading is blocked",))}, "fail", "trading is blocked"),
        ("options level", {"account": replace(ACCOUNT, level=2)}, "fail", "2 of 3"),
        ("options level", {"account": replace(ACCOUNT, level=None)}, "warn", "n/a"),
        ("buying power", {"account": replace(ACCOUNT, options_buying_power=to_units(1999))}, "fail", "$2,000.00"),
        ("buying power", {"account": replace(ACCOUNT, options_buying_power=to_units(2000))}, "ok", "$2,000.00"),
        ("buying power", {"account": replace(ACCOUNT, options_buying_power=None)}, "warn", "n/a"),
        ("strategies", {"planned": ()}, "warn", "none is switched on"),
        ("clock", {"snapshot": snapshot(skew=-3 * SECOND)}, "fail", "3.000 s behind"),
        ("clock", {"snapshot": snapshot(skew=1_500_000_000)}, "warn", "1.500 s ahead"),
        ("clock", {"snapshot": snapshot(skew=None)}, "warn", "n/a"),
        ("day", {"session": None, "no_day": "2026-01-17 is a Saturday"}, "fail", "Saturday"),
        ("positions", {"snapshot": snapshot(positions=(HELD,))}, "warn", "-2 SPXW260115C05910000"),
        ("account", {"snapshot": snapshot(settled=False)}, "warn", "may not agree"),
        ("account", {"snapshot": snapshot(told=("an odd order",))}, "warn", "an odd order"),
        ("journal", {"room": 1_000_000}, "fail", "0.0 GB"),
        ("journal", {"room": 1_000_000_000}, "warn", "1.0 GB"),
        ("journal", {"room": None, "not_written": "x cannot be written to"}, "fail", "x cannot"),
        ("unclosed", {"unclosed": (("main-1", DAY),)}, "note", "goes on with it"),
        ("unclosed", {"unclosed": (("main-0", dt.date(2026, 1, 14)),)}, "warn", "main-0 of 2026-01-14"),
        ("messages", {"told": ""}, "warn", "nobody is told"),
        ("messages", {"not_told": "push.toml has mode 0644"}, "fail", "0644"),
        ("messages", {"mode": "demo"}, "note", "none are sent of demo"),
    ],
)
def test_each_thing_that_is_amiss_has_its_line(
    config: Config, subject: str, changes: dict[str, Any], expected: str, words: str
) -> None:
    assert state(config, subject, **changes) == expected
    found = of(checklist(config, facts(**changes)), subject)
    assert any(words in line.text and line.state == expected for line in found), found


def test_every_failure_says_how_to_mend_it_or_is_a_whole_sentence_itself(config: Config) -> None:
    lines = checklist(
        config, facts(account=replace(ACCOUNT, level=0, status="x"), room=0, snapshot=snapshot(skew=9 * SECOND))
    )
    failing = [line for line in lines if line.state == "fail"]
    assert len(failing) == 4
    assert all(line.mend for line in failing)


def test_live_takes_no_indicative_quotes_and_paper_only_warns() -> None:
    plain = load()
    assert state(plain, "option quotes", mode="live") == "fail"
    assert state(plain, "option quotes", mode="paper") == "warn"


def test_alpacas_hours_and_the_calendars_must_agree(config: Config) -> None:
    early = MarketClock(now=1, open=False, next_open=session(DAY).open, next_close=from_new_york(DAY, dt.time(13)))
    assert "closes 13:00, the calendar here says 16:00" in one(config, "hours", snapshot=snapshot(clock=early)).text
    tomorrow = session(dt.date(2026, 1, 16))
    closed = MarketClock(now=1, open=False, next_open=tomorrow.open, next_close=tomorrow.close)
    assert "does not open on 2026-01-15" in one(config, "hours", snapshot=snapshot(clock=closed)).text


def needs(**changes: Any) -> tuple[Planned, ...]:
    assert CONDOR.needs is not None
    return (CONDOR._replace(needs=CONDOR.needs._replace(**changes)),)


@pytest.mark.parametrize(
    ("changes", "expected", "words"),
    [
        ({"exit": None}, "fail", "holds to settlement, and the broker acts at 15:30"),
        ({"exit": parse_time_of_day("15:45")}, "fail", "leaves at 15:45: not before 15:30"),
        ({"exit": parse_time_of_day("15:20")}, "note", "would leave at 15:20, and all is closed before"),
        (
            {"entries": (parse_time_of_day("15:15"),)},
            "warn",
            "does not open at 15:15: the broker takes none from 15:15",
        ),
    ],
)
def test_times_that_come_too_late_for_the_broker(
    config: Config, changes: dict[str, Any], expected: str, words: str
) -> None:
    found = of(checklist(config, facts(planned=needs(**changes))), "cutoffs")
    assert [line.state for line in found if words in line.text] == [expected]


def test_a_half_day_is_said_and_moves_the_cutoffs(config: Config) -> None:
    day = session(HALF_DAY)
    lines = checklist(config, facts(session=day, now=day.open, snapshot=snapshot(HALF_DAY)))
    assert of(lines, "day")[0].text.startswith("HALF-DAY")
    assert "no opening from 12:15; the broker liquidates from 12:30" in of(lines, "cutoffs")[0].text
    fixed = facts(
        session=day, now=day.open, snapshot=snapshot(HALF_DAY), planned=needs(exit=parse_time_of_day("15:20"))
    )
    assert worst(tuple(of(checklist(config, fixed), "cutoffs"))) == "fail"


def test_events_of_the_day_are_named_with_their_times(config: Config) -> None:
    day = session(dt.date(2025, 12, 10))  # the FOMC's
    lines = of(checklist(config, facts(session=day, now=day.open, snapshot=snapshot(day.day))), "event")
    assert [line.text for line in lines] == ["14:00 FOMC statement", "14:30 FOMC press conference"]


def test_beyond_the_calendar_of_events_that_is_said(config: Config) -> None:
    day = session(dt.date(2028, 6, 15))
    assert state(config, "events", session=day, now=day.open, snapshot=snapshot(day.day)) == "warn"


def test_a_demo_says_what_does_not_apply(config: Config) -> None:
    lines = checklist(config, facts(mode="demo", account=None, snapshot=None, keys=""))
    assert "SIMULATED" in of(lines, "keys and account")[0].text
    assert worst(lines) in ("ok", "note")


def test_lines_stand_in_columns() -> None:
    text = lines_text((Line("fail", "a", "b", "c"), Line("ok", "longer", "d")))
    assert text == ["fail  a       b  -> c", "ok    longer  d"]


# --- the facts


class At:
    """A clock that stands."""

    def __init__(self, now: int) -> None:
        self._now = now

    def now(self) -> int:
        return self._now


ANSWERS: dict[str, Any] = {
    "GET /v2/account": (
        200,
        {
            "account_number": "PA3FAKE77XYZ", "status": "ACTIVE", "equity": "100000", "cash": "1",
            "buying_power": "2", "options_buying_power": "1500.5", "options_trading_level": 3,
        },
    ),
    "GET /v2/clock": (
        200,
        {
            "timestamp": "2026-01-15T09:00:01-05:00", "is_open": False,
            "next_open": "2026-01-15T09:30:00-05:00", "next_close": "2026-01-15T16:00:00-05:00",
        },
    ),
    "GET /v2/positions": (
        200,
        [{"symbol": "SPXW260115C05910000", "asset_class": "us_option", "qty": "-2", "side": "short"}],
    ),
    "GET /v2/orders": (200, []),
}  # fmt: skip


@pytest.fixture
def account() -> Iterator[Callable[..., Rest]]:
    with answering(ANSWERS) as server:
        yield lambda: Rest(Keys("PKFAKEFAKEFAKE1", "notarealsecretatall1"), server.url, load().alpaca)


def test_the_account_is_read_as_it_stands(tmp_path: Path, account: Callable[[], Rest]) -> None:
    config = load(settings=[f'journal.path="{tmp_path / "j.sqlite"}"'])
    clock = At(from_new_york(DAY, dt.time(9)))
    found = gather(config, REGISTRY, "paper", "main_paper", clock, rest=account, keys="a file")
    lines = checklist(config, found)
    assert "account" in [line.subject for line in lines]
    assert "********7XYZ, status active" in of(lines, "account")[0].text
    assert of(lines, "buying power")[0].state == "fail"
    assert "Alpaca's is 1.000 s ahead" in of(lines, "clock")[0].text
    assert "-2 SPXW260115C05910000" in of(lines, "positions")[0].text
    assert of(lines, "journal")[0].state in ("ok", "warn")


def test_an_account_that_cannot_be_read_is_a_line_and_no_error(tmp_path: Path) -> None:
    config = load(settings=[f'journal.path="{tmp_path / "j.sqlite"}"'])
    with answering({"GET /v2/account": (401, {"message": "unauthorized."})}) as server:
        rest = Rest(Keys("PKFAKEFAKEFAKE1", "notarealsecretatall1"), server.url, config.alpaca)
        found = gather(config, REGISTRY, "paper", "x", At(from_new_york(DAY, dt.time(9))), rest=lambda: rest)
    (line,) = of(checklist(config, found), "account")
    assert line.state == "fail"
    assert "notarealsecret" not in line.text


def test_a_weekend_names_the_next_trading_day(tmp_path: Path) -> None:
    config = load(settings=[f'journal.path="{tmp_path / "j.sqlite"}"'])
    found = gather(config, REGISTRY, "paper", "x", At(from_new_york(dt.date(2026, 1, 17), dt.time(9))))
    assert found.session is None
    assert "the next trading day is Tuesday 2026-01-20" in found.no_day  # Monday is a holiday


def test_a_file_where_the_folder_should_be_fails(config: Config, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    there = load(settings=[f'journal.path="{tmp_path / "file" / "j.sqlite"}"'])
    found = gather(there, REGISTRY, "demo", "demo", At(session(DAY).open), day=session(DAY))
    (line,) = of(checklist(there, found), "journal")
    assert (line.state, line.text) == ("fail", f"{tmp_path / 'file'}: {tmp_path / 'file'} is no folder")


# --- the command


def test_a_demo_passes_without_keys(run: Run) -> None:
    said = run("check", "--json")
    assert said.code == 0
    assert (said.object["mode"], said.object["simulated"], said.object["day"]) == ("demo", True, "2026-01-15")


def test_paper_without_keys_fails_with_a_nonzero_code_and_says_what_to_do(run: Run) -> None:
    said = run("check", "--mode", "paper")
    assert said.code == 69
    assert "fail  keys" in said.out
    assert "-> zdte-tui login" in said.out


def test_a_demo_that_was_cut_off_is_named(run: Run, home: Path) -> None:
    cut_off = Watched(home).start()
    cut_off.stop()
    said = run("check", "--set", f'journal.path="{home / "demo.sqlite"}"')
    assert "demo-2026-01-15-SPXW-1 was cut off" in said.out


def test_what_a_start_would_refuse_is_said_before_it(tmp_path: Path) -> None:
    settings = [f'journal.path="{tmp_path / "j.sqlite"}"', 'alpaca.trading_url="https://api.alpaca.markets"']
    config = load(settings=settings)
    found = gather(config, REGISTRY, "paper", "x", At(from_new_york(DAY, dt.time(9))))
    (line,) = of(checklist(config, found), "start")
    assert line.state == "fail"
    assert "where real money is" in line.text
    assert (
        of(checklist(load(), gather(load(), REGISTRY, "paper", "x", At(from_new_york(DAY, dt.time(9))))), "start") == []
    )


def test_who_hears_of_it_is_left_out_where_nobody_looked(config: Config) -> None:
    assert of(checklist(config, facts(told=None)), "messages") == []


def test_shadow_asks_no_account_and_a_rehearsal_goes_on_with_nothing() -> None:
    shadow = checklist(load(), facts(mode="shadow", account=None, snapshot=None))
    assert [line.state for line in shadow if line.subject == "account"] == ["note"]
    unread = checklist(load(), facts(mode="shadow", account=None, snapshot=None, unread="no answer"))
    assert [line.state for line in unread if line.subject == "account"] == ["fail"]

    cut_off = (("rehearsal-2026-01-15-SPXW-1", DAY),)
    (line,) = (
        each for each in checklist(load(), facts(mode="rehearse", unclosed=cut_off)) if "unclosed" in each.subject
    )
    assert line.state == "note"
    assert line.text.endswith("each rehearsal begins anew")
