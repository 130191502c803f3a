"""How the kernel's functions are compiled, in one place.

No fast-math of any kind: every operation is IEEE 754's, rounded once, in the order it is written, and a product is
fused with a sum only where the source says ``fma``. Then a vector register's lane, a scalar, and another processor
all give the same bits, and NaN and infinity mean what they mean.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core.registry import cpu_target

_BLAS = "scipy.linalg.cython_blas"


def _get_ready() -> None:
    """What numba does before its first function, without ``scipy.linalg``.

    It imports that, where installed, to see whether compiled code may use BLAS. Ours does not, and the import would be
    a third of what a start waits for the kernel.
    """
    unknown = _BLAS not in sys.modules
    if unknown:
        sys.modules[_BLAS] = None  # type: ignore[assignment]  # Python's word for "not to be had"
    try:
        cpu_target.target_context.refresh()
    finally:
        if unknown:
            del sys.modules[_BLAS]


_get_ready()

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True}
# Nothing but the kernel calls these: half of what compiling costs would be doors that stay shut.
_INNER: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled(function: F) -> F:
    """Compiled into whichever kernel calls it; a division by zero gives infinity, as in numpy."""
    return cast("F", numba.njit(**_OPTIONS, **_INNER)(function))


def cached(function: F) -> F:
    """A compiled entry point that is kept on disk, and holds no lock while it runs.

    Where there is nowhere to keep it (a read-only installation and home), it is compiled anew in each process.
    """
    return _kept(function, None)


def cached_as(*signature: numba.types.Type) -> Callable[[F], F]:
    """``cached``, compiled when it is imported, for these arguments alone: what converts to them safely is taken too (a
    column that may be written where one to be read is wanted), and anything else is a ``TypeError``."""
    return lambda function: _kept(function, signature)


def _kept(function: F, signature: tuple[numba.types.Type, ...] | None) -> F:
    try:
        return cast("F", numba.njit(signature, **_OPTIONS, cache=True)(function))
    except RuntimeError:
        return cast("F", numba.njit(signature, **_OPTIONS)(function))
