"""From a key or a word to the question: each asks for ``y`` and then sends one message."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.types import Annotate, Part, Scope
from engine.view import Deal
from zdte_tui.screen.ticket import reading
from zdte_tui.screen.ticket.typing import TypeValue
from zdte_tui.screen.trading import asking
from zdte_tui.screen.trading.meaning import (
    Roll,
    Wanted,
    at_cursor,
    deal_of,
    entry_at_cursor,
    entry_of,
    part_of,
    read_roll,
    stop_now,
    strategy_at_cursor,
    strategy_of,
    view_of,
)
from zdte_tui.screen.trading.sending import send, watching

if TYPE_CHECKING:
    from zdte_tui.screen.workstation import Workstation

Made = Callable[[], asking.Ask]


def ask(station: Workstation, make: Made) -> None:
    """Ask what ``make`` gives; what is wrong instead is said in the footer."""
    why = watching(station)
    if why:
        station.say(f"not asked: {why}")
        return
    try:
        question = make()
    except ValueError as error:
        station.say(str(error))
        return
    _ask(station, question)


def _ask(station: Workstation, question: asking.Ask) -> None:
    def act() -> str:
        send(station, question.order)
        return question.said

    station.order(question.name, question.question, question.detail, act)


def close(station: Workstation, wanted: Wanted | None, part: Part = 1, scope: Scope | None = None) -> None:
    """Close the trade or the side that is meant."""

    def make() -> asking.Ask:
        meant = wanted or at_cursor(station)
        view = view_of(station)
        share = part if wanted is None or wanted.part == 1 else wanted.part
        return asking.close(view, deal_of(view, meant.trade_id), scope or meant.scope or "package", share)

    ask(station, make)


def roll(station: Workstation, wanted: Wanted | None) -> None:
    """Roll a side; without words, how far is asked first."""
    if wanted is not None and wanted.rest:
        ask(station, lambda: _roll(station, wanted, wanted.rest))
        return
    found = _meant(station, wanted)
    if found is None:
        return
    meant, deal = found
    try:
        held = part_of(deal, meant.scope or "tested")
    except ValueError as error:
        station.say(str(error))
        return
    hint = "strikes away from the money, such as +1 or -1; then, if another is meant, the expiry: next or a date"
    _typed(
        station, f"roll {held.legs} of #{deal.trade_id}", hint, "+1",
        lambda text: _roll(station, meant, text),
        lambda: part_of(deal_of(view_of(station), deal.trade_id), meant.scope or "tested"),
    )  # fmt: skip


def _roll(station: Workstation, meant: Wanted, text: str) -> asking.Ask:
    view = view_of(station)
    wanted: Roll = read_roll(text, view)
    return asking.roll(view, deal_of(view, meant.trade_id), meant.scope or "tested", wanted)


def stop(station: Workstation, wanted: Wanted | None) -> None:
    """Move the stop that is meant; without words, where to is asked first."""
    _level(station, wanted, "stop", _stop)


def target(station: Workstation, wanted: Wanted | None) -> None:
    """Move the target; without words, where to is asked first."""
    _level(station, wanted, "target", _target)


def _level(
    station: Workstation, wanted: Wanted | None, what: str, make: Callable[[Workstation, Wanted, str], asking.Ask]
) -> None:
    if wanted is not None and wanted.rest:
        ask(station, lambda: make(station, wanted, wanted.rest))
        return
    found = _meant(station, wanted)
    if found is None:
        return
    meant, deal = found
    try:
        scope = _scope(deal, meant)
    except ValueError as error:
        station.say(str(error))
        return
    now = stop_now(deal, scope) if what == "stop" else None
    of = f"{what} of #{deal.trade_id}" + ("" if scope == "package" or what == "target" else f" {scope}")
    hint = "closing cost of a package, such as 2.60; +0.10 or -0.10 from where it stands; none takes it away"
    begin = "" if now is None else f"{now / 10_000:.2f}"
    _typed(
        station, of, hint, begin,
        lambda text: make(station, meant, text),
        lambda: deal_of(view_of(station), deal.trade_id),
    )  # fmt: skip


def _scope(deal: Deal, meant: Wanted) -> Scope:
    """The part a stop is of, where a word or a row has said which."""
    scope = meant.scope or "package"
    return part_of(deal, scope).scope if scope == "tested" else scope


def _stop(station: Workstation, meant: Wanted, text: str) -> asking.Ask:
    view = view_of(station)
    deal = deal_of(view, meant.trade_id)
    scope = _scope(deal, meant)
    price = reading.shifted(text, stop_now(deal, scope), deal.tick, None, "stop")
    return asking.stop(view, deal, scope, price)


def _target(station: Workstation, meant: Wanted, text: str) -> asking.Ask:
    view = view_of(station)
    deal = deal_of(view, meant.trade_id)
    return asking.target(view, deal, reading.shifted(text, None, deal.tick, None, "target"))


def limit(station: Workstation, words: str | None) -> None:
    """Move the limit of a working entry: ``ID 2.30``; without words, of the one at the cursor, which is asked."""
    if words:
        name, _, text = words.rpartition(" ")
        ask(station, lambda: _limit(station, name, text))
        return
    try:
        entry = entry_at_cursor(station)
    except ValueError as error:
        station.say(str(error))
        return
    price = entry.limit
    begin = "" if price is None else f"{abs(price) / 10_000:.2f}"
    hint = "a price such as 2.30, credit or debit as it is now; it stays there"
    name = f"limit of the entry of #{entry.trade_id}"
    _typed(
        station, name, hint, begin,
        lambda text: _limit(station, entry.client_order_id, text),
        lambda: entry_of(view_of(station), entry.client_order_id),
    )  # fmt: skip


def _limit(station: Workstation, name: str, text: str) -> asking.Ask:
    view = view_of(station)
    entry = entry_of(view, name) if name.strip() else entry_at_cursor(station)
    price = entry.limit if entry.limit is not None else entry.mid
    return asking.limit(view, entry, reading.net(text, entry.tick, 1 if price is not None and price > 0 else -1))


def cancel(station: Workstation, name: str | None) -> None:
    """Cancel the working entry that is meant."""
    ask(
        station,
        lambda: asking.cancel(view_of(station), entry_of(view_of(station), name) if name else entry_at_cursor(station)),
    )


def cancel_all(station: Workstation) -> None:
    """Cancel every working entry."""
    ask(station, lambda: asking.cancel_all(view_of(station)))


def pause(station: Workstation, name: str | None) -> None:
    """Pause the strategy that is meant, or resume it."""

    def make() -> asking.Ask:
        view = view_of(station)
        return asking.pause(view, *(strategy_of(view, name) if name else strategy_at_cursor(station)))

    ask(station, make)


def adopt(station: Workstation, wanted: Wanted | None) -> None:
    """Take over the trade that is meant."""

    def make() -> asking.Ask:
        view = view_of(station)
        return asking.adopt(view, deal_of(view, (wanted or at_cursor(station)).trade_id))

    ask(station, make)


def annotate(station: Workstation, wanted: Wanted | None) -> None:
    """A note and tags on the trade that is meant; they move no money and need no ``y``."""
    found = _meant(station, wanted)
    if found is None:
        return
    meant, deal = found

    def keep(text: str) -> None:
        if station.dead:
            station.say("the note cannot be kept: the engine has stopped", alarm=True)
            return
        note, tags = reading.note_and_tags(text)
        try:
            send(station, Annotate(trade_id=deal.trade_id, note=note, tags=tags))
        except Exception as error:
            station.say(f"the note was not sent: {error}", alarm=True)
            return
        station.say(f"note on #{deal.trade_id} sent" if note or tags else f"note on #{deal.trade_id} taken away")

    if meant.rest:
        try:
            keep(meant.rest)
        except ValueError as error:
            station.say(str(error))
        return
    begin = " ".join((deal.note, *(f"#{tag}" for tag in deal.tags))).strip()

    def answered(text: str | None) -> None:
        if text is not None:
            keep(text)

    dialog = TypeValue(f"note on #{deal.trade_id}", "words, and tags such as #news; nothing takes it away", begin,
                       reading.note_and_tags)  # fmt: skip
    station.app.push_screen(dialog, answered)


def _meant(station: Workstation, wanted: Wanted | None) -> tuple[Wanted, Deal] | None:
    try:
        meant = wanted or at_cursor(station)
        return meant, deal_of(view_of(station), meant.trade_id)
    except ValueError as error:
        station.say(str(error))
        return None


def _typed(
    station: Workstation,
    what: str,
    hint: str,
    begin: str,
    make: Callable[[str], asking.Ask],
    there: Callable[[], object],
) -> None:
    """A line for a value, then the question. What it is about may fill or close while it is typed: where ``there``
    raises ``ValueError`` the line is left, for no value would be taken any more."""

    def answered(text: str | None) -> None:
        if text is not None:
            ask(station, lambda: make(text))
            return
        try:
            there()
        except ValueError as error:
            station.say(str(error))

    station.app.push_screen(TypeValue(what, hint, begin, make, there), answered)
