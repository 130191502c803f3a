"""Where a datum comes from and what its price means: carried to the screen, the journal and every report."""

from __future__ import annotations

from typing import Literal

import msgspec

Origin = Literal["recorded", "vendor", "simulated"]
"""recorded: by us, live. vendor: bought or downloaded history. simulated: no market ever showed it."""

PriceMeaning = Literal["quote", "trade_bar", "mid"]
"""quote: a bid and an ask. trade_bar: one traded price. mid: one price derived from trades or quotes."""


class Provenance(msgspec.Struct, frozen=True):
    """The label of one source of data.

    Attributes:
        source: short name, such as ``lean`` or ``demo``; the store's key beside root and day.
        origin: recorded, vendor or simulated.
        meaning: what a price stands for.
        sha256: hash of the source file's bytes, or of the seed and version of a simulator.
        note: what a reader must know, in words.
    """

    source: str
    origin: Origin
    meaning: PriceMeaning
    sha256: str = ""
    note: str = ""

    @property
    def label(self) -> str:
        """The words for a header: ``SIMULATED``, ``vendor lean quote``; no word comes twice."""
        if self.origin == "simulated":
            return "SIMULATED"
        return " ".join(dict.fromkeys((self.origin, self.source, self.meaning)))
