"""Every control asked of one request, those after the first refusal too: what the gate alone would never tell."""

from __future__ import annotations

from typing import NamedTuple

from engine.clock import MINUTE, SECOND
from engine.risk.capacity import loss_each
from engine.risk.codes import CODES
from engine.risk.dealings import busy_trades, contracts_opened, messages_a_minute, messages_a_second
from engine.risk.gate import BEFORE_SIZING, OF_THE_SIZE, Gate
from engine.risk.measure import Finding, Measure, Unit, amount
from engine.risk.request import Book, OpenRequest
from engine.risk.sizing import fits, scaled, used_by, used_by_all, vix_scale
from engine.types import Money

NEEDS_QUOTES = frozenset({"LEG_WIDTH", "PACKAGE_WIDTH", "COLLAR_WORSE", "COLLAR_BETTER"})
"""Controls that take usable quotes for granted."""
OF_LOSSES = ("VIX_HIGH", "PER_TRADE", "PER_STRATEGY", "PER_BOOK", "SIZE_ZERO")
"""Controls that take a loss with a bound for granted."""


class Judged(NamedTuple):
    """One control of one request.

    Attributes:
        now: used before it; None where it is of this order alone. after: used with it. limit: the most that is allowed.
            All None where the control has no figure, or could not be asked.
        why: why it denies, in words; empty where it does not. unasked: the code that must hold before it can be asked.
    """

    code: str
    now: int | None = None
    after: int | None = None
    limit: int | None = None
    unit: Unit = "count"
    why: str = ""
    unasked: str = ""

    @property
    def ok(self) -> bool:
        """Whether it lets the order pass."""
        return not self.why and not self.unasked


def survey(request: OpenRequest, quantity: int, book: Book, gate: Gate) -> tuple[Judged, ...]:
    """Every control, in the order in which the gate asks. ``gate`` is a probe: what is asked of it is remembered.

    ``quantity``: of which what is used afterwards is told; the sized one, or what was wanted where it is denied.
    """
    broken = _breaks(request, book, gate)
    if broken:
        return (*_states(request, book), Judged("BAD_PACKAGE", why=broken), *_unasked("BAD_PACKAGE"))
    usable = all(book.market.quote(leg.contract).usable for leg in request.package.legs)
    found = [*_states(request, book)]
    for code, control in BEFORE_SIZING:
        if code in NEEDS_QUOTES and not usable:
            found.append(Judged(code, unasked="STALE_QUOTE"))
        else:
            found.append(_judged(code, control(request, book, gate.limits), _before(code, book)))
    gate.messages.follow(book.seq, book.records)
    for code, measure, window in (
        ("MESSAGES_SECOND", messages_a_second(gate.messages, book, gate.limits), SECOND),
        ("MESSAGES_MINUTE", messages_a_minute(gate.messages, book, gate.limits), MINUTE),
    ):
        found.append(_judged(code, measure, gate.messages.within(book.now, window)))
    found += _sizing(request, quantity, book, gate)
    sized = request._replace(quantity=quantity)
    return (
        *found,
        *(_judged(code, control(sized, book, gate.limits), _before(code, book)) for code, control in OF_THE_SIZE),
    )


def _breaks(request: OpenRequest, book: Book, gate: Gate) -> str:
    found = BEFORE_SIZING[0][1](request, book, gate.limits)
    return found if isinstance(found, str) else ""


def _unasked(first: str) -> tuple[Judged, ...]:
    codes = [code for code, _ in BEFORE_SIZING if code != first]
    sizes = (code for code, _ in OF_THE_SIZE)
    return tuple(Judged(code, unasked=first) for code in (*codes, *OF_LOSSES, *sizes))


def _states(request: OpenRequest, book: Book) -> tuple[Judged, ...]:
    states = book.states
    lost = states.breakers.get("DAILY_LOSS")
    paused = (request.strategy, request.root) in book.paused
    active = states.state == "ACTIVE" or lost is not None
    return (
        Judged("DAILY_LOSS", why=(lost.text or CODES["DAILY_LOSS"]) if lost else ""),
        Judged("NOT_ACTIVE", why="" if active else states.text or CODES["NOT_ACTIVE"]),
        Judged("STRATEGY_PAUSED", why=f"{request.strategy} on {request.root}" if paused else ""),
    )


def _before(code: str, book: Book) -> int | None:
    """What is used already, of what is counted over several orders."""
    if code == "MAX_OPEN":
        return busy_trades(book.portfolio)
    return contracts_opened(book.orders) if code == "MAX_CONTRACTS_DAY" else None


def _judged(code: str, found: Finding, before: int | None = None) -> Judged:
    if isinstance(found, str):
        return Judged(code, why=found)
    if code == "REPEATED":
        before = found.used - 1
    return Judged(code, before, found.used, found.limit, found.unit, found.text if found.broken else "")


def _sizing(request: OpenRequest, quantity: int, book: Book, gate: Gate) -> list[Judged]:
    each = loss_each(request, book)
    if each is None:
        return [
            Judged(code, unasked="UNDEFINED_RISK") for code in ("VIX_HIGH", "PER_TRADE", "PER_STRATEGY", "PER_BOOK")
        ]
    scale, vix = vix_scale(book.vix, gate.limits), book.vix
    too_high = f"VIX {vix.value:.1f} ({vix.source})" if vix.value is not None and not scale else ""
    equity, portfolio = book.equity, book.portfolio
    rooms = (
        ("PER_TRADE", None, gate.trade_limit(equity)),
        ("PER_STRATEGY", used_by(request.strategy, portfolio), gate.strategy_limit(equity)),
        ("PER_BOOK", used_by_all(portfolio), gate.book_limit(equity)),
    )
    found = [Judged("VIX_HIGH", why=too_high)]
    found += [_of_loss(code, used, limit, each, quantity) for code, used, limit in rooms]
    least = min(fits(limit - (used or 0), each, request.quantity) for _, used, limit in rooms)
    none_left = not too_high and (least or not request.quantity) and not scaled(least, vix, gate.limits)
    words = "VIX unknown" if vix.value is None else f"VIX {vix.value:.1f}"
    why = f"asked {request.quantity}, room for {least}, {words} scales by {scale:g}" if none_left else ""
    found.append(Judged("SIZE_ZERO", why=why))
    return found


def _of_loss(code: str, used: Money | None, limit: Money, each: Money, quantity: int) -> Judged:
    """A limit on losses: it denies where not one package has room; else the gate makes the order smaller."""
    before = used or 0
    measure = Measure(before + each * quantity, limit, "money")
    why = ""
    if each > 0 and before + each > limit:
        why = f"{amount(each, 'money')} a package, {amount(max(0, limit - before), 'money')} left"
    return Judged(code, used, measure.used, limit, "money", why)
