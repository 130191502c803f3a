"""Runs every check. A check that breaks becomes a finding of its own; the others still run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from zdte_tui.doctor import surroundings
from zdte_tui.doctor.checks import (
    calendar,
    clock,
    config,
    disk,
    home,
    interpreter,
    journals,
    keys,
    language,
    packages,
    remote,
    sqlite,
    store,
    terminal,
)
from zdte_tui.doctor.finding import STATES, Finding, State, fail
from zdte_tui.doctor.surroundings import Surroundings


class Check(NamedTuple):
    """A check, the heading it stands under, and the packages it cannot do without."""

    group: str
    subject: str
    run: Callable[[Surroundings], Iterable[Finding]]
    needs: tuple[str, ...] = ()


_CONFIG = ("pydantic", "platformdirs", "msgspec")

CHECKS = (
    Check("program", "python", interpreter.check),
    Check("program", "packages", packages.check),
    Check("program", "sqlite", sqlite.check),
    Check("folders", "home", home.check),
    Check("folders", "disk", disk.check, _CONFIG),
    Check("time", "clock", clock.check),
    Check("time", "calendar", calendar.check, ("msgspec",)),
    Check("configuration", "config", config.check, _CONFIG),
    Check("configuration", "strategies", config.check_strategies, (*_CONFIG, "numpy", "numba", "scipy")),
    Check("data", "data store", store.check, (*_CONFIG, "numpy", "pyarrow")),
    Check("journals", "journals", journals.check, _CONFIG),
    Check("keys", "keys", keys.check, ("platformdirs",)),
    Check("terminal", "terminal", terminal.check),
    Check("terminal", "language", language.check),
    Check("terminal", "remote", remote.check),
)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found, in order, under its heading."""

    findings: tuple[tuple[str, Finding], ...]

    def count(self, state: State) -> int:
        """How many findings are of that state."""
        return sum(finding.state == state for _, finding in self.findings)

    @property
    def worst(self) -> State:
        """The worst state that was found."""
        return max((finding.state for _, finding in self.findings), key=STATES.index, default="ok")


def examine(files: Sequence[Path] = (), settings: Sequence[str] = (), online: bool = False) -> Report:
    """Look at everything, with ``files`` and ``settings`` laid over the user's configuration. Writes nothing."""
    return examine_all(surroundings.look(files, settings, packages.faulty(), online))


def examine_all(around: Surroundings, checks: Iterable[Check] = CHECKS) -> Report:
    """Run the checks on what is given."""
    return Report(tuple((check.group, finding) for check in checks for finding in _findings(check, around)))


def _findings(check: Check, around: Surroundings) -> list[Finding]:
    missing = [name for name in check.needs if name in around.faulty]
    if missing:
        seen = f"not looked at: {', '.join(missing)} cannot be imported"
        return [fail(check.subject, seen, "mend the packages first, see above")]
    found: list[Finding] = []
    try:
        found.extend(check.run(around))
    except Exception as error:  # whatever it is: a doctor that falls over helps nobody
        reason = str(error) or type(error).__name__
        seen = f"cannot be looked at: {reason}"
        mend = "put right what it names; if that is nothing of yours, it is a bug: please report it"
        found.append(fail(check.subject, seen, mend))
    return found
