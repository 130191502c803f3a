"""How much is sent: the same text not twice within some minutes, and so many messages an hour. Pure."""

from __future__ import annotations

import re
from collections import deque

from engine.watch.messages import Message

HOUR = 3600.0
_TIME = re.compile(r"\b\d{1,2}:\d{2}(:\d{2})?\b|\b\d+(\.\d+)? (s|ms)\b")
_SAID_BY = re.compile(r"^[A-Za-z_]+: ")
"""An alert of a breaker and one of the engine may tell of the same."""


class Limiter:
    """Judges messages in their order. Times are seconds of a clock that never goes back.

    Args:
        repeat: for how many seconds the same text is held back. most: messages an hour; urgent ones do not count.
    """

    def __init__(self, repeat: float, most: int) -> None:
        self._repeat = repeat
        self._most = most
        self._told: dict[str, float] = {}
        self._held_back: dict[str, int] = {}
        self._sent: deque[float] = deque()
        self._full = False

    def judge(self, message: Message, now: float) -> Message | None:
        """The message as it is sent, or nothing. The last one of an hour says that more are not."""
        words = _SAID_BY.sub("", _TIME.sub("", message.text).removeprefix(" New York: "))
        key = f"{message.topic} {message.title} {words}"
        last = self._told.get(key)
        if last is not None and now - last < self._repeat and message.topic != "session":
            self._held_back[key] = self._held_back.get(key, 0) + 1
            return None
        while self._sent and self._sent[0] <= now - HOUR:
            self._sent.popleft()
            self._full = False
        if not message.urgent:
            if len(self._sent) >= self._most:
                if self._full:
                    return None
                self._full = True
                text = f"{self._most} messages within an hour: others are not sent until that is over. The last: "
                return message._replace(text=text + message.text)
            self._sent.append(now)
        self._told[key] = now
        again = self._held_back.pop(key, 0)
        self._told = {each: at for each, at in self._told.items() if now - at < self._repeat or each == key}
        return message._replace(text=f"{message.text} ({again} more like it)") if again else message
