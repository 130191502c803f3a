"""Work that must not wait: what concerns one order is done in its order, everything else at the same time."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

log = logging.getLogger(__name__)

Job = Callable[[], None]


class Lanes:
    """A lane for each name; jobs of one lane run one after the other, on a thread that ends with the last of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lanes: dict[str, deque[Job]] = {}
        self._closed = False

    def add(self, name: str, job: Job) -> None:
        """Do it when what was asked earlier in that lane is done. Returns at once."""
        with self._lock:
            if self._closed:
                return
            lane = self._lanes.get(name)
            if lane is not None:
                lane.append(job)
                return
            self._lanes[name] = deque([job])
        threading.Thread(target=self._run, args=(name,), name=f"alpaca {name}", daemon=True).start()

    def waiting(self, name: str) -> int:
        """How many jobs a lane has, the one that runs included."""
        with self._lock:
            return len(self._lanes.get(name, ()))

    def close(self) -> None:
        """Begin nothing more; what runs is left to its end."""
        with self._lock:
            self._closed = True
            for lane in self._lanes.values():
                while len(lane) > 1:
                    lane.pop()

    def _run(self, name: str) -> None:
        while True:
            with self._lock:
                job = self._lanes[name][0]
            try:
                job()
            except Exception:
                log.exception("a request to Alpaca in lane %s", name)
            with self._lock:
                lane = self._lanes[name]
                lane.popleft()
                if not lane:
                    del self._lanes[name]
                    return
