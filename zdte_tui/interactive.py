"""A session on the screen: the engine on a thread of its own, the workstation on this one."""

from __future__ import annotations

import os
import signal
import sys
import threading
from difflib import get_close_matches
from types import FrameType
from typing import TYPE_CHECKING

from zdte_tui.exits import BUG, CANNOT_CREATE, CONFIG, OK, USAGE, CommandError
from zdte_tui.results import result_line

if TYPE_CHECKING:
    from engine.config import Config
    from engine.session.compose import Composed
    from engine.session.port import LocalPort

REMOTE_FPS = "15"
HUNG_UP = 128 + signal.SIGHUP


def require_screen(config: Config) -> None:
    """Before anything is opened: the workstation needs a terminal on both ends, and a theme it knows."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError("the workstation needs a terminal; without one, run it with --no-ui", USAGE)
    if "SSH_CONNECTION" in os.environ:  # read by Textual when it is imported
        os.environ.setdefault("TEXTUAL_FPS", REMOTE_FPS)
    from zdte_tui.screen.app import known_themes

    themes = known_themes()
    if config.ui.theme not in themes:
        near = get_close_matches(config.ui.theme, themes, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise CommandError(
            f"config: ui.theme: unknown theme {config.ui.theme!r}{hint}; known: {', '.join(themes)}", CONFIG
        )


class _Ending:
    """Ends a session once, from whichever thread comes first."""

    def __init__(self, port: LocalPort, composed: Composed) -> None:
        self._port = port
        self._composed = composed
        self._once = threading.Lock()
        self._outcome: str | None = None

    def end(self) -> str:
        """Stop the engine and close the journal; how the session ended."""
        with self._once:
            if self._outcome is None:
                self._outcome = self._port.stop()
                self._composed.close()
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


def run_interactive(composed: Composed, config: Config) -> int:
    """Show a session until the person leaves."""
    from engine.session.port import LocalPort
    from zdte_tui.logs import log_file
    from zdte_tui.screen.app import run_workstation

    port = LocalPort(composed.runner)
    ending = _Ending(port, composed)
    signal.signal(signal.SIGHUP, ending.hang_up)
    port.start()
    code = BUG  # until the screen says otherwise
    try:
        code = run_workstation(port, config.ui.refresh_hz, config.ui.theme, str(log_file()))
    except OSError:
        if sys.stdout.isatty():
            raise
    finally:
        outcome = ending.end()
    if code and not sys.stdout.isatty():
        return HUNG_UP  # nobody is there to be told
    if code:
        print(f"zdte-tui: the screen failed with code {code}; see {log_file()}", file=sys.stderr)
        return BUG
    if outcome == "failed":
        print(f"zdte-tui: {composed.runner.error}; the traceback is in {log_file()}", file=sys.stderr)
        return BUG
    if outcome == "unwritten":
        print(f"zdte-tui: {composed.runner.error}", file=sys.stderr)
        return CANNOT_CREATE
    print(f"zdte-tui: {composed.greeting}", file=sys.stderr)
    print(f"zdte-tui: session {composed.name} {outcome or 'still ending'}: {result_line(composed)}", file=sys.stderr)
    return OK
