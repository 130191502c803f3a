"""What every table of the configuration is, and the types their keys share."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, field_validator

from engine.types import PRODUCTS


class Table(BaseModel):
    """A table of the configuration: unknown keys fail, numbers are finite, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        """``daily_loss = true`` is a slip of the hand, not one dollar."""
        field = cls.model_fields[info.field_name or ""]
        if isinstance(value, bool) and field.annotation in (int, float):
            raise ValueError("Input should be a number")
        return value


def known_root(root: str) -> str:
    """``root``, or a ``ValueError`` that names the roots there are."""
    if root not in PRODUCTS:
        near = get_close_matches(root.upper(), PRODUCTS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"unknown root {root!r}{hint}; known: {', '.join(sorted(PRODUCTS))}")
    return root


Root = Annotated[str, AfterValidator(known_root)]
