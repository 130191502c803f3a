"""An execution, or one that was taken back, as a trade update tells it beside its order."""

from __future__ import annotations

from typing import Any

from engine.events import BrokerReport
from engine.venue.ledger import Ledger
from engine.venue.orders import Order
from engine.venue.wire import id_of, money_text, number_text


def execution(account: str, ledger: Ledger, order: Order, report: BrokerReport) -> dict[str, Any]:
    """Ids, prices (dollars a share, as texts), quantities and what is held of it now; of a package, leg by leg."""
    held = {leg.contract.symbol: str(ledger.quantity(leg.contract)) for leg in report.legs}
    if order.order_class == "simple":
        (leg,) = report.legs
        return {
            "execution_id": id_of(account, leg.exec_id),
            "price": money_text(leg.price),
            "qty": str(leg.quantity),
            "position_qty": held[leg.contract.symbol],
        }
    net = order.package.net(tuple(leg.price for leg in report.legs))
    return {
        "execution_id": id_of(account, report.legs[0].exec_id.rpartition(".")[0]),
        "price": money_text(net),
        "qty": number_text(report.quantity),
        "position_qtys": held,
        "legs": [
            {
                "execution_id": id_of(account, leg.exec_id),
                "order_id": order.leg_id(number),
                "symbol": leg.contract.symbol,
                "side": leg.side,
                "price": money_text(leg.price),
                "qty": str(leg.quantity),
            }
            for number, leg in enumerate(report.legs)
        ],
    }
