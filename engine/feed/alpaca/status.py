"""What the feed says of itself: one state, one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from engine.feed.alpaca.stream import OptionStream, StockStream


class Status(NamedTuple):
    """As ``FeedStatus`` has it."""

    state: Literal["ok", "stale", "down"]
    text: str = ""


def told_of(options: OptionStream, stocks: StockStream | None, trouble: str, notes: tuple[str, ...]) -> Status:
    """The state of all of it: down without option quotes, stale where some of it is missing or in doubt.

    Args:
        trouble: why contracts are not listed, empty where they are. notes: what a person should know though it is well.
    """
    said = "; ".join(notes)
    if trouble and options.state == "off":
        return Status("down", trouble)
    if options.state == "lost":
        return Status("down", f"{options.what}: {_why(options)}")
    if options.state != "up":
        return Status("stale", "connecting to Alpaca")
    if options.is_quiet:
        return Status("stale", f"{options.what}: connected again, and still mute")
    if options.subscriptions.is_doubtful:
        return Status("stale", f"{options.what}: subscriptions are not confirmed")
    if stocks is not None and stocks.state != "up":
        return Status("stale", f"{stocks.what}: {_why(stocks) if stocks.failure else 'connecting'}")
    if stocks is not None and stocks.is_quiet:
        return Status("stale", f"{stocks.what}: connected again, and still mute")
    return Status("ok", said)


def _why(stream: OptionStream | StockStream) -> str:
    failure = stream.failure
    if failure is None:
        return "no connection"
    if failure.code == 402:
        return f"{failure.text}: `zdte-tui login` stores and checks them"
    if failure.code == 409:
        return f"{failure.text}: choose another in [alpaca]"
    return failure.text
