"""The list of structures to begin with: what the strategies would enter now, and the usual ones from the chain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from engine.types import dollars_text
from zdte_tui.screen.dialogs.dialog import Dialog
from zdte_tui.screen.grid import Line, Lines
from zdte_tui.screen.text import wrap
from zdte_tui.screen.ticket.draft import Draft
from zdte_tui.screen.ticket.structures import DELTAS, WIDTHS, Choice, net, structures

if TYPE_CHECKING:
    from zdte_tui.screen.workstation import Workstation

PROPOSALS = "proposals"
KEYS = "up down or a number choose   left right delta   - + width   d delta or cursor   enter takes it   esc leaves"


class Pick(Dialog[Draft | None], inherit_bindings=False):
    """Gives the draft of the structure that was chosen; nothing is sent by it. It follows the market."""

    def __init__(self, station: Workstation, choice: Choice) -> None:
        super().__init__()
        self.station, self.choice = station, choice
        self.at = 0
        self.found: list[tuple[Draft | None, str, str]] = []

    def compose(self) -> ComposeResult:
        """Textual: the list."""
        yield Lines(id="pick")

    def on_mount(self) -> None:
        """Textual: ask for what the strategies propose, and keep it new."""
        self.station.desk.want_more((PROPOSALS,))
        self.set_interval(0.25, self.draw)
        self.draw()

    def on_unmount(self) -> None:
        """Textual: nobody looks any more."""
        self.station.desk.want_more(())

    def on_resize(self) -> None:
        """Textual: lay it out."""
        self.draw()

    def read(self) -> None:
        """What there is to choose, now: a draft (None where there is none), its name, and what is said of it."""
        view = self.station.desk.view
        self.found = []
        if view is None:
            return
        for row in view.proposals or ():
            draft = None
            if row.package is not None:
                legs = tuple((leg.contract, leg.signed_ratio) for leg in row.package.legs)
                draft = Draft(legs=legs, quantity=row.quantity, name="iron condor" if "condor" in row.strategy else "")
            price = "" if row.limit is None else f" for {_net(row.limit)}"
            why = f"; it would not enter: {row.why}" if row.why else "; it would enter this now"
            self.found.append((draft, f"{row.strategy} {row.root}", f"{row.label}{price}{why}"))
        chain = view.chain
        for each in structures(chain, self.choice) if chain is not None and chain.rows else ():
            draft = Draft(legs=each.legs, name=each.name) if each.legs else None
            text = each.why
            if draft is not None and chain is not None:
                mid = net(chain, each.legs)
                label = replace(draft, name="").label
                text = f"{label} {'no price now' if mid is None else _net(mid) + ' at mid'}"
            self.found.append((draft, each.name, text))

    def draw(self) -> None:
        """Paint the list."""
        self.read()
        self.at = max(0, min(self.at, len(self.found) - 1))
        width = max(30, self.size.width - 6)
        by = f"delta {self.choice.delta:.2f}"
        if self.choice.at is not None and not self.choice.by_delta:
            by = (
                f"at the chain's cursor, {dollars_text(self.choice.at, 0)}; delta {self.choice.delta:.2f} for two sides"
            )
        lines: list[Line] = [((f"pick a structure   shorts {by}   width {self.choice.width} strikes", "strong"),)]
        for n, (draft, name, text) in enumerate(self.found):
            first, *rest = wrap(text, max(10, width - 28))
            style = "dim" if draft is None else "strong" if n == self.at else "text"
            mark = ">" if n == self.at else " "
            lines.append(((f"{mark}{n + 1:>2} ", "key"), (f"{name:<22} ", style), (first, style)))
            lines += [((" " * 27 + line, "dim"),) for line in rest[:1]]
        if not self.found:
            lines.append((("no chain yet: there is nothing to choose from", "dim"),))
        lines += [((line, "dim"),) for line in wrap(KEYS, width)]
        box = self.query_one("#pick", Lines)
        box.styles.height = len(lines) + 2
        box.put(tuple(lines))

    def on_key(self, event: events.Key) -> None:
        """Textual: a key of the list; anything else leaves it as it is."""
        event.stop()
        event.prevent_default()
        key, choice = event.key, self.choice
        if key == "escape":
            self.dismiss(None)
            return
        if key in ("up", "k", "down", "j"):
            self.at += 1 if key in ("down", "j") else -1
        elif key in ("left", "h", "right", "l"):
            self.choice = replace(choice, delta=_next(DELTAS, choice.delta, 1 if key in ("right", "l") else -1))
        elif event.character in ("+", "-"):
            self.choice = replace(choice, width=int(_next(WIDTHS, choice.width, 1 if event.character == "+" else -1)))
        elif key == "d":
            self.choice = replace(choice, by_delta=not choice.by_delta)
        elif key.isdecimal() and 0 < int(key) <= len(self.found):
            self.at = int(key) - 1
        elif key == "enter" and self.found and self.found[self.at][0] is not None:
            self.dismiss(self.found[self.at][0])
            return
        self.draw()


def _next(steps: tuple[float, ...], now: float, by: int) -> float:
    at = min(range(len(steps)), key=lambda n: abs(steps[n] - now))
    return steps[max(0, min(len(steps) - 1, at + by))]


def _net(price: int) -> str:
    return f"{dollars_text(abs(price))} {'debit' if price > 0 else 'credit'}"
