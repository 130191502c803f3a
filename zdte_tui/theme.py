"""What the first paint needs of ``[ui]``, guessed before the configuration is read and checked."""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

DEFAULT = "textual-dark"
"""The theme of the packaged configuration."""


def likely_theme(args: argparse.Namespace) -> str:
    """``[ui] theme`` of the user's file, ``--config`` and ``--set``, the last one that can be read as a word.

    A guess spares the first paint the fifth of a second that the configuration takes. Nothing wrong is told here: the
    configuration is checked in full right after the paint, and the theme it names is the one that stays.
    """
    return _likely(args, "theme") or DEFAULT


def likely_profile(args: argparse.Namespace) -> str:
    """``[ui] profile``, guessed in the same way: how many frames a second there are is settled when Textual is
    imported."""
    return _likely(args, "profile") or "auto"


def _likely(args: argparse.Namespace, name: str) -> str:
    import platformdirs

    found = ""
    own = Path(platformdirs.user_config_dir("zdte-tui")) / "config.toml"
    for path in (own, getattr(args, "config", None)):
        found = _in_file(path, name) or found if path is not None else found
    for setting in getattr(args, "settings", ()):
        key, _, value = setting.partition("=")
        if key.strip() == f"ui.{name}":
            found = value.strip().strip("\"'") or found
    return found


def _in_file(path: Path, name: str) -> str:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")).get("ui", {}).get(name, "")
    except (OSError, ValueError, AttributeError):
        return ""
    return found if isinstance(found, str) else ""
