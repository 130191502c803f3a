"""Broker keys: where some lie, and whether they can be used. Not one character of them is ever shown."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from engine.alpaca.key_places import CREDENTIALS, VARIABLES, Looked, login, look
from engine.alpaca.key_ring import names
from engine.alpaca.keys import KINDS, Kind
from zdte_tui.doctor.finding import Finding, fail, note, ok, warn
from zdte_tui.doctor.surroundings import Surroundings

_SUBJECTS = {"credentials": "credentials", "file": "key file", "keyring": "keyring", "environment": "environment"}
_PREFIXES = ("alpaca", "apca")


def check(around: Surroundings) -> Iterator[Finding]:
    """Every place in the order in which they count, for both kinds; then which of them counts."""
    found = {kind: list(look(kind, around.env)) for kind in KINDS}
    for at, subject in enumerate(_SUBJECTS.values()):
        yield _place(subject, {kind: found[kind][at] for kind in KINDS}, around)
    for kind in KINDS:
        yield _which(kind, found[kind])
    yield note("broker", "that Alpaca takes them is asked by zdte-tui login, zdte-tui account and each session")


def _place(subject: str, found: dict[Kind, Looked], around: Surroundings) -> Finding:
    """What one place holds."""
    problems = list(dict.fromkeys(each.problem for each in found.values() if each.problem))
    if problems:
        seen, _, mend = "; ".join(problems).rpartition(": ")
        return fail(subject, seen, mend)
    held = [kind for kind, each in found.items() if each.keys is not None]
    where = found[held[0] if held else "paper"].where
    if not held:
        return _empty(subject, found["paper"], around)
    seen = f"{' and '.join(held)} keys in {where}"
    if subject == "environment":
        set_there = [name for kind in held for pair in VARIABLES[kind] for name in pair if around.env.get(name)]
        mend = f"move them to a file that only you can read (zdte-tui login), and unset {' '.join(set_there)}"
        return warn(subject, f"{', '.join(set_there)}: set; every program you start can read them", mend)
    return ok(subject, f"{seen}{', readable by you alone' if subject == 'key file' else ''}")


def _empty(subject: str, looked: Looked, around: Surroundings) -> Finding:
    """Why a place holds nothing, and whether that is what was meant."""
    if subject == "credentials" and (text := around.env.get(CREDENTIALS, "")):
        folder = Path(text)
        if not folder.is_dir():
            mend = "let systemd set it (LoadCredentialEncrypted=), or unset CREDENTIALS_DIRECTORY"
            return warn(subject, f"{CREDENTIALS}={text}: no such folder", mend)
        other = sorted(each.name for each in folder.iterdir() if each.name.lower().startswith(_PREFIXES))
        if other:
            mend = f"name them {' and '.join(names('paper'))}, or {' and '.join(names('live'))}"
            return warn(subject, f"{', '.join(map(shlex.quote, other))} in {folder}: not a name that is read", mend)
    return ok(subject, f"no keys: {looked.where} ({looked.note})")


def _which(kind: Kind, places: list[Looked]) -> Finding:
    """The first place that holds something counts, be it broken."""
    holding = [each for each in places if each.keys is not None or each.problem]
    subject = f"{kind} keys"
    if not holding:
        return note(subject, "none anywhere", f"{login(kind)} stores them")
    first = holding[0]
    if first.problem:
        return note(subject, f"none can be used: what lies in {first.where} counts and is wrong, see above")
    if len(holding) > 1:
        return note(subject, f"in {len(holding)} places; {first.where} counts", "keep them in one place")
    return ok(subject, f"those in {first.where} count; not checked with Alpaca here")
