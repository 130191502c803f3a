"""The Port in-process: a runner on a thread of its own behind the calls a screen makes."""

from __future__ import annotations

import threading

from engine.session.publisher import Reader
from engine.session.runner import Runner
from engine.types import dollars_text
from engine.view import AlertRequest, CommandRequest, FlattenEstimate, Pace, View, ViewRequest


class LocalPort:
    """Implements ``engine.view.Port`` on a runner in this process; with a ``reader``, for one more who looks on."""

    def __init__(self, runner: Runner, reader: Reader | None = None) -> None:
        self._runner = runner
        self._reader = reader or runner.screen
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self.outcome = ""

    def _run(self) -> None:
        self.outcome = self._runner.run()

    def start(self) -> None:
        """Start the session."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> str:
        """End the session and wait for its thread; how it ended, or empty where it did not end in time."""
        self._runner.stop()
        self._thread.join(timeout)
        return self.outcome

    def wait(self, seconds: float) -> bool:
        """Whether the session ended within ``seconds``."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def view(self) -> View | None:
        """The newest view."""
        return self._reader.newest()

    def look_at(self, request: ViewRequest) -> None:
        """Choose the chain of the views to come."""
        self._reader.look_at(request)

    def command(self, request: CommandRequest) -> None:
        """Hand over a command."""
        self._runner.send(request)

    def pace(self, pace: Pace) -> None:
        """Change how the session is played."""
        self._runner.send(pace)

    def alerts(self, request: AlertRequest) -> None:
        """Hand over what a person asks of the alerts."""
        self._runner.send(request)

    def flatten_estimate(self) -> FlattenEstimate:
        """What flattening costs, as of the newest view."""
        view = self._reader.newest()
        if view is None:
            return FlattenEstimate(0, 0, None, "nothing is known yet")
        trades = view.positions.open_trades
        if not trades:
            return FlattenEstimate(0, 0, 0, "nothing is held; working entries are cancelled and entries pause")
        cost = view.positions.flatten_cost
        plural = "" if trades == 1 else "s"
        price = (
            f"costs about ${dollars_text(cost)} against the mids, fees included"
            if cost is not None
            else "its cost is unknown: a held leg has no fresh quote"
        )
        return FlattenEstimate(trades, view.positions.contracts, cost, f"closing {trades} trade{plural} {price}")

    def take_control(self) -> None:
        """Nobody else is here; where others may look on, their seats answer this (``engine.control.seats``)."""
