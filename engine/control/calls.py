"""The Port's methods as messages: one tagged struct each, made from how ``engine.view.Port`` declares them.

A method that is added to the Port needs nothing here: its name is the tag, its parameters are the fields, and what it
returns is the answer. A method that returns something is a question; one that returns nothing is an order.
"""

from __future__ import annotations

import hashlib
import inspect
from functools import cache
from typing import Any, NamedTuple, Union, get_type_hints

import msgspec

from engine.types import KILL_LEVELS
from engine.view import CommandRequest, Port, View

OWN = frozenset({"look_at", "take_control"})
"""Orders that are about the viewer alone, which everybody may give."""


class Method(NamedTuple):
    """One method of the Port: its message, and the type of what it returns."""

    message: type[msgspec.Struct]
    returns: Any


@cache
def methods() -> dict[str, Method]:
    """Every method of the Port by its name."""
    found: dict[str, Method] = {}
    for name, function in inspect.getmembers(Port, inspect.isfunction):
        if name.startswith("_"):
            continue
        hints = get_type_hints(function)
        returns = hints.pop("return", type(None))
        fields = [
            (each.name, hints[each.name])
            if each.default is inspect.Parameter.empty
            else (each.name, hints[each.name], each.default)
            for each in list(inspect.signature(function).parameters.values())[1:]
        ]
        found[name] = Method(msgspec.defstruct(name, fields, tag=name, frozen=True), returns)
    return found


@cache
def shape() -> str:
    """What this program's messages look like: other than another's where one of them would misread the other."""
    every = [View, *(each.message for each in methods().values()), *(each.returns for each in methods().values())]
    return hashlib.sha256(msgspec.json.encode(msgspec.json.schema_components(every))).hexdigest()[:16]


def message(name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> msgspec.Struct:
    """A call as the message that travels. Raises ``TypeError`` for wrong arguments."""
    return methods()[name].message(*arguments, **named)


@cache
def call_decoder() -> msgspec.msgpack.Decoder[Any]:
    """Reads a call."""
    return msgspec.msgpack.Decoder(Union[tuple(each.message for each in methods().values())])  # noqa: UP007 - made here


@cache
def answer_decoder(name: str) -> msgspec.msgpack.Decoder[Any]:
    """Reads what a method returns."""
    return msgspec.msgpack.Decoder(methods()[name].returns)


def is_question(name: str) -> bool:
    """Whether a method returns something."""
    return methods()[name].returns is not type(None)


def needs_control(name: str, arguments: tuple[Any, ...]) -> bool:
    """Whether only the viewer in control may make this call. The kill switch is everybody's."""
    if is_question(name) or name in OWN:
        return False
    return not any(isinstance(each, CommandRequest) and each.kind in KILL_LEVELS for each in arguments)
