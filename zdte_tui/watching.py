"""Has a session watched from outside, as ``[health]`` and ``[push]`` say: opened before it runs, closed after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.config import Config
    from engine.session.compose import Composed
    from engine.watch.look import Look
    from engine.watch.room import Health


class Watching:
    """What watches one session.

    Attributes:
        told: lines a person should see, such as why a port could not be had.
    """

    def __init__(self, composed: Composed, config: Config) -> None:
        self.told: list[str] = []
        self._composed = composed
        self._look: Look | None = None
        self._health: Health | None = None
        if config.health.port:
            self._serve(config)

    def _serve(self, config: Config) -> None:
        from engine.watch.room import Health
        from engine.watch.vitals import Vitals

        composed, vitals = self._composed, Vitals()
        composed.runner.watch(vitals.hear)
        self._health = Health(
            self._look_at_it(),
            vitals,
            config.health.port,
            config.health.silent_seconds,
            about_session(composed),
            simulated=is_simulated(composed),
            queues=lambda: {"inbox": composed.runner.waiting, "journal": composed.writer.waiting},
        )
        if self._health.problem:
            self.told.append(self._health.problem)

    def _look_at_it(self) -> Look:
        from engine.watch.look import Look

        if self._look is None:
            self._look = Look(self._composed.runner, self._composed.runner.reader)
        return self._look

    def close(self, outcome: str) -> None:
        """The session has ended; how."""
        if self._health is not None:
            self._health.close()


def about_session(composed: Composed) -> dict[str, str]:
    """The labels by which a session is told from others."""
    info = composed.info
    return {
        "session": composed.name,
        "account": info.account,
        "mode": composed.runner.mode,
        "day": info.day.isoformat(),
        "roots": " ".join(info.roots),
        "data": composed.label,
        "version": info.code_version,
        "config": info.config_hash[:12],
    }


def is_simulated(composed: Composed) -> bool:
    """Whether no market shows what it trades on, or no broker fills it."""
    invented = any(source.origin == "simulated" for source in composed.info.provenance)
    return invented or composed.runner.mode not in ("paper", "live")
