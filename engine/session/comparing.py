"""A session beside the same day played hands-off, and sessions of a journal beside one another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.core import Engine
from engine.events import ExitRecord, MarkRecord, TradeRecord
from engine.journal import JournalReader, SessionRow
from engine.session.course import Course
from engine.session.handsoff import HandsOff
from engine.session.publisher import Publisher
from engine.session.source import Source
from engine.view.comparison import ComparisonView
from engine.view.story import Story, compare

NAMES = ("practice", "hands-off")


class Comparing:
    """Compares the session at hand with the hands-off run of its day, as far as the session has come: what the
    strategies will do later is not told before."""

    def __init__(self, source: Source, make_engine: Callable[[], Engine], course: Course, publisher: Publisher) -> None:
        self._course = course
        self._hands_off = HandsOff(source, make_engine, publisher.ask_again)
        publisher.compare = self._compare

    def stop(self) -> None:
        """The session is over."""
        self._hands_off.stop()

    def _compare(self, story: Story, now: int) -> ComparisonView:
        if not self._course.given:
            return ComparisonView(why_empty="nobody has traded this day but the strategies: t takes over from here")
        found = self._hands_off.ask()
        if found is None:
            return ComparisonView(why_empty=self._hands_off.problem or "playing the day hands-off to compare with ...")
        names = NAMES if self._course.practice is not None else ("this session", NAMES[1])
        return compare(story, found.until(now), names)


def story_of(journal: Path, row: SessionRow) -> Story:
    """A session of a journal, folded from its records."""
    with JournalReader(journal) as reader:
        records = reader.records(row.session, [TradeRecord, MarkRecord, ExitRecord])
    story = Story()
    story.take(records)
    return story
