"""A question of a session's start is asked again where a moment may mend it, and only there."""

from __future__ import annotations

import pytest

from engine.alpaca.failures import AlpacaError
from engine.alpaca.patience import patiently


class Asked:
    """Fails as it is told, then answers."""

    def __init__(self, *failures: str) -> None:
        self._failures = list(failures)
        self.times = 0
        self.waited: list[float] = []

    def __call__(self) -> str:
        self.times += 1
        if self._failures:
            raise AlpacaError(self._failures.pop(0), "no")  # type: ignore[arg-type]
        return "answer"

    def patiently(self) -> str:
        return patiently(self, (1.0, 2.0), self.waited.append)


@pytest.mark.parametrize("kind", ["limit", "server", "unreadable", "timeout", "dropped", "unsent"])
def test_what_passes_is_waited_for(kind: str) -> None:
    asked = Asked(kind, kind)
    assert asked.patiently() == "answer"
    assert asked.waited == [1.0, 2.0]


@pytest.mark.parametrize("kind", ["keys", "refused", "absent", "unreachable"])
def test_what_does_not_pass_is_told_at_once(kind: str) -> None:
    asked = Asked(kind)
    with pytest.raises(AlpacaError) as raised:
        asked.patiently()
    assert (raised.value.kind, asked.times, asked.waited) == (kind, 1, [])


def test_patience_ends() -> None:
    asked = Asked(*["limit"] * 9)
    with pytest.raises(AlpacaError):
        asked.patiently()
    assert asked.times == 3
