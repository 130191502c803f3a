"""Messages through Apprise to a real server: what leaves, how often, and that nobody waits for it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from answering_server import DROP, MUTE, Told, answering
from watched_sessions import Run, Watched, wait

from engine.alerts import Alert, Kind, Level
from engine.events import BreakerRecord, CommandRecord, FillRecord, OrderRecord
from engine.view import CommandRequest
from engine.watch.address import Address
from engine.watch.limiter import HOUR, Limiter
from engine.watch.messages import LONGEST, Message, Teller
from engine.watch.push import MOST_WAITING, Push
from engine.watch.secrets import Addresses, SecretsError, find_addresses, told_where

TOKEN = "canary-path-9Xq"
PATH = f"/hook/{TOKEN}"


@pytest.fixture
def phone() -> Iterator[Told]:
    with answering({f"POST {PATH}": (200, "ok")}) as told:
        yield told


def url(told: Told) -> str:
    return told.url.replace("http://", "json://") + PATH


def bodies(told: Told) -> list[str]:
    return [f"{each.body['title']} | {each.body['message']}" for each in told.asked]


# --- what is worth a message


def alert(kind: Kind, level: Level, text: str = "words") -> Alert:
    return Alert(
        id=1, serial=1, ts=0, first_ts=0, level=level, kind=kind, text=text, root="", trade_id=0, count=1,
        acknowledged=False,
    )  # fmt: skip


def test_alerts_of_the_chosen_levels_are_told_and_others_are_not() -> None:
    teller = Teller(["alarm"])
    assert teller.of_alert(alert("short_near", "warning")) is None
    told = teller.of_alert(alert("short", "alarm", "SPXW touches 5910"))
    assert told == Message("alert", "ALARM", "SPXW touches 5910")


def test_a_stop_that_fires_is_told_at_whatever_level_it_is() -> None:
    assert Teller([]).of_alert(alert("stop_fired", "warning")) is not None


def test_a_feed_that_fails_is_told_only_while_something_is_held() -> None:
    told = Teller([]).of_alert(alert("feed", "warning"))
    assert told is not None
    assert told.held


def test_topics_that_are_to_be_quiet_are() -> None:
    teller = Teller(["alarm"], quiet=["alert", "stop"])
    assert teller.of_alert(alert("short", "alarm")) is None
    assert teller.of_alert(alert("stop_fired", "alarm")) is None
    assert teller.of_alert(alert("feed", "alarm")) is not None


def test_a_lock_is_told_once_though_it_is_an_alert_too() -> None:
    teller = Teller(["alarm"])
    record = BreakerRecord(seq=1, ts=1, account="a", name="DAILY_LOSS", state="HALTED", latched=True, text="-$500")
    told = teller.of_record(record)
    assert told is not None
    assert (told.topic, told.title, told.urgent) == ("locked", "LOCKED: DAILY_LOSS", True)
    assert teller.of_alert(alert("breaker", "alarm", "DAILY_LOSS tripped")) is None
    assert teller.of_alert(alert("breaker", "alarm", "REJECTS tripped")) is not None


def test_a_kill_by_a_person_is_told_and_a_pause_of_the_engines_own_is_not() -> None:
    def command(actor: Any, kind: str) -> CommandRecord:
        return CommandRecord(
            seq=1, ts=1, account="a", command_id="0-1", actor=actor, kind=kind, trade_id=0, text="why", outcome="done"
        )

    teller = Teller([])
    told = teller.of_record(command("person", "flatten"))
    assert told is not None
    assert told.title == "FLATTEN"
    assert "done (why)" in told.text
    assert teller.of_record(command("engine", "pause")) is None
    assert teller.of_record(command("person", "resume")) is None


def test_only_the_fill_of_a_stop_is_told() -> None:
    def order(name: str, kind: Any) -> OrderRecord:
        return OrderRecord(
            seq=1, ts=1, account="a", client_order_id=name, intent_id=1, trade_id=7, strategy="s", root="SPXW",
            actor="engine", kind=kind, quantity=1, limit=None, legs=(),
        )  # fmt: skip

    def fill(name: str) -> FillRecord:
        return FillRecord(
            seq=2, ts=2, account="a", exec_id="e", client_order_id=name, trade_id=7, symbol="SPXW260115C05910000",
            quantity=2, price=23_500, fee=0, bid=None, ask=None, quote_age_ns=None,
        )  # fmt: skip

    teller = Teller([])
    for name, kind in (("a", "open"), ("b", "stop")):
        assert teller.of_record(order(name, kind)) is None
    assert teller.of_record(fill("a")) is None
    told = teller.of_record(fill("b"))
    assert told is not None
    assert "#7 stop at the broker filled: bought 2 SPXW260115C05910000 at 2.35" in told.text


def test_a_text_is_one_line_of_bounded_length() -> None:
    told = Teller(["alarm"]).of_alert(alert("engine", "alarm", "a\nb" * 1000))
    assert told is not None
    assert "\n" not in told.text
    assert len(told.text) <= LONGEST


# --- how much


def test_the_same_text_is_not_sent_again_for_a_while_and_then_says_how_often_it_was() -> None:
    limiter = Limiter(600, 30)
    message = Message("alert", "ALARM", "the feed is down for 12 s")
    assert limiter.judge(message, 0) == message
    assert limiter.judge(message._replace(text="the feed is down for 15 s"), 10) is None
    assert limiter.judge(message._replace(text="something else"), 11) is not None
    again = limiter.judge(message, 601)
    assert again is not None
    assert again.text.endswith("(1 more like it)")


def test_beyond_the_most_an_hour_one_message_says_so_and_urgent_ones_still_leave() -> None:
    limiter = Limiter(0, 2)
    sent = [limiter.judge(Message("alert", "ALARM", f"number {each}"), each) for each in range(5)]
    assert [each is not None for each in sent] == [True, True, True, False, False]
    assert sent[2] is not None
    assert "2 messages within an hour" in sent[2].text
    assert limiter.judge(Message("locked", "LOCKED", "x"), 6) is not None
    assert limiter.judge(Message("alert", "ALARM", "later"), HOUR + 10) is not None


# --- where it goes


def test_one_address_takes_it_and_its_name_shows_nothing_of_it(phone: Told) -> None:
    address = Address(1, url(phone))
    assert address.name == "address 1 (JSON)"
    assert address.send("a title", "a text", grave=True) == ""
    assert bodies(phone) == ["a title | a text"]


@pytest.mark.parametrize(
    ("answer", "why"), [((500, "no"), "refused with HTTP 500"), ((404, "no"), "refused with HTTP 404")]
)
def test_a_refusal_is_said_with_its_status_alone(phone: Told, answer: Any, why: str, caplog: Any) -> None:
    phone.answers[f"POST {PATH}"] = answer
    assert Address(1, url(phone)).send("t", "x", grave=False) == why
    assert TOKEN not in caplog.text


def test_nobody_there_is_said_without_the_address(caplog: pytest.LogCaptureFixture) -> None:
    said = Address(1, f"json://127.0.0.1:1{PATH}").send("t", "x", grave=False)
    assert said == "not reached, or refused"
    assert TOKEN not in caplog.text


def test_an_address_apprise_does_not_know_is_said(caplog: pytest.LogCaptureFixture) -> None:
    address = Address(2, f"nosuch://{TOKEN}")
    assert address.name == "address 2 (no service of Apprise's)"
    assert address.send("t", "x", grave=False) == "Apprise knows no such address"
    assert TOKEN not in caplog.text


class Receiver:
    """One in memory: what it was sent, and what it says to it."""

    def __init__(self, *answers: str) -> None:
        self.name = "address 1 (test)"
        self.sent: list[str] = []
        self._answers = list(answers)
        self.free = threading.Event()
        self.free.set()

    def send(self, title: str, text: str, grave: bool) -> str:
        self.free.wait(20)
        self.sent.append(f"{title} | {text}")
        return self._answers.pop(0) if self._answers else ""


def pushed(*receivers: Receiver, holds: bool = True) -> Push:
    return Push("zdte-tui SIMULATED demo", lambda: receivers, Limiter(600, 30), lambda: holds, back_off=0.01)


def test_what_is_refused_is_tried_again_and_then_taken_once() -> None:
    receiver = Receiver("refused", "refused")
    push = pushed(receiver)
    push.tell(Message("locked", "LOCKED", "x"))
    wait(lambda: push.sent == 1)
    push.close(5)
    assert receiver.sent == ["zdte-tui SIMULATED demo: LOCKED | x"] * 3
    assert push.failed == 0


def test_what_is_always_refused_is_given_up() -> None:
    receiver = Receiver(*["refused"] * 50)
    push = pushed(receiver)
    push.tell(Message("locked", "LOCKED", "x"))
    wait(lambda: push.failed == 1)
    push.close(5)
    assert len(receiver.sent) == 5


def test_one_address_that_hangs_keeps_no_other_waiting_and_nobody_at_the_end() -> None:
    slow, quick = Receiver(), Receiver()
    slow.free.clear()
    push = pushed(slow, quick)
    push.tell(Message("locked", "LOCKED", "x"))
    wait(lambda: quick.sent)
    begun = time.monotonic()
    push.close(0.3)
    assert time.monotonic() - begun < 5
    assert slow.sent == []
    slow.free.set()


def test_what_finds_no_room_is_counted_and_nobody_waits() -> None:
    receiver = Receiver()
    receiver.free.clear()
    push = pushed(receiver)
    for number in range(3 * MOST_WAITING):
        push.tell(Message("locked", "LOCKED", f"text {'x' * number}"))
    wait(lambda: push.dropped)
    receiver.free.set()
    push.close(0.1)


def test_what_is_only_for_who_holds_something_stays_here_otherwise() -> None:
    receiver = Receiver()
    push = pushed(receiver, holds=False)
    push.tell(Message("feed", "feed", "down", held=True))
    push.tell(Message("session", "session begun", "y"))
    push.close(5)
    assert receiver.sent == ["zdte-tui SIMULATED demo: session begun | y"]


# --- a session


def test_a_session_tells_its_beginning_a_lock_and_its_end(
    tmp_path: Path, phone: Told, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("ZDTE_PUSH_URLS", url(phone))
    session = Watched(tmp_path, 'push.modes=["demo"]').start()
    session.port_to_it.command(CommandRequest("lock", text="enough"))
    wait(lambda: len(phone.asked) >= 3)
    session.stop()
    said = bodies(phone)
    assert all(each.startswith("zdte-tui SIMULATED demo: ") for each in said)
    assert "session begun | demo-2026-01-15-SPXW-1, SPXW, data: SIMULATED" in said[0]
    assert {each.split(": ")[1].split(" |")[0] for each in said[1:3]} == {"LOCK", "LOCKED"}
    assert "session stopped | demo-2026-01-15-SPXW-1: no trades" in said[-1]
    assert len(said) == 4


def test_a_session_that_goes_on_says_that_it_was_restarted(
    tmp_path: Path, phone: Told, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    first = Watched(tmp_path).start()
    first.until(lambda view: view.signals)
    first.stop()
    monkeypatch.setenv("ZDTE_PUSH_URLS", url(phone))
    session = Watched(tmp_path, 'push.modes=["demo"]', speed=1000).start()
    session.stop()
    assert "session goes on after a restart | run 2 of demo-2026-01-15" in bodies(phone)[0]


def test_an_engine_that_fails_is_told_from_beside_it(
    tmp_path: Path, phone: Told, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("ZDTE_PUSH_URLS", url(phone))
    session = Watched(tmp_path, 'push.modes=["demo"]').start()
    session.breaks("a wheel came off")
    wait(lambda: any("the engine stopped: RuntimeError: a wheel came off" in each for each in bodies(phone)))
    session.stop()


def test_a_session_ends_in_seconds_though_its_address_says_nothing(
    tmp_path: Path, phone: Told, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("ZDTE_PUSH_URLS", url(phone))
    monkeypatch.setattr("zdte_tui.watching.LAST_WORDS", 0.5)
    phone.answers[f"POST {PATH}"] = MUTE
    session = Watched(tmp_path, 'push.modes=["demo"]').start()
    wait(lambda: phone.asked)
    begun = time.monotonic()
    session.stop()
    assert time.monotonic() - begun < 4  # the address would be waited for far longer


def test_a_demo_sends_nothing_unless_it_is_asked_to(
    tmp_path: Path, phone: Told, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("ZDTE_PUSH_URLS", url(phone))
    Watched(tmp_path).start().stop()
    assert phone.asked == []


def test_addresses_that_cannot_be_used_are_a_line_and_the_session_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("ZDTE_PUSH_URLS", "no-address-at-all")
    session = Watched(tmp_path, 'push.modes=["demo"]').start()
    (line,) = session.watching.told
    assert "address 1 of 1 is none of Apprise's" in line
    assert "no-address-at-all" not in line
    session.stop()


# --- where addresses lie


@pytest.fixture
def push_file(home: Path) -> Path:
    path = home / "xdg_config_home" / "zdte-tui" / "push.toml"
    path.parent.mkdir(parents=True)
    return path


def written(path: Path, text: str, mode: int = 0o600) -> None:
    path.write_text(text)
    path.chmod(mode)


def test_the_first_place_that_holds_something_counts(
    push_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZDTE_PUSH_URLS", "json://env/a json://env/b")
    assert find_addresses().urls == ("json://env/a", "json://env/b")
    written(push_file, 'urls = ["json://file/a"]')
    assert find_addresses().urls == ("json://file/a",)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    written(credentials / "zdte-push-urls", "# mine\njson://systemd/a\n\njson://systemd/b\n", 0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    found = find_addresses()
    assert found.urls == ("json://systemd/a", "json://systemd/b")
    assert found.source == str(credentials / "zdte-push-urls")


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ('urls = ["json://secret/a"]', 0o644, "has mode 0644"),
        ("urls = [", 0o600, "is no TOML"),
        ('urls = "json://secret/a"', 0o600, "texts in quotes"),
        ('secret_name = "x"', 0o600, "a name that is not known"),
        ('urls = ["secret"]', 0o600, "address 1 of 1 is none of Apprise's"),
        ('heartbeat_url = "http://secret.example/x"', 0o600, "not encrypted"),
        ('heartbeat_url = "ftp://secret.example/x"', 0o600, "no http:// or https://"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_nothing_of_it_is_quoted(
    push_file: Path, text: str, mode: int, words: str
) -> None:
    written(push_file, text, mode)
    with pytest.raises(SecretsError) as refused:
        find_addresses()
    assert words in str(refused.value)
    assert "secret" not in str(refused.value).replace("secret_name", "secret_name")
    assert told_where()[0] == ""


def test_addresses_are_shown_and_written_down_nowhere() -> None:
    import pickle

    import msgspec

    found = Addresses((f"json://{TOKEN}",), f"https://{TOKEN}")
    assert TOKEN not in f"{found} {found!r} {[getattr(found, each) for each in Addresses.__slots__]}"
    for write in (pickle.dumps, msgspec.json.encode):
        with pytest.raises(TypeError):
            write(found)


# --- the command


def test_push_test_says_what_came_of_each_address(run: Run, phone: Told, push_file: Path) -> None:
    written(push_file, f'urls = ["{url(phone)}", "json://127.0.0.1:1{PATH}"]')
    said = run("push", "test")
    assert said.code == 69
    assert said.out.splitlines() == ["address 1 (JSON): sent", "address 2 (JSON): NOT SENT: not reached, or refused"]
    assert TOKEN not in said.out + said.err
    assert bodies(phone) == ["zdte-tui: a test | This is only a test. Nothing trades."]


def test_push_test_with_nothing_kept_says_where_to_put_it(run: Run) -> None:
    said = run("push", "test")
    assert said.code == 66
    assert "push.toml" in said.err


def test_push_test_calls_the_heartbeat_only_where_it_is_asked_to(run: Run, phone: Told, push_file: Path) -> None:
    phone.answers["GET /beat"] = (200, "OK")
    written(push_file, f'urls = ["{url(phone)}"]\nheartbeat_url = "{phone.url}/beat"')
    assert run("push", "test").code == 0
    assert phone.count("GET /beat") == 0
    assert run("push", "test", "--heartbeat").out.splitlines()[-1] == "heartbeat: answered"
    phone.answers["GET /beat"] = DROP
    said = run("push", "test", "--heartbeat")
    assert (said.code, said.out.splitlines()[-1]) == (69, "heartbeat: NOT ANSWERED: ConnectionError")


def test_push_show_names_services_and_places_alone(run: Run, phone: Told, push_file: Path) -> None:
    written(push_file, f'urls = ["{url(phone)}"]')
    said = run("push", "show")
    assert said.out.splitlines() == [
        f"messages, in {push_file}:",
        "  address 1 (JSON)",
        "heartbeat: no address is kept",
    ]


def test_a_file_others_can_read_is_refused_with_the_command_that_mends_it(run: Run, push_file: Path) -> None:
    written(push_file, f'urls = ["json://x{PATH}"]', 0o640)
    said = run("push", "show")
    assert said.code == 78
    assert (
        said.err
        == f"zdte-tui: {push_file} has mode 0640, so others may read it; it is refused: chmod 600 {push_file}\n"
    )
    assert os.environ.get("ZDTE_PUSH_URLS") is None


def test_an_alert_of_the_engine_and_one_of_its_breaker_are_told_once() -> None:
    limiter = Limiter(600, 30)
    first = Message("alert", "ALARM", "10:36:03 New York: broker: Alpaca cannot be reached")
    assert limiter.judge(first, 0) is not None
    assert limiter.judge(first._replace(text="10:36:04 New York: BROKER_DOWN: Alpaca cannot be reached"), 1) is None


def test_what_stands_at_every_start_is_no_news() -> None:
    assert Teller(["alarm"]).of_alert(alert("breaker", "alarm", "BROKER_UNREAD: not compared yet")) is None


def test_a_session_that_began_or_ended_well_is_no_bad_news() -> None:
    graves = [Message("session", f"session {how}", "").grave for how in ("begun", "completed", "failed", "unwritten")]
    assert graves == [False, False, True, True]
    assert Message("alert", "ALARM", "").grave
