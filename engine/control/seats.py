"""Who looks at a session, and who of them is in control: one at a time, by an explicit act."""

from __future__ import annotations

import threading
from typing import Any, cast

from msgspec.structs import replace

from engine.control.calls import needs_control
from engine.view import Port, SeatView, View

OWN_SCREEN = "the session's own screen"


class Seat:
    """The place of one viewer. From any thread, as everything here."""

    def __init__(self, seats: Seats, number: int, name: str, watching: bool) -> None:
        self._seats = seats
        self.number = number
        self.name = name
        self.watching = watching
        self.notice = ""
        self.notices = 0

    def tell(self, text: str) -> None:
        """Say something to this viewer alone; it is shown with the next view."""
        self.notice = text
        self.notices += 1

    @property
    def in_control(self) -> bool:
        """Whether this viewer's orders are carried out."""
        return self._seats.holder is self

    def view(self) -> SeatView:
        """As its viewer is shown it."""
        return self._seats.view(self)

    def take_control(self) -> None:
        """Become the one in control; not for one who came to watch only."""
        self._seats.take(self)

    def leave(self) -> None:
        """The viewer is gone; what it was in control of is free."""
        self._seats.leave(self)


class Seats:
    """Of one session.

    Attributes:
        holder: who is in control, or None.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._taken: list[Seat] = []
        self._last = 0
        self.holder: Seat | None = None

    def __len__(self) -> int:
        return len(self._taken)

    def join(self, name: str, watching: bool = False) -> Seat:
        """Sit down; in control at once where nobody is, unless only to watch."""
        with self._lock:
            self._last += 1
            seat = Seat(self, self._last, name, watching)
            for other in self._taken:
                other.tell(f"{name} {'watches' if watching else 'has attached'}")
            self._taken.append(seat)
            if self.holder is None and not watching:
                self.holder = seat
            return seat

    def take(self, seat: Seat) -> None:
        """Move control to ``seat``; who loses it is told."""
        with self._lock:
            if seat.watching:
                seat.tell("attached with --watch: this screen cannot take control")
                return
            if self.holder is seat:
                seat.tell("this screen is in control already")
                return
            before, self.holder = self.holder, seat
            seat.tell("this screen is in control" + (f"; it was {before.name}" if before else ""))
            if before is not None:
                before.tell(f"{seat.name} took control: this screen only watches now; :take-control takes it back")

    def leave(self, seat: Seat) -> None:
        """Give up a seat. Control falls to nobody: it is taken, never inherited."""
        with self._lock:
            self._taken = [each for each in self._taken if each is not seat]
            if self.holder is seat:
                self.holder = None
                for other in self._taken:
                    other.tell(f"{seat.name} has left: nobody is in control; :take-control takes it")

    def view(self, seat: Seat) -> SeatView:
        """As ``seat``'s viewer is shown it."""
        with self._lock:
            return SeatView(
                number=seat.number,
                name=seat.name,
                in_control=self.holder is seat,
                watching=seat.watching,
                holder=self.holder.name if self.holder else "",
                viewers=len(self._taken),
                notice=seat.notice,
                notices=seat.notices,
            )


class _Seated:
    """A Port as one viewer may use it."""

    def __init__(self, port: Port, seat: Seat) -> None:
        self._port = port
        self._seat = seat

    def view(self) -> View | None:
        """With the viewer's own seat in it."""
        view = self._port.view()
        return None if view is None else replace(view, seat=self._seat.view())

    def take_control(self) -> None:
        """Of the seats, not of the session."""
        self._seat.take_control()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def call(*arguments: Any) -> Any:
            if needs_control(name, arguments) and not self._seat.in_control:
                self._seat.tell("not sent: this screen only watches; :take-control first (F and K work without)")
                return None
            return method(*arguments)

        return call


def seated(port: Port, seat: Seat) -> Port:
    """``port`` for the viewer of ``seat``: what it may not do it is told, and nothing of it reaches the session."""
    return cast("Port", _Seated(port, seat))
