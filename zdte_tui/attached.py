"""A screen on a session in another process: nothing of the session depends on it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from zdte_tui.appearance import Appearance
from zdte_tui.exits import BUG, OK, UNAVAILABLE, CommandError
from zdte_tui.interactive import HUNG_UP, prepare_frames, require_terminal, with_known_theme
from zdte_tui.terminal import TerminalWatch

if TYPE_CHECKING:
    from engine.control import Client, RemotePort
    from zdte_tui.screen.app import WorkstationApp


class _Attaching(Appearance):
    """What the screen wants to know of a session that runs already (``zdte_tui.screen.app.Opening``)."""

    stage = "waiting for the first view of the session"
    failed = False

    def begin(self) -> None:
        """The session runs already."""


def play_attached(args: argparse.Namespace, connect: Callable[[], Client]) -> int:
    """Show the session to which ``connect`` connects until this screen is left or the session ends."""
    require_terminal(connect)
    from engine.control import Declined, NoAnswer, RemotePort
    from zdte_tui.commands.control import configured
    from zdte_tui.logs import log_file, open_log

    config = with_known_theme(configured(args))
    client = connect()
    try:
        remote = RemotePort(client, _own_name(), args.watch)
    except (Declined, NoAnswer) as error:
        raise CommandError(f"the session of process {client.hello.pid}: {error}", UNAVAILABLE) from None
    finally:
        client.close()
    open_log()
    prepare_frames(config.ui.profile)
    from zdte_tui.screen.app import run_workstation

    watch = TerminalWatch(lambda _why: os._exit(HUNG_UP), lambda: None)  # the session does not care
    watch.start()

    def shown(app: WorkstationApp) -> None:
        app.attached = True
        remote.over = app.end_soon
        if remote.ending:
            app.call_later(app.exit)

    try:
        code = run_workstation(remote.port, config.ui.theme, str(log_file()), _Attaching(config), shown)
    finally:
        watch.close()
        remote.close()
    return _told(remote, code)


def _own_name() -> str:
    """What other screens are told of this one."""
    try:
        terminal = os.ttyname(0).removeprefix("/dev/")
    except OSError:
        terminal = "a terminal"
    host = os.environ.get("SSH_CONNECTION", "").partition(" ")[0]
    return f"the screen on {terminal}{f' from {host}' if host else ''}"


def _told(remote: RemotePort, code: int) -> int:
    """The last line, after the screen, and the exit code."""
    from zdte_tui.logs import log_file

    hello = remote.hello
    if code:
        print(f"zdte-tui: the screen failed with code {code}; see {log_file()}", file=sys.stderr)
        return BUG
    if remote.ending:
        print(f"zdte-tui: session {hello.session} has ended: {remote.ending}", file=sys.stderr)
        return OK
    if remote.lost:
        print(f"zdte-tui: {remote.lost}", file=sys.stderr)
        return UNAVAILABLE
    print(f"zdte-tui: left {hello.session}; it goes on as process {hello.pid}", file=sys.stderr)
    return OK
