"""The command ``zdte-tui``: parse, run, and turn what went wrong into one line and an exit code."""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from pathlib import Path
from typing import TextIO

from zdte_tui.exits import BUG, CANNOT_CREATE, CONFIG, DATA, UNAVAILABLE, CommandError
from zdte_tui.interrupts import one_interrupt
from zdte_tui.telling import one_line

_OURS = ("engine", "strategies", "zdte_tui")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    _mend_streams()
    state = _state_dir()
    was_there = os.path.exists(state)  # noqa: PTH110 - no error where a folder above it is closed to us
    try:
        with one_interrupt():
            code = _run(arguments)
    finally:
        _flush()
    if not was_there and code != BUG and os.path.exists(state):  # noqa: PTH110
        _say(f"journals, recordings and the log are kept in {state}; `zdte-tui config path` names every place", code)
    return code


def _run(arguments: list[str] | None) -> int:
    from zdte_tui.parser import parse

    args = parse(arguments)
    try:
        code = int(args.run(args))
        sys.stdout.flush()
        return code
    except CommandError as error:
        return _say(str(error), error.code)
    except KeyboardInterrupt:
        return _say("interrupted", 130)
    except BrokenPipeError:
        _silence(sys.stdout)  # the reader of our output has gone; nothing is left to say to it
        return 0
    except Exception as error:
        if isinstance(error, ImportError) and not (error.name or "").startswith(_OURS):
            return _say(f"a package cannot be imported: {error}; zdte-tui doctor says how to mend it", UNAVAILABLE)
        return _explain(error)


def _explain(error: Exception) -> int:
    """What a person can mend is one line; anything else is a bug, whose traceback goes to the log."""
    from engine.broker import BrokerDown
    from engine.config import ConfigError
    from engine.journal import JournalError, UnreadableJournal
    from engine.tape import ImportRefused, StoreError

    if isinstance(error, ConfigError):
        return _say(str(error), CONFIG)
    if isinstance(error, BrokerDown):
        return _say(str(error), UNAVAILABLE)
    if isinstance(error, StoreError | ImportRefused | UnreadableJournal):
        return _say(str(error), DATA)
    if isinstance(error, JournalError | PermissionError | IsADirectoryError | NotADirectoryError):
        return _say(str(error), CANNOT_CREATE)
    if isinstance(error, OSError) and error.filename is not None:
        return _say(f"{error.filename}: {error.strerror}", CANNOT_CREATE)
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return _say(f"cannot write: {error.strerror}; free some space, or write elsewhere", CANNOT_CREATE)
    from zdte_tui.logs import log_file, note_bug

    note_bug(error)
    text = "".join(traceback.format_exception_only(error)).strip()
    return _say(f"this is a bug: {text}; the traceback is in {log_file()}", BUG)


def _mend_streams() -> None:
    """Standard output and error that can be written to, and that take any text: a name may hold bytes that are none."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the process ends
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _state_dir() -> Path:
    """Where journals lie; ``engine.config`` says the same, but takes longer to import."""
    try:
        import platformdirs
    except ImportError:  # `doctor` says so, and must be reached for that
        return Path(os.devnull)

    return Path(platformdirs.user_state_dir("zdte-tui"))


def _flush() -> None:
    """What is still buffered must not fail when the interpreter ends, where nobody could explain it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _silence(stream)


def _silence(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _say(message: str, code: int) -> int:
    print(f"zdte-tui: {one_line(message)}", file=sys.stderr)
    return code
