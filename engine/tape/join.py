"""Puts the values of an underlying beside a chain that has none: pure arrays, every row at its own known time."""

from __future__ import annotations

import numpy as np

from engine.events.market import Int32
from engine.tape.builder import listing_key
from engine.tape.columns import FIELDS, Columns
from engine.types import MISSING, parse_symbol


def join(chain: Columns, values: Columns) -> Columns:
    """Both as the columns of one day, instruments listed as they first appear.

    No row moves in time: a value known at ``ts_known`` stands in the batch of that instant and in none before it.
    What the chain says of an instrument that both list gives way: quotes of a fund, without its price.
    """
    chain = _without(chain, set(values.symbols))
    symbols = (*chain.symbols, *values.symbols)
    known = np.concatenate((chain.ts_known, values.ts_known))
    code = np.concatenate((chain.code, values.code + np.int32(len(chain.symbols))))
    first = np.full(len(symbols), np.iinfo(np.int64).max)
    np.minimum.at(first, code, known)
    listed = sorted(range(len(symbols)), key=lambda at: (first[at], listing_key(parse_symbol(symbols[at]))))
    position = np.empty(len(symbols), dtype=np.int32)
    position[listed] = np.arange(len(symbols), dtype=np.int32)
    code = position[code]
    order = np.lexsort((code, known))
    columns: dict[str, Int32] = {}
    for name in FIELDS:
        parts = [part.values.get(name, np.full(len(part), MISSING, dtype=np.int32)) for part in (chain, values)]
        if name in chain.values or name in values.values:
            columns[name] = np.ascontiguousarray(np.concatenate(parts)[order])
    return Columns(
        ts_known=known[order],
        ts_event=np.concatenate((chain.ts_event, values.ts_event))[order],
        code=code[order],
        symbols=tuple(symbols[at] for at in listed),
        values=columns,
    )


def _without(chain: Columns, symbols: set[str]) -> Columns:
    if symbols.isdisjoint(chain.symbols):
        return chain
    stays = np.array([symbol not in symbols for symbol in chain.symbols])
    kept = stays[chain.code]
    return Columns(
        ts_known=chain.ts_known[kept],
        ts_event=chain.ts_event[kept],
        code=(np.cumsum(stays, dtype=np.int32) - 1)[chain.code[kept]],
        symbols=tuple(symbol for symbol in chain.symbols if symbol not in symbols),
        values={name: column[kept] for name, column in chain.values.items()},
    )
