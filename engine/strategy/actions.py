"""What a strategy may ask for. Nothing here happens until the gate has agreed."""

from __future__ import annotations

import msgspec

from engine.types import Contract, Package, Price


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """Open a trade: at most ``quantity`` packages at the signed net ``limit`` (a debit positive).

    ``key`` is the strategy's own name for it, unique within the session, such as the window ``10:00``; the trade
    carries it. The order is cancelled at ``until`` (ns UTC) if it is still working.
    """

    key: str
    label: str
    package: Package
    quantity: int
    limit: Price
    until: int
    reason: str


class Close(msgspec.Struct, frozen=True, kw_only=True):
    """Close what a trade holds of ``contracts``; once asked, the exit walks to the market and never gives up.

    Attributes:
        scope: what it is of the trade: ``package``, ``puts``, ``calls``, ``5300P``.
        trigger: ``stop``, ``target``, ``buy_back``, ``exit_time``, ``flatten``, ``daily_loss``,
            ``cutoff``.
        level, observed: the price that triggers and the one seen, where prices are what triggers.
        in_bar: the price was reached inside a bar that is over: where the exchange is simulated, it closes at the worst
            of that bar.
        stays: signed contracts that are not closed, where not all that is held of one is.
    """

    trade_id: int
    scope: str
    contracts: tuple[Contract, ...]
    trigger: str
    level: Price | None = None
    observed: Price | None = None
    in_bar: bool = False
    reason: str = ""
    stays: tuple[tuple[Contract, int], ...] = ()


class Say(msgspec.Struct, frozen=True, kw_only=True):
    """Tell people what was seen or decided, in words."""

    kind: str
    key: str
    text: str


class Wake(msgspec.Struct, frozen=True):
    """Ask to be called at ``at`` (ns UTC), whether or not the market has news."""

    at: int


class Tally(msgspec.Struct, frozen=True):
    """Count something for the session's summary."""

    name: str
    by: int = 1


Action = Open | Close | Say | Wake | Tally
