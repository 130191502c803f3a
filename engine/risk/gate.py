"""The gate: every opening order passes here or does not leave. Losses are worst cases, working orders included."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from engine.config import RiskTable
from engine.portfolio import Trade, worst_loss
from engine.risk.dealings import (
    colliding_leg,
    contracts,
    duplicate,
    messages_a_minute,
    messages_a_second,
    open_trades,
    repeated,
)
from engine.risk.hours import closed, near_the_end
from engine.risk.measure import Finding, Measure, amount
from engine.risk.messages import Messages
from engine.risk.quotes import better_than_mid, leg_width, package_width, stale_legs, worse_than_natural
from engine.risk.request import Book, Decision, OpenRequest, deny
from engine.risk.size import day_contracts, notional, order_contracts
from engine.risk.sizing import fits, scaled, used_by, used_by_all, vix_scale
from engine.risk.structure import cover_width, off_tick, opening_part, package_problem, position_intent, uncovered
from engine.types import Money

Control = Callable[[OpenRequest, Book, RiskTable], Finding]

BEFORE_SIZING: tuple[tuple[str, Control], ...] = (
    ("BAD_PACKAGE", package_problem),
    ("UNDEFINED_RISK", uncovered),
    ("INTENT", position_intent),
    ("COVER_WIDTH", cover_width),
    ("CLOSED", closed),
    ("CUTOFF", near_the_end),
    ("TICK", off_tick),
    ("STALE_QUOTE", stale_legs),
    ("LEG_WIDTH", leg_width),
    ("PACKAGE_WIDTH", package_width),
    ("COLLAR_WORSE", worse_than_natural),
    ("COLLAR_BETTER", better_than_mid),
    ("LEG_COLLISION", colliding_leg),
    ("MAX_OPEN", open_trades),
    ("DUPLICATE", duplicate),
    ("REPEATED", repeated),
)
"""In the order in which they are asked; each may take for granted what those before it have found."""

OF_THE_LIMIT: tuple[tuple[str, Control], ...] = tuple(
    (code, control)
    for code, control in BEFORE_SIZING
    if code
    in ("CLOSED", "CUTOFF", "TICK", "STALE_QUOTE", "LEG_WIDTH", "PACKAGE_WIDTH", "COLLAR_WORSE", "COLLAR_BETTER")
)
"""Those that have to do with prices and hours: asked again where the limit of a working entry is moved."""

OF_THE_SIZE: tuple[tuple[str, Control], ...] = (
    ("MAX_CONTRACTS", order_contracts),
    ("MAX_CONTRACTS_DAY", day_contracts),
    ("MAX_NOTIONAL", notional),
)


class Gate:
    """Checks opening packages against the limits of ``[risk]``, cheapest checks first.

    Attributes:
        messages: what went to the broker lately.
        last: by code, what the controls measured on the newest request, as far as it came. For the screen alone.
    """

    def __init__(self, limits: RiskTable) -> None:
        self.limits = limits
        self.messages = Messages()
        self.last: dict[str, Measure] = {}

    def probe(self) -> Gate:
        """A gate with the same limits and a memory of its own: asking it changes nothing here."""
        twin = Gate(self.limits)
        twin.messages = deepcopy(self.messages)
        return twin

    def check(self, request: OpenRequest, book: Book) -> Decision:
        """Approve, with a size, or deny with the first code that applies."""
        self.last = {}
        refused = (
            self._state(book)
            or self._paused(request, book)
            or self._ask(BEFORE_SIZING, request, book)
            or self._throttle(book)
        )
        if refused is not None:
            return refused
        opening = opening_part(request.package)
        each = worst_loss(opening, request.limit, request.root, book.fee_each)
        assert each is not None  # UNDEFINED_RISK was asked
        each += (contracts(request.package) - contracts(opening)) * book.fee_each
        sized = self._size(request, book, each)
        if not sized.approved:
            return sized
        return self._ask(OF_THE_SIZE, request._replace(quantity=sized.quantity), book, each) or sized

    def _state(self, book: Book) -> Decision | None:
        if "DAILY_LOSS" in book.states.breakers:
            return deny("DAILY_LOSS", book.states.breakers["DAILY_LOSS"].text)
        return None if book.states.state == "ACTIVE" else deny("NOT_ACTIVE", book.states.text)

    @staticmethod
    def _paused(request: OpenRequest, book: Book) -> Decision | None:
        paused = (request.strategy, request.root) in book.paused
        return deny("STRATEGY_PAUSED", f"{request.strategy} on {request.root}") if paused else None

    def _ask(
        self, controls: tuple[tuple[str, Control], ...], request: OpenRequest, book: Book, each: Money = 0
    ) -> Decision | None:
        for code, control in controls:
            refused = self._judge(code, control(request, book, self.limits), each)
            if refused is not None:
                return refused
        return None

    def _judge(self, code: str, found: Finding, worst_case: Money = 0) -> Decision | None:
        if isinstance(found, Measure):
            self.last[code] = found
            found = found.text if found.broken else ""
        return deny(code, found, worst_case) if found else None

    def _throttle(self, book: Book) -> Decision | None:
        self.messages.follow(book.seq, book.records)
        return self._judge("MESSAGES_SECOND", messages_a_second(self.messages, book, self.limits)) or self._judge(
            "MESSAGES_MINUTE", messages_a_minute(self.messages, book, self.limits)
        )

    def _size(self, request: OpenRequest, book: Book, each: Money) -> Decision:
        wanted = request.quantity
        scale = vix_scale(book.vix, self.limits)
        vix = f"VIX {book.vix.value:.1f} ({book.vix.source})" if book.vix.value is not None else "VIX unknown"
        if scale == 0:
            return deny("VIX_HIGH", f"{vix}, none above {self.limits.vix_none_above:g}", each)
        a_package, per_trade = f"{_dollars(each)} a package", self.trade_limit(book.equity)
        by_trade = fits(per_trade, each, wanted)
        if wanted and not by_trade:
            return deny("PER_TRADE", f"{a_package}, {_dollars(per_trade)} a trade", each)
        rooms = (
            ("PER_STRATEGY", used_by(request.strategy, book.portfolio), self.strategy_limit(book.equity)),
            ("PER_BOOK", used_by_all(book.portfolio), self.book_limit(book.equity)),
        )
        fitting = {"PER_TRADE": by_trade}
        for code, used, limit in rooms:
            fitting[code] = fits(limit - used, each, wanted)
            if wanted and not fitting[code]:
                return deny(code, f"{a_package}, {_dollars(used)} of {_dollars(limit)} used", each)
        quantity = scaled(min(fitting.values()), book.vix, self.limits)
        if quantity < 1:
            return deny("SIZE_ZERO", f"asked {wanted}, {vix} scales by {scale:g}", each)
        words = {
            "PER_TRADE": "the limit of a trade",
            "PER_STRATEGY": "the strategy's room",
            "PER_BOOK": "the book's room",
        }
        least = min(fitting.values())
        why = [words[code] for code, fit in fitting.items() if fit < wanted and fit == least]
        why += [vix] if quantity < least else []
        text = f"sized down from {wanted} by {', '.join(why)}" if quantity < wanted else ""
        return Decision("OK", text, quantity, each * quantity)

    def check_limit(self, request: OpenRequest, book: Book, trade: Trade) -> Decision:
        """The same for a working entry of ``trade`` that is to have another limit: of its prices, and of what it can
        lose in place of what was reckoned for it. Nothing is made smaller."""
        refused = self._state(book) or self._ask(OF_THE_LIMIT, request, book) or self._throttle(book)
        if refused is not None:
            return refused
        each = worst_loss(request.package, request.limit, request.root, book.fee_each)
        assert each is not None  # it is working, so UNDEFINED_RISK was asked
        loss, before = each * request.quantity, trade.worst_outcome
        rooms = (
            ("PER_TRADE", 0, self.trade_limit(book.equity)),
            ("PER_STRATEGY", used_by(trade.strategy, book.portfolio) - before, self.strategy_limit(book.equity)),
            ("PER_BOOK", used_by_all(book.portfolio) - before, self.book_limit(book.equity)),
        )
        for code, used, limit in rooms:
            if used + loss > limit and loss > before:
                return deny(code, f"{_dollars(loss)} at that limit, {_dollars(used)} of {_dollars(limit)} used", loss)
        return Decision("OK", "", request.quantity, loss)

    def trade_limit(self, equity: Money) -> Money:
        """The most one trade may lose."""
        return round(equity * self.limits.per_trade)

    def strategy_limit(self, equity: Money) -> Money:
        """The most one strategy's open trades and working orders may lose together."""
        return round(equity * self.limits.per_strategy)

    def book_limit(self, equity: Money) -> Money:
        """The most all open trades and working orders may lose together."""
        return round(equity * self.limits.per_book)


def _dollars(units: Money) -> str:
    return amount(units, "money")
