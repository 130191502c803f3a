"""What a strategy is: code without memory, a validated table of settings, and one encodable state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import msgspec

from engine.config import ConfigError, Table, validate
from engine.strategy.actions import Action
from engine.strategy.context import Context, TradeInfo
from engine.strategy.moving import Moved, Refused
from engine.strategy.proposal import Proposal
from engine.strategy.watching import Watch
from engine.types import PRODUCTS, Contract, Price

SettingsT = TypeVar("SettingsT", bound=Table)
StateT = TypeVar("StateT", bound=msgspec.Struct)


class SidePlan(NamedTuple):
    """A part of a trade that is managed on its own, for the screen: its contracts and where its stop stands."""

    label: str
    contracts: tuple[Contract, ...]
    stop_at: Price | None


class Deadline(NamedTuple):
    """Something that happens on its own at ``at`` (ns UTC), in words."""

    at: int
    text: str


class Strategy(ABC, Generic[SettingsT, StateT]):
    """Decides from the context and its state alone.

    The engine owns the state, journals it after each change, and hands it back after a restart; a strategy keeps
    nothing else. ``decide`` may change the state in place. It must be deterministic.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    settings_model: ClassVar[type[Table]]
    state_model: ClassVar[type[msgspec.Struct]]

    def __init__(self, root: str, settings: SettingsT) -> None:
        self.root = root
        self.settings = settings

    @property
    def identity(self) -> str:
        """Its version and a hash of its name and settings: orders of the same one were asked for by the same rules."""
        text = f"{self.name} {self.version} {self.root} {self.settings.model_dump_json()}"
        return f"{self.version}-{sha256(text.encode()).hexdigest()[:12]}"

    @abstractmethod
    def begin(self, ctx: Context) -> tuple[StateT, list[Action]]:
        """The state at the session's start, and what to say and when to be woken."""

    @abstractmethod
    def resume(self, ctx: Context, state: StateT) -> list[Action]:
        """After a restart: when to be woken again."""

    @abstractmethod
    def decide(self, ctx: Context, state: StateT) -> list[Action]:
        """What to do now; called after every event until it asks for nothing more."""

    def asleep(self, ctx: Context, state: StateT) -> bool:  # noqa: ARG002
        """Whether ``decide`` would do nothing until the next instant this strategy asked to be woken at, whatever the
        market does meanwhile. Asked only while it has no trade open and no order working. Then it is not called before:
        hundreds of days of a backtest go by faster for it. False, which is always right, unless a strategy knows."""
        return False

    def watch(self, ctx: Context, state: StateT) -> Watch | None:  # noqa: ARG002
        """What it waits for while it has trades open, and no order of anybody works: until a limit matters, or the next
        instant it asked to be woken at, ``decide`` is not called. None, which is always right, unless it knows."""
        return None

    @abstractmethod
    def sides(self, trade: TradeInfo, state: StateT) -> tuple[SidePlan, ...]:
        """The parts of a trade and their stops."""

    def adjust(self, ctx: Context, state: StateT, trade: TradeInfo, moved: Moved) -> str:  # noqa: ARG002
        """A person moves a stop or the target of one of its trades (never of the scope ``tested``): keep that in the
        state, and say what was done in words. ``sides`` shows it from then on. Raises ``Refused``."""
        raise Refused(f"{self.name} lets nobody move its stops or targets; C closes #{trade.trade_id}")

    def propose(self, ctx: Context, state: StateT) -> Proposal | None:  # noqa: ARG002
        """What it would enter now, also where it would not, with the reason; None where it has nothing to propose. It
        changes no state."""
        return None

    @abstractmethod
    def next_deadline(self, ctx: Context, state: StateT) -> Deadline | None:
        """What this strategy does next on its own."""


AnyStrategy = Strategy[Any, Any]
Registry = Mapping[str, type[AnyStrategy]]


def settings_for(raw: Mapping[str, Any], root: str) -> dict[str, Any]:
    """One strategy's table for one root: the common keys, overlaid by ``by_root.<root>``; without ``enabled``."""
    common = {key: value for key, value in raw.items() if key not in ("by_root", "enabled")}
    return _overlay(common, raw.get("by_root", {}).get(root, {}))


def _overlay(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        known = merged.get(key)
        merged[key] = _overlay(known, value) if isinstance(known, dict) and isinstance(value, Mapping) else value
    return merged


class Planned(NamedTuple):
    """A strategy on one root whose settings have been validated; ``make`` gives a new instance each time."""

    kind: type[AnyStrategy]
    root: str
    settings: Table

    def make(self) -> AnyStrategy:
        """A new instance. Raises ``ConfigError`` for settings that make no sense on the root."""
        return self.kind(self.root, self.settings)


def plan_strategies(tables: Mapping[str, Mapping[str, Any]], registry: Registry, roots: Sequence[str]) -> list[Planned]:
    """One a strategy and root, of those enabled, in the order of the configuration.

    Raises ``ConfigError`` for a strategy nobody registered and for settings its model refuses.
    """
    planned: list[Planned] = []
    for name, raw in tables.items():
        kind = registry.get(name)
        if kind is None:
            raise ConfigError(f"config: no strategy {name!r}; known: {', '.join(sorted(registry))}")
        enabled = raw.get("enabled", True)
        if not isinstance(enabled, bool):
            raise ConfigError(f"config: strategies.{name}.enabled must be true or false (given: {enabled!r})")
        validate(kind.settings_model, settings_for(raw, ""), f"strategies.{name}")
        for root in raw.get("by_root", {}):
            if root not in PRODUCTS:
                raise ConfigError(
                    f"config: strategies.{name}.by_root: unknown root {root!r}; known: {', '.join(PRODUCTS)}"
                )
            validate(kind.settings_model, settings_for(raw, root), f"strategies.{name}.by_root.{root}")
        for root in roots if enabled else []:
            settings = validate(kind.settings_model, settings_for(raw, root), f"strategies.{name}")
            planned.append(Planned(kind, root, settings))
    return planned


def build_strategies(
    tables: Mapping[str, Mapping[str, Any]], registry: Registry, roots: Sequence[str]
) -> list[AnyStrategy]:
    """``plan_strategies``, made. Raises ``ConfigError``."""
    return [planned.make() for planned in plan_strategies(tables, registry, roots)]
