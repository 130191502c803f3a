"""Everything that watches one session, opened before it runs and closed after it has ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from engine.watch.health import problems
from engine.watch.look import Look
from engine.watch.server import TEXT, Page, WatchServer
from engine.watch.vitals import Vitals


class Health:
    """Tells over HTTP how a session is.

    Args:
        about: labels of the session. simulated: see ``Figures``. queues, more: figures that are asked for each time.

    Attributes:
        problem: why it cannot be asked, or empty. port: where it can.
    """

    def __init__(
        self,
        look: Look,
        vitals: Vitals,
        port: int,
        silent_seconds: float,
        about: Mapping[str, str],
        simulated: bool,
        queues: Callable[[], Mapping[str, int]] = dict,
        more: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        self._look = look
        self._vitals = vitals
        self._limit = silent_seconds
        self._about = about
        self._simulated = simulated
        self._queues = queues
        self._more = more
        self._server = WatchServer(port, {"/healthz": self._healthz, "/metrics": self._metrics})
        self.problem, self.port = self._server.problem, self._server.port

    def close(self) -> None:
        """Tell no more."""
        self._server.close()

    def _healthz(self) -> Page:
        found = problems(self._look.fresh()[0], self._look.error, self._look.silent, self._limit)
        status = HTTPStatus.SERVICE_UNAVAILABLE if found else HTTPStatus.OK
        return Page(status, TEXT, "".join(f"{line}\n" for line in found or ["ok"]).encode())

    def _metrics(self) -> Page:
        from engine.watch.metrics import CONTENT_TYPE, Figures, exposition

        view, age = self._look.fresh()
        ills = problems(view, self._look.error, self._look.silent, self._limit)
        figures = Figures(
            about=self._about,
            simulated=self._simulated,
            view=view,
            age=age,
            silent=self._look.silent,
            ills=len(ills),
            vitals=self._vitals,
            queues=self._queues(),
            more=self._more(),
        )
        return Page(HTTPStatus.OK, CONTENT_TYPE, exposition(figures))
