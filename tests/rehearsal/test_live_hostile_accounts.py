"""Keys of another account than the one a session was cut off at: what it holds is not taken for closed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from rehearsing import SPEED, Rehearsal, at, settings

from engine.alpaca.keys import Keys
from engine.config import ConfigError
from engine.session.live_compose import compose_live
from engine.session.rehearsal import ACCOUNT, LocalExchange, rehearsed
from engine.session.source import demo_source
from strategies.registry import REGISTRY


def test_a_session_that_was_cut_off_goes_on_at_its_own_account_only(tmp_path: Path) -> None:
    config = settings(tmp_path, 'strategies.iron_condor.exit_time="10:40"')
    exchange = LocalExchange(config, demo_source(config), SPEED, at(9, 54), None, tmp_path / "keys")

    def begin(where: LocalExchange, keys: Keys, fresh: bool = False) -> Rehearsal:
        made = rehearsed(config, demo_source(config), where.port, SPEED)
        composed = compose_live(made, REGISTRY, "paper", stay=False, keys=keys, account_called=ACCOUNT, fresh=fresh)
        thread = threading.Thread(target=composed.runner.run, daemon=True)
        thread.start()
        return Rehearsal(composed, where, thread)

    def end(session: Rehearsal) -> None:
        session.composed.runner.stop()
        session.thread.join(20)
        session.composed.close()

    try:
        first = begin(exchange, exchange.keys)
        first.wait(lambda: bool(first.rows("SELECT 1 FROM fills")))
        end(first)
        (kept,) = tmp_path.glob("*.account")
        own = kept.read_text()
        assert own.startswith("*"), "nothing but the last characters is kept"
        kept.write_text("******0000\n")  # as it was, of another account than these keys open
        with pytest.raises(ConfigError, match=r"account \*+0000, and these keys are of \*+"):
            begin(exchange, exchange.keys)
        kept.write_text(own)
        again = begin(exchange, exchange.keys)
        assert "continuing" in again.composed.greeting
        end(again)
        kept.write_text("******0000\n")
        end(begin(exchange, exchange.keys, fresh=True))
        assert "0000" not in kept.read_text()
    finally:
        exchange.close()
