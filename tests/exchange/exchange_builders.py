"""A simulated exchange on the day of the tests, and orders at it."""

from __future__ import annotations

from collections.abc import Sequence

from quoted_market import SESSION, TEN, Quotes, condor, option

from engine.config import load
from engine.events import BrokerReport
from engine.exchange import SimulatedExchange
from engine.types import Contract, Effect, Leg, Package, Side

LP, SP, SC, LC = (leg.contract for leg in condor().legs)
QUOTES: Quotes = {LP: (0.25, 0.35), SP: (0.90, 1.00), SC: (0.85, 0.95), LC: (0.20, 0.30)}
PUT = option(5300, "P")


def exchange(*settings: str, holding: dict[Contract, int] | None = None) -> SimulatedExchange:
    config = load(settings=settings)
    made = SimulatedExchange(config.fills, config.fees, SESSION)
    for contract, quantity in (holding or {}).items():
        made.hold(contract, quantity)
    return made


def single(side: Side, effect: Effect = "open", contract: Contract = PUT) -> Package:
    return Package((Leg(contract, side, effect),))


def kinds(reports: Sequence[BrokerReport]) -> list[str]:
    return [report.kind for report in reports]


def submit(
    at: SimulatedExchange,
    package: Package,
    limit: int | None = None,
    quantity: int = 1,
    now: int = TEN,
    name: str = "a",
) -> None:
    at.submit(name, package, quantity, limit, now)
