"""The broker closes what expires today, leg by leg, as it is reported: the short first, its wing later or never."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.calendar import Session, to_new_york
from engine.clock import SECOND
from engine.config import CutoffsTable
from engine.events import BrokerReport
from engine.exchange.cutoffs import NEVER, Cutoffs
from engine.exchange.executions import Executions
from engine.exchange.fills import FillModel, Priced
from engine.exchange.sizes import QuotedSizes
from engine.market import Market
from engine.types import Contract, Leg, Package


class Liquidation:
    """Buys back shorts at market, one contract after the other, once a second until none is left or trading ends.

    Its orders are not ours: ``LIQ-{day}-{n}``, where n is the New York time with milliseconds and two digits that
    count, so that none is used twice after a restart either.
    """

    def __init__(self, table: CutoffsTable, cutoffs: Cutoffs, session: Session) -> None:
        self._mode = table.liquidation
        self._delay = table.delay_ns
        self._cutoffs = cutoffs
        self._session = session
        self._next = 0

    def next_look(self, positions: Mapping[Contract, int]) -> int | None:
        """When it next comes to the account, ns UTC; None where it has nothing to do there."""
        if self._mode == "off":
            return None
        looks = [
            look
            for contract, quantity in positions.items()
            if self._wanted(contract, quantity)
            and (look := max(self._starts(contract), self._next)) < self._session.product_close(contract.root)
        ]
        return min(looks, default=None)

    def _starts(self, contract: Contract) -> int:
        return self._cutoffs.of(contract.root).liquidate_from + self._delay

    def _wanted(self, contract: Contract, quantity: int) -> bool:
        today = contract.expiry == self._session.day and self._cutoffs.of(contract.root).liquidate_from != NEVER
        return today and (quantity < 0 or (self._mode == "all" and quantity > 0))

    def run(
        self,
        market: Market,
        now: int,
        held: Executions,
        model: FillModel,
        sizes: QuotedSizes,
        clear: Callable[[Contract], list[BrokerReport]],
    ) -> list[BrokerReport]:
        """Close what it can on the quotes of now; ``clear`` cancels the account's own orders in a contract first."""
        look = self.next_look(held.positions)
        if look is None or now < look:
            return []
        self._next = now + SECOND
        reports: list[BrokerReport] = []
        for contract in self._in_turn(held.positions, now):
            quantity = held.positions[contract]
            leg = Leg(contract, "buy" if quantity < 0 else "sell", "close")
            package = Package((leg,))
            priced = model.price(package, market, now)
            if not isinstance(priced, Priced):
                continue
            count = min(abs(quantity), sizes.room(package, priced.quotes, market).packages)
            if count < 1:
                continue
            reports += clear(contract)
            sizes.take(package, priced.quotes, market, count)
            done = f"{'bought back' if quantity < 0 else 'sold'} {count} {contract.short_name} at market"
            text = f"the simulated broker liquidates what expires today: {done}"
            reports.append(held.fill(self._name(now, len(reports)), package, count, priced, now, text))
        return reports

    def _in_turn(self, positions: Mapping[Contract, int], now: int) -> list[Contract]:
        """Shorts in the order of their strikes, then longs; none past its product's close, no long beside a short."""
        due = [
            contract
            for contract, quantity in positions.items()
            if self._wanted(contract, quantity)
            and self._starts(contract) <= now < self._session.product_close(contract.root)
        ]
        shorts = sorted(contract for contract in due if positions[contract] < 0)
        return shorts or sorted(due)

    def _name(self, now: int, n: int) -> str:
        milliseconds = now // 1_000_000 % 1000
        return f"LIQ-{self._session.day:%Y%m%d}-{to_new_york(now):%H%M%S}{milliseconds:03d}{n:02d}"
