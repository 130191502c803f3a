"""Seeded conversations of the broker with a faulty exchange: nothing lost, doubled or orphaned; and what if it were."""

from __future__ import annotations

from collections import Counter

import pytest
import venue_talks
from venue_talks import Talk, Wrong

from engine.venue.desk import Desk

SEEDS = (*range(1, 16), 31, 46)
"""Among them orders that were busted whole and in part, cut streams, a mute one, and answers of HTML."""

_HAPPENED: Counter[str] = Counter()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_faulty_conversation_ends_in_agreement(seed: int) -> None:
    talk = Talk(seed)
    talk.run()
    _HAPPENED.update(talk.faults.happened)
    assert len(talk.asked) > 0


def test_the_conversations_met_every_kind_of_fault() -> None:
    if len(_HAPPENED) == 0:
        pytest.skip("needs the conversations above, which did not run here")
    kinds = {"http_504", "http_429", "dropped_ack", "unknown_enum", "drop_mid_fill", "delayed_updates", "busted_trade"}
    assert {kind for kind in kinds if not _HAPPENED[kind]} == set()


def test_an_order_that_the_exchange_forgets_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge itself would see a fault."""
    monkeypatch.setattr(venue_talks, "SHARE", 0.001)
    settle = Talk._settle

    def forgotten(self: Talk) -> None:
        settle(self)
        del self.desk.orders[next(iter(self.desk.orders))]

    monkeypatch.setattr(Talk, "_settle", forgotten)
    with pytest.raises(Wrong, match="lost"):
        Talk(1).run()


def test_an_order_that_nobody_asked_for_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venue_talks, "SHARE", 0.001)
    settle = Talk._settle

    def meddled(self: Talk) -> None:
        settle(self)
        desk: Desk = self.desk
        some = next(iter(desk.orders.values()))
        desk.orders["other"] = type(some)(
            **{name: getattr(some, name) for name in ("package", "quantity", "limit", "stop", "created", "expires")},
            id="other",
            client_order_id="somebody-elses",
            order_class=some.order_class,
            kind=some.kind,
            status="canceled",
        )

    monkeypatch.setattr(Talk, "_settle", meddled)
    with pytest.raises(Wrong, match="orphaned"):
        Talk(1).run()
