"""The first two lines: mode, account, feed; then money, the nearest short, what comes next, VIX, the trading state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from engine.calendar import clock_text
from engine.clock import HOUR, SECOND
from engine.types import SCALE
from engine.view import HeaderView
from zdte_tui.screen.grid import Cell, Line
from zdte_tui.screen.skins.mode import mode_words, skin
from zdte_tui.screen.text import age, money, number, pnl_style

GOOD = ("ok", "closed")
"""States of the feed that alarm nobody; in any other, its words matter more than the date."""

_VIX_FROM = {"streamed": "", "chain-implied": "implied", "prior close": "yesterday"}
"""Where a VIX is from, in as few words as say it."""


class Item(NamedTuple):
    """A piece of the header: wordings from long to short, and for each how early it gives way to the next (or, for
    the last, to nothing). The highest gives way first, 0 never."""

    variants: tuple[Line, ...]
    yields: tuple[int, ...]


def lines(header: HeaderView, width: int, seat: tuple[Item, ...] = ()) -> tuple[Line, Line]:
    """The header in two lines of at most ``width`` cells; what matters least is shortened, then dropped.

    ``seat`` says of several screens on one session whether this one only watches.
    """
    gap = 2 if width < 100 else 3
    first = fit_items((*identity(header), *seat), width, gap)
    second = fit_items(results(header), width - len(header.state) - gap, gap)
    return join(first, width, gap), join(second, width, gap, _state(header))


def identity(header: HeaderView) -> tuple[Item, ...]:
    """Mode and account, roots, date and time, feed and the age of the oldest quote of a held leg."""
    time = f"{clock_text(header.now)} ET"
    return (
        Item(banners(header.banner), (2, 1, 0)),
        Item((_pair("account", header.account), _one(header.account)), (5, 4)),
        Item((_one(" ".join(header.roots), "strong"),), (2,)),
        Item((_one(f"{header.day} {time}"), _one(time)), (3, 1)),
        Item(_feed(header), (6, 5, 0) if header.feed in GOOD else (2, 5, 0)),
    )


def results(header: HeaderView) -> tuple[Item, ...]:
    """The day's P&L, the nearest short, what happens next, VIX."""
    word = " PROVISIONAL" if header.provisional else ""
    total: Line = (("day ", "dim"), (money(header.day_pnl, sign=True), pnl_style(header.day_pnl)), (word, "warn"))
    realised, open_ = money(header.realised, sign=True), money(header.open_pnl, sign=True)
    parts = [(f" ({name} {realised}, open {open_})", "text") for name in ("realised", "rlzd")]
    short = "none" if header.nearest_short is None else f"{number(header.nearest_short / SCALE, 1)} pts"
    inside = header.nearest_short is not None and header.nearest_short <= 0
    words, style = (f"{short} IN THE MONEY", "alarm") if inside else (short, "strong")
    coming = header.next_deadline or "nothing"
    countdown = _countdown(header)
    nexts: tuple[Line, ...] = (_pair("next:", coming), _one(coming))
    return (
        Item(((*total, parts[0]), (*total, parts[1]), total), (7, 3, 0)),
        Item((_pair("nearest short", words, style), _pair("short", words, style)), (8, 0)),
        Item((_pair("next:", f"{coming} in {countdown}"), *nexts), (6, 4, 2)) if countdown else Item(nexts, (4, 2)),
        Item(_vix(header), (9, 5)),
    )


def _vix(header: HeaderView) -> tuple[Line, ...]:
    """Never a bare number unless it is the index itself: entries are sized by what the chain implies, too."""
    value, source = number(header.vix, 2), header.vix_source
    if header.vix is None or not source:
        return (_pair("VIX", value),) * 2
    return _pair("VIX", f"{value} ({source})"), _pair("VIX", f"{value} {_VIX_FROM.get(source, source)}".rstrip())


def _countdown(header: HeaderView) -> str:
    """Minutes and seconds to what happens next, within the hour before it; else empty."""
    if header.next_deadline_ts is None or not 0 < header.next_deadline_ts - header.now <= HOUR:
        return ""
    minutes, seconds = divmod((header.next_deadline_ts - header.now) // SECOND, 60)
    return f"{minutes}:{seconds:02d}"


def banners(text: str) -> tuple[Line, ...]:
    """The mode and what its prices are, from long to short: the source's name gives way first, then its origin. What
    a price stands for, the last word of a replay's label, stays."""
    mode, words = mode_words(text), text.split()[len(mode_words(text)) :]
    if len(words) < 2:
        return ((banner(text),),) * 3
    return tuple((banner(" ".join([*mode, *some])),) for some in (words, [words[0], words[-1]], words[-1:]))


def banner(text: str) -> Cell:
    """The mode, unmistakable without colour too."""
    mine = skin(text)
    return mine.frame(text), mine.name


def _feed(header: HeaderView) -> tuple[Line, ...]:
    good = header.feed in GOOD
    word = (f"feed {header.feed}" if good else f"FEED {header.feed.upper()}", "text" if good else "alarm")
    extra = header.feed_text.strip()
    long: Line = (word, (f": {extra}", "dim")) if extra and extra != header.feed else (word,)
    if header.oldest_held_age is None:
        return long, (word,), (word,)
    held = age(header.oldest_held_age)
    full: Cell = (f", oldest held leg {held}", "text")
    return (*long, full), (word, full), (word, (f", held {held}", "text"))


def _state(header: HeaderView) -> Line:
    style = {"ACTIVE": "gain", "REDUCING": "warn"}.get(header.state, "alarm")
    return ((header.state, style),)


def _one(text: str, style: str = "text") -> Line:
    return ((text, style),)


def _pair(label: str, value: str, style: str = "text") -> Line:
    return ((f"{label} ", "dim"), (value, style))


def size(line: Line) -> int:
    """Cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def fit_items(items: Sequence[Item], width: int, gap: int) -> list[Line]:
    """The longest wordings that fit in ``width`` together, ``gap`` apart."""
    chosen = [0] * len(items)

    def shown() -> list[Line]:
        return [item.variants[n] for item, n in zip(items, chosen, strict=True) if n < len(item.variants)]

    while sum(size(line) + gap for line in shown()) - gap > width:
        rank, index = max(
            (
                (item.yields[n], index)
                for index, (item, n) in enumerate(zip(items, chosen, strict=True))
                if n < len(item.variants)
            ),
            default=(0, 0),
        )
        if rank == 0:
            break
        chosen[index] += 1
    return shown()


def join(parts: Sequence[Line], width: int, gap: int, right: Line = ()) -> Line:
    """Items side by side, and ``right`` at the right end."""
    joined: list[Cell] = []
    for part in parts:
        joined += [(" " * gap, "text"), *part] if joined else part
    free = width - size(tuple(joined)) - size(right)
    return (*joined, (" " * max(1, free), "text"), *right) if right else tuple(joined)
