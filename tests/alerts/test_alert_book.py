"""Alerts kept: repeats folded, acknowledged, taken back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.alerts import AlertBook, Level, Raised
from engine.alerts.book import FOLD, MOST, SHOWN

SECOND = 1_000_000_000


def raised(ts: int, key: str = "spot", level: Level = "warning") -> Raised:
    return Raised(ts=ts, key=key, kind="rule", level=level, text=f"{key} at {ts}", root="SPXW")


def test_repeats_within_a_few_minutes_are_one_alert_with_the_newest_words() -> None:
    book = AlertBook()
    for ts in (SECOND, 2 * SECOND, 3 * SECOND):
        book.add(raised(ts), ts, ts)
    (alert,) = book.shown
    assert (alert.id, alert.count, alert.first_ts, alert.ts) == (1, 3, SECOND, 3 * SECOND)
    assert alert.text == f"spot at {3 * SECOND}"
    assert alert.serial == book.serial == 3


def test_what_comes_much_later_is_an_alert_of_its_own_and_the_newest_comes_first() -> None:
    book = AlertBook()
    book.add(raised(0), 0, 1)
    book.add(raised(0, "vix"), 0, 1)
    book.add(raised(FOLD + 1), FOLD + 1, 2)
    assert [(alert.id, alert.count) for alert in book.shown] == [(3, 1), (2, 1), (1, 1)]


def test_an_acknowledged_alert_that_occurs_again_is_open_again() -> None:
    book = AlertBook()
    book.add(raised(0), 0, 1)
    assert book.acknowledge(1) is not None
    assert book.shown[0].acknowledged
    assert book.open == []
    book.add(raised(SECOND), SECOND, 2)
    assert not book.shown[0].acknowledged
    assert book.acknowledge_all() == 1
    assert book.acknowledge_all() == 0


def test_an_alert_that_is_not_there_cannot_be_acknowledged() -> None:
    assert AlertBook().acknowledge(7) is None


def test_a_flood_is_bounded() -> None:
    book = AlertBook()
    for n in range(2 * MOST):
        book.add(raised(n * SECOND, key=f"key {n}"), n * SECOND, n)
    assert len(book.shown) == SHOWN
    assert len(book.open) <= MOST
    assert book.shown[0].text.startswith(f"key {2 * MOST - 1} ")


EVENTS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, FOLD)), max_size=40)


@given(EVENTS, st.data())
def test_going_back_and_on_again_gives_the_same_alerts(events: list[tuple[str, int]], data: st.DataObject) -> None:
    instants, now = [], 0
    for _, after in events:
        now += after
        instants.append(now)
    book = AlertBook()

    def play(first: int) -> None:
        for n in range(first, len(events)):
            book.add(raised(instants[n], events[n][0]), instants[n], n + 1)

    play(0)
    before = book.shown
    back_to = data.draw(st.integers(0, len(events)))
    book.take_back(now, back_to)
    assert book.serial == back_to
    play(back_to)
    assert book.shown == before


def test_what_was_seen_of_the_past_stays_seen() -> None:
    book = AlertBook()
    book.add(raised(0), 0, 1)
    book.add(raised(FOLD, "vix"), FOLD, 2)
    book.acknowledge_all()
    book.take_back(SECOND, 1)
    assert [(alert.id, alert.acknowledged) for alert in book.shown] == [(1, True)]
    book.add(raised(FOLD, "vix"), FOLD, 2)
    assert [alert.acknowledged for alert in book.shown] == [False, True]
