"""A replay as a place to practise: jumps back, keys while it plays, and what hours of playing leave behind."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.days import ROOT, stored
from benchmarks.results import OURS, Work, at_most, party
from engine.calendar import clock_text
from engine.clock import MINUTE
from engine.config import Config, load
from engine.processes.collecting import collect_seldom
from engine.session.compose import Composed, compose_replay
from engine.session.port import LocalPort
from engine.session.source import DemoSource, Source, TapeSource
from engine.tape import Store
from engine.view import Pace, View
from strategies.registry import REGISTRY
from zdte_tui.interactive import prepare_frames

DEMO = dt.date(2026, 1, 15)
JUMPS = 20
KEYS = 40
PASSES = 4
PATIENCE = 60.0


def measure(say: Callable[[str], None], rounds: int = 3) -> list[Work]:
    """All of them."""
    home, days = stored(1, say)
    data = Store(home)
    sources: dict[str, Source] = {
        "a simulated day in 5 s steps, 3 expiries": DemoSource.of(DEMO, ["SPXW"], 7, step_seconds=5),
        "a minute tape of 200 contracts": TapeSource(data, ROOT, days[0]),
    }
    works = []
    prepare_frames("local")
    logging.getLogger("engine").setLevel(logging.ERROR)  # alerts are told as they are raised
    for name, source in sources.items():
        say(f"jumps back, {name}")
        with _session(source) as port:
            works.append(_jumps(port, name, JUMPS * rounds))
            say(f"the same from the screen, {name}")
            works.append(asyncio.run(_painted_jumps(port, name, JUMPS * rounds)))
    for name, source in {
        **sources,
        "the demo day, in 15 s steps": DemoSource.of(DEMO, ["SPXW"], 7, expiries=3),
    }.items():
        say(f"keys at 600x, {name}")
        with _session(source) as port, _as_the_program_runs():
            works.append(asyncio.run(_keys(port, name, KEYS * rounds)))
    say(f"the day {PASSES} times at full speed")
    with _session(DemoSource.of(DEMO, ["SPXW"], 7)) as port:
        works.append(_growth(port))
    return works


@contextmanager
def _as_the_program_runs() -> Iterator[None]:
    """The screen's thread lets the engine's in as soon, and rubbish is looked for as seldom, as in the program: with
    Python's own settings a look through all the objects of a day is a key's longest wait."""
    from zdte_tui.interactive import SWITCH_SECONDS

    switch, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(SWITCH_SECONDS)
    collect_seldom()
    try:
        yield
    finally:
        sys.setswitchinterval(switch)
        gc.unfreeze()
        gc.set_threshold(*thresholds)


@contextmanager
def _session(source: Source) -> Iterator[LocalPort]:
    with tempfile.TemporaryDirectory() as folder:
        config: Config = load(settings=[f"research.path={Path(folder) / 'research.sqlite'}"])
        composed: Composed = compose_replay(config, REGISTRY, source, speed=0, stay=True)
        port = LocalPort(composed.runner)
        port.start()
        try:
            yield port
        finally:
            port.stop()
            composed.close()


def _until(port: LocalPort, seen: Callable[[View], bool]) -> View:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        view = port.view()
        if view is not None and seen(view):
            return view
        time.sleep(0.0005)
    raise RuntimeError("the session never came to what was waited for")


def _jumps(port: LocalPort, name: str, count: int) -> Work:
    """From the close back through the day, jump by jump; each until the view of its instant is made."""
    whole = _until(port, lambda view: view.progress.finished).progress
    span = whole.close - whole.open - 5 * MINUTE
    taken: list[float] = []
    for n in range(count):
        instant = whole.close - 3 * MINUTE - round(n / count * span)
        begun = time.perf_counter()
        port.pace(Pace("goto", instant=instant))
        _until(port, lambda view: view.progress.now == instant)  # noqa: B023
        taken.append(1000 * (time.perf_counter() - begun))
    ours = party(OURS, taken, "each from the one before, view included", "ours")
    return Work(f"a jump back in {name}", "ms", (ours,), (at_most(1000, max(taken), "the slowest", "ms"),))


async def _painted_jumps(port: LocalPort, name: str, count: int) -> Work:
    """From enter in the dialog of ``g`` to the end of the first paint that shows the instant, from the close back."""
    from textual.widgets import Input

    from zdte_tui.screen.app import WorkstationApp

    whole = _until(port, lambda _: True).progress
    span = (whole.close - whole.open - 6 * MINUTE) // MINUTE
    port.pace(Pace("goto", instant=whole.close))
    _until(port, lambda view: view.progress.now == whole.close)
    app = WorkstationApp(port, refresh_hz=5)
    painted: list[tuple[float, int]] = []
    display = app._display

    def noted(*given: object) -> None:
        display(*given)  # type: ignore[arg-type]
        if app.desk.view is not None:
            painted.append((time.perf_counter(), app.desk.view.progress.now))

    taken: list[float] = []
    async with app.run_test(size=(160, 48)) as pilot:
        while app.desk.view is None:
            await pilot.pause(0.05)
        app._display = noted  # type: ignore[assignment,method-assign]
        for n in range(count):
            instant = whole.close - 3 * MINUTE - round(n / count * span) * MINUTE
            await pilot.press("g")
            await pilot.pause()
            app.screen.query_one(Input).value = clock_text(instant)
            painted.clear()
            begun = time.perf_counter()
            app.simulate_key("enter")
            while not (found := [end for end, now in painted if now == instant]):
                if time.perf_counter() - begun > PATIENCE:
                    raise RuntimeError(f"{clock_text(instant)} was never painted")
                await asyncio.sleep(0.001)
            taken.append(1000 * (found[0] - begun))
    ours = party(OURS, taken, "160x48, from enter to the paint of the new instant", "ours")
    return Work(f"a jump back on the screen, {name}", "ms", (ours,), (at_most(1000, max(taken), "the slowest", "ms"),))


async def _keys(port: LocalPort, name: str, count: int) -> Work:
    """From a key to the end of the first paint that shows what it did, while the day plays at 600x."""
    from zdte_tui.screen.app import WorkstationApp

    app = WorkstationApp(port, refresh_hz=5)
    painted: list[float] = []
    display = app._display

    def noted(*given: object) -> None:
        display(*given)  # type: ignore[arg-type]
        painted.append(time.perf_counter())

    taken: list[float] = []
    async with app.run_test(size=(160, 48)) as pilot:
        while app.desk.view is None or not app.desk.view.progress.finished:
            await pilot.pause(0.05)
        start = app.desk.view.progress.open + 30 * MINUTE
        port.pace(Pace("speed", value=600))

        async def play() -> None:
            port.pace(Pace("goto", instant=start))
            async with asyncio.timeout(PATIENCE):
                while app.desk.view is None or app.desk.view.progress.now != start:
                    await asyncio.sleep(0.01)
            port.pace(Pace("resume"))

        await play()
        app._display = noted  # type: ignore[assignment,method-assign]
        for n in range(count):
            if n % 30 == 29:
                await play()  # what a jump back takes is measured above
            key, pane = (("2", "positions"), ("1", "chain"))[n % 2]
            painted.clear()
            begun = time.perf_counter()
            app.simulate_key(key)
            while app.workstation.primary != pane:
                await asyncio.sleep(0)
            painted.clear()
            while not painted:
                await asyncio.sleep(0)
            taken.append(1000 * (painted[0] - begun))
            await asyncio.sleep(0.02)
    ours = party(OURS, taken, "160x48, focus to another pane", "ours")
    tail = sorted(taken)[min(len(taken) - 1, round(0.99 * len(taken)))]
    return Work(f"from a key to its paint at 600x, {name}", "ms", (ours,), (at_most(50, tail, "p99", "ms"),))


def _growth(port: LocalPort) -> Work:
    """Memory and objects after each pass over the day; the first passes fill what is kept once."""
    sizes: list[float] = []
    objects: list[int] = []
    for _ in range(PASSES):
        port.pace(Pace("resume"))
        end = _until(port, lambda view: view.progress.finished)
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        sizes.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
        objects.append(sys.getallocatedblocks())
        port.pace(Pace("goto", instant=end.progress.open + MINUTE))
        _until(port, lambda view: not view.progress.finished)
    settled = PASSES // 2
    grown = sizes[-1] - sizes[settled - 1]
    more = 100 * (objects[-1] / objects[settled - 1] - 1)
    ours = party(OURS, sizes, "resident memory after each pass", "ours")
    targets = (
        at_most(5, grown, f"memory grown after pass {settled}", "MB"),
        at_most(1, more, f"objects more after pass {settled}", "%"),
    )
    return Work(f"the demo day {PASSES} times at full speed", "MB", (ours,), targets)
