"""``zdte-tui calendar --cutoffs``: until when the broker opens what expires today, from when it closes, who says so."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.options import load_config
from zdte_tui.exits import USAGE, CommandError

if TYPE_CHECKING:
    from engine.exchange import RootCutoffs

AND = ", "
_NAMES = {
    "open_until": "opens nothing from",
    "close_until": "closes nothing from",
    "liquidate_from": "liquidates from",
}


def told(args: argparse.Namespace, day: dt.date) -> Any:
    """Lines, or what ``--json`` prints. Raises ``CommandError`` for a day without a session."""
    from engine.calendar import NotASession, session
    from engine.exchange import cutoffs_of

    config = load_config(args)
    try:
        today = session(day)
    except NotASession as error:
        raise CommandError(f"{error}: there are no cutoffs", USAGE) from None
    if config.broker.profile != "alpaca":  # what a session at Alpaca does is asked, wherever others go
        config = config.model_copy(update={"broker": config.broker.model_copy(update={"profile": "alpaca"})})
    found = cutoffs_of(config, today)
    if args.json:
        return {"date": day.isoformat(), "roots": [_json(each) for each in found]}
    half = ", a half-day" if today.early else ""
    lines = [f"{day:%A} {day}{half}: the broker's cutoffs for what expires that day, as [cutoffs] has them"]
    for each in found:
        lines += ["", each.root, *_lines(each)]
    return lines


def _lines(found: RootCutoffs) -> list[str]:
    lines = []
    for name, words in _NAMES.items():
        at = _clock(getattr(found.cutoff, name))
        lines.append(f"  {words:<20} {at or 'not known'}{_says(found, name)}")
    flat = _clock(found.flat_by)
    lines.append(f"  {'a session is flat by':<20} {flat or 'off: cutoffs.flat_minutes = 0'}")
    return lines


def _says(found: RootCutoffs, name: str) -> str:
    """Who says so, and who says something later."""
    sources = found.sources(name)
    if not sources:
        return ""
    later = [
        f"{each.source or 'no source'} {at}"
        for each in found.reports
        if each.source not in sources and (at := _clock(getattr(each.cutoff, name)))
    ]
    return f"  {', '.join(each or 'no source' for each in sources)}{f' (later: {AND.join(later)})' if later else ''}"


def _json(found: RootCutoffs) -> dict[str, Any]:
    return {
        "root": found.root,
        **{name: _clock(getattr(found.cutoff, name)) for name in _NAMES},
        "flat_by": _clock(found.flat_by),
        "reports": [
            {"source": each.source, **{name: _clock(getattr(each.cutoff, name)) for name in _NAMES}}
            for each in found.reports
        ],
    }


def _clock(at: int) -> str | None:
    from engine.calendar import clock_text
    from engine.exchange import NEVER

    return None if at == NEVER else clock_text(at, seconds=False)
