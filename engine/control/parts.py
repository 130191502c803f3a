"""A view as it travels: part by part, and only those that differ from what was sent before."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from engine.view import View

_encoder = msgspec.msgpack.Encoder()


class Sender:
    """Remembers what one viewer has been sent."""

    def __init__(self) -> None:
        self._objects: dict[str, object] = {}
        self._bytes: dict[str, bytes] = {}

    def changed(self, view: View) -> dict[str, msgspec.Raw]:
        """The parts of ``view`` that the viewer does not have, encoded."""
        found: dict[str, msgspec.Raw] = {}
        for name in View.__struct_fields__:
            part = getattr(view, name)
            if name in self._objects and self._objects[name] is part:
                continue
            self._objects[name] = part
            encoded = _encoder.encode(part)
            if self._bytes.get(name) != encoded:
                self._bytes[name] = encoded
                found[name] = msgspec.Raw(encoded)
        return found


class Assembler:
    """Puts views together again. Parts that did not change stay the same objects."""

    def __init__(self) -> None:
        self._parts: dict[str, Any] = {}

    def take(self, parts: dict[str, msgspec.Raw]) -> View | None:
        """The view with these parts in it; None before the first whole one. Raises ``msgspec.DecodeError``."""
        readers = _readers()
        for name, encoded in parts.items():
            self._parts[name] = readers[name].decode(encoded)
        return View(**self._parts) if self._parts else None


@cache
def _readers() -> dict[str, msgspec.msgpack.Decoder[Any]]:
    return {field.name: msgspec.msgpack.Decoder(field.type) for field in msgspec.structs.fields(View)}
