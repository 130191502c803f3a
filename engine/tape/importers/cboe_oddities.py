"""What is only suspicious in one snapshot of a chain: counted and stored, never repaired."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import pairwise

from engine.types import Contract, Price, Right


def oddities(quotes: Mapping[Contract, tuple[Price, Price]]) -> Counter[str]:
    """Counts over (bid, ask) by contract, units of 1e-4 dollars.

    ``zero_quote``: neither a bid nor an ask above 0. ``no_bid``: a bid of 0 below an ask. ``call_monotonicity_breaks``
    and ``put_monotonicity_breaks``: neighbouring strikes of which the one that must be worth less is bid above the ask
    of the other; only quotes with an ask and not crossed are compared. ``one_right``: strikes with one right only.
    """
    counts: Counter[str] = Counter()
    lines: defaultdict[tuple[str, dt.date, Right], list[tuple[Price, Price, Price]]] = defaultdict(list)
    for contract, (bid, ask) in quotes.items():
        counts["zero_quote"] += bid == ask == 0
        counts["no_bid"] += bid == 0 < ask
        other = Contract(contract.root, contract.expiry, contract.strike, "P" if contract.right == "C" else "C")
        counts["one_right"] += other not in quotes
        if ask > 0 and bid <= ask:
            lines[contract.root, contract.expiry, contract.right].append((contract.strike, bid, ask))
    for (_, _, right), line in lines.items():
        line.sort(reverse=right == "P")
        breaks = sum(cheap[1] > dear[2] for dear, cheap in pairwise(line))
        counts["call_monotonicity_breaks" if right == "C" else "put_monotonicity_breaks"] += breaks
    return Counter({name: count for name, count in sorted(counts.items()) if count})
