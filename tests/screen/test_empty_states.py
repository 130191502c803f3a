"""A pane with nothing to show says in words why, and which key changes that."""

from __future__ import annotations

from typing import Any

import pytest
import views
from msgspec.structs import replace
from playing import dump, play, press, until
from textual.pilot import Pilot
from views import FakePort

from engine.view import SideView, View
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.panes import why
from zdte_tui.screen.slots import number_of

ONE = {"roots": ("SPXW",)}


def blank(*, head: dict[str, Any] | None = None, **progress: Any) -> View:
    """A session before anything has happened, with changes to its header and its progress."""
    view = views.empty()
    return replace(
        view,
        header=replace(view.header, **{"next_deadline": "entry 10:00", **(head or {})}),
        progress=replace(view.progress, **progress),
    )


def unquoted() -> View:
    rows = tuple(replace(row, call=SideView(), put=SideView()) for row in views.chain().rows)
    return replace(blank(), chain=views.chain(rows=rows, atm=None, spot=None))


@pytest.mark.parametrize(
    ("view", "parts"),
    [
        (blank(), ["No quotes".lower(), "r shows the next root", "n plays to the next signal or trade"]),
        (blank(head=ONE, paused=True), ["no quotes have arrived", "space plays on"]),
        (blank(head=ONE, can_control=False), ["no quotes have arrived", "quotes come with the feed"]),
        (unquoted(), ["41 strikes of SPXW 2026-01-15 are listed, and none has a quote yet", "e shows the next expiry"]),
        (
            replace(
                blank(), chain=views.chain(root="XSP", rows=(), why_empty="no XSP option is listed yet", expiries=())
            ),
            ["No XSP option is listed yet.", "r shows the next root"],
        ),
        (
            replace(blank(), chain=views.chain(rows=(), expiry=views.DAY.replace(day=14))),
            ["SPXW 2026-01-14 has expired", "e shows the next expiry"],
        ),
        (blank(head={"feed": "down", "feed_text": "socket closed"}), ["The feed is down: socket closed."]),
        (blank(head=ONE, finished=True, now=views.at("16:00:00")), ["The day is over: g goes back to a time of it"]),
        (
            blank(head=ONE, finished=True, now=views.at("16:00:00"), earliest=views.at("16:00:00")),
            ["The day is over: q leaves."],
        ),
    ],
)
def test_the_chain(view: View, parts: list[str]) -> None:
    for part in parts:
        assert part in why.chain(view)


def test_a_chain_with_a_quote_or_a_holding_is_not_empty() -> None:
    assert why.chain(views.view()) == ""
    held = replace(unquoted().chain.rows[0], call=SideView(held=-1))  # type: ignore[union-attr]
    assert why.chain(replace(blank(), chain=views.chain(rows=(held,)))) == ""


@pytest.mark.parametrize(
    ("view", "parts"),
    [
        (blank(), ["No trades today so far. Next: entry 10:00.", "n plays to the next", "4 shows what each window"]),
        (blank(can_control=False), ["Next: entry 10:00. 4 shows"]),
        (blank(practice=1, strategies="alone", paused=True), ["You trade: O opens the order ticket; space plays on."]),
        (blank(practice=1, strategies="with"), ["n plays to the next", "4 shows what each window"]),
        (blank(head={"feed": "stale", "feed_text": "no data for 14 s"}), ["Nothing is entered without fresh quotes"]),
        (blank(head={"state": "HALTED", "state_text": "day loss"}), ["Entries are off: day loss", "No key lifts that"]),
        (blank(head={"state": "REDUCING", "state_text": "PAUSED"}), ["Entries are off: PAUSED", "A resumes"]),
        (blank(finished=True, now=views.at("16:00:00")), ["No trade was made on this day", "4 shows why", "q leaves"]),
        (
            blank(head={"next_deadline": "", "feed": "closed", "feed_text": "opens at 09:30"}, can_control=False),
            ["Opens at 09:30. q leaves."],
        ),
    ],
)
def test_the_positions(view: View, parts: list[str]) -> None:
    for part in parts:
        assert part in why.positions(view)


def test_the_greeks_tell_flat_from_closed_from_working() -> None:
    rows = views.positions().rows
    assert "nothing is held yet" in why.greeks(blank())
    assert "what was held is closed" in why.greeks(replace(blank(), positions=views.positions(rows=rows[-1:])))
    working = replace(rows[3], filled=0)
    assert "an order is working" in why.greeks(replace(blank(), positions=views.positions(rows=(working,))))


@pytest.mark.parametrize("pane", [why.chain, why.positions, why.greeks, why.signals, why.log])
def test_after_the_close_every_pane_names_the_ways_out_and_none_plays_on(pane: Any) -> None:
    said = pane(blank(finished=True, paused=True, now=views.at("16:00:00")))
    assert "g goes back to a time of it, q leaves." in said
    assert "plays" not in said


def test_no_sentence_turns_a_key_into_another_by_its_capital() -> None:
    for view in (blank(), blank(paused=True), blank(can_control=False), unquoted(), blank(finished=True)):
        for pane in (why.chain, why.positions, why.greeks, why.signals, why.risk, why.log):
            for wrong in ("E shows", "R shows", "N plays", "G goes", "Q leaves", "Space plays"):
                assert wrong not in pane(view)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 48)])
def test_on_the_screen_the_reason_is_whole_or_says_how_to_see_it_all(size: tuple[int, int]) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        for name in ("chain", "positions", "greeks", "signals", "risk", "log"):
            await pilot.press(str(number_of(name)))
            said = app.workstation.pane(name).message
            await until(pilot, lambda said=said: said.split(".")[0][:30] in dump(app))
            pane = app.workstation.pane(name)
            shown = "\n".join(pane.render_line(y).text for y in range(pane.size.height))
            assert " ".join(said.split()) in " ".join(shown.split()) or "z zooms" in shown

    play(scenario, port=FakePort(blank()), size=size)


def test_a_pane_without_room_for_a_row_says_so() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        pane = app.workstation.pane("risk")
        pane.styles.height = 3
        await until(pilot, lambda: pane.cramped)
        assert "no room for rows here: z zooms" in pane.render_line(0).text

    play(scenario, size=(120, 40))


# --- the first hint


def test_a_newcomer_is_invited_to_the_tour_until_the_first_key() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        assert "new here? :tour shows you round" in dump(app)
        await press(pilot, "j")
        await until(pilot, lambda: "new here?" not in dump(app))
        port.put(header=views.header())
        await until(pilot, lambda: app.desk.view is port.current)
        assert "new here?" not in dump(app)

    play(scenario, port=FakePort(views.empty()))


@pytest.mark.parametrize(
    "view",
    [
        views.view(),
        replace(views.empty(), header=views.header(banner="REPLAY vendor lean quote")),
        replace(views.empty(), progress=views.progress()),
    ],
)
def test_nobody_is_invited_in_a_replay_or_where_something_was_done(view: View) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        assert "new here?" not in dump(app)

    play(scenario, port=FakePort(view))
