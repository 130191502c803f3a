"""Days on which a person trades by hand: orders of ``engine.types.manual`` laid into a tape, and what came of them."""

from __future__ import annotations

from core_builders import CONDOR, DAY, SPOT, Played, Tape, at, ladder, make_engine, option, play
from msgspec.structs import replace

from engine.events import Command, CommandRecord
from engine.types import Leg, Manual, OpenTrade, Package, Price, to_units

NO_ENTRIES = "strategies.iron_condor.entries=[]"
"""The strategy sits the day out."""

QUOTES = {
    **CONDOR,
    "5305P": (0.20, 0.30),
    "5310P": (0.30, 0.40),
    "5320P": (0.90, 1.00),
    "5330P": (1.80, 1.90),
    "5380C": (0.80, 0.90),
    "5390C": (0.25, 0.35),
    "5395C": (0.15, 0.25),
}
"""``CONDOR`` with the strikes beside it."""


def day(until: str = "10:30", **quotes: tuple[float | None, float | None]) -> Tape:
    """Those quotes every minute from 09:59."""
    return Tape().list(ladder(5300, 5400)).quote("09:59", QUOTES | quotes, spot=SPOT).hold("10:00", until)


def legs(*names: str) -> Package:
    """``-5325P +5315P`` to be opened, ratios as in ``-2x5325P``."""
    found = []
    for name in names:
        ratio, _, contract = name[1:].rpartition("x")
        found.append(Leg(option(contract), "buy" if name[0] == "+" else "sell", "open", int(ratio or 1)))
    return Package(tuple(found))


PUTS = legs("+5315P", "-5325P")
"""0.70 credit at bid and ask, 0.80 at mid."""
WHOLE = legs("+5315P", "-5325P", "-5375C", "+5385C")
"""1.40 credit at bid and ask, 1.60 at mid."""


def condor(**changes: object) -> OpenTrade:
    """The condor of ``CONDOR``, once, at bid and ask."""
    return replace(OpenTrade(root="SPXW", package=WHOLE, quantity=1, limit=to_units(-1.40), label="IC"), **changes)


def puts(**changes: object) -> OpenTrade:
    """Its put side, once."""
    return replace(OpenTrade(root="SPXW", package=PUTS, quantity=1, limit=to_units(-0.70), label="PS"), **changes)


def price(dollars: float) -> Price:
    return to_units(dollars)


def order(tape: Tape, when: str, *orders: Manual, text: str = "") -> Tape:
    """A person orders these by hand, one after the other."""
    for each in orders:
        now, n = at(when), len(tape.events)
        tape.events.append(
            Command(ts_known=now, ts_event=now, seq=n, command_id=f"c{n}", kind="manual", manual=each, text=text)
        )
    return tape


def trade_by_hand(tape: Tape, *settings: str, until: str | None = None) -> Played:
    """Play a day on which the strategy sits out, to its last quotes or ``until``."""
    engine, events = make_engine(NO_ENTRIES, *settings), tape.sorted()
    return play(engine, events, events[-1].ts_known if until is None else at(until, DAY))


def outcomes(played: Played) -> list[tuple[str, str]]:
    """Of each command its kind and what came of it."""
    return [(record.kind, record.outcome) for record in played.of(CommandRecord)]
