"""What stands between this program and the eye: tmux, screen, ssh, mosh."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from zdte_tui.doctor.finding import Finding, note, ok, warn
from zdte_tui.doctor.surroundings import Surroundings, ask
from zdte_tui.screen.manners import REMOTE_SIGNS, is_remote

Ask = Callable[[Sequence[str]], str | None]

_ANCESTORS = 32
_SLOW_ESCAPE = 50


def check(around: Surroundings) -> Iterator[Finding]:
    """Every layer that is there."""
    layers = 0
    if around.env.get("TMUX"):
        layers += 1
        yield from tmux(ask)
    elif around.env.get("STY"):
        layers += 1
        yield screen(ask)
    if around.env.get("SSH_CONNECTION") or around.env.get("SSH_TTY"):
        layers += 1
        yield ok("ssh", "this is a login from another machine")
    if "mosh-server" in ancestors():
        layers += 1
        yield note("mosh", "it shows 16 million colours from 1.4 on, and does not scroll back", "mosh-server --version")
    yield profile(around.config.ui.profile if around.config is not None else "auto", around.env)
    if not layers:
        yield ok("layers", "no tmux, screen, ssh or mosh in between")


def profile(setting: str, env: Mapping[str, str]) -> Finding:
    """How sparing the screen is with the line, and why."""
    why = {"auto": "no login over SSH", "local": "[ui] profile is local", "remote": "[ui] profile is remote"}[setting]
    if not is_remote(setting, env):
        return ok("profile", f"local, {why}: all that is repainted is sent, changed cells flash")
    sign = next((name for name in REMOTE_SIGNS if env.get(name)), "")
    why = f"{sign} is set" if setting == "auto" else why
    seen = f"remote, {why}: 15 frames a second at most, only cells that differ are sent, nothing flashes"
    return note("profile", seen, 'profile = "local" under [ui] in config.toml; TEXTUAL_FPS sets another rate')


def tmux(ask_system: Ask) -> Iterator[Finding]:
    """Its version, what it says it is, whether it passes colours and copies on, and how long it holds back Escape."""
    name = (ask_system(["tmux", "-V"]) or "tmux, version unknown").strip()
    told = (ask_system(["tmux", "show-options", "-gv", "default-terminal"]) or "").strip()
    if told and not told.startswith(("tmux", "screen")):
        seen = f"{name}: default-terminal is {told}, which tmux is not; keys and colours go wrong"
        yield warn("tmux", seen, "tmux set -g default-terminal tmux-256color, and the same in ~/.tmux.conf")
    elif told and "256" not in told:
        seen = f"{name}: default-terminal {told} has few colours"
        yield note("tmux", seen, "tmux set -g default-terminal tmux-256color, and the same in ~/.tmux.conf")
    else:
        yield ok("tmux", f"{name}{f', default-terminal {told}' if told else ''}")
    yield _tmux_colours(ask_system(["tmux", "info"]))
    yield _tmux_clipboard(ask_system)
    wait = (ask_system(["tmux", "show-options", "-sv", "escape-time"]) or "").strip()
    if wait.isdigit() and int(wait) > _SLOW_ESCAPE:
        seen = f"Escape reaches the program {wait} ms late"
        yield note("tmux escape", seen, "tmux set -sg escape-time 10, and the same in ~/.tmux.conf")


def _tmux_colours(info: str | None) -> Finding:
    """``tmux info`` has a line a capability: ``Tc: (flag) true`` or ``Tc: [missing]``."""
    if info is None:
        return note("tmux colours", "tmux does not answer: whether it passes 16 million colours on is not known")
    if re.search(r"\bTc: \(flag\) true", info) or re.search(r"\bRGB: \(flag\) true", info):
        return ok("tmux colours", "16 million pass through")
    mend = "tmux set -as terminal-features ',*:RGB', and the same in ~/.tmux.conf; attach again"
    return note("tmux colours", "tmux turns 16 million colours into 256: neither Tc nor RGB is set", mend)


def _tmux_clipboard(ask_system: Ask) -> Finding:
    """Copying goes by OSC 52, which tmux takes from a program only with ``set-clipboard on``, or lets through."""
    told = (ask_system(["tmux", "show-options", "-sv", "set-clipboard"]) or "").strip()
    through = (ask_system(["tmux", "show-options", "-gwv", "allow-passthrough"]) or "").strip()
    if told == "on":
        return ok("tmux clipboard", "what is copied reaches the terminal (set-clipboard on)")
    seen = f"set-clipboard is {told or 'not known'}, allow-passthrough {through or 'not known'}: copies may not arrive"
    return note("tmux clipboard", seen, "tmux set -s set-clipboard on, and the same in ~/.tmux.conf")


def screen(ask_system: Ask) -> Finding:
    """GNU screen: before 5.0 it has no more than 256 colours."""
    found = re.search(r"(\d+)\.(\d+)", ask_system(["screen", "-v"]) or "")
    if found and int(found[1]) >= 5:
        return ok("screen", f"GNU screen {found[0]}")
    version = f" {found[0]}" if found else ""
    return note("screen", f"GNU screen{version}: 256 colours at most before 5.0", "tmux passes 16 million on")


def ancestors(proc: Path = Path("/proc"), start: str = "self") -> list[str]:
    """The names of the processes above this one, nearest first; empty where the system does not tell."""
    names: list[str] = []
    pid = start
    for _ in range(_ANCESTORS):
        try:
            text = (proc / pid / "stat").read_text(errors="replace")
        except OSError:
            break
        name, _, rest = text.partition("(")[2].rpartition(")")
        names.append(name)
        pid = rest.split()[1] if len(rest.split()) > 1 else "0"
        if pid == "0":
            break
    return names[1:]
