"""The mode of real money against a local exchange: it begins only where it is armed, and is called SIMULATED there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_keys import LIVE, at_home

from engine.alpaca.keys import Keys
from engine.alpaca.rest import Rest
from engine.calendar import session
from engine.config import Config, load
from engine.session.arm_file import new_arm, write_arm
from engine.session.arming import armed_config
from engine.session.live_compose import NotArmed, compose_live
from engine.session.rehearsal import LocalExchange, beginning, rehearsed
from engine.session.source import demo_source
from engine.venue.access import Access
from strategies.registry import REGISTRY

KEYS = Keys(LIVE["APCA_LIVE_API_KEY_ID"], LIVE["APCA_LIVE_API_SECRET_KEY"])
SPEED = 60.0


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Config]:
    """Of a live session at a local exchange whose made-up keys look like live ones."""
    at_home(tmp_path, monkeypatch, **LIVE)
    monkeypatch.setattr("engine.venue.key_folder.kept_access", lambda _, names: Access({names[0]: KEYS}))
    plain = load(settings=["alpaca.option_feed=opra"])
    source = demo_source(plain)
    exchange = LocalExchange(plain, source, SPEED, beginning(session(source.day), SPEED), None, tmp_path / "keys")
    try:
        made = rehearsed(plain, source, exchange.port, SPEED)
        live = {"live_url": made.alpaca.trading_url, "trading_url": "http://127.0.0.1:9"}  # nobody answers there
        yield made.model_copy(update={"alpaca": made.alpaca.model_copy(update=live)})
    finally:
        exchange.close()


def test_it_is_refused_until_a_person_has_named_the_account(config: Config, tmp_path: Path) -> None:
    day = demo_source(config).day
    rest = Rest(KEYS, config.alpaca.live_url, config.alpaca)
    number = str(rest.account()["account_number"])
    rest.close()

    def begin(typed: str | None, keys: Keys | None = None) -> None:
        composed = compose_live(config, REGISTRY, "live", stay=False, fresh=True, typed=typed, keys=keys)
        assert composed.banner == f"SIMULATED live-mode *{number[-4:]}"
        composed.close()

    with pytest.raises(NotArmed, match=f"not armed for {day}"):
        begin(None)
    with pytest.raises(NotArmed, match="not the last characters"):
        begin("0000")
    with pytest.raises(NotArmed, match="with no others"):
        begin(number[-4:], KEYS)
    write_arm(config, new_arm("999999999", day, armed_config(config), made=7))
    with pytest.raises(NotArmed, match="another account"):
        begin(None)
    assert not list(tmp_path.rglob("*.sqlite")), "nothing was begun"
    begin(number[-4:])
    write_arm(config, new_arm(number, day, armed_config(config), made=7))
    begin(None)
    begin(None)


def test_nothing_of_it_is_asked_at_the_address_of_paper_accounts(config: Config) -> None:
    rest = Rest(KEYS, config.alpaca.live_url, config.alpaca)
    typed = str(rest.account()["account_number"])[-4:]
    rest.close()
    composed = compose_live(config, REGISTRY, "live", stay=False, fresh=True, typed=typed)
    running = threading.Thread(target=composed.runner.run)
    running.start()
    try:
        end = time.monotonic() + 60
        while (view := composed.runner.view()) is None or view.header.feed != "ok":
            assert time.monotonic() < end, view and view.header.feed_text
            running.join(0.05)
    finally:
        composed.runner.stop()
        running.join()
        composed.close()
