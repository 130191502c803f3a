"""A session that somebody names, found in the research journal or an account's; the nearest name where it is not."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from zdte_tui.exits import DATA, NO_INPUT, CommandError

if TYPE_CHECKING:
    from pathlib import Path

    from engine.config import Config
    from engine.journal import SessionRow
    from engine.session.past import Reopened


def find_session(config: Config, name: str) -> tuple[Path, SessionRow]:
    """The journal and the row of a session; raises ``CommandError`` naming what is nearest."""
    from engine.config import journal_path, research_path
    from engine.journal import JournalError, JournalReader
    from engine.session.compose import DEMO_ACCOUNT

    paths = [research_path(config), journal_path(config, config.account.name), journal_path(config, DEMO_ACCOUNT)]
    known: list[str] = []
    for path in (path for path in dict.fromkeys(paths) if path.exists()):
        try:
            with JournalReader(path) as reader:
                rows = reader.sessions()
        except JournalError as error:
            raise CommandError(str(error), NO_INPUT) from None
        found = next((row for row in rows if row.name == name), None)
        if found is not None:
            return path, found
        known += [row.name for row in rows]
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = (
        f"; did you mean {near[0]}?" if near else ": `zdte-tui sessions` and `zdte-tui sessions --research` list them"
    )
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
