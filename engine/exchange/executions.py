"""What was executed and what is therefore held; an execution can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.events import BrokerReport, LegFill
from engine.exchange.fees import Fees
from engine.exchange.fills import Priced
from engine.types import Contract, Package, sign


class Executions:
    """The account's positions at the exchange as a fold over its executions."""

    def __init__(self, fees: Fees) -> None:
        self._fees = fees
        self._positions: dict[Contract, int] = {}
        self._fills: dict[str, BrokerReport] = {}
        self._counts: dict[str, int] = {}

    @property
    def positions(self) -> Mapping[Contract, int]:
        """Signed contracts held; nothing that is flat."""
        return MappingProxyType(self._positions)

    def hold(self, contract: Contract, quantity: int) -> None:
        """Hold so many more, signed."""
        left = self._positions.get(contract, 0) + quantity
        if left:
            self._positions[contract] = left
        else:
            self._positions.pop(contract, None)

    def fill(
        self, client_order_id: str, package: Package, packages: int, priced: Priced, now: int, text: str
    ) -> BrokerReport:
        """Execute so many packages of an order; executions are ``{client_order_id}.{n}.{leg}``, both from 1."""
        n = self._counts[client_order_id] = self._counts.get(client_order_id, 0) + 1
        legs = []
        for number, (leg, price, quote) in enumerate(zip(package.legs, priced.prices, priced.quotes, strict=True), 1):
            quantity = leg.ratio * packages
            self.hold(leg.contract, sign(leg.side) * quantity)
            legs.append(
                LegFill(
                    exec_id=f"{client_order_id}.{n}.{number}",
                    contract=leg.contract,
                    side=leg.side,
                    quantity=quantity,
                    price=price,
                    fee=self._fees.of(leg.contract.root, quantity, price),
                    bid=quote.bid,
                    ask=quote.ask,
                    quote_age_ns=now - quote.ts,
                )
            )
        report = BrokerReport(
            ts_known=now,
            ts_event=now,
            cause=client_order_id,
            client_order_id=client_order_id,
            kind="fill",
            quantity=packages,
            legs=tuple(legs),
            text=text,
        )
        self._fills[f"{client_order_id}.{n}"] = report
        return report

    def bust(self, exec_id: str, now: int) -> list[BrokerReport]:
        """Take back the execution that ``exec_id`` belongs to, with all its legs: a package trades and is busted whole.

        Nothing happens to an execution that is not known here, or was taken back before.
        """
        execution = exec_id.rpartition(".")[0]
        fill = self._fills.get(execution)
        if fill is None or all(leg.exec_id != exec_id for leg in fill.legs):
            return []
        del self._fills[execution]
        for leg in fill.legs:
            self.hold(leg.contract, -sign(leg.side) * leg.quantity)
        return [
            BrokerReport(
                ts_known=now,
                ts_event=now,
                cause=fill.client_order_id,
                client_order_id=fill.client_order_id,
                kind="busted",
                quantity=fill.quantity,
                legs=fill.legs,
                text="the exchange took the trade back",
            )
        ]
