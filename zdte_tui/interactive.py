"""A session on the screen: the workstation on this thread, the session opened and run on threads of its own."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from difflib import get_close_matches
from types import FrameType
from typing import TYPE_CHECKING

from zdte_tui.exits import BUG, CANNOT_CREATE, CONFIG, OK, USAGE, CommandError
from zdte_tui.opening import Opening

if TYPE_CHECKING:
    from engine.config import Config
    from engine.session.compose import Composed

REMOTE_FPS = "15"
HUNG_UP = 128 + signal.SIGHUP


class _Ending:
    """Ends a session once, from whichever thread comes first."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._once = threading.Lock()
        self._outcome: str | None = None

    def end(self) -> str:
        """Stop the engine and close the journal; how the session ended."""
        with self._once:
            if self._outcome is None:
                self._outcome = self._opening.end()
            return self._outcome

    def hang_up(self, _signal: int, _frame: FrameType | None) -> None:
        """SIGHUP: the terminal is gone.

        Textual may now block for ever on a queue that nobody empties, so nothing is asked of it any more.
        """
        threading.Thread(target=self._leave, name="hang-up").start()

    def _leave(self) -> None:
        try:
            self.end()
        finally:
            os._exit(HUNG_UP)


def play_on_screen(args: argparse.Namespace, read: Callable[[], Config], compose: Callable[[Config], Composed]) -> int:
    """Open a session behind the screen and show it until the person leaves.

    Nothing heavy is imported before the first paint. What is wrong with the configuration, the day or the journal ends
    the screen again and is told as without one.

    Args:
        args: as parsed; of them only the hint at a theme is used here.
        read: reads and validates the configuration. compose: makes the session.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        read()  # what is wrong with the configuration is the better news
        raise CommandError("the workstation needs a terminal; without one, run it with --no-ui", USAGE)
    gc.disable()  # until the session is open: nothing of what is imported by then is ever garbage
    if "SSH_CONNECTION" in os.environ:  # read by Textual when it is imported
        os.environ.setdefault("TEXTUAL_FPS", REMOTE_FPS)
    from zdte_tui.logs import log_file
    from zdte_tui.screen.app import run_workstation
    from zdte_tui.theme import likely_theme

    opening = Opening(lambda: _with_known_theme(read()), compose)
    ending = _Ending(opening)
    signal.signal(signal.SIGHUP, ending.hang_up)
    code = BUG  # until the screen says otherwise
    try:
        code = run_workstation(opening, likely_theme(args), str(log_file()), opening)
    except OSError:
        if sys.stdout.isatty():
            raise
    finally:
        outcome = ending.end()
    if opening.error is not None:
        raise opening.error
    return _told(opening, code, outcome)


def _with_known_theme(config: Config) -> Config:
    from zdte_tui.screen.app import known_themes

    themes = known_themes()
    if config.ui.theme not in themes:
        near = get_close_matches(config.ui.theme, themes, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise CommandError(
            f"config: ui.theme: unknown theme {config.ui.theme!r}{hint}; known: {', '.join(themes)}", CONFIG
        )
    return config


def _told(opening: Opening, code: int, outcome: str) -> int:
    """The last lines, after the screen, and the exit code."""
    from zdte_tui.logs import log_file
    from zdte_tui.results import result_line

    if code and not sys.stdout.isatty():
        return HUNG_UP  # nobody is there to be told
    if code:
        print(f"zdte-tui: the screen failed with code {code}; see {log_file()}", file=sys.stderr)
        return BUG
    composed = opening.composed
    if composed is None:
        print("zdte-tui: left before the session was open", file=sys.stderr)
        return OK
    if outcome == "failed":
        print(f"zdte-tui: {composed.runner.error}; the traceback is in {log_file()}", file=sys.stderr)
        return BUG
    if outcome == "unwritten":
        print(f"zdte-tui: {composed.runner.error}", file=sys.stderr)
        return CANNOT_CREATE
    print(f"zdte-tui: {composed.greeting}", file=sys.stderr)
    print(f"zdte-tui: session {composed.name} {outcome or 'still ending'}: {result_line(composed)}", file=sys.stderr)
    return OK
