"""A session opened behind the screen: the first paint waits for none of what a session needs.

The configuration, the compiled pricing kernel and the journal come one after the other on a thread of their own, begun
after the first paint. Until then the screen says what is being done. The engine starts when all of it is there: whether
the kernel was on disk or had to be compiled changes nothing it does.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.processes.collecting import collect_seldom
from zdte_tui.appearance import Appearance
from zdte_tui.reach import close_control, open_control
from zdte_tui.watching import Watching

if TYPE_CHECKING:
    from engine.config import Config
    from engine.control import Control, Seat
    from engine.session.compose import Composed
    from engine.session.port import LocalPort
    from engine.view import AlertRequest, CommandRequest, FlattenEstimate, Pace, Port, View, ViewRequest

READING = "reading the configuration"
PRICING = "loading the pricing kernel; the first time on a machine it is compiled, which takes some seconds"
OPENING = "opening the session"


class Opening(Appearance):
    """A session being opened, and the Port (``engine.view.Port``) to it from the start.

    Args:
        read: the validated configuration. compose: the session it asks for.

    Attributes:
        stage: what is being done, in words; empty once the session runs.
        composed: as soon as the session is open;
        control: the way to it for other terminals, from then on.
        error: why it could not be opened.
    """

    def __init__(self, read: Callable[[], Config], compose: Callable[[Config], Composed]) -> None:
        super().__init__()
        self._read = read
        self._compose = compose
        self.stage = READING
        self.composed: Composed | None = None
        self.error: BaseException | None = None
        self.control: Control | None = None
        self._watching: Watching | None = None
        self._local: LocalPort | None = None
        self._port: Port | None = None
        self._seat: Seat | None = None
        self._asked: list[Callable[[Port], None]] = []
        self._lock = threading.Lock()
        self._left = False
        self._thread = threading.Thread(target=self._run, name="opening", daemon=True)
        self._begun = False

    @property
    def failed(self) -> bool:
        """Whether there will be no session."""
        return self.error is not None

    def begin(self) -> None:
        """Start opening; called once the screen is painted. A second call does nothing."""
        with self._lock:
            if self._begun or self._left:
                return
            self._begun = True
        self._thread.start()

    def end(self) -> str:
        """Stop: end the session where one runs, wait for one that is just being opened. How it ended, or empty.

        A kernel being compiled is not waited for.
        """
        with self._lock:
            self._left = True
            begun = self._begun
        while begun and self.stage != PRICING and self._port is None and self._thread.is_alive():
            self._thread.join(0.05)
        if self._local is None or self.composed is None:
            return ""
        outcome = self._local.stop()
        if self._watching is not None:
            self._watching.close(outcome)
        close_control(self.control, self.composed, outcome)
        self.composed.close()
        return outcome

    def leave_screen(self) -> None:
        """The session goes on without this screen: what it was in control of is free."""
        if self._seat is not None:
            self._seat.leave()

    def wait(self, seconds: float) -> bool:
        """Whether the session ended within ``seconds``."""
        return self._local is None or self._local.wait(seconds)

    # The opening thread

    def _run(self) -> None:
        try:
            self._open()
        except BaseException as error:  # the thread that waits for the screen tells it
            self.error = error
        finally:
            collect_seldom()
            gc.enable()

    def _open(self) -> None:
        config = self._read()
        self.config = config
        self.stage = PRICING
        from engine.market.rehearsal import rehearse

        rehearse()
        with self._lock:
            if self._left:
                return
            self.stage = OPENING
        composed = self._compose(config)
        from engine.control import OWN_SCREEN, seated
        from engine.session.port import LocalPort

        local = LocalPort(composed.runner)
        control = open_control(composed)
        watching = Watching(composed, config)
        watching.note()
        seat = control.seats.join(OWN_SCREEN)
        port = seated(local, seat)
        with self._lock:
            self.composed, self.control, self._seat = composed, control, seat
            self._watching = watching
            self._local, self._port = local, port
            local.start()
            for ask in self._asked:
                ask(port)
            self._asked.clear()
            self.stage = ""

    # The Port

    def _ask(self, ask: Callable[[Port], None]) -> None:
        """Now, or as soon as there is a session."""
        with self._lock:
            if self._port is None:
                self._asked.append(ask)
                return
        ask(self._port)

    def view(self) -> View | None:
        """The newest view; None before the first."""
        return None if self._port is None else self._port.view()

    def look_at(self, request: ViewRequest) -> None:
        """Choose the chain of the views to come."""
        self._ask(lambda port: port.look_at(request))

    def command(self, request: CommandRequest) -> None:
        """Hand over a command; one that comes before the session is open is taken up when it is."""
        self._ask(lambda port: port.command(request))

    def pace(self, pace: Pace) -> None:
        """Change how the session is played."""
        self._ask(lambda port: port.pace(pace))

    def alerts(self, request: AlertRequest) -> None:
        """Hand over what a person asks of the alerts."""
        self._ask(lambda port: port.alerts(request))

    def flatten_estimate(self) -> FlattenEstimate:
        """What flattening costs, as of the newest view."""
        from engine.view import FlattenEstimate

        if self._port is None:
            return FlattenEstimate(0, 0, None, "nothing is known yet")
        return self._port.flatten_estimate()

    def take_control(self) -> None:
        """Be the screen whose orders count."""
        self._ask(lambda port: port.take_control())
