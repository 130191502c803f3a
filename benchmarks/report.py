"""Results as text for a terminal, and as the Markdown of RESULTS.md."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.machine import Machine
from benchmarks.results import Party, Section, Target, Work, number

_VERDICT = {True: "reached", False: "NOT reached", None: "not measured"}

_HEAD = """# What it costs, side by side

Written by `make bench` on {date}; the same command renews it.
[docs/benchmarks.md](../docs/benchmarks.md) says what is measured and how. Do not edit it by hand.

Medians of one run, everyone in turns on the same machine. A ratio is how many times as long as ours it takes; p99 is
given where there are a hundred runs or more. What could not be installed or measured is shown as such, with the reason.

{machine}
"""


def text(section: Section) -> str:
    """A section for the terminal."""
    lines = [f"== {section.title}{_load(section)}", ""]
    for work in section.works:
        lines += [work.title, *_rows(work), *(f"  {_verdict(target)}" for target in work.targets)]
        lines += [*(f"  {note}" for note in work.notes), ""]
    return "\n".join(lines)


def _rows(work: Work) -> list[str]:
    width = max(len(party.who) for party in work.parties)
    lines = [f"  {'':{width}} {_unit(work):>12}{'p99':>10}{'ratio':>9}"]
    for party in work.parties:
        median, tail, ratio = _figures(work, party)
        lines.append(f"  {party.who:{width}} {median:>12}{tail:>10}{ratio:>9}  {party.note}".rstrip())
    return lines


def _unit(work: Work) -> str:
    """Over the first column: a share is no median."""
    return f"{work.unit} p50" if any(party.runs for party in work.parties) else work.unit


def _figures(work: Work, party: Party) -> tuple[str, str, str]:
    if party.median is None:
        return "n/a", "n/a", "n/a"
    ratio = None if party.role == "ours" else work.ratio(party)
    tail = "" if party.tail is None else number(party.tail)
    return number(party.median), tail, "" if ratio is None else f"{number(ratio)}x"


def reached(sections: Sequence[Section]) -> str:
    """Every figure that was to be reached, for the end of a run."""
    rows = [(work.title, _verdict(target)) for section in sections for work in section.works for target in work.targets]
    lines = [f"{told}  ({title})" for title, told in rows]
    return "\n".join(("== Figures to reach", "", *lines))


def _verdict(target: Target) -> str:
    if target.reached is None:
        return f"{target.wanted}: {target.found}"
    return f"{target.wanted}: {target.found}, {_VERDICT[target.reached]}"


def _load(section: Section) -> str:
    return "" if section.load is None else f" (load {section.load[0]:.1f} to {section.load[1]:.1f})"


def markdown(sections: Sequence[Section], machine: Machine) -> str:
    """The whole of RESULTS.md."""
    parts = [_HEAD.format(date=machine.date, machine="\n".join(f"- {line}" for line in machine.lines))]
    parts.append(_summary(sections))
    for section in sections:
        parts.append(f"## {section.title}\n")
        if section.load is not None:
            parts.append(f"Load average {section.load[0]:.1f} before, {section.load[1]:.1f} after.\n")
        parts += [_work(work) for work in section.works]
    return "\n".join(parts)


def _summary(sections: Sequence[Section]) -> str:
    rows = [
        f"| {_cell(work.title)} | {_cell(target.wanted)} | {_cell(target.found)} | {_VERDICT[target.reached]} |"
        for section in sections
        for work in section.works
        for target in work.targets
    ]
    return "\n".join(("## Figures to reach\n", "| work | wanted | found | |", "|---|---|---|---|", *rows, ""))


def _work(work: Work) -> str:
    lines = [f"**{_capital(work.title)}**\n", f"| | {_unit(work)} | p99 | ratio | |", "|---|--:|--:|--:|---|"]
    lines += [
        f"| {' | '.join((_cell(party.who), *_figures(work, party), _cell(party.note)))} |" for party in work.parties
    ]
    lines += ["", *(f"- {_verdict(target)}" for target in work.targets), *(f"- {note}" for note in work.notes), ""]
    return "\n".join(lines)


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("\n", " ")
