"""The course a session takes through its day: its pass, the commands given in it, its branches, who trades."""

from __future__ import annotations

from collections.abc import Sequence

from engine.calendar import clock_text
from engine.core import Engine
from engine.events import Actor, Command
from engine.session.ledger import PRACTICE, Ledger
from engine.session.playing import Given, Step
from engine.session.publisher import Publisher
from engine.session.rewinder import Rewinder
from engine.types import CancelAll, CommandKind, Manual, PauseStrategy
from engine.view import PRACTICES, CommandRequest


class Course:
    """One pass after another over a day; each new past is a session of its own in the journal, and none is deleted.

    Attributes:
        playing: the pass that is shown. given: the commands of its past, and those of a past session that is played
            again which still lie ahead.
        practice: since when (ns UTC) a person trades; None while nobody has taken over. strategies: what they do then.
        original: whether this is still the session that was begun, and no branch of it.
        problem: why the last jump or taking over did nothing, in words; empty where it did. news: what else came of it.
    """

    def __init__(
        self,
        rewinder: Rewinder,
        ledger: Ledger,
        publisher: Publisher,
        banner: str,
        again: Sequence[Given] = (),
        practises: bool = False,
    ) -> None:
        self._rewinder = rewinder
        self._ledger = ledger
        self._publisher = publisher
        self._banner = banner
        self._practises = practises
        self.given = list(again)
        self._recorded = list(again)
        self._mode = ledger.mode
        self.original = True
        self.practice: int | None = None
        self.strategies = ""
        self.problem = self.news = ""
        self.playing = rewinder.start_over(ledger.order_epoch, self.given)

    # --- through the day

    def passed(self, step: Step) -> None:
        """An event was processed as the session went on."""
        self._rewinder.passed(step.event, self.playing, self._come)

    @property
    def _come(self) -> int:
        return sum(each.seq <= self.playing.seq for each in self.given)

    def rewind(self, instant: int) -> bool:
        """Go back to an instant; whether it could.

        Commands that a person gave after it are forgotten, and the day goes on as a branch.
        """
        if not self._can_go_back():
            return False
        kept = [each for each in self.given if each.command.ts_known <= instant]
        if self.given != self._recorded and len(kept) < len(self.given):
            self._branch(kept, instant=instant, mode=self._mode_at(instant))
        else:
            self.playing = self._rewinder.to(self._ledger.order_epoch, self.given, instant=instant)
        self._look_who_trades(instant)
        return True

    def back(self) -> bool:
        """Go back to before the event that was last; whether it could."""
        if not self._can_go_back():
            return False
        epoch, at = self._ledger.order_epoch, self.playing.seq
        target = self._rewinder.event_before(epoch, self.given, at)
        if target is None:
            self.playing = self._rewinder.to(epoch, self.given, seq=at)
            self.problem = "this is the first event of the day"
            return False
        kept = [each for each in self.given if each.seq <= target]
        if self.given != self._recorded and len(kept) < len(self.given):
            self._branch(kept, seq=target, mode=self._mode_at(kept[-1].command.ts_known if kept else 0))
        else:
            self.playing = self._rewinder.to(epoch, self.given, seq=target)
        self._look_who_trades(self.playing.now)
        return True

    def _can_go_back(self) -> bool:
        self.problem = self.news = ""
        if not self._rewinder.goes_back:
            self.problem = "its market or its broker is outside, or it was continued after a restart: no way back"
        return not self.problem

    def _look_who_trades(self, instant: int) -> None:
        """Before the instant at which a person took over, nobody has."""
        if self.practice is None or instant >= self.practice:
            return
        if self.strategies == "flat":
            self.practice = instant
        else:
            since = clock_text(self.practice)
            self.news = f"this is before {since}, when you took over: nobody practises here; t takes over again"
            self.practice, self.strategies = None, ""
            self._publisher.rename(self._banner)

    def _mode_at(self, instant: int) -> str:
        before = self.practice is not None and instant < self.practice and self.strategies != "flat"
        return self._mode if before else self._ledger.mode

    # --- another past

    def _branch(
        self,
        kept: list[Given],
        instant: int | None = None,
        seq: int | None = None,
        mode: str | None = None,
    ) -> None:
        """Begin another session with the same past, up to an instant or an event."""
        self._ledger.next_epoch()
        self._rewinder.checkpoints.forget()  # they are made again as the past is played for the journal
        self.playing = self._rewinder.start_over(self._ledger.order_epoch, kept)
        past = self._rewinder.catch_up(self.playing, kept, instant, seq)
        self._ledger.branch(past, mode)
        self.given, self._recorded, self.original = kept, [], False
        self._ledger.keep_given(kept)

    def give(self, request: CommandRequest, actor: Actor, shown: int) -> Command:
        """The command as it happens now; it stands in the session's past from here on.

        It happens at the market time the screen shows (``shown``, ns UTC), and not after what is still to come. Given
        in a past that is journalled already, or where commands of a past session lie ahead, it makes another future.
        """
        if self.playing.seq < self._ledger.written or self.playing.ahead:
            seq = self.playing.seq
            self._branch([each for each in self.given if each.seq <= seq], seq=seq)
        ahead = self.playing.next_ts
        at = shown if ahead is None else max(self.playing.now, min(shown, ahead))
        command = self._command(request.kind, actor, at, request.trade_id, request.text, request.manual)
        self._take(command)
        return command

    def _command(
        self, kind: CommandKind, actor: Actor, at: int, trade_id: int = 0, text: str = "", manual: Manual | None = None
    ) -> Command:
        number = len(self.given)
        return Command(
            ts_known=at,
            ts_event=at,
            seq=number,
            command_id=f"{self._ledger.order_epoch}-{number + 1}",
            kind=kind,
            actor=actor,
            trade_id=trade_id,
            text=text,
            manual=manual,
        )

    def _take(self, command: Command) -> None:
        self.given.append(Given(self.playing.seq + 1, command))
        self._ledger.keep_given(self.given)

    # --- practice

    def must_practise(self, request: CommandRequest, actor: Actor) -> bool:
        """Whether an order would mix a person's trading into the record of a day that nobody traded."""
        return self._practises and actor == "person" and self.practice is None and request.kind != "note"

    def take_over(self, how: str, shown: int) -> list[CommandRequest]:
        """Begin a practice session from here: a branch of its own, in which the strategies do what ``how`` says.

        Returns what must be ordered now for that to be so. Raises nothing: ``problem`` says why it could not be.
        """
        how = how or next(iter(PRACTICES))
        if how not in PRACTICES:
            self.problem = f"{how!r} is no way to take over: {', '.join(PRACTICES)}"
            return []
        if not self._can_go_back():
            self.problem = "this session cannot be taken over: " + self.problem
            return []
        if self.practice is not None and how == self.strategies:
            self.problem = f"you practise already, since {clock_text(self.practice)}"
            return []
        seq = self.playing.seq
        kept = [each for each in self.given if each.seq <= seq]
        if how == "flat":
            kept = self._standing_aside_all_day()
            self._branch(kept, instant=max(shown, self.playing.now), mode=PRACTICE)
        else:
            self._branch(kept, seq=seq, mode=PRACTICE)
        self.practice, self.strategies = shown, how
        self._publisher.rename(f"{PRACTICE.upper()} {self._banner}")
        told = f"a person took over at {clock_text(shown)}: {PRACTICES[how]}"
        note = CommandRequest("note", text=told)
        if how != "alone":
            return [note]
        return [note, CommandRequest("manual", manual=CancelAll()), *_pauses(self.playing.engine)]

    def _standing_aside_all_day(self) -> list[Given]:
        """The orders by which no strategy trades, given before anything else of the day."""
        playing = self._rewinder.start_over(self._ledger.order_epoch, ())
        for _ in playing.onward():
            if playing.takes_commands:
                break
        self.given = []
        first = playing.seq + 1
        for request in _pauses(playing.engine):
            command = self._command("manual", "person", playing.now, manual=request.manual)
            self.given.append(Given(first + len(self.given), command))
        return self.given


def _pauses(engine: Engine) -> list[CommandRequest]:
    names = engine.strategies.names()
    return [CommandRequest("manual", manual=PauseStrategy(strategy=name, root=root)) for name, root in names]
