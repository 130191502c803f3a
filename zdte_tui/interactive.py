"""A session on the screen: the engine on a thread of its own, the workstation on this one."""

from __future__ import annotations

import os
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING

from zdte_tui.exits import BUG, CONFIG, OK, USAGE, CommandError

if TYPE_CHECKING:
    from engine.config import Config
    from engine.session.compose import Composed

REMOTE_FPS = "15"


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


def run_interactive(composed: Composed, config: Config) -> int:
    """Show a session until the person leaves."""
    from engine.session.port import LocalPort
    from zdte_tui.logs import log_file
    from zdte_tui.screen.app import HUNG_UP, run_workstation

    port = LocalPort(composed.runner)
    port.start()
    code = HUNG_UP  # until the screen says otherwise: whatever breaks it, the session can be continued
    try:
        code = run_workstation(port, config.ui.refresh_hz, config.ui.theme, str(log_file()))
    finally:
        outcome = port.stop(interrupted=code != 0)
        composed.close()
    if code == HUNG_UP:
        return HUNG_UP  # nobody is there to be told
    if code:
        print(f"zdte-tui: the screen failed with code {code}; see {log_file()}", file=sys.stderr)
        return BUG
    if outcome == "failed":
        print(f"zdte-tui: {composed.runner.error}; the traceback is in {log_file()}", file=sys.stderr)
        return BUG
    print(f"zdte-tui: {composed.greeting}: {outcome or 'still ending'}", file=sys.stderr)
    return OK
