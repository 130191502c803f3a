"""A day lasts a little longer where a result waits for an official close that can come: for funds, not for indices."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from core_builders import DAY, Tape, at, condor_tape, ladder, make_engine, play

from engine.calendar import session
from engine.clock import MINUTE
from engine.events import AnyEvent
from engine.session.live import AFTER_CLOSE, FOR_OFFICIAL, LiveSource, awaited_closes
from engine.types import Contract, Instrument

QUOTES = {"529P": (0.20, 0.22), "531P": (0.50, 0.52), "541C": (0.50, 0.52), "543C": (0.20, 0.22)}
SPY = (
    "strategies.iron_condor.by_root.SPY.strikes.short=5",
    "strategies.iron_condor.by_root.SPY.strikes.wing=7",
    "strategies.iron_condor.by_root.SPY.quantity=1",
    "risk.per_trade=0.5",
    "risk.per_strategy=0.5",
)


def spy_tape() -> list[AnyEvent]:
    """A condor that nobody quotes in the afternoon, and an official close at 16:31."""
    tape = Tape("SPY").list(ladder(525, 550, 1)).quote("09:59", QUOTES, spot=536.0).hold("10:00", "15:00")
    tape.quote("15:00:30", dict.fromkeys(QUOTES, (None, None)), spot=536.0)
    return tape.close(537.0, "16:31").sorted()


def test_what_settled_in_shares_for_the_time_being_is_waited_for() -> None:
    before = play(make_engine(*SPY, roots=("SPY",)), spy_tape(), at("16:20")).engine
    assert awaited_closes(before) == {"SPY"}
    after = play(make_engine(*SPY, roots=("SPY",)), spy_tape(), at("16:35")).engine
    assert awaited_closes(after) == frozenset()
    assert [trade.status for trade in after.state.portfolio] == ["settled"]


def test_of_an_index_nothing_comes_and_nothing_is_waited_for() -> None:
    played = play(
        make_engine("strategies.iron_condor.hold_to_settlement=true"), condor_tape("15:59").sorted(), at("16:04")
    )
    assert [trade.status for trade in played.engine.state.portfolio] == ["settled_provisional"]
    assert awaited_closes(played.engine) == frozenset()


class Silent:
    """A feed from which nothing comes."""

    def start(self, known: Sequence[Instrument], wake: Callable[[], None]) -> None: ...

    def take(self, now: int) -> list[AnyEvent]:
        return []

    def hold(self, contracts: Collection[Contract]) -> None: ...

    @property
    def streamed(self) -> Collection[str]:
        return ()

    def close(self) -> None: ...


class Hand:
    """A clock that a test sets."""

    at = 0

    def now(self) -> int:
        return self.at


def test_the_day_ends_when_the_close_has_come_or_will_not_come() -> None:
    clock, day = Hand(), session(DAY)
    source = LiveSource(day, ("SPY",), (), Silent(), clock, opened=day.open)
    timeline = source.timeline(iter(()))
    over = day.product_close("SPY") + AFTER_CLOSE
    clock.at = over - MINUTE
    assert timeline.next_ts == over
    source.await_closes(frozenset({"SPY"}))
    clock.at = over + MINUTE
    assert timeline.next_ts == source.until == over + FOR_OFFICIAL
    source.await_closes(frozenset())
    assert timeline.next_ts is None
    source.await_closes(frozenset({"SPY"}))
    clock.at = over + FOR_OFFICIAL
    assert timeline.next_ts is None
