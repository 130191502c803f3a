"""The lines above and below the panes: header, error, timeline, footer, and what the last key did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zdte_tui.screen import alerting, footer, header, seat, small, timeline
from zdte_tui.screen.grid import Lines
from zdte_tui.screen.text import wrap

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from zdte_tui.screen.workstation import Workstation

MESSAGE_SECONDS = 6.0


class Bars:
    """Draws them; the workstation tells when.

    Attributes:
        message: what the last key did, in place of the keys for a few seconds. error: what stands on the red bar.
        stage: what the session waits for, before its first view. touched: whether a person has done anything yet.
    """

    def __init__(self, station: Workstation) -> None:
        self._station = station
        self.message = ""
        self.error = ""
        self.stage = ""
        self.touched = False
        self._note = ""
        self._alarm = False
        self._messages = 0

    @staticmethod
    def above() -> ComposeResult:
        """The lines above the timeline."""
        yield Lines(id="header")
        yield Lines(id="error")

    @staticmethod
    def below() -> ComposeResult:
        """The footer, and what a terminal that is too small shows instead of everything."""
        yield Lines(id="footer")
        yield Lines(id="small")

    # --- what is said

    def say(self, text: str, alarm: bool = False) -> None:
        """One line in place of the keys, for a few seconds."""
        self.message, self._alarm = text, alarm
        self._messages += 1
        mine = self._messages
        self._station.set_timer(MESSAGE_SECONDS, lambda: self._unsay(mine))
        self.draw_footer()

    def hush(self) -> None:
        """Take back what was said: it is so no more."""
        if self.message:
            self.message = ""
            self.draw_footer()

    def _unsay(self, which: int) -> None:
        if which == self._messages:
            self.hush()

    def tell_stage(self, stage: str) -> None:
        """What the session waits for, before its first view."""
        if stage != self.stage:
            self.stage = stage
            if self._station.desk.view is None:
                self.draw()

    def tell_error(self, text: str) -> None:
        """Keep ``text`` on a red bar."""
        if text != self.error:
            self.error = text
            self.draw_error()

    def tell_still(self) -> None:
        """Say how far behind the panes are, where they are, and stop saying so."""
        if self._station.still.note != self._note:
            self.draw_footer()

    def touch(self) -> None:
        """A person has done something."""
        if not self.touched:
            self.touched = True
            self.draw_footer()

    # --- drawing

    def _lines(self, name: str) -> Lines:
        return self._station.query_one(f"#{name}", Lines)

    def draw(self) -> None:
        """All of them but the error."""
        station = self._station
        width, view = station.size.width, station.desk.view
        too_small = station.has_class("too-small")
        if too_small:
            self._lines("small").put(small.lines(width, station.size.height, view))
        if view is None:
            words = self.stage or "waiting for the first view of the session"
            self._lines("header").put(tuple(((line, "dim"),) for line in wrap(words, width - 2)[:2]))
        else:
            more = (*alerting.items(view.alerts), *seat.items(view.seat))
            self._lines("header").put(header.lines(view.header, width - 2, more))
            bar = self._lines("timeline")
            bar.display = view.progress.can_control and not too_small
            if bar.display:
                bar.put((timeline.line(view.progress, width),))
        self.draw_footer()

    def draw_footer(self) -> None:
        """The keys, or what the last one did."""
        station = self._station
        if self.message:
            line = footer.message_line(self.message, station.size.width - len(station.still.note), self._alarm)
        else:
            progress = station.desk.progress
            line = footer.keys_line(
                station.desk.paced,
                progress is not None and progress.paused,
                station.size.width - len(station.still.note),
                finished=progress is not None and progress.finished,
                new=self._new,
                keymap=station.keymap,
            )
        self._note = station.still.note
        self._lines("footer").put((footer.with_note(self._note, line),))

    @property
    def _new(self) -> bool:
        """Whether somebody may see this for the first time: the demo, and nothing done yet."""
        view = self._station.desk.view
        return (
            view is not None
            and not self.touched
            and view.header.banner == "SIMULATED"
            and not view.positions.rows
            and not any(mark.kind == "command" for mark in view.progress.marks)
        )

    def draw_error(self) -> None:
        """The red bar, where there is something on it."""
        bar = self._lines("error")
        bar.display = bool(self.error)
        lines = [((text, "text"),) for text in wrap(self.error, self._station.size.width - 2)[:3]]
        bar.styles.height = len(lines)
        bar.put(tuple(lines))
