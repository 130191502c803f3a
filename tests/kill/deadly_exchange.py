"""An exchange in a fresh interpreter that kills its client: ``python deadly_exchange.py FOLDER SETTING...``.

FOLDER/plan says of the next session at which message with requests it dies, and when: ``before`` it is
handled, ``after`` it and before the answer, or so many milliseconds after the answer, wherever it is then.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import sys
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from kill_exchange import Remembering  # noqa: E402

from engine.broker import ExchangeServer  # noqa: E402
from engine.broker.wire import Heard, Say  # noqa: E402
from engine.config import exchange_path, load  # noqa: E402
from engine.session.exchange import market_text  # noqa: E402
from engine.session.source import demo_source  # noqa: E402

PLAN = Path(sys.argv[1]) / "plan"


class Deadly(ExchangeServer):
    """Kills whoever is connected, by its process id as the kernel tells it, once a day."""

    plan: tuple[int, str] = (0, "")
    heard = 0
    client = 0

    def met(self, connection: socket.socket) -> None:
        """A session has come."""
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        self.client = struct.unpack("3i", credentials)[0]
        if PLAN.exists():
            number, when = PLAN.read_text().split()
            PLAN.unlink()
            self.plan, self.heard = (int(number), when), 0

    def answer(self, message: Say) -> Heard:
        if not message.requests:
            return super().answer(message)
        self.heard += 1
        due, when = self.heard == self.plan[0], self.plan[1]
        if due and when == "before":
            self._kill()
            return Heard(())  # to nobody
        answer = super().answer(message)
        if due and when == "after":
            self._kill()
        elif due:
            threading.Timer(float(when) / 1000, self._kill).start()
        return answer

    def _kill(self) -> None:
        os.kill(self.client, signal.SIGKILL)
        while Path(f"/proc/{self.client}/fd/0").exists():  # a process that is gone sends nothing more
            time.sleep(0.001)


def main() -> None:
    config = load([], sys.argv[2:])
    market = demo_source(config)

    path, text = exchange_path(config, "demo"), market_text(config, market)
    server = Deadly(path, text, lambda: Remembering(config, market))
    print("listens", flush=True)
    server.serve(server.met)


if __name__ == "__main__":
    main()
