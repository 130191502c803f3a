"""The tour's table: what is shown, in which order, and what moves it on."""

from __future__ import annotations

from difflib import get_close_matches

from zdte_tui.screen.tour import story
from zdte_tui.screen.tour.step import Step, focused, later, pressed, seen

MINUTE = 60 * 1_000_000_000

STEPS: tuple[Step, ...] = (
    Step("welcome", "A day to look round in", story.welcome, still=True),
    Step("top", "What the eye needs first", story.top, about="header"),
    Step("bar", "The day and its pace", story.bar, about="timeline", press="space", until=later(MINUTE), drive="play"),
    Step(
        "chain", "Pane 1, the chain", story.chain, about="chain", press="4, which goes to the signals",
        until=focused("signals"), drive="signals", still=True,
    ),
    Step(
        "windows", "Pane 4, the signals", story.windows, about="signals",
        press="n, which plays to the next signal or trade, until one is filled",
        until=seen(lambda view: story.traded(view) is not None), drive="next-event",
    ),
    Step("trade", "Pane 2, the positions", story.trade, about="positions"),
    Step(
        "stop", "A stop, and who holds it", story.stop, about="positions", press="3, which goes to the Greeks",
        until=focused("greeks"), drive="greeks",
    ),
    Step(
        "greeks", "Pane 3, the Greeks", story.greeks, about="greeks", press="5, which goes to the limits",
        until=focused("risk"), drive="risk",
    ),
    Step(
        "risk", "Pane 5, the limits", story.risk, about="risk", press="6, which goes to the log",
        until=focused("log"), drive="log",
    ),
    Step("log", "Pane 6, the log", story.log, about="log"),
    Step(
        "exits", "How a trade ends", story.exits, about="positions", press="n, until a trade or a side is closed",
        until=seen(lambda view: story.ended(view) is not None), drive="next-event",
    ),
    Step(
        "speed", "Faster and slower", story.speed, about="timeline", press="]",
        until=pressed("faster", "slower", "set_speed"), drive="faster",
    ),
    Step("jump", "To any time, also back", story.jump, about="timeline", press="g", until=pressed("go_to")),
    Step(
        "flatten", "The kill switch", story.flatten, about="positions", press="F, and then y or any other key",
        until=pressed("flatten"),
    ),
    Step("keys", "Every key, every name", story.keys, press="?", until=pressed("help"), drive="help"),
    Step("goodbye", "Yours from here", story.goodbye),
)  # fmt: skip


def step_number(text: str) -> int:
    """The index in ``STEPS`` that a number from 1 or a step's name means; ``ValueError`` for another."""
    word = text.strip().lower()
    if word.isdecimal() and 1 <= int(word) <= len(STEPS):
        return int(word) - 1
    ids = [step.id for step in STEPS]
    if word in ids:
        return ids.index(word)
    near = get_close_matches(word, ids, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"the tour has steps 1 to {len(STEPS)}, and no {text.strip()!r}{hint}")
