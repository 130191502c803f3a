"""Alerts without a screen, and rules that the configuration refuses: the command itself."""

from __future__ import annotations

from pathlib import Path

from session_days import json_lines, zdte

from zdte_tui.exits import CONFIG


def test_alerts_are_lines_on_stderr_and_objects_on_stdout(tmp_path: Path) -> None:
    rules = 'alerts.rules=["time 10:30", "spot > 100 as alarm"]'
    done = zdte(tmp_path, "--demo", "--no-ui", "--json", "--speed", "max", "--set", rules)
    assert done.returncode == 0, done.stderr
    told = [each for each in json_lines(done.stdout) if each["record"] == "alert"]
    assert {"fill", "rule", "stop_armed"} <= {each["kind"] for each in told}
    clock = next(each for each in told if each["text"] == "it is 10:30")
    assert clock | {"session": "", "id": 0} == {
        "session": "",
        "record": "alert",
        "time": "2026-01-15T15:30:00.000000000Z",
        "id": 0,
        "level": "warning",
        "kind": "rule",
        "root": "",
        "trade_id": 0,
        "count": 1,
        "text": "it is 10:30",
    }
    assert "10:30:00 warning ALERT        it is 10:30" in done.stderr
    lines = [line for line in done.stderr.splitlines() if " ALERT " in line]
    assert len(lines) == len(told)


def test_a_wrong_rule_is_refused_with_its_line_and_the_nearest_word(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[alerts]\nbell = true\nrules = ["vix > 20",\n  "spt < 590"]\n')
    done = zdte(tmp_path, "--demo", "--no-ui", "--config", str(file))
    assert done.returncode == CONFIG
    assert f"{file}:3: alerts.rules.1: 'spt' is nothing an alert can watch; did you mean spot?" in done.stderr
    assert done.stderr.count("\n") == 1
    twice = zdte(tmp_path, "--demo", "--no-ui", "--set", 'alerts.rules=["spot < 5900", "spot below 5,900"]')
    assert twice.returncode == CONFIG
    assert "the rule 'spot < 5900' is there twice" in twice.stderr
    loud = zdte(tmp_path, "--demo", "--no-ui", "--set", "alerts.levels.fill=loud")
    assert loud.returncode == CONFIG
    assert "alerts.levels.fill" in loud.stderr
