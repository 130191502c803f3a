"""One process of a session: the program's own composition and runner, until its end or until it is killed."""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path

from kill_days import OPENS, KillDay, Short
from kill_points import Point, arm

from engine.clock import MINUTE
from engine.config import Config
from engine.events import CommandRecord, Tick
from engine.processes.collecting import collect_seldom
from engine.session import compose, exchange
from engine.session.compose import Composed, compose_demo
from engine.view import CommandRequest
from strategies.registry import REGISTRY

SECONDS = 60
SHOWN, COUNTED = "shown.log", "counts.json"
KILLED, ENDED = "killed", "ended"


def play_on(market: Short) -> None:
    """Let the sessions to come play this market instead of the whole day."""
    compose.demo_source = exchange.demo_source = lambda _config: market  # type: ignore[assignment,return-value]


def run_child(day: KillDay, config: Config, folder: Path, point: Point | None) -> str:
    """Play a session in a child; how that ended: killed, ended, or what went wrong."""
    pid = os.fork()
    if not pid:
        code = 70
        try:
            code = _play(day, config, folder, point)
        except BaseException:
            traceback.print_exc(file=sys.stderr)
        finally:
            sys.stderr.flush()
            os._exit(code)
    signal.signal(signal.SIGALRM, lambda *_: _give_up(pid))
    signal.alarm(SECONDS)
    _, status = os.waitpid(pid, 0)
    if not signal.alarm(0):
        return f"it hangs: not at its end after {SECONDS} s"
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return KILLED
    code = os.waitstatus_to_exitcode(status)
    return ENDED if code == 0 else f"its process ended with {code}"


def _give_up(pid: int) -> None:
    """End a child that hangs; where it does goes to stderr."""
    os.kill(pid, signal.SIGUSR1)
    time.sleep(0.5)
    os.kill(pid, signal.SIGKILL)


def warm_up(day: KillDay, folder: Path) -> None:
    """Play a day here, with its exchange inside, so that the children need not import or compile anything."""
    config = day.config(folder, "broker.kind=inside")
    composed = compose_demo(config, REGISTRY, speed=0, stay=False)
    composed.runner.run()
    composed.close()
    gc.collect()
    gc.freeze()  # a collection would touch, and so copy, every page that a child shares with this process


def _play(day: KillDay, config: Config, folder: Path, point: Point | None) -> int:
    collect_seldom()
    faulthandler.register(signal.SIGUSR1)
    counts = arm(point)
    person = Person(day, folder / SHOWN)
    composed = compose_demo(config, REGISTRY, speed=0, stay=False, on_tick=person.look)
    person.composed = composed
    outcome = composed.runner.run()
    composed.close()
    (folder / COUNTED).write_text(json.dumps(counts))
    if outcome == "completed":
        return 0
    print(f"{folder}: {outcome}: {composed.runner.error}", file=sys.stderr)
    return 71


class Person:
    """Who sits in front: flattens at a time of the day unless that is done, and notes each answer that was shown."""

    def __init__(self, day: KillDay, shown: Path) -> None:
        self._at = OPENS + day.flatten_at * MINUTE if day.flatten_at is not None else 2**63
        self._shown = shown
        self._done = False
        self.composed: Composed | None = None

    def look(self, tick: Tick) -> None:
        if self._done or tick.now < self._at or self.composed is None:
            return
        self._done = True
        self.composed.runner.send(CommandRequest("flatten"), self._told)

    def _told(self, tick: Tick) -> None:
        ids = [record.command_id for record in tick.records if isinstance(record, CommandRecord)]
        with self._shown.open("a") as shown:
            shown.write("".join(f"{command_id}\n" for command_id in ids))
            shown.flush()
