"""The packages the program needs: there, of a version it is made for, and importable.

They are imported in a process of their own: one that kills its process, built for another processor, is named too.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata, util
from pathlib import Path
from typing import NamedTuple

from zdte_tui.doctor.finding import Finding, fail, note, ok, warn
from zdte_tui.doctor.surroundings import Surroundings

_PROJECT = "zdte-tui"
_PATIENCE = 60.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_IMPORTED_AS = {"alpaca-py": "alpaca"}
_IMPORTER = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        print(name, type(error).__name__ + ": " + " ".join(str(error).split())[:200], sep="\\t", flush=True)
    else:
        print(name, "", sep="\\t", flush=True)
"""


class Needed(NamedTuple):
    """One dependency: its requirement as written, such as ``textual>=8.2,<9``, and the name it is imported by."""

    requirement: str
    module: str

    @property
    def name(self) -> str:
        """The distribution's name."""
        found = _NAME.match(self.requirement)
        return found[0] if found else self.requirement


def needed() -> list[Needed]:
    """The program's dependencies: of the checkout's pyproject.toml, or of the installed package."""
    return [Needed(text, _module(text)) for text in _requirements() if "extra ==" not in text]


def _requirements() -> list[str]:
    pyproject = Path(__file__).parents[3] / "pyproject.toml"
    try:
        project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
        if project["name"] == _PROJECT:
            return list(project["dependencies"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        pass
    try:
        return metadata.requires(_PROJECT) or []
    except metadata.PackageNotFoundError:
        return []


def _module(requirement: str) -> str:
    found = _NAME.match(requirement)
    name = (found[0] if found else requirement).lower()
    return _IMPORTED_AS.get(name, name.replace("-", "_"))


@cache
def import_errors(modules: tuple[str, ...]) -> dict[str, str]:
    """Why each of the modules cannot be imported; nothing for one that can."""
    errors: dict[str, str] = {}
    rest = list(modules)
    while rest:
        try:
            told, ended = _import(rest)
        except OSError:  # no process can be started: then only what is not there at all is known
            return {name: "it is not there" for name in modules if util.find_spec(name) is None}
        errors.update({name: reason for name, reason in told.items() if reason})
        rest = [name for name in rest if name not in told]
        if rest:  # the first one that was not told about has held its process up, or taken it along
            errors[rest.pop(0)] = ended
    return errors


def _import(modules: list[str]) -> tuple[dict[str, str], str]:
    """Why each module that was come to cannot be imported, or empty; and what became of the process after that.

    Raises ``OSError`` where it cannot be started.
    """
    ended = "importing it ends the process: it is built for another machine, or damaged"
    paths = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-B", "-c", _IMPORTER, *modules]
    environment = {**os.environ, "PYTHONPATH": paths}
    try:
        output = subprocess.run(
            command, capture_output=True, timeout=_PATIENCE, check=False, env=environment, stdin=subprocess.DEVNULL
        ).stdout
    except subprocess.TimeoutExpired as error:
        output, ended = error.stdout or b"", f"importing it takes longer than {_PATIENCE:.0f} s"
    lines = output.decode(errors="replace").splitlines()
    return {name: why for line in lines for name, tab, why in [line.partition("\t")] if tab}, ended


def faulty() -> frozenset[str]:
    """The modules that no check may import in this process."""
    modules = tuple(each.module for each in needed())
    return frozenset(import_errors(modules))


def check(_: Surroundings) -> Iterator[Finding]:
    """Every dependency; those that are well share a line."""
    every = needed()
    if not every:
        yield warn("packages", "which packages are needed is not known: zdte-tui is not installed", install("zdte-tui"))
        return
    errors = import_errors(tuple(each.module for each in every))
    well: list[str] = []
    for each in every:
        found = judge(each, _version(each.name), errors.get(each.module, ""))
        if found.state == "ok":
            well.append(f"{each.name} {found.seen}")
        else:
            yield found
    if well:
        yield ok("packages", ", ".join(well))


def judge(need: Needed, version: str | None, error: str) -> Finding:
    """One dependency, given the version that is installed (None: it is not) and why it cannot be imported."""
    mend = install(need.requirement)
    if version is None and error:
        return fail(need.name, f"missing; the program needs {need.requirement}", mend)
    if version is not None and (odds := _at_odds(need.requirement, version)):
        seen = f"{version} is too {odds}; the program needs {need.requirement}"
        return fail(need.name, seen, mend) if odds == "old" or error else warn(need.name, seen, mend)
    if error:
        return fail(need.name, f"{version} is there, but cannot be imported: {error}", f"{mend} --force-reinstall")
    if version is None:
        return note(need.name, "can be imported; which version it is, is not known", mend)
    return ok(need.name, version)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except (metadata.PackageNotFoundError, ValueError):
        return None


def _at_odds(requirement: str, version: str) -> str:
    """``old`` or ``new`` where the requirement does not admit the version, else empty."""
    try:
        from packaging.requirements import InvalidRequirement, Requirement
        from packaging.version import InvalidVersion, Version
    except ImportError:  # itself one of the dependencies, and named as such
        return ""
    try:
        wanted, found = Requirement(requirement).specifier, Version(version)
    except (InvalidRequirement, InvalidVersion):
        return ""
    if wanted.contains(found, prereleases=True):
        return ""
    lower = [each for each in wanted if each.operator in (">=", ">", "==", "~=")]
    return "old" if any(found < Version(each.version.removesuffix(".*")) for each in lower) else "new"


def install(requirement: str) -> str:
    """The command that installs a requirement here."""
    if util.find_spec("pip") is not None:
        return f"{sys.executable} -m pip install '{requirement}'"
    return f"uv pip install --python {sys.executable} '{requirement}'"
