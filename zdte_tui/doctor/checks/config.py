"""The configuration: which files there are, and whether they say what the program understands."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING

from zdte_tui.doctor.finding import Finding, fail, note, ok, warn
from zdte_tui.doctor.surroundings import Surroundings

if TYPE_CHECKING:
    from engine.config import Config


def check(around: Surroundings) -> Iterator[Finding]:
    """The files, and the first error in them."""
    from engine.config import user_config_file

    own = user_config_file()
    if own not in around.files:
        yield ok("files", f"none of your own ({own}): the defaults hold")
    for file in around.files:
        if not file.is_file():
            continue  # the error line names it
        if file.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            yield warn("files", f"{file}: others may change it", f"chmod go-w {file}")
        else:
            yield ok("files", str(file))
    if around.problem:
        yield fail(
            "settings",
            around.problem,
            "zdte-tui config check names every mistake; here, the defaults were used to look further",
        )
        return
    mode = around.known_config.session.mode
    yield ok("settings", f"valid; session.mode = {mode}, session.roots = {' '.join(around.known_config.session.roots)}")
    if mode == "live":
        yield _armed(around.known_config)
    elif mode == "auto":
        yield note("mode", "auto: the paper account where its keys are, else the demo market")


def _armed(config: Config) -> Finding:
    """Of the mode of real money, on which days a session without a screen may trade."""
    from engine.calendar import date_of
    from engine.clock import SystemClock
    from engine.session.arm_file import arms

    today = date_of(SystemClock().now())
    days = [str(each.day) for each in arms(config) if each.arm is not None and each.day >= today]
    told = f"armed for {', '.join(days)}" if days else "no day is armed: a session without a screen trades nothing"
    return warn("mode", f"REAL MONEY: session.mode = live; {told}", "zdte-tui arm --show; --demo plays the demo market")


def check_strategies(around: Surroundings) -> Iterator[Finding]:
    """Each strategy validates its own table."""
    from engine.config import ConfigError
    from engine.strategy import build_strategies
    from strategies.registry import REGISTRY

    config = around.known_config
    try:
        built = build_strategies(config.strategies, REGISTRY, list(config.session.roots))
    except ConfigError as error:
        yield fail("strategies", str(error), "put that key right in your config.toml")
        return
    if built:
        yield ok("strategies", f"{len(built)} switched on, of {', '.join(sorted(REGISTRY))}")
    else:
        mend = "set strategies.NAME.enabled = true"
        yield note("strategies", f"none is switched on; there are {', '.join(sorted(REGISTRY))}", mend)
