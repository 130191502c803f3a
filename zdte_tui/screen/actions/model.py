"""What an action is: one thing a key, a word at the ``:`` line or the palette does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Mode = Literal["paced", "live"]
"""paced: a replay or a demo, where we set the pace. live: the market does."""
Scope = Literal["app", "screen", "grid"]

PACED: frozenset[Mode] = frozenset({"paced"})
ALWAYS: frozenset[Mode] = frozenset({"paced", "live"})


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a key does.

    Attributes:
        id: its name, unique but for the panes. Without ``run``, ``action_<id>`` is the method; ``scope`` says on which
            class: app, screen or grid.
        keys: Textual's names of the keys; empty for what only the ``:`` line does.
        shown: the keys as a person reads them.
        title: words for the footer; empty keeps it out of the footer.
        help: the sentence for the help screen.
        confirm: whether ``y`` must follow within five seconds.
        modes: where it can be used.
        hint: the keys in the footer, where they differ from ``shown``.
        parameter: argument of the method, for the panes' numbers.
        anywhere: works over dialogs and while typing.
        types: opens a line to type into. It is taken up before the next key, so that what is typed at once goes there.
        name: its word at the ``:`` line, where that is not the parameter or the id.
        takes: what may follow the word at the ``:`` line, as a person reads it.
        run: does it: ``run(target, argument)``, the target being the app, the workstation or the focused grid, by
            ``scope``; the argument None from a key.
        reads: turns what follows the word into the argument; ``ValueError`` says in one line what is wrong with it.
        where: the pane in which alone its keys work; empty for everywhere.
    """

    id: str
    keys: tuple[str, ...]
    shown: str
    title: str
    help: str
    group: str
    confirm: bool = False
    modes: frozenset[Mode] = ALWAYS
    scope: Scope = "screen"
    hint: str = ""
    parameter: str = ""
    anywhere: bool = False
    types: bool = False
    name: str = ""
    takes: str = ""
    run: Callable[[Any, Any], None] | None = None
    reads: Callable[[Any, str], object] | None = None
    where: str = ""

    @property
    def word(self) -> str:
        """What a person types at the ``:`` line."""
        return self.name or self.parameter or self.id.replace("_", "-")

    @property
    def key_id(self) -> str:
        """Its name in a keymap, which tells the panes' numbers apart."""
        return f"{self.id}.{self.parameter}" if self.parameter else self.id

    @property
    def call(self) -> str:
        """What Textual runs."""
        if self.run is not None:
            return f"act({self.id!r})"
        return f"{self.id}({self.parameter!r})" if self.parameter else self.id
