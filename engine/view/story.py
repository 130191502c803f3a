"""What a session's records say of its P&L and its trades, and two such stories set side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.calendar import clock_text
from engine.clock import MINUTE
from engine.events import AnyRecord, ExitRecord, MarkRecord, TradeRecord
from engine.types import Money
from engine.view.comparison import ComparisonView, Difference, Path, SideFigures

OVER = ("closed", "settled", "settled_provisional")


@dataclass
class Told:
    """One trade that was filled. Times ns UTC; ``net`` is its P&L so far, None where no quote tells."""

    trade_id: int
    strategy: str
    root: str
    key: str
    label: str
    opened: int
    quantity: int
    fees: Money
    net: Money | None = 0
    ended: int | None = None
    how: str = ""
    provisional: bool = False

    @property
    def same(self) -> tuple[str, str, str, str]:
        """What it has in common with the same trade of another run, whose numbers may differ."""
        return self.strategy, self.root, self.key, self.label


class Story:
    """A session's records, folded in order."""

    def __init__(self) -> None:
        self.trades: dict[int, Told] = {}
        self._triggers: dict[int, str] = {}
        self._known: Money = 0
        self._unknown = 0
        self._path: list[tuple[int, Money | None]] = []

    def take(self, records: Iterable[AnyRecord]) -> None:
        """Take up records."""
        for record in records:
            if isinstance(record, MarkRecord):
                told = self.trades.get(record.trade_id)
                if told is not None and told.ended is None:
                    self._worth(told, record.pnl_mid, record.ts)
            elif isinstance(record, ExitRecord):
                self._triggers[record.trade_id] = record.trigger
            elif isinstance(record, TradeRecord):
                self._trade(record)

    def _trade(self, record: TradeRecord) -> None:
        told = self.trades.get(record.trade_id)
        if told is None:
            if record.status not in ("open", *OVER):
                return
            told = self.trades[record.trade_id] = Told(
                record.trade_id, record.strategy, record.root, record.key, record.label,
                record.ts, record.quantity, record.fees,
            )  # fmt: skip
        told.quantity, told.fees = max(told.quantity, record.quantity), record.fees
        if record.status in OVER and record.realised is not None:
            if told.ended is None:
                told.ended = record.ts
                told.how = self._triggers.get(record.trade_id, "") if record.status == "closed" else "settled"
            told.provisional = record.status == "settled_provisional"
            self._worth(told, record.realised, record.ts)

    def _worth(self, told: Told, net: Money | None, ts: int) -> None:
        self._known += (net or 0) - (told.net or 0)
        self._unknown += (net is None) - (told.net is None)
        told.net = net
        minute, total = ts // MINUTE, self.net
        if self._path and self._path[-1][0] == minute:
            self._path[-1] = (minute, total)
        else:
            self._path.append((minute, total))

    @property
    def net(self) -> Money | None:
        """Of all trades, open ones at mid."""
        return None if self._unknown else self._known

    @property
    def path(self) -> list[tuple[int, Money | None]]:
        """By minute (since 1970), the newest last: P&L as it was known then."""
        return self._path

    def figures(self, name: str) -> SideFigures:
        """What it came to so far."""
        highest = deepest = 0
        for _, total in self._path:
            if total is not None:
                highest = max(highest, total)
                deepest = max(deepest, highest - total)
        trades = list(self.trades.values())
        return SideFigures(
            name=name,
            net=self.net,
            drawdown=deepest,
            fees=sum(told.fees for told in trades),
            trades=len(trades),
            open=sum(told.ended is None for told in trades),
            wins=sum(told.ended is not None and (told.net or 0) > 0 for told in trades),
            provisional=any(told.provisional for told in trades),
        )


class Unfolding:
    """All records of a day that is known to its end, told only up to an instant."""

    def __init__(self, records: Iterable[AnyRecord]) -> None:
        self._records = [each for each in records if isinstance(each, MarkRecord | ExitRecord | TradeRecord)]
        self._at = 0
        self._story = Story()

    def until(self, instant: int) -> Story:
        """The story up to ``instant`` (ns UTC), included."""
        if self._at and self._records[self._at - 1].ts > instant:
            self._at, self._story = 0, Story()
        begin = self._at
        while self._at < len(self._records) and self._records[self._at].ts <= instant:
            self._at += 1
        self._story.take(self._records[begin : self._at])
        return self._story


def compare(first: Story, second: Story, names: tuple[str, str]) -> ComparisonView:
    """Two stories of one day side by side."""
    return ComparisonView(
        first=first.figures(names[0]),
        second=second.figures(names[1]),
        path=_path(first, second),
        differences=tuple(_differences(first, second)),
    )


def _path(first: Story, second: Story) -> Path:
    columns = [dict(first.path), dict(second.path)]
    minutes = sorted({minute for column in columns for minute in column})
    newest: list[Money | None] = [0, 0]
    rows: list[tuple[Money | None, Money | None]] = []
    for minute in minutes:
        newest = [column.get(minute, before) for column, before in zip(columns, newest, strict=True)]
        rows.append((newest[0], newest[1]))
    return Path(
        ts=tuple((minute + 1) * MINUTE for minute in minutes),
        first=tuple(row[0] for row in rows),
        second=tuple(row[1] for row in rows),
    )


def _differences(first: Story, second: Story) -> list[Difference]:
    """What only one of them traded, and what they ended otherwise, by time."""
    others: dict[tuple[tuple[str, ...], int], list[Told]] = {}
    for theirs in second.trades.values():
        others.setdefault((theirs.same, theirs.opened), []).append(theirs)
    found: list[Difference] = []
    for ours in first.trades.values():
        alike = others.get((ours.same, ours.opened))
        if not alike:
            found.append(Difference(ts=ours.opened, side="first", text=_words(ours), results=(ours.net, None)))
            continue
        theirs = alike.pop(0)
        if (ours.ended, ours.how, ours.quantity) != (theirs.ended, theirs.how, theirs.quantity):
            ends = [told.ended for told in (ours, theirs) if told.ended is not None]
            text = f"{_name(ours)}: {_end(ours)} here, {_end(theirs)} there"
            at = min(ends, default=ours.opened)
            found.append(Difference(ts=at, side="both", text=text, results=(ours.net, theirs.net)))
    found += [
        Difference(ts=theirs.opened, side="second", text=_words(theirs), results=(None, theirs.net))
        for alike in others.values()
        for theirs in alike
    ]
    return sorted(found, key=lambda each: (each.ts, each.side, each.text))


def _name(told: Told) -> str:
    return f"{told.root} {told.label} x{told.quantity} ({told.strategy})"


def _words(told: Told) -> str:
    return f"{_name(told)}: {_end(told)}"


def _end(told: Told) -> str:
    if told.ended is None:
        return "open"
    how = f" ({told.how})" if told.how and told.how != "settled" else ""
    word = "settled" if told.how == "settled" else "closed"
    return f"{word} {clock_text(told.ended, seconds=False)}{how}{' PROVISIONAL' if told.provisional else ''}"
