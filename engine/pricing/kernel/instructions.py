"""Three instructions Python has no words for: a sum fused with a product, and a number's bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


@intrinsic
def _fma(typingctx: Any, a: Any, b: Any, c: Any) -> Any:  # noqa: ARG001
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        return builder.fma(*args)

    return types.float64(types.float64, types.float64, types.float64), emit


@intrinsic
def _bits(typingctx: Any, a: Any) -> Any:  # noqa: ARG001
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), emit


@intrinsic
def _from_bits(typingctx: Any, a: Any) -> Any:  # noqa: ARG001
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), emit


fma = cast("Callable[[float, float, float], float]", _fma)
"""``a * b + c``, rounded once, on every processor."""

bits = cast("Callable[[float], int]", _bits)
"""The 64 bits of a float64, as an int64."""

from_bits = cast("Callable[[int], float]", _from_bits)
"""The float64 with the 64 bits of an int64."""
