"""``zdte-tui price`` as a person or a script meets it: what comes out for good rows, bad rows, expired ones."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from price_contracts import COMPUTED, HEAD, csv_text

sys.path.insert(0, str(Path(__file__).parents[1] / "terminal"))
from pty_terminal import Terminal

GOOD = ("C", 5990, 6000, 390, 0.05, 0.013, 0.15)


def priced(said: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(said.out)))


@pytest.fixture
def price(run: Any, tmp_path: Path) -> Any:
    """Prices this text."""

    def command(text: str, *words: str) -> Any:
        path = tmp_path / "chain.csv"
        path.write_text(text)
        return run("price", str(path), *words)

    return command


def test_the_columns_of_the_file_come_out_to_the_letter_and_the_others_behind(price: Any) -> None:
    head = ("q", "note", "K", "right", "minutes_act365", "sigma", "r", "S")
    said = price(csv_text([("0.0130", '"a, ""b"""', "6000.", " put", "3.9e2", "+.15", "5e-2", "5990.00")], head))
    assert (said.code, said.err) == (0, "")
    first, second = said.out.splitlines()
    assert first == ",".join((*head, *COMPUTED))
    assert second.startswith('0.0130,"a, ""b""",6000., put,3.9e2,+.15,5e-2,5990.00,0.15,')
    assert {name: float(cell) for name, cell in priced(said)[0].items() if name in COMPUTED} == {
        name: float(cell) for name, cell in priced(price(csv_text([("P", *GOOD[1:])])))[0].items() if name in COMPUTED
    }


@pytest.mark.parametrize("word", ["C", "c", "call", "CALL", " Call "])
def test_a_call_in_either_case(word: str, price: Any) -> None:
    put, call = priced(price(csv_text([("pUt", *GOOD[1:]), (word, *GOOD[1:])])))
    assert float(call["delta"]) - float(put["delta"]) == pytest.approx(1, abs=1e-4)


def test_a_file_of_prices_is_solved_and_its_prices_stay(price: Any) -> None:
    worth = priced(price(csv_text([GOOD])))[0]
    solved = price(csv_text([(*GOOD[:6], worth["price"])], (*HEAD[:6], "price")))
    row = priced(solved)[0]
    assert solved.out.splitlines()[0] == ",".join((*HEAD[:6], *dict.fromkeys(("price", *COMPUTED))))
    assert row["price"] == worth["price"]
    assert float(row["iv"]) == pytest.approx(0.15, abs=1e-12)
    for name in COMPUTED:
        assert float(row[name]) == pytest.approx(float(worth[name]), rel=1e-9)


def test_with_both_columns_each_row_fills_in_one(price: Any) -> None:
    head = (*HEAD, "price")
    rows = [(*GOOD, ""), (*GOOD[:6], "", 16.5), (*GOOD, 16.5), (*GOOD[:6], "", " ")]
    said = price(csv_text(rows, head))
    valued, solved, both, neither = priced(said)
    assert float(valued["price"]) > 0
    assert (solved["sigma"], solved["price"]) == ("", "16.5")
    assert float(solved["iv"]) > 0
    assert both["iv"] == neither["iv"] == both["delta"] == neither["delta"] == ""
    assert "line 4, sigma: sigma and price are both filled in" in said.err
    assert "line 5, sigma: neither sigma nor price is filled in" in said.err
    objects = [json.loads(line) for line in price(csv_text(rows, head), "--json").out.splitlines()]
    assert objects[0]["price"] == float(valued["price"])
    assert (objects[1]["sigma"], objects[1]["price"]) == (None, 16.5)
    assert (objects[2]["sigma"], objects[2]["price"], objects[2]["delta"]) == (0.15, 16.5, None)


BAD = [
    (("X", *GOOD[1:]), "right: 'X' is neither C nor P"),
    (("", *GOOD[1:]), "right: '' is neither C nor P"),
    (("C", "abc", *GOOD[2:]), "S: 'abc' is not a number"),
    (("C", "", *GOOD[2:]), "S: is empty"),
    (("C", 0, *GOOD[2:]), "S: 0 is not above 0"),
    (("C", 5990, -6000, *GOOD[3:]), "K: -6000 is not above 0"),
    (("C", 5990, "1_000", *GOOD[3:]), "K: '1_000' is not a number"),
    (("C", 5990, "٦٠٠٠", *GOOD[3:]), "K: '٦٠٠٠' is not a number"),
    (("C", 5990, "0x1p3", *GOOD[3:]), "K: '0x1p3' is not a number"),
    (("C", 5990, 6000, -1, *GOOD[4:]), "minutes_act365: -1 is negative"),
    (("C", 5990, 6000, "inf", *GOOD[4:]), "minutes_act365: 'inf' is not a number"),
    (("C", 5990, 6000, 390, "nan", *GOOD[5:]), "r: 'nan' is not a number"),
    (("C", 5990, 6000, 390, 0.05, "1e999", GOOD[6]), "q: '1e999' is not a number"),
    ((*GOOD[:6], 0), "sigma: 0 is not above 0"),
    ((*GOOD[:6], -0.2), "sigma: -0.2 is not above 0"),
    ((*GOOD[:6], ""), "sigma: is empty"),
    (GOOD[:6], ": 6 cells, where the head has 7"),
    ((*GOOD, 1), ": 8 cells, where the head has 7"),
    (("C", 1e300, *GOOD[2:]), ": its figures are beyond what 64-bit numbers can hold"),
    ((*GOOD[:6], 1e-200), ": its figures are beyond what 64-bit numbers can hold"),
]


@pytest.mark.parametrize(("row", "says"), BAD, ids=[says for _, says in BAD])
def test_a_bad_row_is_named_and_comes_out_empty_while_the_others_print(
    row: tuple[object, ...], says: str, price: Any
) -> None:
    text = csv_text([GOOD, row, GOOD])
    said = price(text)
    assert said.code == 0
    assert "chain.csv line 3" in said.line
    assert says in said.line
    before, bad, after = priced(said)
    assert before == after
    assert all(before[name] for name in COMPUTED)
    assert [bad[name] for name in COMPUTED] == [""] * len(COMPUTED)
    objects = [json.loads(line) for line in price(text, "--json").out.splitlines()]
    assert [objects[1][name] for name in COMPUTED] == [None] * len(COMPUTED)
    assert all(objects[2][name] is not None for name in COMPUTED)


BAD_PRICES = [
    (("C", 100, 90, 60, 0, 0, 9.5), "price: 9.5 is below its discounted intrinsic value 10"),
    (("C", 100, 90, 60, 0, 0, 10), "price: 10 is its discounted intrinsic value 10 but for rounding"),
    (("P", 100, 110, 60, 0, 0, 9.99), "price: 9.99 is below its discounted intrinsic value 10"),
    (("C", 100, 90, 60, 0, 0, 100), "price: 100 is not below its upper bound 100"),
    (("P", 100, 90, 60, 0, 0, 90.01), "price: 90.01 is not below its upper bound 90"),
    (("C", 100, 90, 60, 0, 0, 0), "price: 0 is not above 0"),
    (("C", 100, 90, 60, 0, 0, -1), "price: -1 is not above 0"),
    (("C", 100, 90, 0, 0, 0, 10.5), "price: no volatility can be solved for at 0 minutes"),
    (("C", 100, 90, 60, 0, 0, "n/a"), "price: 'n/a' is not a number"),
]


@pytest.mark.parametrize(("row", "says"), BAD_PRICES, ids=[says for _, says in BAD_PRICES])
def test_a_price_without_a_volatility_is_named_and_has_none(row: tuple[object, ...], says: str, price: Any) -> None:
    said = price(csv_text([row, ("C", 100, 90, 60, 0, 0, 10.01)], (*HEAD[:6], "price")))
    assert said.code == 0
    assert f"line 2, {says}" in said.line
    bad, good = priced(said)
    assert bad["price"] == str(row[6]), "what the file says stays"
    assert {bad[name] for name in COMPUTED if name != "price"} == {""}
    assert float(good["iv"]) > 0


def test_an_expired_row_is_its_intrinsic_value_and_has_neither_volatility_nor_greeks(price: Any) -> None:
    rows = [(right, 5990, 6000, 0, 0.05, 0.013, 0.15) for right in "CP"]
    said = price(csv_text(rows))
    assert (said.code, said.err) == (0, "")
    call, put = priced(said)
    assert (float(call["price"]), float(put["price"])) == (0, 10)
    assert {row[name] for row in (call, put) for name in COMPUTED if name != "price"} == {""}


def test_no_good_row_is_an_error_after_the_rows(price: Any) -> None:
    said = price(csv_text([("X", *GOOD[1:]), ("C", 0, *GOOD[2:])]))
    assert said.code == 65
    assert len(priced(said)) == 2
    assert said.err.splitlines()[-1].endswith("chain.csv: none of its rows can be priced (2 bad)")


def test_columns_whose_names_are_computed_are_kept_under_another_and_that_is_said(price: Any) -> None:
    said = price(csv_text([(*GOOD, 0.31, 12)], (*HEAD, "delta", "iv")))
    assert said.line.endswith("they come out as: delta as given_delta, iv as given_iv")
    assert said.out.splitlines()[0] == ",".join((*HEAD, "given_delta", "given_iv", *COMPUTED))
    row = priced(said)[0]
    assert (row["given_delta"], row["given_iv"], row["iv"]) == ("0.31", "12", "0.15")


def test_json_has_numbers_for_the_numbers_and_text_for_the_rest(price: Any) -> None:
    said = price(csv_text([(*GOOD, "007"), ("C", "abc", *GOOD[2:], "")], (*HEAD, "note")), "--json")
    good, bad = map(json.loads, said.out.splitlines())
    assert {name: good[name] for name in (*HEAD, "note")} == dict(zip((*HEAD, "note"), (*GOOD, "007"), strict=True))
    assert (bad["S"], bad["K"], bad["note"], bad["price"]) == ("abc", 6000, "", None)


def test_many_blocks_are_one_file(price: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(*GOOD, f"row {number}") if number % 97 else ("C", "?", *GOOD[2:], '"x\ny"') for number in range(1, 800)]
    text = csv_text(rows, (*HEAD, "note"))
    whole = price(text)
    monkeypatch.setattr("zdte_tui.commands.price_source.BLOCK", 1009)
    pieces = price(text)
    assert pieces == whole
    assert whole.err.count("S: '?' is not a number") == 8
    assert "chain.csv line 98, S" in whole.err
    assert "chain.csv line 196, S" in whole.err, "the first bad row took two lines"


# As a process


def command(home: Path, *words: str, **options: Any) -> subprocess.Popen[str]:
    env = {**os.environ, "HOME": str(home), "PYTHONUNBUFFERED": ""}
    return subprocess.Popen(
        [sys.executable, "-m", "zdte_tui", "price", *words],
        env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def test_a_program_that_sends_a_row_is_answered_before_it_sends_the_next(tmp_path: Path) -> None:
    with command(tmp_path, "-") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(csv_text([GOOD]))
        process.stdin.flush()
        assert process.stdout.readline().startswith("right,")
        first = process.stdout.readline()
        process.stdin.write(csv_text([GOOD]).splitlines()[1] + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == first
        assert first.startswith("C,5990,6000,")
        _, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert not list(tmp_path.iterdir()), "pricing keeps nothing"


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    (tmp_path / "chain.csv").write_text(csv_text([GOOD] * 30_000))
    result = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m zdte_tui price chain.csv 2>err | head -n 1; echo ${{PIPESTATUS[0]}}"],
        env={**os.environ, "HOME": str(tmp_path)}, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert result.stdout.splitlines() == [",".join((*HEAD, *COMPUTED)), "0"]
    assert (tmp_path / "err").read_text() == ""


def test_ctrl_c_ends_it_with_one_line(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}
    with Terminal(["price", "-"], env) as terminal:
        terminal.wait_until("waiting for CSV")
        terminal.press("\x03")
        assert terminal.wait() == 130
        assert "zdte-tui: interrupted" in terminal.text
        assert "Traceback" not in terminal.text


def test_on_a_terminal_it_is_a_table_that_fits_and_says_its_units(tmp_path: Path) -> None:
    chain = tmp_path / "chain.csv"
    chain.write_text(csv_text([GOOD, ("C", 5990, 6000, 0, 0.05, 0.013, 0.15)]))
    with Terminal(["price", str(chain)], {"HOME": str(tmp_path)}, columns=90, lines=30) as terminal:
        assert terminal.wait() == 0
        text = terminal.text
    lines = [line.split() for line in text.splitlines() if line.strip()]
    heads = [line for line in lines if line[:4] == ["right", "S", "K", "minutes_act365"]]
    assert len(heads) > 1
    assert [name for line in heads for name in line[4:]] == [*HEAD[4:], *COMPUTED]
    first = lines[lines.index(heads[0]) + 1]
    assert first[:4] == ["C", "5990", "6000", "390"]
    expired = lines[lines.index(heads[-1]) + 2]
    assert set(expired[4:]) == {"n/a"}
    assert "MINUS the derivative" in text


def test_a_terminal_sees_a_bar_and_the_first_bad_rows_while_the_answer_goes_into_a_file(tmp_path: Path) -> None:
    chain = tmp_path / "chain.csv"
    chain.write_text(csv_text([*[GOOD] * 60_000, *[("X", *GOOD[1:])] * 25]))
    terminal, other_end = pty.openpty()
    with (tmp_path / "out.csv").open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "zdte_tui", "price", str(chain)],
            env={**os.environ, "HOME": str(tmp_path), "TERM": "xterm", "COLUMNS": "120"}, stdout=out, stderr=other_end,
        )  # fmt: skip
        os.close(other_end)
        seen = b""
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            while data := os.read(terminal, 65536):
                seen += data
        os.close(terminal)
        assert process.wait(60) == 0
    text = seen.decode()
    assert "60,025 rows" in text
    assert text.count("'X' is neither C nor P") == 20
    assert "and 5 more bad rows; 2> FILE keeps them all" in text
    assert (tmp_path / "out.csv").read_text().count("\n") == 60_026
