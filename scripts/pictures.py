"""Draws the pictures of the README: each layout on a demo day that is always the same.

    python -m scripts.pictures [--into docs/pictures] [--only standard] [--text]

The day is played into a journal in a temporary folder, paused at a fixed instant, and drawn as SVG; with ``--text`` as
text on standard output instead. It is the demo, and every picture says so.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.session.port import LocalPort
    from zdte_tui.screen.app import WorkstationApp

AT = "11:12"
"""When the day is drawn: a trade is open, one window was skipped or entered, and others are to come."""
PATIENCE = 120.0
"""Seconds after which a day that is not where it should be is given up."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One file: the size of the terminal, words for the ``:`` line, and keys after them."""

    name: str
    size: tuple[int, int]
    words: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    theme: str = "textual-dark"
    ascii: bool = False


PICTURES = (
    Picture("standard", (160, 48)),
    Picture("standard-200", (200, 60), ("payoff", "chain")),
    Picture("standard-120", (120, 40)),
    Picture("standard-80", (80, 24)),
    Picture("trade", (160, 48), ("layout trade",)),
    Picture("watch", (160, 48), ("layout watch",)),
    Picture("review", (160, 48), ("layout review",)),
    Picture("focus", (160, 48), ("gamma", "layout focus", "gamma")),
    Picture("light", (120, 40), theme="zdte-light"),
    Picture("colour-blind", (120, 40), theme="zdte-colour-blind"),
    Picture("ascii", (120, 40), ascii=True),
)


def main() -> int:
    """Draw; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--into", type=Path, default=Path("docs/pictures"))
    parser.add_argument("--only", choices=[each.name for each in PICTURES])
    parser.add_argument("--text", action="store_true")
    args = parser.parse_args()
    chosen = [each for each in PICTURES if args.only in (None, each.name)]
    with tempfile.TemporaryDirectory() as folder:
        # Nothing of this machine's may be in the pictures, and nothing of ours in its folders.
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            if name != "XDG_CACHE_HOME":  # the compiled kernels may stay where they are
                os.environ[name] = folder
        os.environ.pop("NO_COLOR", None)
        drawn = asyncio.run(_draw(chosen, Path(folder)))
    for picture, (text, svg) in zip(chosen, drawn, strict=True):
        if args.text:
            print(f"=== {picture.name} {picture.size[0]}x{picture.size[1]}\n{text}")
            continue
        args.into.mkdir(parents=True, exist_ok=True)
        (args.into / f"{picture.name}.svg").write_text(svg, encoding="utf-8")
        print(args.into / f"{picture.name}.svg", file=sys.stderr)
    return 0


async def _draw(pictures: list[Picture], folder: Path) -> list[tuple[str, str]]:
    from engine.config import load
    from engine.session.compose import compose_demo
    from engine.session.port import LocalPort
    from strategies.registry import REGISTRY

    config = load([], [f"journal.path={folder / 'pictures.db'}"])
    composed = compose_demo(config, REGISTRY, speed=0, stay=True, fresh=True)
    port = LocalPort(composed.runner)
    port.start()
    try:
        await _there(port)
        return [await _one(port, picture) for picture in pictures]
    finally:
        port.stop()
        composed.close()


async def _there(port: LocalPort) -> None:
    """Play to the instant, and stand there."""
    from engine.calendar import parse_time_of_day
    from engine.view import Pace

    end = monotonic() + PATIENCE
    while (view := port.view()) is None or view.chain is None:
        _within(end)
        await asyncio.sleep(0.05)
    instant = parse_time_of_day(AT).on(view.header.day, view.progress.open, view.progress.close)
    port.pace(Pace("goto", instant=instant))
    while (view := port.view()) is None or not view.progress.paused or abs(view.progress.now - instant) > 60 * 10**9:
        _within(end)
        if view is not None and not view.progress.paused and view.progress.now >= instant:
            port.pace(Pace("pause"))
        await asyncio.sleep(0.05)


async def _one(port: LocalPort, picture: Picture) -> tuple[str, str]:
    from zdte_tui.screen.app import WorkstationApp
    from zdte_tui.screen.commands import prepare
    from zdte_tui.screen.manners import Manners

    app = WorkstationApp(port, refresh_hz=20, theme=picture.theme)
    app.behave(Manners(flash=False, hover=False, ascii=picture.ascii))
    async with app.run_test(size=picture.size) as pilot:
        await _calm(app)
        for word in picture.words:
            prepare(app.workstation, word)()
            await _calm(app)
        await pilot.press(*picture.keys)
        await _calm(app)
        app.workstation.message, app.workstation.touched = "", True
        app.workstation.show(port.view() or app.workstation.desk.view)  # type: ignore[arg-type]
        await pilot.pause(0.2)
        update = app.screen._compositor.render_update(full=True)
        text = "\n".join("".join(part.text for part in strip).rstrip() for strip in update.strips)  # type: ignore[union-attr]
        return text, app.export_screenshot(title=f"zdte-tui --demo   {picture.name}")


async def _calm(app: WorkstationApp) -> None:
    """Wait until every pane on the screen has what it asked for, and nothing new comes."""
    end = monotonic() + PATIENCE
    quiet, seen = 0, None
    while quiet < 10:
        _within(end)
        await asyncio.sleep(0.05)
        view = app.desk.view
        quiet = quiet + 1 if view is not None and view is seen else 0
        seen = view


def _within(end: float) -> None:
    if monotonic() > end:
        raise SystemExit(f"pictures: the demo day did not come to {AT} within {PATIENCE:.0f} s")


if __name__ == "__main__":
    raise SystemExit(main())
