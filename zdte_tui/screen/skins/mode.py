"""What tells real money from a replay without any colour: a word in every border, and the line the borders are of."""

from __future__ import annotations

from dataclasses import dataclass

from engine.view import View


@dataclass(frozen=True, slots=True)
class Skin:
    """The looks of a mode.

    Attributes:
        word: the banner's first, in capitals.
        name: of its style in the first line, and with ``mode-`` of the class that ``workstation.tcss`` gives frames to.
    """

    word: str
    name: str

    def frame(self, text: str) -> str:
        """``text`` as the mode's words are written: only real money is framed in exclamation marks."""
        return f"!!! {text} !!!" if self.name == "live" else f"[ {text} ]"


SKINS = (
    Skin("LIVE", "live"),
    Skin("PAPER", "paper"),
    Skin("SHADOW", "shadow"),
    Skin("REPLAY", "replay"),
    Skin("PRACTICE", "practice"),
    Skin("SIMULATED", "simulated"),
)
UNKNOWN = SKINS[1]
"""The looks of a mode that is not known: as if it were real, never as play."""


def skin(banner: str) -> Skin:
    """The looks for a banner, by its first word."""
    word = banner.split(" ", 1)[0]
    return next((each for each in SKINS if each.word == word), UNKNOWN)


def mode_words(banner: str) -> list[str]:
    """The words of a banner that tell the mode: the first, of a practice session what it is practised on too, of one
    with an account its last characters (``*6789``), of shadow that its fills are simulated, and of a rehearsal that its
    market is."""
    words = banner.split()
    if words[:1] == ["PRACTICE"]:
        return words[:2]
    more = [word for word in words[1:3] if word.startswith("*") or word in _TOLD]
    return words[:1] + more


_TOLD = ("SIMULATED", "SIMULATED-fills", "live-mode")
"""Words that are never left out: what is made up, and that a mode of real money has none."""


def account_mode(banner: str) -> str:
    """The mode and the account of a session on a real market, such as ``LIVE *6789``; empty for any other."""
    return " ".join(mode_words(banner)) if skin(banner).name in ("live", "paper", "shadow") else ""


def badge(view: View) -> str:
    """What stands in the border of every pane: the mode, and whether this screen only watches. On a simulated market
    that stands in place of the account, which is made up too."""
    banner = view.header.banner
    first, *more = mode_words(banner) or [""]
    word = " ".join([first, *(each for each in more if each not in _TOLD)])
    if "SIMULATED" in more:
        word = f"{first} SIMULATED"
    mode = skin(banner).frame(word) if skin(banner).name == "live" else word
    return mode if view.seat is None or view.seat.in_control else f"{mode} WATCHING"
