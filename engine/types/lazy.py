"""An attribute worked out when it is first read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801  # a decorator, like property
    """``functools.cached_property`` without the lock that Python 3.11 takes for each value: chains are made by the
    minute and read by one thread, and the lock costs more than most of what they work out."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work = work
        self.__doc__ = work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[T]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> lazy[T] | T:
        """The value, kept in the instance's own dictionary: from then on Python finds it there."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._work(instance)
        return value
