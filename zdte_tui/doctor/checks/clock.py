"""The clock: plausible, steady, synchronised as far as the system tells; against a server only if asked."""

from __future__ import annotations

import email.utils
import http.client
import os
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from zdte_tui.doctor.finding import Finding, fail, note, ok, warn
from zdte_tui.doctor.surroundings import Surroundings, ask

_SYNC = "sudo timedatectl set-ntp true, or run chrony"
_EARLIEST = 1_767_225_600  # 2026-01-01, before which this program was not written
_WATCHED = 0.1
_JUMP = 0.005
_OFF, _FAR_OFF = 2.0, 30.0
_PATIENCE = 5.0
_TOLERANCE = 60.0


def check(around: Surroundings) -> Iterator[Finding]:
    """The wall clock."""
    yield plausible(time.time(), _youngest(Path(__file__).parents[3] / "pyproject.toml", Path(__file__)))
    yield steady(*_watch())
    yield from synchronised(ask(["timedatectl", "show", "-p", "NTPSynchronized", "--value"]), _chrony())
    if around.online:
        yield online(around.date_sources)


def plausible(now: float, youngest: float) -> Finding:
    """Seconds since 1970, and when the youngest file of the program was written."""
    told = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now))
    if now < _EARLIEST:
        return fail("clock", f"it says {told}: that is before this program was written", _SYNC)
    if now < youngest - _TOLERANCE:
        return warn("clock", f"it says {told}: the program's own files are younger; it was set back", _SYNC)
    return ok("clock", told)


def _youngest(*files: Path) -> float:
    return max((os.stat(file).st_mtime for file in files if file.exists()), default=0.0)  # noqa: PTH116


def _watch() -> tuple[float, float]:
    """How far the wall clock and the monotonic clock went meanwhile, seconds."""
    wall, steady_clock = time.time_ns(), time.monotonic_ns()
    time.sleep(_WATCHED)
    return (time.time_ns() - wall) / 1e9, (time.monotonic_ns() - steady_clock) / 1e9


def steady(wall: float, monotonic: float) -> Finding:
    """Whether the wall clock went as far as the monotonic clock."""
    jump = wall - monotonic
    if abs(jump) > _JUMP:
        seen = f"the wall clock jumped {jump * 1000:+.1f} ms in {monotonic:.1f} s: something is setting it"
        return warn("clock steps", seen, f"let one service alone set the clock: {_SYNC}")
    return ok("clock steps", f"steady over {monotonic:.1f} s ({jump * 1e6:+.0f} us)")


def _chrony() -> str | None:
    return ask(["chronyc", "-c", "tracking"])


def synchronised(timedatectl: str | None, chrony: str | None) -> Iterator[Finding]:
    """What ``timedatectl`` (yes or no) and ``chronyc -c tracking`` print; None where there is none."""
    fields = (chrony or "").strip().split(",")
    if len(fields) >= 14:
        offset = _number(fields[4])
        if "not synchronised" in fields[-1].lower():
            yield warn("clock source", "chrony is not synchronised", "chronyc sources; sudo chronyc makestep")
        elif offset is None or abs(offset) > _OFF:
            yield warn("clock source", f"chrony: off by {fields[4]} s", "sudo chronyc makestep")
        else:
            yield ok("clock source", f"chrony, {offset * 1000:+.3f} ms")
        return
    answer = (timedatectl or "").strip()
    if answer == "yes":
        yield ok("clock source", "synchronised, says timedatectl")
    elif answer == "no":
        yield warn("clock source", "not synchronised, says timedatectl", _SYNC)
    else:
        yield note("clock source", "the system does not say whether it is synchronised", "zdte-tui doctor --online")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def online(sources: tuple[str, ...]) -> Finding:
    """The clock against the first server that answers; good to about a second."""
    reasons = []
    for url in sources:
        try:
            skew, leeway = _skew(url)
        except (OSError, http.client.HTTPException, ValueError) as error:
            reasons.append(_reason(url, error))
            continue
        host = urllib.request.Request(url).host  # noqa: S310
        seen = f"{skew:+.1f} s from {host}, give or take {leeway:.1f} s"
        if abs(skew) - leeway > _FAR_OFF:
            return fail("clock skew", seen, _SYNC)
        if abs(skew) - leeway > _OFF:
            return warn("clock skew", seen, _SYNC)
        return ok("clock skew", seen)
    return warn("clock skew", f"no server could be asked: {'; '.join(reasons)}", "is there a network? try again later")


def _skew(url: str) -> tuple[float, float]:
    """How far this clock is ahead of a server's ``Date``, and how sure that is, seconds."""
    request = urllib.request.Request(url, method="HEAD", headers={"User-Agent": "zdte-tui doctor"})  # noqa: S310
    started = time.monotonic()
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310
            date = answer.headers["Date"]
    except urllib.error.HTTPError as error:  # refused, and dated all the same
        date = error.headers["Date"]
        error.close()
    now, took = time.time(), time.monotonic() - started
    if not date:
        raise ValueError("it does not say the time")
    server = email.utils.parsedate_to_datetime(date).timestamp() + 0.5  # it leaves out the fraction of its second
    return now - took / 2 - server, took / 2 + 0.5


def _reason(url: str, error: Exception) -> str:
    host = urllib.request.Request(url).host  # noqa: S310
    cause = getattr(error, "reason", error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"{host}: its certificate is not valid at this clock's time: {cause.verify_message}"
    return f"{host}: {cause}"
