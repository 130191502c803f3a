"""Our own themes beside Textual's, and which theme a terminal of few colours is given."""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import BUILTIN_THEMES, Theme

from zdte_tui.screen.skins.colours import few_colours

OWN: tuple[Theme, ...] = (
    Theme(
        name="zdte-dark",
        primary="#5aa9e6",
        secondary="#3a6ea5",
        accent="#c9a227",
        warning="#e5b83c",
        error="#e0525f",
        success="#5fbf77",
        foreground="#d8dee6",
        background="#10141a",
        surface="#171c24",
        panel="#1e2530",
        dark=True,
    ),
    Theme(
        name="zdte-light",
        primary="#0b5cad",
        secondary="#3a6ea5",
        accent="#7a5200",
        warning="#8a5a00",
        error="#b3202e",
        success="#1b6e36",
        foreground="#14181d",
        background="#fbfbf8",
        surface="#f1f1ec",
        panel="#e4e5e0",
        dark=False,
    ),
    # Gains are blue and losses orange: the pair that every common kind of colour blindness tells apart. What warns is
    # told from a loss by its word, and by being pale.
    Theme(
        name="zdte-colour-blind",
        primary="#b8b8d8",
        secondary="#8888b0",
        accent="#f0e442",
        warning="#f0e8b0",
        error="#e69f00",
        success="#56b4e9",
        foreground="#e4e4e4",
        background="#12121a",
        surface="#1a1a24",
        panel="#242430",
        dark=True,
    ),
    Theme(
        name="zdte-high-contrast",
        primary="#00ffff",
        secondary="#00ffff",
        accent="#ffff00",
        warning="#ffff00",
        error="#ff6060",
        success="#40ff40",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#101010",
        dark=True,
        text_alpha=1.0,
        variables={"text-muted": "#ffffff", "text-disabled": "#c8c8c8"},
    ),
)
DEFAULT = "textual-dark"


def names() -> list[str]:
    """All that ``[ui] theme`` may name."""
    return sorted({*BUILTIN_THEMES, *(each.name for each in OWN)})


def fitting(theme: str, env: Mapping[str, str]) -> str:
    """``theme``, or where the terminal has 16 colours at most the ANSI one as dark or light: of a theme's own colours
    only the nearest of 16 would be seen, often the same for text and ground."""
    if theme.startswith("ansi") or not few_colours(env):
        return theme
    known = {each.name: each for each in (*BUILTIN_THEMES.values(), *OWN)}
    return "ansi-light" if theme in known and not known[theme].dark else "ansi-dark"
