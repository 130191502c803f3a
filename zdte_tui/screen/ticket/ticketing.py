"""The workstation's ticket: the draft, what the engine says of it with each view, and sending it after ``y``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.types import Contract, Price, Right, Side
from engine.view import ChainView, TicketView, View
from zdte_tui.screen.panes import Pane
from zdte_tui.screen.ticket.draft import Draft
from zdte_tui.screen.ticket.fields import HINTS, TITLES, as_typed, fields, stepped, typed
from zdte_tui.screen.ticket.lines import attached_words, legs_words, net_words, sent_words, worst_words
from zdte_tui.screen.ticket.panel import TicketPanel
from zdte_tui.screen.ticket.picking import Pick
from zdte_tui.screen.ticket.structures import Choice, listed, side_of
from zdte_tui.screen.ticket.typing import TypeValue
from zdte_tui.screen.trading.sending import send, watching

if TYPE_CHECKING:
    from zdte_tui.screen.workstation import Workstation

ONE_SIDE = {"buy": "bought", "sell": "sold"}


class Ticketing:
    """Carries out the ticket's keys on one workstation.

    Attributes:
        draft: what is put together. at: the field with the cursor. page, pages: which part of the figures and limits is
            shown, of how many.
    """

    def __init__(self, station: Workstation) -> None:
        self.station = station
        self.draft = Draft()
        self.at = 0
        self.page, self.pages = 0, 1
        self.open = False
        self._asked: object = None
        self._drawn: object = None

    @property
    def panel(self) -> TicketPanel:
        """Its place on the screen."""
        return self.station.query_one(TicketPanel)

    @property
    def view(self) -> TicketView | None:
        """What is known of the draft as it is now; None while the answer is about an earlier one."""
        view = self.station.desk.view
        told = view.ticket if view is not None else None
        return told if told is not None and told.request == self.draft.request() else None

    @property
    def title(self) -> str:
        """Words for the border."""
        view = self.station.desk.view
        banner = f"  {view.header.banner}" if view is not None else ""
        return f"0 order ticket{banner}" + (f"  {self.draft.label}" if self.draft.legs else "")

    def keys(self, width: int) -> str:
        """Words for the lower border, as many as fit."""
        found = ""
        more = (f"l more {self.page % self.pages + 1}/{self.pages}",) if self.pages > 1 else ()
        for words in ("O sends", "esc closes", "p pick", *more, "m n limit", "r by risk", "i type", "h chain"):
            if len(found) + len(words) + 3 > width:
                break
            found += ("   " if found else "") + words
        return found

    # --- on the screen

    def show(self, view: View) -> None:
        """A newer view: what is known of the draft may have changed."""
        if self.open:
            self._ask()
            seen = (view.ticket, self.draft, self.at)
            if seen != self._drawn:
                self._drawn = seen
                self.panel.draw()

    def begin(self) -> None:
        """Open it, or where it is open go to it."""
        if not self.open:
            self.open = True
            self.panel.display = True
            self.panel.fit()
        self._ask()
        self.panel.focus()
        self.panel.draw()
        if not self.draft.legs:
            self.station.say("the ticket is empty: p picks a structure; in the chain b buys and s sells")

    def do(self, act: Callable[[Ticketing], object]) -> None:
        """One of its keys; named by its word, it works on a closed ticket too, which it opens."""
        if not self.open:
            self.begin()
        act(self)

    def close(self) -> None:
        """Close it; what was put together stays until it is sent or cleared."""
        self.open = False
        self.panel.display = False
        self.station.desk.ask_ticket(None)
        self._asked = None
        self.to_panes()

    def to_panes(self) -> None:
        """Give the keys back to the pane, and leave the ticket open."""
        self.station.pane(self.station.primary).focus(scroll_visible=False)

    def resized(self) -> None:
        """The terminal has another size."""
        if self.open:
            self.panel.fit()
            self.panel.draw()

    def put(self, draft: Draft) -> None:
        """Another draft from now on."""
        self.draft = draft
        self.station.bars.hush()
        self.at = max(0, min(self.at, len(fields(draft)) - 1))
        if self.open:
            self._ask()
            self.panel.draw()

    def _ask(self) -> None:
        request = self.draft.request()
        if request != self._asked:
            self._asked = request
            self.station.desk.ask_ticket(request)

    def _try(self, change: Callable[[], Draft]) -> None:
        try:
            self.put(change())
        except ValueError as error:
            self.station.say(str(error))

    # --- its fields

    @property
    def field(self) -> str:
        """The name of the field with the cursor."""
        return fields(self.draft)[self.at]

    def next_field(self, by: int) -> None:
        """Another field; from the last on to the first."""
        self.at = (self.at + by) % len(fields(self.draft))
        self.panel.draw()

    def step(self, by: int) -> None:
        """The field's value a step up or down."""
        self._try(lambda: stepped(self.field, self.draft, self.view, self._chain, by))

    def set(self, text: str, name: str = "") -> None:
        """A field as if it had been typed."""
        view = self.station.desk.view
        if view is not None:
            self._try(lambda: typed(name or self.field, text, self.draft, self.view, view.progress))

    def type_field(self, begin: str = "") -> None:
        """A line to type the field's value into."""
        name, view = self.field, self.station.desk.view
        if name.startswith("leg"):
            self.station.say("a leg is moved with up and down, and taken out with x")
            return
        if view is None:
            return
        progress = view.progress

        def answered(text: str | None) -> None:
            if text is not None:
                self.set(text, name)
                self.next_field(1)

        def check(text: str) -> object:
            return typed(name, text, self.draft, self.view, progress)

        begin = begin or as_typed(name, self.draft, self.view)
        self.station.app.push_screen(TypeValue(TITLES[name], HINTS[name], begin, check), answered)

    def remove(self) -> None:
        """Take the leg at the cursor out, or a stop, a target, a note away."""
        name = self.field
        if name.startswith("leg"):
            self.put(self.draft.without_leg(int(name[3:])))
        elif name in ("quantity", "limit"):
            self.station.say(f"an order has a {name}: up and down change it")
        else:
            self.set("", name)

    def clear(self) -> None:
        """Begin anew."""
        self.at = 0
        self.put(Draft())

    def turn_page(self) -> None:
        """More of the figures and limits; after the last of them the first again."""
        self.page = (self.page + 1) % self.pages
        self.panel.draw()

    def shift(self) -> None:
        """Move every leg that opposes a holding to the strike that was found for it."""
        view = self.view
        moves = {} if view is None else {row.contract: row.shifted for row in view.collisions if row.shifted}
        if not moves:
            self.station.say("no leg opposes what is held or working")
            return
        draft = self.draft
        for contract, to in moves.items():
            index = next(n for n, (leg, _) in enumerate(draft.legs) if leg == contract)
            if to is not None:
                draft = draft.moved_leg(index, to)
        self.put(draft)

    # --- legs from the chain

    @property
    def _chain(self) -> ChainView | None:
        view = self.station.desk.view
        return view.chain if view is not None else None

    def under_cursor(self) -> Contract:
        """The option under the chain's cursor: the call left of the strike, the put right. ``ValueError`` says why
        there is none."""
        chain, pane = self._chain, self.station.pane("chain")
        row = pane.selected
        if chain is None or row is None or not row.key.isdecimal():
            raise ValueError("the chain has no row under its cursor: 1 goes there")
        right = right_under(pane)
        if right is None:
            raise ValueError("the cursor is on the strike: left goes to the call, right to the put")
        strike = int(row.key)
        found = next((each for each in chain.rows if each.strike == strike), None)
        contract = Contract(chain.root, chain.expiry, strike, right)
        if found is None or not listed(side_of(found, right)):
            raise ValueError(f"{contract.short_name} is not listed")
        return contract

    def leg(self, side: Side, contract: Contract | None = None) -> None:
        """One more of the option under the chain's cursor, or of ``contract``, into the ticket."""
        if contract is None and self.station.primary != "chain":
            self.station.say("b and s take the option under the chain's cursor: 1 goes there")
            return
        try:
            chosen = contract or self.under_cursor()
            draft = self.draft.with_leg(chosen, side)
        except ValueError as error:
            self.station.say(str(error))
            return
        if not self.open:
            self.open = True
            self.panel.display = True
            self.panel.fit()
        self.put(draft)
        ratio = dict(draft.legs).get(chosen, 0)
        now = f"{'long' if ratio > 0 else 'short'} {abs(ratio)}" if ratio else "out again"
        self.station.say(f"{chosen.short_name} {ONE_SIDE[side]}: {now} in the ticket; O sends, 0 goes to it")

    def pick(self) -> None:
        """The list of structures."""
        pane = self.station.pane("chain")
        row = pane.selected
        at: Price | None = int(row.key) if row is not None and not pane.following and row.key.isdecimal() else None

        def chosen(draft: Draft | None) -> None:
            if draft is not None:
                self.at = len(draft.legs)
                self.put(draft)
            self.begin()

        self.station.app.push_screen(Pick(self.station, Choice(at, by_delta=at is None)), chosen)

    # --- sending

    def send(self) -> None:
        """Ask for ``y``, unless the gate would say no, or it is not known what it would say."""
        view, station = self.view, self.station
        if why := watching(station):
            station.say(f"not sent: {why}")
            return
        if not self.draft.legs:
            station.say("nothing to send: the ticket has no leg; p picks a structure")
            return
        if view is None:
            station.say("not sent: what the gate says of it is not known yet; O again")
            return
        if view.problem:
            station.say(f"not sent: {view.problem}", alarm=True)
            return
        if not view.approved or view.limit is None:
            station.say(f"not sent: it {view.verdict}", alarm=True)
            return
        if view.collisions:
            legs = ", ".join(each.contract.short_name for each in view.collisions)
            station.say(
                f"not sent: {legs} would oppose what is held or working; a takes strikes that do not", alarm=True
            )
            return
        session = station.desk.view
        assert session is not None
        header, limit, order = session.header, view.limit, self.draft.order(view.quantity, view.limit)
        words = sent_words(self.draft, view.quantity, limit)
        less = "" if view.approved == view.quantity else f"The gate would send {view.approved} of {view.quantity}. "
        stands = " Paused: nothing fills until space plays on." if session.progress.paused else ""
        detail = (
            f"{legs_words(self.draft)}. {less}Natural {net_words(view.natural)}, mid {net_words(view.mid)}; "
            f"{worst_words(view)}; {attached_words(self.draft)}. {header.banner}, account {header.account}.{stands}"
        )

        def act() -> str:
            send(station, order)
            self.draft, self.at = Draft(), 0
            self.close()
            return f"sent: {words}; the log and the orders tell what comes of it"

        station.order("the order", f"SEND {words}?", detail, act)


def right_under(pane: Pane) -> Right | None:
    """Whether the chain's column cursor is on the calls' side or the puts'; None on the strike."""
    column = pane.chosen_column()
    key = pane.COLUMNS[column].key if column is not None else ""
    return "C" if key.startswith("call.") else "P" if key.startswith("put.") else None
