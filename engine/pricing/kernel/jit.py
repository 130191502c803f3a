"""How the kernel's functions are compiled, in one place.

No fast-math of any kind: every operation is IEEE 754's, rounded once, in the order it is written, and a product is
fused with a sum only where the source says ``fma``. Then a vector register's lane, a scalar, and another processor
all give the same bits, and NaN and infinity mean what they mean.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

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
    try:
        return cast("F", numba.njit(**_OPTIONS, cache=True)(function))
    except RuntimeError:
        return cast("F", numba.njit(**_OPTIONS)(function))
