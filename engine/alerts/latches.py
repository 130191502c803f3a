"""Which conditions were told of and wait to be false again. What happened is logged, so that it can be taken back."""

from __future__ import annotations

from typing import NamedTuple

from engine.alerts.reading import Reading

ARMED, FIRED = 0, 1
"""A latch that is neither counts since when its condition holds, ns UTC."""
MOST_STEPS = 20_000


class _Step(NamedTuple):
    """A latch changed: at which instant and event, and what it was before."""

    ts: int
    seq: int
    key: str
    before: int | None


class Latches:
    """The latch of each condition that was ever looked at."""

    def __init__(self) -> None:
        self._state: dict[str, int] = {}
        self._steps: list[_Step] = []

    def __contains__(self, key: object) -> bool:
        return key in self._state

    def fired(self, key: str) -> bool:
        """Whether it was told of and was not false since."""
        return self._state.get(key) == FIRED

    def standing(self, prefix: str) -> list[str]:
        """What was told of and was not false since, of the conditions whose keys begin so; without the prefix."""
        return [k.removeprefix(prefix) for k, state in self._state.items() if state == FIRED and k.startswith(prefix)]

    def judge(self, reading: Reading, now: int, seq: int) -> bool:
        """Take a reading up; whether it is to be told. ``now`` and ``seq`` say when this was."""
        state = self._state.get(reading.key)
        if reading.on:
            if state == FIRED:
                return False
            if reading.quiet or (state is None and reading.quiet_first):
                self._set(reading.key, FIRED, now, seq)
                return False
            since = now if state is None or state == ARMED else state
            if now - since < reading.hold:
                self._set(reading.key, since, now, seq)
                return False
            self._set(reading.key, FIRED, now, seq)
            return True
        if state is None or state > FIRED or (state == FIRED and reading.off and not reading.once):
            self._set(reading.key, ARMED, now, seq)
        return False

    def drop(self, key: str) -> None:
        """Forget a condition that is looked at no more."""
        self._state.pop(key, None)
        self._steps = [step for step in self._steps if step.key != key]

    def take_back(self, instant: int, seq: int) -> None:
        """Be as before everything that happened after an instant, or after the event of a number."""
        while self._steps and (self._steps[-1].ts > instant or self._steps[-1].seq > seq):
            step = self._steps.pop()
            if step.before is None:
                self._state.pop(step.key, None)
            else:
                self._state[step.key] = step.before

    def _set(self, key: str, value: int, now: int, seq: int) -> None:
        before = self._state.get(key)
        if before == value:
            return
        self._state[key] = value
        self._steps.append(_Step(now, seq, key, before))
        if len(self._steps) > MOST_STEPS:
            del self._steps[: MOST_STEPS // 2]
