"""``[fills]``, ``[fees]`` and ``[cutoffs]``: how the simulated exchange and the broker before it behave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, field_validator

from engine.calendar import parse_time_of_day
from engine.clock import MINUTE
from engine.config.table import Root, Table
from engine.types import Money, Price, to_units


class FillsTable(Table):
    """``[fills]``: the simulated exchange's fill model."""

    model: Literal["cross", "mid", "improve"]
    slippage: Annotated[float, Field(ge=0, le=100)]
    max_quote_age_seconds: Annotated[float, Field(gt=0, le=86_400)]
    latency_ms: Annotated[int, Field(ge=0, le=60_000)]
    size_limit: Literal["quoted", "required", "none"] = "quoted"
    seed: Annotated[int, Field(ge=0)] = 7
    improve_seconds: Annotated[float, Field(gt=0, le=86_400)] = 30
    improve_width: Annotated[float, Field(gt=0, le=1000)] = 0.20
    improve_at_mid: Annotated[float, Field(ge=0, le=1)] = 0.25

    @property
    def slippage_units(self) -> Price:
        """Slippage a leg in price units."""
        return to_units(self.slippage)

    @property
    def improve_width_units(self) -> Price:
        """The width of a package's market at which being met is half as likely, price units."""
        return to_units(self.improve_width)

    @property
    def max_quote_age_ns(self) -> int:
        """The quote age limit in nanoseconds."""
        return round(self.max_quote_age_seconds * 1e9)


class DatedRow(Table):
    """One row of a dated table a root: it holds from its day until the next row of that root."""

    root: Root
    from_: Annotated[dt.date, Field(alias="from")]


class FeeRow(DatedRow):
    """One row of a dated fee table."""

    per_contract: Annotated[float, Field(ge=0, le=1000)]


class PremiumFeeRow(FeeRow):
    """The same, for a premium of ``premium`` dollars and more, up to the next row of that root and day."""

    premium: Annotated[float, Field(ge=0, le=10_000)] = 0.0


DatedT = TypeVar("DatedT", bound=DatedRow)


def rows_on(rows: Sequence[DatedT], root: str, day: dt.date) -> list[DatedT]:
    """The rows of ``root`` that hold on ``day``: those of the latest date not after it; none before the first."""
    past = [row for row in rows if row.root == root and row.from_ <= day]
    latest = max((row.from_ for row in past), default=None)
    return [row for row in past if row.from_ == latest]


class FeesTable(Table):
    """``[fees]``: dollars a contract a side: a commission, and what exchanges and regulators take, dated a root.

    Every part is exact and they add up. Settlement at expiry is free.
    """

    per_contract: Annotated[float, Field(ge=0, le=1000)]
    schedule: list[FeeRow] = Field(default_factory=list)
    exchange: list[PremiumFeeRow] = Field(default_factory=list)
    regulatory: list[FeeRow] = Field(default_factory=list)

    @field_validator("schedule", "regulatory")
    @classmethod
    def _one_fee_a_day(cls, rows: list[FeeRow]) -> list[FeeRow]:
        seen: set[tuple[str, dt.date]] = set()
        for row in rows:
            if (row.root, row.from_) in seen:
                raise ValueError(f"{row.root} has two fees from {row.from_}")
            seen.add((row.root, row.from_))
        return rows

    @field_validator("exchange")
    @classmethod
    def _from_nothing_upward(cls, rows: list[PremiumFeeRow]) -> list[PremiumFeeRow]:
        premiums: dict[tuple[str, dt.date], list[float]] = {}
        for row in rows:
            of_day = premiums.setdefault((row.root, row.from_), [])
            if row.premium in of_day:
                raise ValueError(f"{row.root} has two fees from {row.from_} for a premium of {row.premium:g}")
            of_day.append(row.premium)
        for (root, day), of_day in premiums.items():
            if 0.0 not in of_day:
                raise ValueError(f"{root} has no fee from {day} for a premium below {min(of_day):g}: add premium = 0")
        return rows

    def per_contract_units(self, root: str, day: dt.date) -> Money:
        """The commission for one contract of ``root`` on ``day``, money units: the latest row not after the day."""
        rows = rows_on(self.schedule, root, day)
        return to_units(rows[0].per_contract if rows else self.per_contract)

    def bands(self, root: str, day: dt.date) -> tuple[tuple[Price, Money], ...]:
        """All that one contract costs on ``day``, by premium: from which price units on, and how much in money units.

        Ascending, and never empty: the first is from a premium of 0.
        """
        flat = self.per_contract_units(root, day) + sum(
            to_units(row.per_contract) for row in rows_on(self.regulatory, root, day)
        )
        by_premium = sorted((to_units(row.premium), to_units(row.per_contract)) for row in self._exchange(root, day))
        return tuple((premium, flat + fee) for premium, fee in by_premium) or ((0, flat),)

    def _exchange(self, root: str, day: dt.date) -> list[PremiumFeeRow]:
        return rows_on(self.exchange, root, day)

    def dearest_units(self, root: str, day: dt.date) -> Money:
        """The most that one contract of ``root`` can cost on ``day``, whatever its premium: for estimates."""
        return max(fee for _, fee in self.bands(root, day))


def _time_of_day(text: str) -> str:
    if text:
        parse_time_of_day(text)
    return text


TimeText = Annotated[str, AfterValidator(_time_of_day)]


class CutoffRow(DatedRow):
    """What one source says of a broker's times on the day an option expires; an empty one holds nothing up.

    Attributes:
        open_until: from then on orders that open are refused. close_until: and those that close.
        liquidate_from: from then on the broker closes what is short.
        source: who says so, by a short name. Its rows follow one another by date, beside those of other sources.
    """

    open_until: TimeText = ""
    close_until: TimeText = ""
    liquidate_from: TimeText = ""
    source: Annotated[str, Field(max_length=60)] = ""


class CutoffsTable(Table):
    """``[cutoffs]``: the broker's cutoffs as sources report them, dated a root; the earliest of each counts.

    Attributes:
        flat_minutes: at Alpaca, and under its profile, what expires today is closed so long before the earliest of all
            these; 0 is off.
        liquidation: ``shorts``: the simulated broker buys back what is short, leg by leg, and leaves the wings;
            ``all``: it sells the wings after them, where they have a bid.
        delay_seconds: how long after ``liquidate_from`` it comes to the account.
    """

    schedule: list[CutoffRow] = Field(default_factory=list)
    flat_minutes: Annotated[int, Field(ge=0, le=390)] = 15
    liquidation: Literal["off", "shorts", "all"] = "off"
    delay_seconds: Annotated[float, Field(ge=0, le=3600)] = 34

    @field_validator("schedule")
    @classmethod
    def _one_row_a_source_and_day(cls, rows: list[CutoffRow]) -> list[CutoffRow]:
        seen: set[tuple[str, dt.date, str]] = set()
        for row in rows:
            if (row.root, row.from_, row.source) in seen:
                of = f" of {row.source!r}" if row.source else "; give each its source"
                raise ValueError(f"{row.root} has two rows from {row.from_}{of}")
            seen.add((row.root, row.from_, row.source))
        return rows

    def rows(self, root: str, day: dt.date) -> tuple[CutoffRow, ...]:
        """What holds for ``root`` on ``day``: of each source its latest row not after the day."""
        sources = dict.fromkeys(row.source for row in self.schedule if row.root == root)
        return tuple(
            row
            for source in sources
            for row in rows_on([each for each in self.schedule if each.source == source], root, day)
        )

    @property
    def delay_ns(self) -> int:
        """``delay_seconds`` in nanoseconds."""
        return round(self.delay_seconds * 1e9)

    @property
    def flat_ns(self) -> int:
        """``flat_minutes`` in nanoseconds."""
        return self.flat_minutes * MINUTE
