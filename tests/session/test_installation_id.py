"""The id of an installation: made once for a journal, kept, and never guessed at where it cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import ConfigError
from engine.session.installation import installation_of, installation_path, made_installation
from engine.session.whose import another, remember, sent_as
from engine.types import INSTALLATION


def test_it_is_made_once_and_another_journals_is_another(tmp_path: Path) -> None:
    one, other = tmp_path / "main_paper.sqlite", tmp_path / "second.sqlite"
    assert installation_of(one) == "", "asking makes none"
    assert not list(tmp_path.iterdir())
    made = made_installation(one)
    assert INSTALLATION.fullmatch(made)
    assert made_installation(one) == installation_of(one) == made
    assert made_installation(other) != made


@pytest.mark.parametrize("damaged", ["main", "0123", "0123456789 0123456789", "ABCDEF0123", "é"])
def test_one_that_cannot_be_read_is_refused_in_a_line(tmp_path: Path, damaged: str) -> None:
    journal = tmp_path / "j.sqlite"
    installation_path(journal).write_text(damaged, encoding="latin-1")
    with pytest.raises(ConfigError, match=r"j\.sqlite\.installation.*remove the file"):
        made_installation(journal)


def test_one_that_was_cut_off_as_it_was_made_is_made_again(tmp_path: Path) -> None:
    journal = tmp_path / "j.sqlite"
    installation_path(journal).write_text("")
    made = made_installation(journal)
    assert installation_of(journal) == made != ""


def test_one_that_cannot_be_kept_is_no_id(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be kept"):
        made_installation(tmp_path / "missing" / "j.sqlite")


def test_a_session_goes_on_under_what_it_began_with(tmp_path: Path) -> None:
    journal = tmp_path / "j.sqlite"
    assert sent_as(journal, "main_paper") is None
    remember(journal, "main_paper", "****1234", "0123456789")
    assert sent_as(journal, "main_paper") == "0123456789"
    assert another(journal, "main_paper", "****1234") == ""
    assert "****1234" in another(journal, "main_paper", "****9999")
    remember(journal, "main_paper", "****1234", "")
    assert sent_as(journal, "main_paper") == "", "it began before there were any"
