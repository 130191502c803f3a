"""The nouns of the house: money, contracts, products, packages, provenance, identity."""

from engine.types.command import KILL_LEVELS, CommandKind, KillLevel
from engine.types.contract import Contract, Instrument, Right, Underlying, parse_symbol, strike_text
from engine.types.identity import ClientOrderId
from engine.types.lazy import lazy
from engine.types.money import (
    CENT,
    MISSING,
    SCALE,
    Money,
    Price,
    dollars_text,
    round_to_cent,
    to_dollars,
    to_units,
)
from engine.types.package import Effect, Leg, Package, Side, sign
from engine.types.product import PRODUCTS, Product, product
from engine.types.provenance import Origin, PriceMeaning, Provenance

__all__ = [
    "CENT",
    "KILL_LEVELS",
    "MISSING",
    "PRODUCTS",
    "SCALE",
    "ClientOrderId",
    "CommandKind",
    "Contract",
    "Effect",
    "Instrument",
    "KillLevel",
    "Leg",
    "Money",
    "Origin",
    "Package",
    "Price",
    "PriceMeaning",
    "Product",
    "Provenance",
    "Right",
    "Side",
    "Underlying",
    "dollars_text",
    "lazy",
    "parse_symbol",
    "product",
    "round_to_cent",
    "sign",
    "strike_text",
    "to_dollars",
    "to_units",
]
