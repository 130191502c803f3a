"""A person who presses anything: random keys, words, clicks and resizes over a real session, and what must hold."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from textual import events
from textual.errors import NoWidget
from textual.pilot import OutOfBounds, Pilot

from engine.config import Config, load
from engine.core import Engine
from engine.events import AnyRecord, DecisionRecord, FillRecord, OrderEventRecord, OrderRecord
from engine.journal import JournalReader
from engine.journal.verify import verify
from engine.session.compose import Composed, compose_demo
from engine.session.port import LocalPort
from engine.view import Pace
from strategies.registry import REGISTRY
from zdte_tui.screen.actions import ACTIONS
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Prompt

SIZES = ((160, 48), (120, 40), (80, 24), (60, 20), (59, 19), (200, 60), (40, 10), (100, 30), (240, 70))
LETTERS = [*"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,;:!?/+-*=<>'\"[]{}()|@#$%&~^_`"]
NAMED = ("enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "pageup", "pagedown", "home", "end")
NAMED += ("backspace", "delete", "ctrl+a", "ctrl+e", "ctrl+u", "ctrl+z", "f1", "f12", "insert", "shift+up", "ctrl+left")
ARGUMENTS = (
    "",
    "1",
    "2",
    "max",
    "10:30",
    "close-40m",
    "0.5",
    "999999",
    "-1",
    "iron_condor",
    "half",
    "2.60",
    "spot < 1",
)
ARGUMENTS += ("spot < 1", "F", "[red]", "\x1b[31m", "7 puts 2.60", "ü", "1 half", "1 calls 2", "reset", "trade")
LEAVES = frozenset({"detach", "quit", "leave", "q", "exit", "x", "wq"})
"""Words that end the screen, which is not what is tried here."""
BATCH = 20


class Staying(WorkstationApp):
    """An app that no key can leave."""

    CSS_PATH = str(files("zdte_tui.screen") / "workstation.tcss")

    def exit(self, *args: Any, **kwargs: Any) -> None:
        """Textual: it stays."""


class Fuzz:
    """One session, and so many random acts on its screen.

    Attributes:
        acts: what was done, for who must find the one that broke it. orders: how many stand in the journal.
    """

    def __init__(self, folder: Path, seed: int, count: int) -> None:
        self.random = random.Random(seed)
        self.count = count
        self.acts: list[str] = []
        self.orders = 0
        self.path = folder / "demo.sqlite"
        settings = [f"journal.path={self.path}", f"research.path={folder / 'research.sqlite'}", f"demo.seed={seed}"]
        self.config: Config = load(settings=settings)

    def run(self) -> list[str]:
        """Do it all; what did not hold, in words."""
        composed = compose_demo(self.config, REGISTRY, speed=600, stay=True)
        port = LocalPort(composed.runner)
        app = Staying(port, refresh_hz=10)
        port.start()
        try:
            asyncio.run(self._play(app))
            wrong = self._finished(port, composed)
            wrong += [f"the engine stopped: {composed.runner.error}"] if composed.runner.error else []
            port.stop()
            return wrong + self._compare(composed)
        finally:
            port.stop()
            composed.close()

    async def _play(self, app: Staying) -> None:
        async with app.run_test(size=(160, 48)) as pilot:
            while app.desk.view is None:
                await pilot.pause(0.02)
            while len(self.acts) < self.count:
                for _ in range(BATCH):
                    await self._act(app, pilot)
                await asyncio.wait_for(pilot.pause(), 60)
            while len(app.screen_stack) > 1:
                app.pop_screen()
                await pilot.pause()

    async def _act(self, app: Staying, pilot: Pilot[None]) -> None:
        chance = self.random.random()
        if chance < 0.03:
            size = self.random.choice(SIZES)
            self.acts.append(f"size {size}")
            await pilot.resize_terminal(*size)
        elif chance < 0.06:
            at = self.random.randrange(app.size.width), self.random.randrange(app.size.height)
            self.acts.append(f"click {at}")
            with suppress(OutOfBounds, NoWidget):  # the terminal was made smaller meanwhile
                await pilot.click(offset=at)
        elif chance < 0.14:
            word = self.random.choice([each.word for each in ACTIONS if each.word not in LEAVES])
            await self._type(app, f"{word} {self.random.choice(ARGUMENTS)}".strip())
        elif chance < 0.2:
            await self._press(app, "y")
        elif chance < 0.75:
            keys = [key for each in ACTIONS for key in each.keys]
            await self._press(app, self.random.choice(keys))
        else:
            await self._press(app, self.random.choice((*LETTERS, *NAMED)))

    async def _type(self, app: Staying, text: str) -> None:
        self.acts.append(f":{text}")
        while len(app.screen_stack) > 1:
            app.pop_screen()
        app.workstation.action_command(text)
        for _ in range(50):
            if isinstance(app.screen, Prompt) and app.screen.is_mounted:
                break
            await asyncio.sleep(0.002)
        await self._press(app, "enter")

    async def _press(self, app: Staying, key: str) -> None:
        self.acts.append(key)
        app.post_message(events.Key(_named(key), key if len(key) == 1 else None))
        await asyncio.sleep(0)

    # --- what must hold

    def _finished(self, port: LocalPort, composed: Composed) -> list[str]:
        """Play on to the end of the day, flat out: what was rewound is played again."""
        port.pace(Pace("resume"))
        port.pace(Pace("speed", value=0))
        for _ in range(3000):
            view = port.view()
            if composed.runner.error or (view is not None and view.progress.finished):
                return []
            if view is not None and view.progress.paused:
                port.pace(Pace("resume"))
            asyncio.run(asyncio.sleep(0.02))
        return ["the day did not come to its end"]

    def _compare(self, composed: Composed) -> list[str]:
        found = [str(problem) for problem in verify(self.path).problems]
        with JournalReader(self.path) as reader:
            for session in reader.sessions():
                past = reader.records(session.session)
                found += unapproved(past)
                self.orders += sum(isinstance(record, OrderRecord) for record in past)
            records = reader.records(composed.runner.session)
        return found + differences(composed.runner._playing.engine, records)


def unapproved(records: list[AnyRecord]) -> list[str]:
    """Orders that no approval of the gate stands behind."""
    approved = {record.intent_id for record in records if isinstance(record, DecisionRecord) and record.approved}
    return [
        f"order {record.client_order_id} has no approval"
        for record in records
        if isinstance(record, OrderRecord) and record.intent_id not in approved
    ]


def differences(engine: Engine, records: list[AnyRecord]) -> list[str]:
    """Where the engine's holdings and orders are not what the journal's fills and events come to."""
    held: dict[tuple[int, str], int] = {}
    seen: set[str] = set()
    status: dict[str, str] = {}
    for record in records:
        if isinstance(record, FillRecord) and record.exec_id not in seen:
            seen.add(record.exec_id)
            key = (record.trade_id, record.symbol)
            held[key] = held.get(key, 0) + record.quantity
        elif isinstance(record, OrderEventRecord):
            status[record.client_order_id] = record.status
    own = {
        (trade.trade_id, contract.symbol): holding.quantity + holding.settled_quantity
        for trade in engine.state.portfolio
        for contract, holding in trade.holdings.items()
    }
    found = [
        f"trade {key[0]} holds {own.get(key, 0)} of {key[1]}, the journal's fills come to {held.get(key, 0)}"
        for key in sorted(own.keys() | held.keys())
        if own.get(key, 0) != held.get(key, 0)
    ]
    for order in engine.state.orders:
        told = status.get(order.client_order_id)
        if told is not None and told != order.status:
            found.append(f"order {order.client_order_id} is {order.status}, the journal says {told}")
    return found


def _named(key: str) -> str:
    from zdte_tui.screen.actions.keymap import textual_key

    return textual_key(key) if len(key) == 1 and key != " " else "space" if key == " " else key
