"""Where each setting stands in its file, and how a value is written down again."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import default_text, effective, load, toml_value
from engine.config.lines import key_lines

TEXT = '''\
# a comment
top = 1
[a]
x = 1   # [not.a.table]
long = [
  1,
  # in between
  2,
]

words = """
[b]
y = 2
"""
inline = { p = 1, q.r = 2 }
a.dotted."key with = sign" = 3
  [ b . c ]
z = 1
[[rows]]
n = 1
[[rows]]
n = 2
[empty]
'''


def test_every_key_is_found_on_its_line() -> None:
    assert key_lines(TEXT) == {
        ("top",): 2,
        ("a",): 3,
        ("a", "x"): 4,
        ("a", "long"): 5,
        ("a", "words"): 11,
        ("a", "inline"): 15,
        ("a", "inline", "p"): 15,
        ("a", "inline", "q"): 15,
        ("a", "inline", "q", "r"): 15,
        ("a", "a"): 16,
        ("a", "a", "dotted"): 16,
        ("a", "a", "dotted", "key with = sign"): 16,
        ("b",): 17,
        ("b", "c"): 17,
        ("b", "c", "z"): 18,
        ("rows",): 19,
        ("rows", "0"): 19,
        ("rows", "0", "n"): 20,
        ("rows", "1"): 21,
        ("rows", "1", "n"): 22,
        ("empty",): 23,
    }


def leaves(tree: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for key, value in tree.items():
        found += leaves(value, (*path, key)) if isinstance(value, dict) and value else [(*path, key)]
    return found


def test_every_key_of_the_default_is_on_the_line_that_sets_it() -> None:
    lines = default_text().split("\n")
    found = key_lines(default_text())
    for path in leaves(tomllib.loads(default_text())):
        assert path[-1] in lines[found[path] - 1], path


@pytest.mark.parametrize("text", ["", "\n\n", "# only\n", "a = 1", "a = 1\r\nb = 2\r\n"])
def test_ends_of_lines_and_files(text: str) -> None:
    assert len(key_lines(text)) == len(tomllib.loads(text))


VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.dates() | st.times()
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(VALUES)
def test_any_value_is_read_back_as_it_was(value: Any) -> None:
    assert tomllib.loads(f"x = {toml_value(value)}") == {"x": value}


def test_values_are_those_that_load_gives(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text("[demo]\ndate = 2026-02-03\n[strategies.iron_condor.by_root.SPXW]\nquantity = 2\n")
    found = {setting.name: setting for setting in effective([file], ["risk.max_open=3", "risk.max_open=4"])}
    config = load([file], ["risk.max_open=4"])
    assert found["demo.date"].value == config.demo.date == dt.date(2026, 2, 3)
    assert (found["demo.date"].place, found["demo.date"].changed) == (f"{file}:2", True)
    assert (found["risk.max_open"].value, found["risk.max_open"].place) == (4, "--set")
    added = found["strategies.iron_condor.by_root.SPXW.quantity"]
    assert (added.value, added.place, added.changed) == (2, f"{file}:4", True)
    assert not found["ui.theme"].changed
    assert {setting.name for setting in effective()} == set(found) - {added.name}
