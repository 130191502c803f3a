"""The process of a rehearsal's exchange: told what to play on standard input, it says its port on standard output.

It ends when its input does: with the process that started it, killed or not.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading

from engine.alpaca.keys import Keys
from engine.session.exchange import make_exchange, make_venue
from engine.session.rehearsal import ACCOUNT, Asked
from engine.venue.access import Access
from engine.venue.app import serve
from engine.venue.clock import VenueClock


def main() -> None:
    """Serve until told to end."""
    length = int.from_bytes(sys.stdin.buffer.read(8), "big")
    asked: Asked = pickle.loads(sys.stdin.buffer.read(length))  # noqa: S301 - from whoever started this process
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        venue = make_venue(asked.config, asked.source, VenueClock(asked.start, speed=0), (ACCOUNT,))
        access = Access({ACCOUNT: Keys(asked.key_id, asked.secret, "a rehearsal")})

        def started(port: int) -> None:
            venue.clock.set(asked.start, asked.speed)
            sys.stdout.write(f"{port}\n")
            sys.stdout.flush()

        serve(make_exchange(venue, access, seed=asked.seed), port=0, started=started)
    except Exception as error:
        sys.stdout.write(f"{type(error).__name__}: {error}".replace("\n", " ") + "\n")
        sys.stdout.flush()
        raise


def _end_with_input() -> None:
    sys.stdin.buffer.read(1)
    os._exit(0)


if __name__ == "__main__":
    main()
