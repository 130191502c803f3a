"""What people have ordered that outlives the order: notes, pauses, rolls under way. Journalled with each change."""

from __future__ import annotations

import msgspec

from engine.types import Contract, Package, Price


class Annotation(msgspec.Struct, frozen=True):
    """What a person has written on a trade."""

    note: str = ""
    tags: tuple[str, ...] = ()


class Roll(msgspec.Struct, frozen=True, kw_only=True):
    """A side of a trade that is being closed to be opened again elsewhere.

    Attributes:
        contracts: what is closed. package: what is opened once that is done. quantity: packages of it.
        stop: closing cost of a package at which the new trade is to be stopped, None for none.
        until: when it is given up, ns UTC.
    """

    trade_id: int
    command_id: str
    contracts: tuple[Contract, ...]
    package: Package
    quantity: int
    label: str
    stop: Price | None = None
    until: int


class Hands(msgspec.Struct):
    """All of it, for one session.

    Attributes:
        annotations: by trade. paused: strategies that open nothing, with their roots, in order.
    """

    annotations: dict[int, Annotation] = {}
    paused: list[tuple[str, str]] = []
    rolls: list[Roll] = []
