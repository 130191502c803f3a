"""A session's view as the status that travels over its socket."""

from __future__ import annotations

import os

from engine.control.protocol import Status, TradeState, TradeStatus
from engine.view import PositionRow, View


def status_of(view: View, fresh: bool) -> Status:
    """How the session of ``view`` stands; ``fresh`` says whether the view was made for this."""
    head, book = view.header, view.positions
    return Status(
        account=head.account,
        pid=os.getpid(),
        banner=head.banner,
        day=head.day.isoformat(),
        now=head.now,
        paused=view.progress.paused,
        finished=view.progress.finished,
        state=head.state,
        breakers=head.breakers,
        why=head.state_text,
        feed=head.feed,
        feed_text=head.feed_text,
        day_pnl=head.day_pnl,
        realised=head.realised,
        open_pnl=head.open_pnl,
        provisional=head.provisional,
        worst_loss=book.worst_loss,
        flatten_cost=book.flatten_cost,
        trades=_trades(book.rows),
        alarm=view.alarm,
        error=view.error,
        fresh=fresh,
    )


def _trades(rows: tuple[PositionRow, ...]) -> tuple[TradeStatus, ...]:
    """A trade of the book is a row of its own, and below it a row for each of its sides."""
    found: list[TradeStatus] = []
    for row in rows:
        if row.level == "side":
            continue
        sides = [each for each in rows if each.level == "side" and each.trade_id == row.trade_id]
        notes = [row.note, *(f"{each.label} {each.note}" for each in sides if each.note)]
        found.append(
            TradeStatus(
                trade_id=row.trade_id,
                label=row.label,
                state=_state(row, sides),
                filled=row.filled,
                wanted=row.wanted,
                pnl_mid=row.pnl_mid,
                pnl_now=row.pnl_now,
                note="; ".join(note for note in notes if note),
            )
        )
    return tuple(found)


def _state(row: PositionRow, sides: list[PositionRow]) -> TradeState:
    """What the words of the rows of one trade come to."""
    if row.level == "settled":
        return "over"
    if not row.filled:
        return "working"
    notes = [each.note for each in (row, *sides)]
    if any("closing" in note for note in notes):
        return "closing"
    at_rest = [note for note in notes[1:] if note == "closed" or "left to expire" in note]
    return "left" if sides and len(at_rest) == len(sides) else "open"
