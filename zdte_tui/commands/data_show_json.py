"""A stored day for programs: what ``zdte-tui data show --json`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.tape import Columns, DayEntry, UnderlyingEntry
    from engine.tape.coverage import Coverage
    from engine.tape.figures import Figures
    from engine.tape.header import Header
    from engine.tape.silence import Silence
    from engine.tape.trust import Trust


def sound(entry: DayEntry | UnderlyingEntry) -> Header:
    """The header of an entry that has been opened."""
    assert entry.header is not None
    return entry.header


def head_json(name: str, entry: DayEntry | UnderlyingEntry, reasons: tuple[str, ...], trust: Trust) -> dict[str, Any]:
    """What the file is, and what is thought of it."""
    header = sound(entry)
    label = header.provenance
    return {
        "name": name,
        "day": str(entry.day),
        "source": entry.source,
        "origin": label.origin,
        "meaning": label.meaning,
        "note": label.note,
        "source_sha256": label.sha256,
        "path": str(entry.path),
        "counts": header.counts,
        "flags": list(header.flags),
        "reasons": list(reasons),
        "trust": trust.answer,
        "why": list(trust.why),
    }


def silences_json(silent: Sequence[Silence]) -> list[dict[str, str]]:
    """Where a recorded day is silent."""
    from engine.calendar import to_new_york

    return [
        {"from": to_new_york(each.start).isoformat(), "to": to_new_york(each.end).isoformat(), "why": each.why}
        for each in silent
    ]


def grid_json(grid: Coverage) -> dict[str, Any]:
    """The picture as numbers."""
    from engine.calendar import to_new_york
    from engine.types import MISSING, SCALE

    return {
        "expiry": str(grid.expiry),
        "from": [to_new_york(int(edge)).isoformat() for edge in grid.edges[:-1]],
        "rows": [
            {
                "strikes": [strike / SCALE for strike in row],
                "share": [round(float(share), 3) for share in grid.share[number]],
                "crossed": [int(at) for at in grid.crossed[number].nonzero()[0]],
            }
            for number, row in enumerate(grid.rows)
        ],
        "underlying": [None if value == MISSING else value / SCALE for value in grid.path.tolist()],
    }


def figures_json(figures: Figures | None) -> dict[str, Any] | None:
    """The figures; null where one cannot be known."""
    from engine.calendar import to_new_york
    from engine.types import SCALE

    if figures is None:
        return None
    exposures = {"gamma_expiry": figures.gamma_expiry, "gamma_all": figures.gamma_all}
    return {
        "known": to_new_york(figures.known).isoformat(),
        "at": to_new_york(figures.at).isoformat(),
        "expiry": str(figures.expiry),
        "spot": None if figures.spot is None else figures.spot / SCALE,
        "spot_by_parity": figures.by_parity,
        "forward": figures.forward,
        "expected_move": figures.expected_move,
        "atm": None if figures.atm is None else figures.atm / SCALE,
        "atm_iv": figures.atm_iv,
        "open_interest": figures.interest,
        **{
            name: None
            if one is None
            else {"net": one.net, "calls": one.total_calls, "puts": one.total_puts, "zero_gamma": one.zero_gamma}
            for name, one in exposures.items()
        },
    }


def path_json(columns: Columns) -> list[dict[str, Any]]:
    """Every value of an underlying, with the volume of the day so far."""
    from engine.calendar import to_new_york
    from engine.types import MISSING, SCALE

    price, volume = columns.values.get("price"), columns.values.get("volume")
    found = []
    for at, known in enumerate(columns.ts_known.tolist()):
        value = MISSING if price is None else int(price[at])
        traded = MISSING if volume is None else int(volume[at])
        found.append(
            {
                "known": to_new_york(known).isoformat(),
                "price": None if value == MISSING else value / SCALE,
                "volume": None if traded == MISSING else traded,
            }
        )
    return found
