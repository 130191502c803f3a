"""The main screen: header, timeline, panes, footer; focus, zoom and what the keys do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from engine.view import View
from zdte_tui.screen import alerting, layout, small, timeline
from zdte_tui.screen.actions import ACTIONS, bindings, perform
from zdte_tui.screen.actions.keymap import Keymap
from zdte_tui.screen.arranging import Arrangement
from zdte_tui.screen.bars import Bars
from zdte_tui.screen.commands import prepare
from zdte_tui.screen.desk import Desk
from zdte_tui.screen.dialogs import Confirm, Outcome, Prompt
from zdte_tui.screen.history import History
from zdte_tui.screen.keys import unbound
from zdte_tui.screen.needs import pane_needs
from zdte_tui.screen.panes import PANES, Pane
from zdte_tui.screen.practising import Practising
from zdte_tui.screen.skins.mode import SKINS, account_mode, badge, skin
from zdte_tui.screen.slots import PANE_NAMES, SLOTS
from zdte_tui.screen.stamp import Stamp, stamp_of
from zdte_tui.screen.still import Still
from zdte_tui.screen.text import number
from zdte_tui.screen.ticket.panel import TicketPanel
from zdte_tui.screen.ticket.ticketing import Ticketing
from zdte_tui.screen.timeline_bar import TimelineBar
from zdte_tui.screen.toasts import Toasts
from zdte_tui.screen.tour import TourStrip
from zdte_tui.screen.touring import Touring
from zdte_tui.screen.travel import Travel

if TYPE_CHECKING:
    from zdte_tui.screen.app import WorkstationApp

PACED_ONLY = frozenset(each.id for each in ACTIONS if "live" not in each.modes)


class Body(Container):
    """The room for the panes."""

    def on_resize(self) -> None:
        """Textual: the room changed, also because a bar above it came or went."""
        cast("Workstation", self.screen).place_panes()


class Workstation(Screen[None], inherit_bindings=False):
    """Shows views and hands keys to the desk."""

    BINDINGS = bindings("screen")
    AUTO_FOCUS = ""
    # Frames tell where the focus is: Textual would paint the whole screen for it.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.primary = PANE_NAMES[0]
        self.arrangement = Arrangement(pane_needs)
        self.maximised = False
        self.dead = False
        self.bars = Bars(self)
        self.travel = Travel(desk)
        self.practising = Practising(self)
        self.touring = Touring(self)
        self.ticketing = Ticketing(self)
        self.history = History()
        self.still = Still()
        self.alerting = alerting.Alerting(self)
        self._badge = ""

    # --- what is on it

    def compose(self) -> ComposeResult:
        """Textual: the widgets, top to bottom."""
        yield from self.bars.above()
        yield TimelineBar(self._clicked)
        with Container(id="middle"):
            with Body(id="body"):
                for pane in PANES:
                    yield pane()
            yield TicketPanel(id="ticket")
        yield TourStrip(id="tour")
        yield from self.bars.below()
        yield Toasts()

    def on_mount(self) -> None:
        """Textual: the first pane has the focus."""
        self.pane(self.primary).focus()
        self.bars.draw()
        if problem := self.arrangement.memory.complaint():
            self.say(problem, alarm=True)

    def on_unmount(self) -> None:
        """Textual: where the panes were is remembered."""
        self.arrangement.keep()

    def pane(self, name: str) -> Pane:
        """The pane called ``name``."""
        return self.query_one(f"#{name}", Pane)

    def show(self, view: View) -> None:
        """Show ``view``; every pane repaints what changed in its own part."""
        self.desk.saw(view)
        self._wear(view)
        moves = self.still.came(view)
        self.bars.draw()
        if moves:
            self.show_panes()
        self.practising.look(view)
        self.alerting.look(view)
        self.ticketing.show(view)
        self.touring.look()

    def _wear(self, view: View) -> None:
        """The frames of the view's mode, and its word in every border."""
        told = badge(view)
        if told != self._badge:
            self._badge, mine = told, skin(view.header.banner)
            for each in SKINS:
                self.set_class(each is mine, f"mode-{each.name}")
            for name in PANE_NAMES:
                self.pane(name).tell_mode(told)
            self.alerting.title.name(self.app, account_mode(view.header.banner))

    def show_panes(self) -> None:
        """Show in the panes what they are to show: the newest view, unless the display is frozen."""
        if self.still.view is not None:
            for name in PANE_NAMES:
                self.pane(name).show(self.still.view)

    def freeze(self) -> None:
        """Hold the panes still, or go on."""
        words = self.still.freeze()
        if not self.still.frozen and self.desk.view is not None and self.still.came(self.desk.view):
            self.show_panes()
        self.say(words)

    @property
    def tables(self) -> list[Pane]:
        """The panes, in their order."""
        return [self.pane(name) for name in PANE_NAMES]

    @property
    def stamp(self) -> Stamp:
        """What the panes show: for what leaves the screen."""
        return stamp_of(self.still.view)

    # --- what is said

    @property
    def message(self) -> str:
        """What the last key did, while it is said."""
        return self.bars.message

    @property
    def error(self) -> str:
        """What stands on the red bar."""
        return self.bars.error

    def say(self, text: str, alarm: bool = False) -> None:
        """One line in place of the keys, for a few seconds."""
        self.bars.say(text, alarm)

    def show_error(self, text: str, dead: bool = False) -> None:
        """Keep ``text`` on a red bar; the last view stays below it. With a ``dead`` engine no key trades."""
        self.dead = dead
        self.bars.tell_error(text)

    # --- where things are

    def on_resize(self, event: events.Resize) -> None:
        """Textual: choose the arrangement for the new size."""
        self.set_class(small.too_small(event.size.width, event.size.height), "too-small")
        self.bars.draw()
        self.bars.draw_error()
        self.query_one(Toasts).draw()
        self.touring.draw()
        self.ticketing.resized()

    def place_panes(self) -> None:
        """Give each pane its box in the room there is."""
        body = self.query_one("#body", Container)
        width, height = body.size
        if not width or not height:
            return
        boxes = self.arrangement.boxes(
            (self.size.width, self.size.height), (width, height), self.primary, self.maximised
        )
        self.desk.want(part for name in boxes for part in self.pane(name).parts)
        last = max(boxes, key=lambda name: (boxes[name].y, boxes[name].x))
        for name in PANE_NAMES:
            pane, box = self.pane(name), boxes.get(name)
            pane.display = box is not None
            if box is not None:
                pane.styles.offset = (box.x, box.y)
                pane.styles.width, pane.styles.height = box.width, box.height
                turns = layout.next_mate(name) if name == self.primary else ""
                others = self.arrangement.hidden(boxes) if name == last else ""
                pane.tell_others("   ".join(part for part in (turns, others) if part))
                if self.still.view is not None:
                    pane.show(self.still.view)
        self.query_one(Toasts).draw()

    # --- panes

    def go(self, name: str) -> None:
        """Focus a pane, and give it room."""
        self.primary = name
        self.arrangement.went_to(name)
        self.place_panes()
        self.pane(name).focus(scroll_visible=False)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Textual: a click focuses too."""
        if isinstance(event.widget, Pane) and self.primary != event.widget.NAME:
            self.primary = event.widget.NAME
            self.arrangement.went_to(self.primary)
            self.place_panes()

    def action_pane(self, name: str) -> None:
        """Go to a pane."""
        self.go(name)

    def action_slot(self, number: str) -> None:
        """Go to the panes of a number; from one of them to the next."""
        names = SLOTS[int(number) - 1]
        if self.primary in names:
            self.go(names[(names.index(self.primary) + 1) % len(names)])
        else:
            self.go(self.arrangement.in_slot(int(number)))

    def action_act(self, id: str) -> None:  # noqa: A002 - the field's name
        """An action with a function of its own."""
        perform(id, self)

    def action_next_pane(self) -> None:
        """The next pane."""
        self._turn(1)

    def action_previous_pane(self) -> None:
        """The previous pane."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        at = next(n for n, names in enumerate(SLOTS) if self.primary in names)
        self.go(self.arrangement.in_slot((at + by) % len(SLOTS) + 1))

    def action_maximise(self) -> None:
        """Zoom, and back."""
        self.maximised = not self.maximised
        self.place_panes()

    def action_back(self) -> None:
        """Out of a zoomed pane, else of the tour, else of a moved cursor."""
        if self.pane(self.primary).words:
            self.pane(self.primary).narrow("")
        elif self.message and not self.touring.on:
            self.bars.hush()
        elif self.maximised:
            self.action_maximise()
        elif self.touring.on:
            self.touring.guide.leave()
        else:
            self.pane(self.primary).action_follow()

    # --- the session

    @property
    def keymap(self) -> Keymap:
        """The keys in force."""
        return cast("WorkstationApp", self.app).keymap

    def action_command(self, begin: str = "") -> None:
        """The ``:`` line, ``begin`` standing on it already."""
        prompt = Prompt(lambda text: prepare(self, text), self.desk.paced, self.history, begin)
        self.app.push_screen(prompt, lambda act: act and act())

    def do_word(self, word: str) -> None:
        """What is chosen by its word: done, or where more must follow the word, typed on at the ``:`` line."""
        try:
            act = prepare(self, word)
        except ValueError:
            self.action_command(f"{word} ")
            return
        act()

    def _clicked(self, width: int, x: int) -> None:
        """A click on the timeline, at cell ``x`` of ``width``."""
        view = self.desk.view
        self.travel_to(None if view is None else timeline.instant_at(view.progress, width, x))

    def travel_to(self, instant: int | None) -> None:
        """To an instant, ns UTC; nowhere for None."""
        if instant is not None:
            self.say(self.desk.go_to(instant))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual: keys of a replay do nothing where the market sets the pace, the tour's nothing without a tour."""
        name = str(parameters[0]) if action == "act" else action
        if name in ("tour_next", "tour_back") and not self.touring.on:
            return False
        return self.desk.paced if name in PACED_ONLY else True

    def on_key(self, event: events.Key) -> None:
        """Textual: a key on its way to its binding; one that has none is answered."""
        self.bars.touch()
        if event.key not in self.active_bindings:
            self.say(unbound(event.key, self.desk.paced, self.desk.view is not None, self.keymap))

    def noticed(self, id: str) -> None:  # noqa: A002 - the field's name
        """A person ran an action."""
        self.bars.touch()
        self.touring.noticed(id)

    def on_screen_resume(self) -> None:
        """Textual: a dialog has closed, and the tour goes on."""
        self.touring.look()

    # --- what must be confirmed

    def order(self, name: str, question: str, detail: str, act: Callable[[], str]) -> None:
        """Ask, for what only a living engine can do; it may die before the answer."""

        def sent() -> str:
            if self.dead:
                raise RuntimeError("the engine has stopped. Act at the broker.")
            return act()

        if self.dead:
            self.say(f"{name} cannot be sent: the engine has stopped. Act at the broker.", alarm=True)
        else:
            self.ask(name, question, detail, sent)

    def ask(self, name: str, question: str, detail: str, act: Callable[[], str]) -> None:
        """Ask for y; ``act`` runs only then, and what it says is shown."""
        seconds = cast("WorkstationApp", self.app).confirm_seconds

        def answered(outcome: Outcome | None) -> None:
            if outcome != "confirmed":
                why = f"no y within {number(seconds, 0)} s" if outcome == "timeout" else "the key was not y"
                self.say(f"{name} cancelled: {why}")
                return
            try:
                self.say(act())
            except Exception as error:  # a person must hear that an order did not leave
                self.say(f"{name} FAILED: {error}", alarm=True)

        self.app.push_screen(Confirm(question, detail, seconds), answered)
