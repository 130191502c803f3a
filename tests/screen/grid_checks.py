"""What the keys of the grid, of copying and of the display lead to; gathered by test_screen_actions."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from unittest.mock import patch

import views
from playing import press, until
from textual.pilot import Pilot
from textual.widgets import Input
from views import FakePort

from engine.view import LogRow
from zdte_tui.screen import exporting
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Columns, Filter
from zdte_tui.screen.edge import Glass
from zdte_tui.screen.grid import Sort

Check = Callable[[WorkstationApp, "Pilot[None]", FakePort, str], Awaitable[None]]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    def keep(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return keep


async def half(app: WorkstationApp, pilot: Pilot[None], key: str, sign: int) -> None:
    chain = app.workstation.pane("chain")
    before = chain.cursor
    await press(pilot, key)
    assert chain.cursor == before + sign * (chain.body_height // 2)
    assert chain.cursor in chain.visible_rows()


@check("half_page_up")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await half(app, pilot, key, -1)


@check("half_page_down")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await half(app, pilot, key, 1)


async def sideways(app: WorkstationApp, pilot: Pilot[None], key: str, by: int) -> None:
    chain = app.workstation.pane("chain")
    shown = chain.shown_columns
    strike = next(place for place, index in enumerate(shown) if chain.COLUMNS[index].key == "strike")
    assert chain.column is None
    await press(pilot, key)
    assert chain.column == shown[strike + by]
    for _ in shown:
        await press(pilot, key)
    assert chain.column == shown[-1 if by > 0 else 0]


@check("column_left")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await sideways(app, pilot, key, -1)


@check("column_right")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await sideways(app, pilot, key, 1)


@check("sort")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    chain = app.workstation.pane("chain")
    natural = [row.key for row in chain.rows]
    at = chain.selected
    await press(pilot, "right", "right", key)
    column = chain.column
    assert column is not None
    assert chain.COLUMNS[column].key == "put.bid"
    assert chain.sort == Sort(column, falling=False)
    bids = [row.cells[column][0] for row in chain.rows]
    known = [float(bid) for bid in bids if bid != "n/a"]
    assert known == sorted(known)
    assert bids[len(known) :] == ["n/a"] * (len(bids) - len(known))
    assert at is not None
    assert chain.selected == at
    assert "bid▲" in chain.render_line(0).text
    await press(pilot, key)
    assert chain.sort == Sort(column, falling=True)
    assert [float(row.cells[column][0]) for row in chain.rows[: len(known)]] == sorted(known, reverse=True)
    assert "bid▼" in chain.render_line(0).text
    await press(pilot, key)
    assert chain.sort is None
    assert [row.key for row in chain.rows] == natural


@check("filter")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    chain = app.workstation.pane("chain")
    everything = len(chain.rows)
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, Filter))
    app.screen.query_one(Input).value = ">5870<"
    await until(pilot, lambda: len(chain.rows) == 1)
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is app.workstation)
    assert f"/>5870<: 1 of {everything}, esc shows all" in str(chain.border_title)
    await pilot.press("escape")
    assert len(chain.rows) == everything
    assert "esc shows all" not in str(chain.border_title)


@check("columns")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    chain = app.workstation.pane("chain")
    await press(pilot, "z", key)
    await until(pilot, lambda: isinstance(app.screen, Columns))
    await pilot.press("down", "space")
    second = chain.COLUMNS[1].key
    assert second in chain.choice.hidden
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is app.workstation)
    shown = [chain.COLUMNS[index].key for index in chain.shown_columns]
    assert second not in shown
    assert "put.bid" in shown
    size = (app.size.width, app.size.height)
    assert app.column_choice.read("chain", size) == chain.choice
    kept = chain.choice
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, Columns))
    await pilot.press("space", "r", "escape")
    await until(pilot, lambda: app.screen is app.workstation)
    assert chain.choice == kept


@check("copy_cell")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert app.clipboard == ">5870<"
    assert "OSC 52" in app.workstation.message
    await press(pilot, "down", key)
    assert app.clipboard == "5875"


@check("copy_row")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    chain = app.workstation.pane("chain")
    assert chain.selected is not None
    cells = [text.strip() for text, _ in chain.selected.cells]
    await press(pilot, key)
    assert app.clipboard.split("\t") == cells
    await press(pilot, key)
    titles, row = app.clipboard.split("\n")
    assert titles.split("\t") == [column.title for column in chain.COLUMNS]
    assert row.split("\t") == cells


@check("copy_trade")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert app.clipboard == ""
    assert "no trade under the cursor" in app.workstation.message
    await press(pilot, "2", "home", key)
    trade = app.workstation.pane("positions").rows[0].trade
    first, _, rest = app.clipboard.partition("\n")
    assert first == f"trade {trade}, SIMULATED main 2026-01-15 12:02:31 New York"
    for label in ("IC 10:00", "puts", "calls"):
        assert label in rest


@check("write_csv")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    chain = app.workstation.pane("chain")
    with tempfile.TemporaryDirectory() as home, patch.object(exporting, "folder", lambda: Path(home) / "made"):
        await press(pilot, "/", "5", "8", "7", "0", "enter", key)
        await until(pilot, lambda: "written to" in app.workstation.message)
        (path,) = (Path(home) / "made").iterdir()
        assert path.name == "simulated-main-2026-01-15-chain-120231.csv"
        assert path.stat().st_mode & 0o777 == 0o600
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    assert len(rows) == 41
    assert set(rows[0]) == {*(column.key for column in chain.COLUMNS), "text", "data", "as_of"}
    assert {row["data"] for row in rows} == {"SIMULATED"}


@check("screenshot")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    with tempfile.TemporaryDirectory() as home, patch.object(exporting, "folder", lambda: Path(home)):
        await press(pilot, key)
        await until(pilot, lambda: "written to" in app.workstation.message)
        (path,) = Path(home).iterdir()
        assert path.name == "simulated-main-2026-01-15-screen-120231.svg"
        assert path.stat().st_mode & 0o777 == 0o600
        text = path.read_text(encoding="utf-8")
    assert text.startswith('<svg xml:space="preserve" ')
    assert "SIMULATED" in text


@check("freeze")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    log = app.workstation.pane("log")
    before = log.rows
    await press(pilot, key)
    assert app.workstation.still.frozen
    assert port.current is not None
    later = LogRow(n=99, ts=views.at("12:02:40"), level="info", source="x", text="later")
    port.put(log=(*port.current.log, later))
    await until(pilot, lambda: "FROZEN, 1 update behind" in app.workstation.query_one("#footer").plain)  # type: ignore[attr-defined]
    assert log.rows == before
    await press(pilot, key)
    assert len(log.rows) == len(before) + 1
    assert "FROZEN" not in app.workstation.query_one("#footer").plain  # type: ignore[attr-defined]


@check("redraw")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    app.edge._glass = Glass(1, 1)
    await press(pilot, key)
    assert app.edge._glass is None
