"""A table whose cells change, in a real terminal with Textual's own driver: what it costs the processor and the line.

    python moving_table.py WHO COLUMNSxLINES ROWS COLUMNS HZ SHARE SECONDS

WHO is ours, ours-flash, ours-remote or datatable. It answers with JSON: milliseconds of processor time of each frame,
bytes a second and an update, and how many of the updates were painted.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import random
import select
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WARM_UP = 12
"""Updates that do not count."""


class Market:
    """Prices that move by ticks; the same for everybody."""

    def __init__(self, rows: int, columns: int, share: float) -> None:
        self._chance = random.Random(7)
        self.rows, self.columns = rows, columns
        self.ticks = [[self._chance.randrange(20, 4000) for _ in range(columns)] for _ in range(rows)]
        self._many = round(rows * columns * share)

    def text(self, row: int, column: int) -> str:
        """What is shown."""
        return f"{self.ticks[row][column] * 0.05:.2f}"

    def move(self) -> list[tuple[int, int]]:
        """Change as many cells as change at a time; which."""
        cells = [divmod(at, self.columns) for at in self._chance.sample(range(self.rows * self.columns), self._many)]
        for row, column in cells:
            self.ticks[row][column] = max(1, self.ticks[row][column] + self._chance.choice((-2, -1, 1, 2)))
        return cells


def app_of(who: str, market: Market) -> tuple[Any, Callable[[Any, list[tuple[int, int]]], None]]:
    """The app with one table over the whole terminal, and what shows a change in it."""
    if who == "datatable":
        return _data_table(market)
    from zdte_tui.screen.edged import EdgedApp
    from zdte_tui.screen.grid import Cell, Column, Grid, Row
    from zdte_tui.screen.grid.paint import STYLES
    from zdte_tui.screen.manners import Manners

    class Table(Grid):
        COLUMNS = tuple(Column(f"c{n}", f"col {n}", 9, flash=True) for n in range(market.columns))

    class Ours(EdgedApp):
        CSS = "Grid { height: 1fr; scrollbar-size: 0 0; } " + " ".join(
            f".cell-{name} {{ color: $foreground; }}" for name in STYLES if name not in ("cursor", "column", "flash")
        )

        def compose(self) -> Any:
            yield Table(id="table")

    def row(number: int) -> Row:
        cells = tuple((market.text(number, column), "text") for column in range(market.columns))
        return Row(str(number), cells)

    rows = [row(number) for number in range(market.rows)]

    def show(app: Any, cells: list[tuple[int, int]]) -> None:
        changed: dict[int, list[Cell]] = {}
        for number, column in cells:
            changed.setdefault(number, list(rows[number].cells))[column] = (market.text(number, column), "text")
        for number, made in changed.items():
            rows[number] = Row(str(number), tuple(made))
        app.query_one(Table).put(tuple(rows))

    app = Ours()
    app.behave(Manners(flash=who == "ours-flash", remote=who == "ours-remote"))
    return app, show


def _data_table(market: Market) -> tuple[Any, Callable[[Any, list[tuple[int, int]]], None]]:
    from textual.app import App
    from textual.widgets import DataTable

    class Theirs(App[None]):
        CSS = "DataTable { height: 1fr; scrollbar-size: 0 0; }"

        def compose(self) -> Any:
            yield DataTable(id="table")

        def on_mount(self) -> None:
            table = self.query_one(DataTable)
            for column in range(market.columns):
                table.add_column(f"col {column}", key=str(column), width=9)
            for number in range(market.rows):
                cells = [market.text(number, column) for column in range(market.columns)]
                table.add_row(*cells, key=str(number))

    def show(app: Any, cells: list[tuple[int, int]]) -> None:
        table = app.query_one(DataTable)
        for number, column in cells:
            table.update_cell(str(number), str(column), market.text(number, column))

    return Theirs(), show


def play(who: str, market: Market, hz: float, updates: int, answer: Path) -> None:
    """Run the app for so many updates; what each cost goes into a file."""
    app, show = app_of(who, market)
    costs: list[float] = []
    painted = 0
    shown = 0
    state = {"waiting": False, "before": 0.0, "since": 0.0}

    class Watched(type(app)):  # type: ignore[misc]
        def _display(self, screen: Any, renderable: Any) -> None:
            nonlocal painted
            super()._display(screen, renderable)
            if renderable is not None and state["waiting"]:
                painted += 1
                state["waiting"] = False

    app.__class__ = Watched

    def update() -> None:
        nonlocal shown
        now = time.process_time()
        if shown > WARM_UP:
            costs.append((now - state["before"]) * 1e3)
        state["before"] = now
        if shown == WARM_UP:
            state["since"] = time.monotonic()
        if shown == updates + WARM_UP:
            state["until"] = time.monotonic()
            app.exit()
            return
        shown += 1
        if shown > WARM_UP:
            state["waiting"] = True
        show(app, market.move())

    def begin() -> None:
        show(app, market.move())
        app.set_interval(1 / hz, update)

    app.call_later(lambda: app.set_timer(0.5, begin))
    app.run()
    found = {"costs": costs, "painted": painted, "since": state["since"], "until": state["until"]}
    answer.write_text(json.dumps(found), encoding="utf-8")


def main() -> None:
    """Play in a pseudo-terminal and count what comes out of it."""
    who, size, rows, columns, hz, share, seconds = sys.argv[1:8]
    wide, high = map(int, size.split("x"))
    updates = round(float(hz) * float(seconds))
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
    os.environ["TEXTUAL_FPS"] = "15" if who == "ours-remote" else "120" if who.startswith("ours") else "60"
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        pid, fd = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", high, wide, 0, 0))
            try:
                play(who, Market(int(rows), int(columns), float(share)), float(hz), updates, answer)
            finally:
                os._exit(0)
        counted: list[tuple[float, int]] = []
        while True:
            select.select([fd], [], [], 60)
            try:
                data = os.read(fd, 1 << 16)
            except OSError:  # the other end of a pseudo-terminal has closed
                break
            if not data:
                break
            counted.append((time.monotonic(), len(data)))
        os.close(fd)
        os.waitpid(pid, 0)
        found = json.loads(answer.read_text("utf-8"))
    since, until = found["since"], found["until"]
    steady = sum(size for at, size in counted if since <= at <= until)
    found |= {"bytes_a_second": steady / (until - since), "bytes_an_update": steady / updates, "updates": updates}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
