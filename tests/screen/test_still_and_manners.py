"""A display that stands or is late says so; the profile follows the login."""

from __future__ import annotations

import pytest
import views
from msgspec.structs import replace

from zdte_tui.screen.manners import Manners, is_remote
from zdte_tui.screen.still import LATE, LINGER, Still


class Clock:
    now = 10.0

    def __call__(self) -> float:
        return self.now


def test_a_frozen_display_keeps_its_view_and_tells_how_old_it_is() -> None:
    clock = Clock()
    still = Still(clock)
    assert "nothing to freeze" in still.freeze()
    first = views.view()
    assert still.came(first)
    assert still.freeze().startswith("frozen")
    clock.now += 12
    assert not still.came(replace(first, version=first.version + 1_200))
    assert still.view is first
    assert still.note == "FROZEN, 1,200 updates behind, data 12s old; f goes on"
    assert still.freeze() == "the panes go on"
    later = replace(first, version=first.version + 1_201)
    assert still.came(later)
    assert still.view is later
    assert still.note == ""


def test_after_updates_were_left_out_it_says_for_a_while_how_late_it_was() -> None:
    clock = Clock()
    still = Still(clock)
    first = views.view()
    still.came(first)
    clock.now += 1
    still.skipped()
    clock.now += 3
    still.came(replace(first, version=first.version + 1))
    assert still.note == "slow terminal: was 1 update behind, data 3s old"
    clock.now += LINGER
    assert still.note == ""


def test_a_paused_replay_and_a_moment_are_no_slow_terminal() -> None:
    clock = Clock()
    still = Still(clock)
    first = views.view()
    still.came(first)
    clock.now += 25  # paused: nothing came
    still.skipped()  # a resize fills the terminal
    clock.now += 2
    still.came(first)  # only who looks on has changed
    assert still.note == ""
    still.skipped()
    clock.now += LATE / 2
    still.came(replace(first, version=first.version + 1))
    assert still.note == ""
    still.skipped()
    clock.now += LATE / 2
    still.skipped()
    clock.now += LATE / 2
    still.came(replace(first, version=first.version + 3))
    assert still.note == "slow terminal: was 2 updates behind, data 1s old"


def test_a_view_of_an_earlier_time_is_not_behind() -> None:
    still = Still(Clock())
    view = replace(views.view(), version=50)
    still.came(view)
    still.freeze()
    still.came(replace(view, version=3))  # jumped back
    assert still.note.startswith("FROZEN, 0 updates behind")


@pytest.mark.parametrize(
    ("profile", "environment", "remote"),
    [
        ("auto", {}, False),
        ("auto", {"SSH_CONNECTION": ""}, False),
        ("auto", {"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}, True),
        ("auto", {"SSH_TTY": "/dev/pts/3"}, True),
        ("local", {"SSH_TTY": "/dev/pts/3"}, False),
        ("remote", {}, True),
    ],
)
def test_the_profile_follows_the_login_unless_it_is_named(
    profile: str, environment: dict[str, str], remote: bool
) -> None:
    assert is_remote(profile, environment) is remote


def test_nothing_is_marked_for_a_moment_over_a_slow_line() -> None:
    assert (Manners().flashes, Manners().hovers) == (True, True)
    assert (Manners(remote=True).flashes, Manners(remote=True).hovers) == (False, False)
    assert (Manners(flash=False).flashes, Manners(hover=False).hovers) == (False, False)
