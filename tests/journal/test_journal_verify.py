"""Whatever is done to a journal behind its back, `verify` names it; what it cannot see, a kept head shows."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from journal_evidence import behind_its_back, play, play_with_restart, sql
from journal_samples import info, life, progress, signal

from engine.journal import JournalError, JournalWriter, chain
from engine.journal.anchors import Anchor, anchor_lines, read_anchors
from engine.journal.chain import link_hash
from engine.journal.lineage import verify_lineage
from engine.journal.mapping import BY_TABLE
from engine.journal.verify import Verdict, verify


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return play_with_restart(tmp_path_factory.mktemp("original") / "main.sqlite")


@pytest.fixture
def path(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(original, tmp_path / "main.sqlite"))


def named(verdict: Verdict, *words: str) -> bool:
    """Whether one of the problems has all these words."""
    return any(all(word in line for word in words) for line in verdict.problems)


def test_what_nobody_touched_verifies(path: Path) -> None:
    verdict = verify(path)
    assert verdict.problems == ()
    assert (verdict.sessions, verdict.rows, verdict.head.links) == (2, verdict.rows, verdict.rows)
    assert [(day.account, day.day) for day in verdict.days] == [("main", "2024-08-07")]
    assert verdict.days[-1].head == verdict.head.hash


def test_it_verifies_while_a_session_writes(tmp_path: Path) -> None:
    path = tmp_path / "main.sqlite"
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        for seq in range(1, 40):
            writer.append([signal(seq)], progress(seq))
            if seq % 5 == 0:
                assert verify(path).sound
        writer.flush()
        assert verify(path).rows == 41


TABLES = [*BY_TABLE, "session_log"]


@settings(max_examples=150)
@given(data=st.data())
def test_any_value_of_any_row_that_is_changed_is_named(
    original: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = Path(shutil.copy(original, tmp_path_factory.mktemp("edit") / "main.sqlite"))
    with behind_its_back(path) as connection:
        table = data.draw(st.sampled_from(TABLES))
        key = chain.CHAINED[table]
        ids = [row[0] for row in connection.execute(f"SELECT {key} FROM {table}")]
        assume(ids)
        row = data.draw(st.sampled_from(ids))
        columns = [found[1] for found in connection.execute(f"PRAGMA table_info({table})")]
        column = data.draw(st.sampled_from([name for name in columns if name != key]))
        (before,) = connection.execute(f'SELECT "{column}" FROM {table} WHERE {key} = ?', (row,)).fetchone()
        value = data.draw(
            st.integers(-(2**63), 2**63 - 1)
            | st.text(st.characters(codec="utf-8"))
            | st.binary(max_size=8)
            | st.floats()
        )
        connection.execute(f'UPDATE {table} SET "{column}" = ? WHERE {key} = ?', (value, row))
        (after,) = connection.execute(f'SELECT "{column}" FROM {table} WHERE {key} = ?', (row,)).fetchone()
        assume(after != before or type(after) is not type(before))
    verdict = verify(path)
    assert named(verdict, f"{table} {row}", "is not what link"), verdict.problems


@settings(max_examples=60)
@given(data=st.data())
def test_any_row_that_is_removed_or_inserted_or_moved_is_named(
    original: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = Path(shutil.copy(original, tmp_path_factory.mktemp("edit") / "main.sqlite"))
    with behind_its_back(path) as connection:
        table = data.draw(st.sampled_from(list(BY_TABLE)))
        ids = [row[0] for row in connection.execute(f"SELECT id FROM {table}")]
        assume(ids)
        row = data.draw(st.sampled_from(ids))
        how = data.draw(st.sampled_from(["remove", "insert", "move"]))
        if how == "remove":
            connection.execute(f"DELETE FROM {table} WHERE id = ?", (row,))
            wanted = [(f"{table} {row}", "is gone")]
        elif how == "insert":
            columns = ", ".join(f'"{found[1]}"' for found in connection.execute(f"PRAGMA table_info({table})"))
            others = columns.removeprefix('"id", ')
            connection.execute(
                f"INSERT INTO {table} ({columns}) SELECT 9000, {others} FROM {table} WHERE id = ?", (row,)
            )
            wanted = [(f"{table} 9000", "has no link")]
        else:
            connection.execute(f"UPDATE {table} SET id = 9000 WHERE id = ?", (row,))
            wanted = [(f"{table} {row}", "is gone"), (f"{table} 9000", "has no link")]
    verdict = verify(path)
    for words in wanted:
        assert named(verdict, *words), verdict.problems


def test_two_rows_that_changed_places_are_named(path: Path) -> None:
    with behind_its_back(path) as connection:
        first, second = (row[0] for row in connection.execute("SELECT id FROM signals ORDER BY id LIMIT 2"))
        for old, new in ((first, 9000), (second, first), (9000, second)):
            connection.execute("UPDATE signals SET id = ? WHERE id = ?", (new, old))
    verdict = verify(path)
    assert named(verdict, f"signals {first}", "is not what link")
    assert named(verdict, f"signals {second}", "is not what link")


# The chain itself.


def test_a_removed_link_is_named_with_the_row_it_leaves_bare(path: Path) -> None:
    with behind_its_back(path) as connection:
        row = connection.execute("SELECT row FROM chain WHERE link = 5").fetchone()[0]
        connection.execute("DELETE FROM chain WHERE link = 5")
    verdict = verify(path)
    assert named(verdict, "chain 5", "links 5 to 5 are missing")
    assert named(verdict, f" {row} ", "has no link")
    assert verdict.found == 2, verdict.problems


def test_a_row_removed_with_its_link_is_a_gap_and_renumbering_does_not_hide_it(path: Path) -> None:
    with behind_its_back(path) as connection:
        subject, row = connection.execute("SELECT subject, row FROM chain WHERE link = 5").fetchone()
        connection.execute(f"DELETE FROM {subject} WHERE id = ?", (row,))
        connection.execute("DELETE FROM chain WHERE link = 5")
    assert named(verify(path), "chain 5", "missing")
    with behind_its_back(path) as connection:
        last = connection.execute("SELECT MAX(link) FROM chain").fetchone()[0]
        for link in range(6, last + 1):
            connection.execute("UPDATE chain SET link = link - 1 WHERE link = ?", (link,))
    assert named(verify(path), "is not what link 5 was made over")


def test_an_overwritten_hash_is_told_from_a_changed_row(path: Path) -> None:
    with behind_its_back(path) as connection:
        connection.execute("UPDATE chain SET hash = ? WHERE link = 5", ("f" * 64,))
    verdict = verify(path)
    assert verdict.found == 1
    assert named(verdict, "chain 5", "its hash was overwritten", "as it was")


def test_a_link_that_names_another_row_table_or_session_is_named(path: Path) -> None:
    for change in ("row = row + 1", "subject = 'fills'", "subject = 'nothing'", "session = 2", "row = 'x'"):
        copy = Path(shutil.copy(path, path.with_name("copy.sqlite")))
        with behind_its_back(copy) as connection:
            connection.execute(f"UPDATE chain SET {change} WHERE link = 6")
        assert not verify(copy).sound, change


def test_a_removed_chain_is_named(path: Path) -> None:
    with behind_its_back(path) as connection:
        connection.execute("DELETE FROM chain")
    assert named(verify(path), "no hash chain", "removed")
    with behind_its_back(path) as connection:
        connection.execute("DROP TABLE chain")
        connection.execute("CREATE TABLE chain (link INTEGER PRIMARY KEY, session, subject, row, hash)")
    assert not verify(path).sound
    with behind_its_back(path) as connection:
        for trigger in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger[0]}")
        connection.execute("DROP TABLE chain")
        connection.execute("CREATE TABLE chain (link INTEGER PRIMARY KEY, session, subject, row, hash)")
    assert not verify(path).sound


def test_a_file_without_the_chains_table_is_one_clear_line(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DROP TABLE chain")
    with pytest.raises(JournalError, match="no such table: chain"):
        verify(path)


# Sessions and runs, whose rows change while they go on.


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE sessions SET provenance = '[]' WHERE session = 1", ("sessions 1", "provenance")),
        ("UPDATE sessions SET config = '{}', seed = 8 WHERE session = 2", ("sessions 2", "config, seed")),
        ("UPDATE sessions SET status = 'open' WHERE session = 1", ("sessions 1", "status is open", "was ended")),
        ("UPDATE sessions SET epochs = 9 WHERE session = 1", ("sessions 1", "9 starts")),
        ("DELETE FROM sessions WHERE session = 2", ("sessions 2", "is gone")),
        ("INSERT INTO sessions SELECT 3, 'x', account, day, roots, provenance, config_hash, config, code_version, "
         "seed, epochs, status, branch_of FROM sessions WHERE session = 1", ("sessions 3", "knows nothing of it")),
        ("UPDATE runs SET mode = 'live' WHERE run = 1", ("runs 1", "mode")),
        ("UPDATE runs SET outcome = 'failed' WHERE run = 2", ("runs 2", "outcome")),
        ("UPDATE runs SET progress_seq = 99 WHERE run = 2", ("runs 2", "progress_seq")),
        ("DELETE FROM runs WHERE run = 1", ("runs 1", "is gone")),
    ],
)  # fmt: skip
def test_a_changed_session_or_run_is_not_what_the_log_says(path: Path, change: str, words: tuple[str, ...]) -> None:
    with behind_its_back(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(change)
    assert named(verify(path), *words), verify(path).problems


def test_a_session_that_is_still_open_may_change_its_progress_only_forward(tmp_path: Path) -> None:
    path = play(tmp_path / "open.sqlite", end=False)
    assert verify(path).sound
    with behind_its_back(path) as connection:
        connection.execute("UPDATE runs SET progress_seq = 2")
    assert named(verify(path), "runs", "its records go to event 7")


# What a chain alone cannot prove, and what a kept head adds.


def relink(connection: sqlite3.Connection) -> None:
    """Make every link anew over the rows as they are now: what somebody does who knows how."""
    before = chain.GENESIS
    links = connection.execute("SELECT link, subject, row FROM chain ORDER BY link").fetchall()
    for link, subject, row in links:
        stored = next(chain.stored_rows(connection, subject, row))
        before = link_hash(before, stored.text)
        connection.execute("UPDATE chain SET hash = ? WHERE link = ?", (before, link))


def test_a_journal_linked_anew_deceives_the_chain_but_not_a_kept_head(path: Path) -> None:
    kept = verify(path).head
    with behind_its_back(path) as connection:
        connection.execute("UPDATE signals SET text = 'better' WHERE id = (SELECT MIN(id) FROM signals)")
        relink(connection)
    assert verify(path).sound, "a chain alone cannot tell"
    found = verify_lineage(path, [Anchor(head=kept.hash)])
    assert not found.sound
    assert "not in the chain" in found.problems[0]


def cut_tail(connection: sqlite3.Connection, session: int) -> None:
    first = connection.execute("SELECT MIN(link) FROM chain WHERE session = ?", (session,)).fetchone()[0]
    for table, key in chain.CHAINED.items():
        connection.execute(
            f"DELETE FROM {table} WHERE {key} IN (SELECT row FROM chain WHERE subject = ? AND link >= ?)",
            (table, first),
        )
    connection.execute("DELETE FROM chain WHERE link >= ?", (first,))
    connection.execute("DELETE FROM runs WHERE session = ?", (session,))
    connection.execute("DELETE FROM sessions WHERE session = ?", (session,))


def test_a_whole_session_cut_off_the_tail_is_seen_by_the_head_of_its_day(path: Path, tmp_path: Path) -> None:
    kept = tmp_path / "heads.jsonl"
    kept.write_bytes(b"".join(anchor_lines(verify(path).days)))
    with behind_its_back(path) as connection:
        cut_tail(connection, 2)
    assert verify(path).sound, "a chain alone cannot tell"
    found = verify_lineage(path, read_anchors(kept))
    assert (found.sound, found.proven) == (False, 0)
    assert "main 2024-08-07" in found.problems[0]


def test_kept_heads_stay_true_while_the_journal_grows(path: Path, tmp_path: Path) -> None:
    kept = tmp_path / "heads.jsonl"
    for _ in range(2):
        with kept.open("ab") as file:
            file.write(b"".join(anchor_lines(verify(path).days)))
        play(path)
    found = verify_lineage(path, read_anchors(kept))
    assert (found.sound, found.proven) == (True, 2)
    wrong = [Anchor(head=verify(path).head.hash, links=3)]
    assert "not of link 3" in verify_lineage(path, wrong).problems[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no heads"),
        ("abc", "line 1"),
        ('{"head": "zz"}', "line 1"),
        ('\n{"links": 3}', "line 2"),
        ("{", "line 1"),
    ],
)
def test_a_file_of_heads_that_is_none_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "heads").write_text(text)
    with pytest.raises(JournalError, match=words) as caught:
        read_anchors(tmp_path / "heads")
    assert "\n" not in str(caught.value)
    with pytest.raises(JournalError, match="No such file"):
        read_anchors(tmp_path / "gone")


# What the file promises besides.

ORDER = "id, session, seq, ts, account, trade_id, strategy, root, kind, quantity, limit_e4, legs"
ORDER_9000 = ORDER.replace("id", "9000", 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DELETE FROM intents WHERE intent_id = 1", "no intent 1 stands behind it"),
        ("UPDATE decisions SET approved = 0", "did not approve its intent 1"),
        (f"INSERT INTO orders ({ORDER}, client_order_id, intent_id, actor) "
         f"SELECT {ORDER_9000}, 'other', intent_id, actor FROM orders", "a second order of intent 1"),
        (f"INSERT INTO orders ({ORDER}, client_order_id, intent_id, actor) "
         f"SELECT {ORDER_9000}, client_order_id, 0, 'broker' FROM orders", "was used before"),
        ("DELETE FROM orders", "of an order main-20240807-0-1 that is not there"),
        ("UPDATE fills SET exec_id = 'x1'", "the execution x1 was counted before"),
        ("UPDATE positions SET quantity = -1 WHERE id = 9", "-1 held, but its fills come to -2"),
        ("DELETE FROM positions", "but no position says so"),
        ("DROP VIEW trade_summary", "the view trade_summary is gone"),
    ],
)  # fmt: skip
def test_a_broken_promise_is_named_even_where_the_chain_was_made_anew(tmp_path: Path, change: str, words: str) -> None:
    path = play(tmp_path / "main.sqlite")
    with behind_its_back(path) as connection:
        connection.execute(change)
        there = {table: {row[0] for row in connection.execute(f"SELECT {key} FROM {table}")}
                 for table, key in chain.CHAINED.items()}  # fmt: skip
        entries = connection.execute("SELECT subject, row, session FROM chain ORDER BY link").fetchall()
        kept = [entry for entry in entries if entry[1] in there[entry[0]]]
        kept += [("orders", 9000, 1)] if 9000 in there["orders"] else []
        log = [row for subject, row, _ in kept if subject == "session_log"]
        connection.execute("DELETE FROM chain")
        for old, link in zip(log, [n for n, e in enumerate(kept, 1) if e[0] == "session_log"], strict=True):
            connection.execute("UPDATE session_log SET entry = ? WHERE entry = ?", (link, old))
        for link, (subject, row, session) in enumerate(kept, 1):
            number = link if subject == "session_log" else row
            connection.execute("INSERT INTO chain VALUES (?, ?, ?, ?, '')", (link, session, subject, number))
        relink(connection)
    verdict = verify(path)
    assert named(verdict, words), verdict.problems
    assert not named(verdict, "link "), verdict.problems


def test_removed_and_changed_triggers_are_named(path: Path) -> None:
    sql(path, "DROP TRIGGER fills_stay")
    assert named(verify(path), "triggers", "removed: fills_stay")
    sql(path, "CREATE TRIGGER fills_stay BEFORE UPDATE ON fills BEGIN SELECT 1; END")
    assert named(verify(path), "triggers", "changed: fills_stay")


def test_a_damaged_file_is_a_finding_or_one_clear_line(path: Path) -> None:
    """Every page is overwritten in turn."""
    content = path.read_bytes()
    size = int.from_bytes(content[16:18], "big")
    silent, told = [], []
    for page in range(1, len(content) // size):
        damaged = bytearray(content)
        damaged[page * size : page * size + size] = b"\xa5" * size
        path.write_bytes(damaged)
        try:
            if verify(path).sound:
                silent.append(page)
        except JournalError as error:
            told.append(str(error))
    assert silent == []
    assert not any("\n" in line for line in told)


def test_a_branch_of_an_archived_session_breaks_no_key(tmp_path: Path) -> None:
    path = tmp_path / "main.sqlite"
    with JournalWriter(path) as writer:
        first = writer.begin_session(info(), mode="demo")
        writer.append(life()[0], progress(1))
        writer.end_session("rewound")
        import msgspec

        writer.begin_session(msgspec.structs.replace(info(), branch_of=first), mode="demo")
    assert verify(path).sound
    with behind_its_back(path) as connection:
        connection.execute("UPDATE sessions SET branch_of = 77 WHERE session = 2")
    assert named(verify(path), "sessions 2", "names a row of sessions that is not there")
