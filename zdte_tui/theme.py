"""Which theme the first paint is to have, guessed before the configuration is read and checked."""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

DEFAULT = "textual-dark"
"""That of the packaged configuration."""


def likely_theme(args: argparse.Namespace) -> str:
    """``[ui] theme`` of the user's file, ``--config`` and ``--set``, the last one that can be read as a word.

    A guess spares the first paint the fifth of a second that the configuration takes. Nothing wrong is told here: the
    configuration is checked in full right after the paint, and the theme it names is the one that stays.
    """
    import platformdirs

    theme = DEFAULT
    own = Path(platformdirs.user_config_dir("zdte-tui")) / "config.toml"
    for path in (own, getattr(args, "config", None)):
        theme = _in_file(path) or theme if path is not None else theme
    for setting in getattr(args, "settings", ()):
        key, _, value = setting.partition("=")
        if key.strip() == "ui.theme":
            theme = value.strip().strip("\"'") or theme
    return theme


def _in_file(path: Path) -> str:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")).get("ui", {}).get("theme", "")
    except (OSError, ValueError, AttributeError):
        return ""
    return found if isinstance(found, str) else ""
