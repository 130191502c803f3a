"""Every command has help for each of its options, and examples that its own parser takes."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from zdte_tui.parser import build_parser

CHECKOUT = Path(__file__).parents[2]
NEXT_PROGRAM = {"|", ">", ">>", "<", "&&", ";", "&"}


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from parsers(command)


EVERY = {parser.prog: parser for parser in parsers(build_parser())}


def commands_in(lines: list[str]) -> list[str]:
    """The ``zdte-tui`` lines, without what is said beside them after two spaces or behind ``#``, and whole again
    where a backslash goes on with the next."""
    text = "\n".join(lines).replace("\\\n", " ")
    found = [line.strip() for line in text.splitlines() if re.match(r"\s*zdte-tui(\s|$)", line)]
    return [re.split(r"\s{3,}|\s+#\s", line)[0] for line in found]


def words(command: str) -> list[str]:
    """The arguments of a shell command, up to a pipe or a redirection."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found: list[str] = []
    for word in list(lexer)[1:]:
        if word in NEXT_PROGRAM:
            break
        found.append(word)
    return found


def examples() -> list[str]:
    return [line for parser in EVERY.values() for line in commands_in((parser.epilog or "").splitlines())]


def documented() -> list[str]:
    """Commands in the code blocks of the README and the docs."""
    found: list[str] = []
    for file in [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]:
        inside = file.read_text().split("```")[1::2]
        for block in inside:
            language, _, text = block.partition("\n")
            if language in ("", "sh", "bash", "console"):
                found += commands_in(text.splitlines())
    return found


@pytest.mark.parametrize("prog", EVERY)
def test_a_command_says_what_it_does_and_has_examples(prog: str) -> None:
    parser = EVERY[prog]
    assert parser.description, f"{prog} has no description"
    assert parser.epilog, f"{prog} has no epilog"
    assert "examples:" in parser.epilog
    assert any(line.startswith(prog) for line in commands_in(parser.epilog.splitlines())), f"none of them is of {prog}"
    assert parser.format_help().startswith("usage: zdte-tui")


@pytest.mark.parametrize("prog", EVERY)
def test_every_option_and_argument_has_help(prog: str) -> None:
    for action in EVERY[prog]._actions:
        if not isinstance(action, argparse._SubParsersAction):
            assert action.help, f"{prog}: {action.option_strings or action.dest} has no help"
            assert action.help == argparse.SUPPRESS or action.help.strip() == action.help


@pytest.mark.parametrize("command", list(dict.fromkeys([*examples(), *documented()])))
def test_an_example_is_taken_by_the_parser(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        build_parser().parse_args(words(command))
    except SystemExit as left:  # --help and --version leave with 0
        if left.code:
            pytest.fail(capsys.readouterr().err)


def test_the_examples_are_found() -> None:
    assert len(examples()) >= 2 * (len(EVERY) - 3)
    assert len(documented()) >= 3


def test_the_help_of_help_names_every_exit_code_a_command_can_leave_with() -> None:
    from zdte_tui import exits

    listed = set(map(int, re.findall(r"(?<![\d.-])(\d{1,3}) [a-z]", EVERY["zdte-tui"].epilog.split("exit codes:")[1])))
    assert listed >= {exits.OK, exits.USAGE, exits.DATA, exits.NO_INPUT, exits.UNAVAILABLE, exits.BUG, exits.CONFIG}
    assert exits.CANNOT_CREATE in listed
