"""What of a day is there, and what its chain says at the last full instant."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from engine.calendar import clock_text, session
from engine.clock import MINUTE
from engine.tape import Columns, DayBuilder, DayTable, Store
from engine.tape.coverage import coverage, expiries, nearest_expiry
from engine.tape.figures import last_figures
from engine.tape.importers import IMPORTERS, ImportOptions
from engine.types import MISSING, Contract, Provenance, Underlying

DAY = dt.date(2024, 8, 7)
OF = session(DAY)
LATER = dt.date(2024, 8, 9)


def columns(holes: range = range(0), crossed: int = 0, strikes: int = 4, last: int = 390) -> Columns:
    builder = DayBuilder()
    for minute in range(1, last + 1):
        known = OF.open + minute * MINUTE
        builder.put(known, known, Underlying("SPX"), price=52_000_000 + minute * 1_000)
        for number in range(strikes):
            for right in "CP":
                if minute in holes and right == "C" and number == 1:
                    continue
                wrong = minute == crossed and number == 0
                contract = Contract("SPXW", DAY, (5200 + 5 * number) * 10_000, right)
                builder.put(known, known, contract, bid=10_000, ask=9_000 if wrong else 10_500)
    builder.put(OF.open + MINUTE, OF.open + MINUTE, Contract("SPXW", LATER, 52_000_000, "C"), bid=1, ask=2)
    return builder.build()


def grid(of: Columns, rows: int = 10, across: int = 390):
    return coverage(of, OF, OF.product_close("SPXW"), DAY, "SPX", (rows, across))


def test_a_whole_day_is_full_and_a_hole_is_seen_where_it_is() -> None:
    whole = grid(columns())
    assert whole.share.shape == (4, 390)
    assert (whole.share == 1).all()
    holed = grid(columns(holes=range(100, 130)))
    assert (holed.share[1, 99:129] == 0.5).all(), "its put is still there"
    assert (np.delete(holed.share, 1, axis=0) == 1).all()
    assert (holed.share[1, :99] == 1).all()
    cut = grid(columns(last=200))
    assert (cut.share[:, 200:] == 0).all()


def test_rows_and_columns_are_put_together_to_fit_and_lose_nothing() -> None:
    fitted = grid(columns(holes=range(8, 391), strikes=9), rows=4, across=60)
    assert [len(row) for row in fitted.rows] == [3, 3, 3]
    assert fitted.share.shape == (3, 56)
    assert fitted.share[0] == pytest.approx([1, *[5 / 6] * 55])
    assert (fitted.share[1:] == 1).all()
    assert fitted.edges[-1] == OF.close


def test_crossed_quotes_are_marked_and_the_path_is_the_last_value_of_each_column() -> None:
    found = grid(columns(crossed=77), across=78)
    assert found.crossed.nonzero()[0].tolist() == [0]
    assert found.crossed.nonzero()[1].tolist() == [15]
    assert found.path.tolist() == [52_000_000 + 5 * minute * 1_000 for minute in range(1, 79)]
    assert [found.row_of(value * 10_000) for value in (5190, 5196, 5202, 5203, 5219, 5230)] == [-1, 0, 0, 1, 3, 4]


def test_a_day_of_few_instants_is_full_where_it_has_any() -> None:
    builder = DayBuilder()
    for minute in range(30, 391, 30):
        known = OF.open + minute * MINUTE
        builder.put(known, known, Contract("SPXW", DAY, 52_000_000, "C"), price=5)
    found = grid(builder.build(), across=39)
    assert found.share[0].nonzero()[0].tolist() == list(range(2, 39, 3))
    assert set(found.share[0].tolist()) == {0.0, 1.0}
    assert (found.path == MISSING).all()


def test_expiries_are_counted_and_the_nearest_is_not_before_the_day() -> None:
    day = columns()
    assert expiries(day) == [(DAY, 4, 8, 8 * 390), (LATER, 1, 1, 1)]
    assert nearest_expiry(day, DAY) == DAY
    assert nearest_expiry(day, dt.date(2024, 8, 8)) == LATER
    assert nearest_expiry(day, dt.date(2024, 8, 10)) is None


def stored(store: Store, of: Columns) -> tuple:
    store.save_day(DayTable("SPXW", DAY, Provenance("x", "vendor", "quote"), "test", 1, of))
    tape = store.open(store.choose("SPXW", DAY))
    return tape, tape.columns


def test_figures_are_of_the_last_instant_that_is_nearly_whole(store: Store) -> None:
    found = last_figures(*stored(store, columns(holes=range(380, 391), strikes=4)))
    assert clock_text(found.known) == "15:49:00", "later instants miss one of eight contracts"
    assert (found.spot, found.by_parity) == (52_000_000 + 379 * 1_000, False)
    assert found.forward == pytest.approx(5207.5, abs=3)
    assert (found.interest, found.gamma_expiry, found.gamma_all) == (False, None, None)


def test_figures_of_a_real_chain_with_open_interest(store: Store, shared: Path) -> None:
    path = shared / "data" / "cboe_quotedata" / "spx_2022-07-12_1155ET.csv.gz"
    (table,) = (item for item in IMPORTERS["cboe-quotedata"].read(path, ImportOptions()) if isinstance(item, DayTable))
    store.save_day(table)
    tape = store.open(store.choose("SPXW", table.day))
    found = last_figures(tape, tape.columns)
    assert clock_text(found.at) == "11:40:00", "the quotes are fifteen minutes older than the print"
    assert found.spot / 10_000 == pytest.approx(3856, abs=2)
    assert found.expected_move == pytest.approx(19.8, abs=1)
    assert found.gamma_expiry.net / 1e9 == pytest.approx(0.590, rel=0.01)
    assert abs(found.gamma_all.net) > abs(found.gamma_expiry.net)
