"""What a stored chain says at its last full instant, as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.tape.figures import Figures


def figure_lines(figures: Figures | None, root: str) -> list[str]:
    """The figures, a line each; what cannot be known is said to be unknown."""
    from engine.calendar import clock_text
    from engine.types import SCALE, strike_text

    if figures is None:
        return ["no price of its nearest expiry before that one's close: no figures"]
    true = f", true at {clock_text(figures.at)}" if figures.at != figures.known else ""
    spot = "unknown"
    if figures.spot is not None:
        spot = f"{figures.spot / SCALE:,.2f}{' by put-call parity' if figures.by_parity else ''}"
    move = "unknown" if figures.expected_move is None else f"+-{figures.expected_move:,.2f}"
    iv = "unknown"
    if figures.atm_iv is not None and figures.atm is not None:
        iv = f"{100 * figures.atm_iv:.1f}% at {strike_text(figures.atm)}"
    lines = [
        f"at the last full instant, {clock_text(figures.known)}{true}, expiry {figures.expiry}:",
        f"  spot            {spot}",
        f"  forward         {'unknown' if figures.forward is None else f'{figures.forward:,.2f}'}",
        f"  expected move   {move}",
        f"  ATM IV          {iv}",
    ]
    if not figures.interest:
        return [*lines, "  gamma exposure  unknown: no open interest in this file"]
    for title, found in ((str(figures.expiry), figures.gamma_expiry), (f"all expiries of {root}", figures.gamma_all)):
        if found is None:
            lines.append(f"  gamma exposure  unknown for {title}: nothing with open interest has a volatility")
            continue
        zero = "none within 10%" if found.zero_gamma is None else f"{found.zero_gamma:,.0f}"
        lines += [
            f"  gamma exposure  net {found.net / 1e9:+.3f} bn per 1%, {title}",
            f"{' ' * 18}calls {found.total_calls / 1e9:.3f}, puts {found.total_puts / 1e9:.3f}; zero gamma {zero}",
        ]
    return lines
