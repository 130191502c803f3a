"""Alpaca as a ``Broker``: requests leave on threads of their own, and what has been heard is fetched.

REST is the truth here. An order whose outcome is not certain is ``unknown`` until Alpaca has been asked by its id.
While nothing at all is answered the broker is down, and no order leaves.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock

import msgspec

from engine.alpaca.failures import AlpacaError, Kind
from engine.alpaca.parse_orders import is_leg, read_order
from engine.alpaca.parse_values import Told
from engine.alpaca.rest import Raw, Rest
from engine.alpaca.snapshot import read_snapshot, since_midnight
from engine.alpaca.trade_stream import TradeStream
from engine.broker.alpaca.attendant import PROBE_SECONDS, SECONDS, Attendant
from engine.broker.alpaca.hearing import Hearing
from engine.broker.alpaca.lagging import Lagging
from engine.broker.alpaca.lanes import Lanes
from engine.broker.alpaca.render import Unsendable, alpaca_order
from engine.broker.alpaca.telling import Incomplete, report, reports_of, state_of
from engine.broker.port import Answer, BrokerDown
from engine.calendar import NotASession, date_of, session
from engine.clock import MINUTE, SECOND, Clock
from engine.events import OrderRequest

log = logging.getLogger(__name__)

Listen = Callable[[Callable[[Raw], None], Callable[[bool, str], None]], TradeStream]

_ACCOUNT = "account"
_SEEN_TWICE = 40010001
"""Alpaca's code for a client order id that it has already."""
_TAKEN_BACK = ("trade_bust", "trade_correct")
_AFTER_CLOSE = 20 * MINUTE
"""So long after the session's close what happens to options is still looked for: funds trade on, and settle."""
IN_DOUBT = 4.0
"""Of the machine: so long after a request that broke off its order's absence is no proof that it will not come."""
LATEST = 5 * SECOND
"""An order that opens and was decided longer ago does not leave: the machine slept, or was behind, and prices moved."""
_ON_ITS_WAY: frozenset[Kind] = frozenset({"timeout", "dropped", "server", "unreadable"})
_AFTER_CANCEL = (0.1, 0.3, 1.0, 3.0)
"""Seconds after a cancellation was taken at which is asked whether it has happened."""


class _Heard(queue.SimpleQueue[Answer]):
    """Answers, and a call for whoever waits for them."""

    wake: Callable[[], object] | None = None

    def put(self, item: Answer, block: bool = True, timeout: float | None = None) -> None:
        super().put(item, block, timeout)
        self.call()

    def call(self) -> None:
        """Have whoever waits look."""
        if self.wake is not None:
            self.wake()


class AlpacaBroker:
    """One account at Alpaca.

    Args:
        ours: the clock that Alpaca's is compared with. sleep: waits so many seconds.
        listen: opens the stream of trade updates, given who hears them and who hears whether they come; without it
            executions are heard where somebody asks.
        attend: seconds of the machine between two looks whether the stream tells what happens. in_doubt: for how many
            an order whose request broke off is not proven absent.
        latest: ns of ``ours`` after its decision from when on an order that opens does not leave; None: it always does.
    """

    def __init__(
        self,
        rest: Rest,
        ours: Clock,
        sleep: Callable[[float], object] = time.sleep,
        listen: Listen | None = None,
        attend: float = SECONDS,
        in_doubt: float = IN_DOUBT,
        latest: int | None = None,
    ) -> None:
        self._rest = rest
        self._ours = ours
        self._sleep = sleep
        self._lanes = Lanes()
        self._heard = _Heard()
        self._ids: dict[str, str] = {}
        self._now = 0
        self._unread = False
        self._down = ""
        self._held = False
        self._working = False
        self._submitting: dict[str, int] = {}
        self._doubtful: dict[str, tuple[int, float]] = {}
        self._in_doubt = in_doubt
        self._latest = latest
        self._over: set[str] = set()
        self._lagging = Lagging()
        self._hearing = Hearing()
        self._listening = Lock()
        self._attend = attend
        self._stream = listen(self._updated, self._connected) if listen is not None else None
        self._attendant = Attendant(self._look, attend)

    def woken_by(self, wake: Callable[[], object]) -> None:
        """Call ``wake``, from any thread, when there is something to fetch."""
        self._heard.wake = wake

    def converse(self, requests: Sequence[OrderRequest], now: int) -> list[Answer]:
        """See ``Broker``. Never waits for the network: answers come with a later call. While Alpaca answers nothing, no
        request leaves: what matters is asked again once it does."""
        self._now = now
        down = self._rest.reach.down
        for request in () if down else requests:
            if request.action == "snapshot":
                self._sweep()
            else:
                if request.action == "submit":
                    self._submitting[request.client_order_id] = now
                self._lanes.add(request.client_order_id, lambda request=request: self._do(request))  # type: ignore[misc]
        answers: list[Answer] = []
        with suppress(queue.Empty):
            while True:
                answers.append(msgspec.structs.replace(self._heard.get_nowait(), ts_known=now, ts_event=now))
        if down:
            self._down = down  # whoever is told so is called when it is over
            raise BrokerDown(f"Alpaca cannot be reached: {down}", answers)
        return answers

    def close(self) -> None:
        """See ``Broker``."""
        self._attendant.close()
        if self._stream is not None:
            self._stream.close()
        self._lanes.close()
        self._rest.close()

    def _sweep(self) -> None:
        if self._lanes.waiting(_ACCOUNT) < 2:  # one that has not begun will see everything
            self._lanes.add(_ACCOUNT, self._snapshot)

    def _connected(self, up: bool, why: str) -> None:
        """What happened while nobody listened is not repeated: the whole account is read."""
        if not up:
            log.warning("trade updates of Alpaca do not come: %s", why)
            return
        with self._listening:
            self._hearing.begin()
        if self._now:
            log.info("trade updates of Alpaca come")
            self._sweep()

    def _updated(self, data: Raw) -> None:
        """A trade update. It is a hint: what it does not tell whole is looked up."""
        raw = data.get("order")
        if isinstance(raw, dict) and is_leg(raw):
            self._sweep()
            return
        order = read_order(raw, []) if isinstance(raw, dict) else None
        if order is not None:
            with self._listening:
                self._hearing.heard(order)
        own = raw.get("client_order_id") if isinstance(raw, dict) else None
        if data.get("event") in _TAKEN_BACK or not isinstance(raw, dict):
            if isinstance(own, str):
                self._lagging.take_back(own)
            self._sweep()
        elif isinstance(own, str) and own:
            if own not in self._submitting:  # what its own answer says could be older
                self._hint(raw, own)
            else:
                self._lanes.add(own, lambda: self._hint(raw, own))

    def _hint(self, raw: Raw, own: str) -> None:
        if self._tell(raw, own, only_ends=True) is None:
            self._lanes.add(own, lambda: self._ask_again(own))

    def _ask_again(self, own: str) -> None:
        self._look_up(own, only_ends=True)

    def _look(self) -> float:
        """Look after the ways to Alpaca; seconds until the next time. On the attendant's thread."""
        reach = self._rest.reach
        if reach.failing:
            with suppress(AlpacaError):
                self._rest.clock()
        if reach.down != self._down:
            log.warning("Alpaca %s", f"cannot be reached: {reach.down}" if reach.down else "answers again")
            self._down = reach.down
            self._heard.call()
        if reach.failing:
            return min(PROBE_SECONDS, self._attend)
        if self._stream is not None and self._matters() and self._trades():
            with suppress(AlpacaError):
                self._compare(self._stream)
        return self._attend

    def _matters(self) -> bool:
        """Whether the stream may have something to tell, or nobody has looked since it came."""
        return self._held or self._working or not self._hearing.begun

    def _trades(self) -> bool:
        """Whether something may happen to options now."""
        now = self._ours.now()
        try:
            today = session(date_of(now))
        except NotASession:
            return False
        return today.open <= now < today.close + _AFTER_CLOSE

    def _compare(self, stream: TradeStream) -> None:
        """Tell what the orders of the day show that is new; where the stream should have told it, it is mute."""
        raws = self._rest.orders(since_midnight(self._ours.now()))
        whole = [raw for raw in raws if not is_leg(raw)]
        read = [(order, raw) for raw in whole if (order := read_order(raw, [])) is not None]
        with self._listening:
            changed, late = self._hearing.looked([order for order, _ in read])
            if late:
                self._hearing.begin()  # it is connected anew once for them, not at every look until it is there
        self._working = any(order.working for order, _ in read)
        for order, raw in read:
            own = order.client_order_id
            if order in changed and own:
                self._lanes.add(own, lambda raw=raw, own=own: self._hint(raw, own))  # type: ignore[misc]
        if late:
            stream.again(f"the stream says nothing: {len(late)} orders have changed of which it has not told")

    def _do(self, request: OrderRequest) -> None:
        match request.action:
            case "submit":
                try:
                    self._submit(request)
                finally:
                    self._submitting.pop(request.client_order_id, None)
            case "cancel":
                self._cancel(request.client_order_id)
            case _:  # a price is not changed in place: how the order stands says so
                self._look_up(request.client_order_id)

    def _submit(self, request: OrderRequest) -> None:
        own = request.client_order_id
        late = self._ours.now() - self._submitting.get(own, self._now)
        if self._latest is not None and late > self._latest and not request.reduces:
            self._heard.put(report(own, "rejected", f"not sent: it was decided {late / SECOND:.0f} s ago"))
            return
        self._working = True
        try:
            raw = self._rest.submit(alpaca_order(request), closes=request.reduces)
        except Unsendable as error:
            self._heard.put(report(own, "rejected", f"not sent: {error}"))
        except AlpacaError as error:
            if error.code == _SEEN_TWICE:
                self._doubt(own)  # it says that it has it: that it does not find it yet is no proof
                self._look_up(own)
            elif error.unknown:
                if error.kind in _ON_ITS_WAY:
                    self._doubt(own)
                log.warning("order %s: what became of it is not known: %s", own, error)
                self._heard.put(report(own, "unknown", str(error)))
            else:
                self._heard.put(report(own, "rejected", str(error)))
        else:
            with self._listening:
                self._hearing.sent(str(raw.get("id")))
            if self._tell(raw, own) is None:
                self._heard.put(report(own, "unknown", "Alpaca took it, and how it stands cannot be read yet"))

    def _doubt(self, own: str) -> None:
        """For a while the order's absence is no proof."""
        self._doubtful[own] = (self._submitting.get(own, self._now), time.monotonic() + self._in_doubt)

    def _cancel(self, own: str) -> None:
        order_id = self._ids.get(own)
        try:
            if order_id is None:
                raw = self._rest.order(own, urgent=True)
                self._tell(raw, own, only_ends=True)
                order_id = self._ids.get(own)
            if order_id is not None:
                self._rest.cancel(order_id)
        except AlpacaError as error:
            if order_id is None and error.kind == "absent":
                self._absent(own)
                return
            log.warning("order %s: its cancellation: %s", own, error)
            self._look_up(own)
            return
        for pause in _AFTER_CANCEL:  # that it was taken says only that it was taken
            self._sleep(pause)
            if own in self._over or self._look_up(own, only_ends=True):
                return

    def _look_up(self, own: str, only_ends: bool = False) -> bool:
        """Ask how an order stands and tell it; whether it has ended."""
        try:
            raw = self._rest.order(own, urgent=True)
        except AlpacaError as error:
            if error.kind == "absent":
                return self._absent(own)
            log.warning("order %s: looking it up: %s", own, error)
            return False
        return self._tell(raw, own, only_ends) is True

    def _absent(self, own: str) -> bool:
        """Alpaca does not have an order; whether that proves that it never will: one whose request broke off may still
        arrive, and then is there twice if it was sent anew."""
        _, until = self._doubtful.get(own, (0, 0.0))
        if time.monotonic() < until:
            log.warning("order %s: Alpaca does not have it yet", own)
            return False
        self._heard.put(report(own, "absent"))
        return True

    def _asked(self) -> int:
        """When a question leaves now, ns UTC; no later than the oldest order on its way, which may be missing."""
        now = time.monotonic()
        for own, (_, until) in self._doubtful.copy().items():
            if now >= until:
                del self._doubtful[own]
        doubtful = (since for since, _ in self._doubtful.copy().values())
        return min((self._now, *self._submitting.copy().values(), *doubtful))

    def _tell(self, raw: Raw, own: str, only_ends: bool = False) -> bool | None:
        """Tell how an order stands; whether it has ended, None where that cannot be read yet.

        ``only_ends``: that it works on would be no answer, or an old one.
        """
        told: Told = []
        order = read_order(raw, told)
        if order is None:
            _log(told)
            return None
        self._ids[own] = order.order_id
        try:
            for each in reports_of(order, own, told, self._lagging):
                self._held = self._held or each.kind == "fill"
                if not (only_ends and order.working and each.kind != "fill"):
                    self._heard.put(each)
        except Incomplete as error:
            _log([*told, str(error)])
            return None
        _log(told)
        if not order.working:
            self._over.add(own)
        return not order.working

    def _snapshot(self) -> None:
        asked = self._asked()  # the question leaves now: it may have waited for another
        try:
            snapshot = read_snapshot(self._rest, self._ours)
        except AlpacaError as error:
            if not self._unread:
                log.warning("the account at Alpaca cannot be read: %s", error)
            self._unread = True
            return
        if self._unread:
            log.warning("the account at Alpaca is read again")
            self._unread = False
        told: Told = list(snapshot.told)
        self._ids.update((order.client_order_id, order.order_id) for order in snapshot.orders if order.client_order_id)
        self._held = bool(snapshot.positions)
        self._working = any(order.working for order in snapshot.orders)
        try:
            self._heard.put(state_of(snapshot, asked, told, self._lagging))
        except Incomplete as error:
            told.append(f"{error}: the account is read again")
        _log(told)


def _log(told: Told) -> None:
    for each in told:
        log.warning("Alpaca: %s", each)
