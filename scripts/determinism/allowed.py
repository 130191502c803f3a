"""What is allowed all the same: where, which kind, which name, and why. An entry that excuses nothing is an error."""

from __future__ import annotations

from typing import NamedTuple


class Allowed(NamedTuple):
    """``path``: a file, or a folder with all below it. ``name``: as a finding gives it; ``*`` is every name."""

    path: str
    kind: str
    name: str
    why: str


_PROCESSES = "starts processes and tells when Python collects rubbish; no event passes through it"
_PACKAGED = "reads a table that is packaged with the code: the same bytes everywhere"
_CONFIG = "the configuration is read once, before a session begins; its hash is part of every session"

ALLOWED: tuple[Allowed, ...] = (
    Allowed("engine/clock/__init__.py", "clock", "time.time_ns", "the clock's system half, which only shells call"),
    Allowed("engine/clock/__init__.py", "clock", "time.monotonic_ns", "the same, where a market's time is faster"),
    Allowed("engine/clock/__init__.py", "threads", "threading.Lock", "shells on several threads share one clock"),
    Allowed("engine/processes", "threads", "*", _PROCESSES),
    Allowed("engine/processes", "ambient", "*", _PROCESSES),
    Allowed("engine/processes/__init__.py", "order", "{signal.SIGINT}", "a set of one"),
    Allowed("engine/calendar/tables.py", "io", ".read_text()", _PACKAGED),
    Allowed("engine/config/load.py", "io", ".read_text()", _PACKAGED),
    Allowed("engine/config/load.py", "io", ".exists()", "where the packaged table lies, in a wheel and in a checkout"),
    Allowed("engine/config/layers.py", "io", ".read_text()", _CONFIG),
    Allowed(
        "engine/pricing/kernel/__init__.py", "threads", "threading.local", "one scratch a thread: none shares another's"
    ),
    Allowed(
        "engine/pricing/kernel/__init__.py", "hidden", "importlib.import_module", "a module of its own room, by name"
    ),
    Allowed(
        "engine/pricing/kernel/contracts.py", "io", ".read_bytes()", "the source of the kernel, to know its cache by"
    ),
)
