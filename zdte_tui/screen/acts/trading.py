"""Keys on trades, working entries and strategies. Capitals ask for ``y`` and say before what they will send."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action


def _close(part: int = 1, scope: str | None = None) -> Any:
    def run(station: Any, wanted: Any) -> None:
        from zdte_tui.screen.trading import doing

        doing.close(station, wanted, part, scope)  # type: ignore[arg-type]

    return run


def _does(name: str) -> Any:
    def run(station: Any, wanted: Any) -> None:
        from zdte_tui.screen.trading import doing

        getattr(doing, name)(station, wanted)

    return run


def _cancel_all(station: Any, _argument: object) -> None:
    from zdte_tui.screen.trading import doing

    doing.cancel_all(station)


def _trade(station: Any, text: str) -> object:
    """A trade, a side and a part, and nothing after them."""
    from zdte_tui.screen.trading.meaning import nothing_more, read_wanted

    return nothing_more(read_wanted(station, text)) if text else None


def _valued(station: Any, text: str) -> object:
    """A trade, a side and a value."""
    from zdte_tui.screen.trading.meaning import read_wanted

    return read_wanted(station, text, value=True) if text else None


def _noted(station: Any, text: str) -> object:
    """A trade's number, then a note in which every word stays what it is."""
    from zdte_tui.screen.trading.meaning import Wanted, at_cursor, deal_of, view_of

    first, _, rest = text.partition(" ")
    if first.lstrip("#").isdecimal():
        return Wanted(deal_of(view_of(station), int(first.lstrip("#"))).trade_id, rest=rest.strip())
    return at_cursor(station)._replace(rest=text) if text else None


def _named(_station: Any, text: str) -> object:
    return text or None


def _trades(
    id: str,  # noqa: A002 - the field's name
    key: str,
    title: str,
    words: str,
    run: Any,
    *,
    reads: Any = _trade,
    takes: str = "[TRADE] [SIDE] [half|quarter]",
    **more: Any,
) -> Action:
    return Action(id, (key,), key, title, words, "Trading", confirm=True, run=run, reads=reads, takes=takes, **more)


ACTIONS: tuple[Action, ...] = (
    _trades("close", "C", "close", "close the trade at the cursor; on a side's row that side", _close()),
    _trades("close_half", "H", "", "close half of it", _close(2), takes="[TRADE] [SIDE]"),
    _trades("close_quarter", "Q", "", "close a quarter of it", _close(4), takes="[TRADE] [SIDE]"),
    _trades(
        "close_tested", "T", "", "close its tested side, whose short strike is nearest to the spot",
        _close(1, "tested"), takes="[TRADE]",
    ),
    _trades(
        "roll", "R", "", "roll a side: close it and open it further out", _does("roll"), reads=_valued,
        takes="[TRADE] [SIDE] [STRIKES] [EXPIRY]",
    ),
    _trades(
        "move_stop", "S", "", "move the stop of the trade or the side at the cursor", _does("stop"), reads=_valued,
        takes="[TRADE] [SIDE] PRICE", name="stop",
    ),
    _trades(
        "move_target", "G", "", "move the trade's target", _does("target"), reads=_valued, takes="[TRADE] PRICE",
        name="target",
    ),
    _trades(
        "move_limit", "M", "", "move the limit of the working entry at the cursor", _does("limit"), reads=_named,
        takes="[ORDER|TRADE] PRICE", name="limit",
    ),
    _trades(
        "cancel_order", "X", "", "cancel the working entry at the cursor", _does("cancel"), reads=_named,
        takes="[ORDER|TRADE]",
    ),
    Action(
        "cancel_all", ("Z",), "Z", "", "cancel every working entry; strategies may enter again", "Trading",
        confirm=True, run=_cancel_all,
    ),
    _trades(
        "pause_strategy", "D", "", "pause the strategy at the cursor of the signals, or resume it", _does("pause"),
        reads=_named, takes="[STRATEGY] [ROOT]",
    ),
    _trades("adopt", "W", "", "adopt a trade that nobody watches", _does("adopt"), takes="[TRADE]"),
    Action(
        "note", ("i",), "i", "", "note and tags on the trade at the cursor; nothing is traded by it", "Trading",
        run=_does("annotate"), reads=_noted, takes="[TRADE] [WORDS] [#TAG]",
    ),
)  # fmt: skip
