"""Faults that the local exchange makes on purpose: a table of kinds, and which of them are switched on.

Who sends or answers something asks whether it goes wrong this time::

    faults = faults_of(app)  # when the part is added
    ...
    fault = faults.take("drop_mid_fill", account)
    if fault is not None:
        ...  # do the harm; fault.value is its size where the kind has one

``take`` counts: a fault switched on for one time is gone when it has been taken. The switches, and the faults of HTTP
answers, are in ``engine.venue.faults_http``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

UNKNOWN_STATUS = "under_review"
"""A status and an event that no version of the SDK knows."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a fault does.

    Attributes:
        what: one line for people.
        value: its usual size, None where it has none. unit: of that.
        usual: how often it happens by seed, a chance each time it could.
    """

    what: str
    value: float | None = None
    unit: str = ""
    usual: float = 0.0


FAULTS: dict[str, Kind] = {
    "http_504": Kind("an order, a replacement or a cancel is taken, and its answer is an HTML 504", usual=0.02),
    "http_429": Kind("a request is answered by 429, without X-RateLimit headers of its own", usual=0.01),
    "dropped_ack": Kind("an order, a replacement or a cancel is taken, and the connection ends unanswered", usual=0.02),
    "unknown_enum": Kind(f"a trade update or an order has the unknown status {UNKNOWN_STATUS!r}", usual=0.01),
    "clock_skew": Kind("/v2/clock tells a time that is off", 5.0, "seconds"),
    "mute_data": Kind("a data stream stays open, answers pings, and says nothing more", usual=0.0005),
    "mute_updates": Kind("a trade_updates stream stays open, answers pings, and says nothing more", usual=0.002),
    "dropped_subscription": Kind("a subscription on a data stream works, and is not confirmed", usual=0.02),
    "slow_client": Kind("a data stream ends with 407, as if it had been read too slowly", usual=0.0005),
    "drop_data": Kind("a data stream is cut without a close", usual=0.0005),
    "drop_mid_fill": Kind("a trade_updates stream is cut when a fill is due on it; the fill is not told", usual=0.02),
    "delayed_updates": Kind("a trade update comes late", 2.0, "seconds of the machine", usual=0.05),
    "busted_trade": Kind("an execution is taken back, a second of the market after it was told", usual=0.005),
    "no_subscription": Kind("OPRA and SIP are not in the account's plan: 409 on a stream, 403 on a request"),
}


@dataclass(frozen=True, slots=True)
class Switch:
    """A fault that is switched on.

    Attributes:
        times: how often it still happens; None: until it is switched off.
        chance: that it happens, each time it could.
        value: its size, in the kind's unit.
        account: on whose requests and streams; empty: everybody's.
        part: ``trading`` or ``data``, or the beginning of a path; empty: everywhere.
    """

    times: int | None = 1
    chance: float = 1.0
    value: float = 0.0
    account: str = ""
    part: str = ""


class BadSwitch(ValueError):
    """A fault cannot be switched on as it was asked for; the text says why, for people."""


class Faults:
    """Which faults are on, and how often each has happened.

    Args:
        seed: of the chances; each kind has a sequence of its own, so that one more question about one of them moves
            nothing at another. With ``usual``, every kind that has a usual chance is on from the start.

    Attributes:
        on: by name. happened, drawn: how often each has happened, and how many of its chances were drawn.
        taken: called with the name of each that happens. asked: with a method's name and words, after it has switched.
    """

    def __init__(self, seed: int = 0, usual: bool = False) -> None:
        self.on: dict[str, Switch] = {}
        self.happened = dict.fromkeys(FAULTS, 0)
        self.taken: list[Callable[[str], None]] = []
        self.asked: list[Callable[[str, dict[str, Any]], None]] = []
        self._reseed(seed)
        if usual:
            self.switch_usual()

    def reseed(self, seed: int) -> None:
        """Begin every kind's sequence of chances again, from this seed."""
        self._reseed(seed)
        self._tell("reseed", seed=seed)

    def _tell(self, how: str, **words: Any) -> None:
        for tell in self.asked:
            tell(how, words)

    def _reseed(self, seed: int) -> None:
        self.seed = seed
        self._chances = {name: random.Random(f"{seed} {name}") for name in FAULTS}  # no secret
        self.drawn = dict.fromkeys(FAULTS, 0)

    def switch_usual(self, share: float = 1.0) -> None:
        """Switch on every kind that has a usual chance, with ``share`` times that chance, until it is switched off."""
        for name, kind in FAULTS.items():
            if kind.usual:
                self._switch(name, times=None, chance=min(1.0, kind.usual * share))
        self._tell("switch_usual", share=share)

    def switch(self, name: str, **how: Any) -> Switch:
        """Switch a fault on, in the place of what was on; ``how`` are fields of ``Switch``. Raises ``BadSwitch``."""
        made = self._switch(name, **how)
        self._tell("switch", name=name, **how)
        return made

    def _switch(self, name: str, **how: Any) -> Switch:
        kind = FAULTS.get(name)
        if kind is None:
            raise BadSwitch(f"there is no fault {name!r}; there are {', '.join(sorted(FAULTS))}")
        unknown = how.keys() - set(Switch.__slots__)
        if unknown:
            raise BadSwitch(f"a fault has no {sorted(unknown)[0]!r}; it has {', '.join(Switch.__slots__)}")
        made = Switch(**{"value": kind.value or 0.0, **how})
        _check(name, made, how)
        if made.times == 0:
            self.on.pop(name, None)
        else:
            self.on[name] = made
        return made

    def clear(self, name: str = "") -> None:
        """Switch one fault off, or all of them."""
        if name and name not in FAULTS:
            raise BadSwitch(f"there is no fault {name!r}; there are {', '.join(sorted(FAULTS))}")
        for each in [name] if name else list(self.on):
            self.on.pop(each, None)
        self._tell("clear", name=name)

    def take(self, name: str, account: str = "", path: str = "", part: str = "") -> Switch | None:
        """Whether the fault happens now: its switch, counted as happened; else None.

        Args:
            account: whose request or stream it is. path: asked for. part: ``trading`` or ``data``.
        """
        switch = self.on.get(name)
        if switch is None or (switch.account and switch.account != account):
            return None
        if switch.part and switch.part != part and not (switch.part.startswith("/") and path.startswith(switch.part)):
            return None
        if switch.chance < 1 and self._draw(name) >= switch.chance:
            return None
        self._happen(name, switch)
        for tell in self.taken:
            tell(name)
        return switch

    def _draw(self, name: str) -> float:
        self.drawn[name] += 1
        return self._chances[name].random()

    def _happen(self, name: str, switch: Switch) -> None:
        if switch.times is not None:
            if switch.times <= 1:
                del self.on[name]
            else:
                self.on[name] = replace(switch, times=switch.times - 1)
        self.happened[name] += 1

    def again(self, name: str, drawn: int) -> None:
        """It happened before, in a run that this one goes on from, when so many chances had been drawn."""
        while self.drawn[name] < drawn:
            self._draw(name)
        if name in self.on:
            self._happen(name, self.on[name])

    def told(self) -> dict[str, Any]:
        """Every kind with what it does, its switch (null: off) and how often it has happened; encodable."""
        return {
            name: {
                "what": kind.what,
                "unit": kind.unit,
                "on": None if (on := self.on.get(name)) is None else {key: getattr(on, key) for key in on.__slots__},
                "happened": self.happened[name],
            }
            for name, kind in FAULTS.items()
        }


def _check(name: str, made: Switch, given: Mapping[str, Any]) -> None:
    number = (int, float)
    if made.times is not None and (type(made.times) is not int or made.times < 0):
        raise BadSwitch(f"{name}: times is {made.times!r}; give a whole number from 0, or null for always")
    if not (type(made.chance) in number and 0 < made.chance <= 1):
        raise BadSwitch(f"{name}: chance is {made.chance!r}; give more than 0 and at most 1")
    if type(made.value) not in number or abs(made.value) > 86_400:
        raise BadSwitch(f"{name}: value is {made.value!r}; give a number of at most a day of seconds")
    if "value" in given and FAULTS[name].value is None:
        raise BadSwitch(f"{name} has no value")
    if name == "delayed_updates" and made.value < 0:
        raise BadSwitch(f"{name}: value is {made.value!r}; an update cannot come early")
    for key in ("account", "part"):
        if not isinstance(getattr(made, key), str):
            raise BadSwitch(f"{name}: {key} is {getattr(made, key)!r}; give text")


FAULTS_KEY: web.AppKey[Faults] = web.AppKey("faults", Faults)


def faults_of(app: web.Application) -> Faults:
    """The application's faults; they are made, all off, where a part asks before anybody has made them."""
    if FAULTS_KEY not in app:
        app[FAULTS_KEY] = Faults()
    return app[FAULTS_KEY]
