"""The command ``zdte-tui``: parse, run, and turn what went wrong into one line and an exit code."""

from __future__ import annotations

import os
import sys
import traceback

from zdte_tui.exits import BUG, CANNOT_CREATE, CONFIG, DATA, CommandError


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    from zdte_tui.parser import parse

    args = parse(arguments)
    try:
        return int(args.run(args))
    except CommandError as error:
        return _say(str(error), error.code)
    except KeyboardInterrupt:
        return _say("interrupted", 130)
    except BrokenPipeError:
        # The reader of our output has gone; nothing is left to say to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _explain(error)


def _explain(error: Exception) -> int:
    """What a person can mend is one line; anything else is a bug, whose traceback goes to the log."""
    from engine.config import ConfigError
    from engine.journal import JournalError
    from engine.tape import ImportRefused, StoreError

    if isinstance(error, ConfigError):
        return _say(str(error), CONFIG)
    if isinstance(error, StoreError | ImportRefused):
        return _say(str(error), DATA)
    if isinstance(error, JournalError | PermissionError | IsADirectoryError | NotADirectoryError):
        return _say(str(error), CANNOT_CREATE)
    if isinstance(error, OSError) and error.filename is not None:
        return _say(f"{error.filename}: {error.strerror}", CANNOT_CREATE)
    from zdte_tui.logs import log_file, note_bug

    note_bug(error)
    text = "".join(traceback.format_exception_only(error)).strip()
    return _say(f"this is a bug: {text}; the traceback is in {log_file()}", BUG)


def _say(message: str, code: int) -> int:
    print(f"zdte-tui: {message}", file=sys.stderr)
    return code
