"""Which contracts there are today, with their open interest: `/v2/options/contracts`, all pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from alpaca.trading.enums import AssetStatus
from alpaca.trading.requests import GetOptionContractsRequest

from engine.feed.alpaca.asking import Asking
from engine.feed.alpaca.history_errors import HistoryError
from engine.feed.alpaca.history_rows import Listed, listed
from engine.types import Instrument, Underlying, product

FAMILY = ("VIX", "VIX9D", "VIX1D")
_A_PAGE = 1000
_PAGES = 20


def contracts_of(asking: Asking, root: str, day: dt.date) -> list[Listed]:
    """The contracts of ``root`` that expire on ``day``, in order; only those of the root itself, as SPX and SPXW share
    their underlying. Raises ``HistoryError``, also where there are none."""
    found: dict[Instrument, Listed] = {}
    token: str | None = None
    bad = 0
    for _ in range(_PAGES):
        answer = asking.ask(
            asking.contracts.get_option_contracts,
            GetOptionContractsRequest(
                underlying_symbols=[product(root).underlying],
                root_symbol=root,
                status=AssetStatus.ACTIVE,
                expiration_date_gte=day,  # both: by itself Alpaca shows no more than the next weekend
                expiration_date_lte=day,
                limit=_A_PAGE,
                page_token=token,
            ),
        )
        rows = answer.get("option_contracts")
        read = listed(rows if isinstance(rows, list) else ())
        bad += read.bad
        found.update(
            (one.contract, one) for one in read.rows if (one.contract.root, one.contract.expiry) == (root, day)
        )
        token = answer.get("next_page_token") or None
        if token is None:
            break
    if not found:
        unread = f"; {bad} could not be read" if bad else ""
        raise HistoryError("answer", f"no contracts of {root} that expire on {day} are listed{unread}")
    return sorted(found.values(), key=lambda one: one.contract)


def listing(roots: Iterable[str], contracts: Iterable[Listed], family: bool) -> list[Instrument]:
    """What a session is told of, in order: underlyings, the VIX family where its values are asked for, contracts."""
    values = [product(root).underlying for root in roots] + (list(FAMILY) if family else [])
    return [*(Underlying(symbol) for symbol in dict.fromkeys(values)), *(one.contract for one in contracts)]
