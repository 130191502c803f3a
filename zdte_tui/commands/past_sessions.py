"""A session that somebody names, found in the research journal or an account's; the nearest name where it is not."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from zdte_tui.exits import DATA, NO_INPUT, USAGE, CommandError

if TYPE_CHECKING:
    from pathlib import Path

    from engine.config import Config
    from engine.journal import SessionRow
    from engine.session.past import Reopened


def find_session(config: Config, name: str, *, research: bool = True) -> tuple[Path, SessionRow]:
    """The journal and the row of a session; raises ``CommandError`` naming what is nearest.

    ``research:``, ``account:`` or ``demo:`` before the name says which journal, where several have it. Without
    ``research`` only accounts' journals are looked into.
    """
    from engine.config import journal_path, research_path
    from engine.journal import JournalError, JournalReader
    from engine.session.compose import DEMO_ACCOUNT

    paths = {
        "research": research_path(config),
        "account": journal_path(config, config.account.name),
        "paper": journal_path(config, f"{config.account.name}_paper"),
        "shadow": journal_path(config, f"{config.account.name}_shadow"),
        "rehearsal": journal_path(config, "rehearsal"),
        "demo": journal_path(config, DEMO_ACCOUNT),
    }
    if not research:
        del paths["research"]
    where, _, bare = name.rpartition(":")
    if where and where not in paths:
        raise CommandError(f"{where!r} is no journal: write {', '.join(f'{each}:{bare}' for each in paths)}", USAGE)
    known: list[str] = []
    found: list[tuple[str, Path, SessionRow]] = []
    seen: set[Path] = set()
    for kind, path in paths.items():
        if where not in ("", kind) or path in seen or not path.exists():
            continue
        seen.add(path)
        try:
            with JournalReader(path) as reader:
                rows = reader.sessions()
        except JournalError as error:
            raise CommandError(str(error), NO_INPUT) from None
        found += [(kind, path, row) for row in rows if row.name == bare]
        known += [row.name for row in rows]
    if len(found) > 1:
        which = " or ".join(f"{kind}:{bare}" for kind, _, _ in found)
        raise CommandError(f"{len(found)} journals have a session {bare!r}: write {which}", USAGE)
    if found:
        return found[0][1:]
    near = get_close_matches(bare, known, n=1, cutoff=0.5)
    listed = "`zdte-tui sessions` and `zdte-tui sessions --research` list" if research else "`zdte-tui sessions` lists"
    hint = f"; did you mean {near[0]}?" if near else f": {listed} them"
    raise CommandError(f"no journal has a session {name!r}{hint}", NO_INPUT)


def reopened(config: Config, name: str) -> Reopened:
    """A session to be played again; raises ``CommandError`` for one that cannot be."""
    from engine.config import data_dir
    from engine.session.past import NotReplayable, reopen
    from engine.tape import Store

    path, row = find_session(config, name)
    try:
        return reopen(config, Store(data_dir(config)), path, row)
    except NotReplayable as error:
        raise CommandError(str(error), DATA) from None
