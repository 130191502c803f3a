"""Which account a command means that names none: that of the configured mode, then the others, the demo last."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.config import Config

DEMO_ACCOUNT = "demo"


def account_names(config: Config) -> tuple[str, ...]:
    """Names of accounts as journals have them, the likeliest first; live, paper, shadow and rehearsals are accounts of
    their own."""
    name = config.account.name
    by_mode = {"live": name, "paper": f"{name}_paper", "shadow": f"{name}_shadow"}
    meant = by_mode.get("paper" if config.session.mode == "auto" else config.session.mode, name)
    return tuple(dict.fromkeys((meant, *by_mode.values(), "rehearsal", DEMO_ACCOUNT)))
