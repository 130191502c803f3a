"""The place of one viewer among those who look at the same session."""

from __future__ import annotations

import msgspec


class SeatView(msgspec.Struct, frozen=True, kw_only=True):
    """Who else looks at the session, and who of them may order. Of the reader alone: no two are told the same.

    Attributes:
        number: this viewer's, from 1, the session's own screen first. name: what it is known by.
        in_control: whether its orders are carried out; the kill switch works without.
        watching: came to watch only, and cannot take control.
        holder: the name of who is in control; empty for nobody.
        viewers: how many look at the session now.
        notice: the newest thing this viewer was told, such as who took control; notices: how many there were.
    """

    number: int
    name: str
    in_control: bool
    watching: bool
    holder: str
    viewers: int
    notice: str = ""
    notices: int = 0
