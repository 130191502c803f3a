"""An option named in words: ``5900C`` of the chain on screen."""

from __future__ import annotations

import re
from difflib import get_close_matches

from engine.types import Contract, Right, to_units
from engine.view import ChainView
from zdte_tui.screen.ticket.structures import listed, side_of

_NAME = re.compile(r"^(\d{1,6}(?:\.\d{1,3})?)([cpCP])$")


def read_option(text: str, chain: ChainView | None) -> Contract:
    """The option that ``text`` names; ``ValueError`` says what is wrong with it, and names the nearest listed one."""
    found = _NAME.match(text.strip())
    if found is None:
        raise ValueError(f"{text.strip()!r} is no option: write strike and right, such as 5900C")
    if chain is None or not chain.rows:
        raise ValueError("no chain is on screen yet")
    right: Right = "C" if found[2] in "cC" else "P"
    contract = Contract(chain.root, chain.expiry, to_units(found[1]), right)
    names = [
        Contract(chain.root, chain.expiry, row.strike, right).short_name
        for row in chain.rows
        if listed(side_of(row, right))
    ]
    if contract.short_name not in names:
        near = get_close_matches(contract.short_name, names, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"{chain.root} {chain.expiry} has no {contract.short_name}{hint}")
    return contract
