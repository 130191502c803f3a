"""Which account a command means that names none, the likeliest first, the demo last; what an account is called."""

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


def account_label(kind: str, url: str) -> str:
    """``LIVE account, REAL MONEY`` or ``paper account``; what answers on this machine is a local exchange."""
    from engine.feed.alpaca.labels import is_local

    if is_local(url):
        return f"SIMULATED {kind} account"
    return "LIVE account, REAL MONEY" if kind == "live" else "paper account"
