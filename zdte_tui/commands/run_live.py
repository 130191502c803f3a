"""Sessions on a market that streams: paper, shadow and live at Alpaca, and rehearsals on a local exchange."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from zdte_tui.commands.options import day, limit_sources, load_config
from zdte_tui.exits import CONFIG, DATA, NO_AUTH, UNAVAILABLE, USAGE, CommandError

if TYPE_CHECKING:
    from engine.config import Config
    from engine.events import Tick
    from engine.session.compose import Composed
    from engine.session.live_compose import LiveMode
    from engine.session.source import Source

OnTick = Callable[["Tick"], None] | None
Mode = Literal["demo", "rehearse", "paper", "shadow", "live"]
DEMO_DAY = "demo"


def add_options(parser: argparse.ArgumentParser) -> None:
    """``--rehearse`` and what goes with it."""
    group = parser.add_argument_group("rehearsal")
    group.add_argument(
        "--rehearse",
        type=_day,
        nargs="?",
        const=DEMO_DAY,
        metavar="DAY",
        help="trade a SIMULATED day on a local exchange, through Alpaca's protocols: a stored day, or the demo market",
    )
    group.add_argument("--source", metavar="S", help="with --rehearse DAY: which source of the day")
    group.add_argument(
        "--faults", type=_seed, metavar="SEED", help="with --rehearse: let things go wrong by chance, as this says"
    )


def check_options(args: argparse.Namespace) -> None:
    """Refuse what does not go together."""
    if args.rehearse is not None and (args.demo or args.scenario):
        raise CommandError("--rehearse and --demo are two ways to play a day: choose one", USAGE)
    for name in ("source", "faults"):
        if getattr(args, name) is not None and args.rehearse is None:
            raise CommandError(f"--{name} goes with --rehearse", USAGE)
    if args.source is not None and args.rehearse == DEMO_DAY:
        raise CommandError("--source goes with --rehearse DAY: the demo market has one", USAGE)
    if args.rehearse is not None and args.speed == 0:
        raise CommandError(
            "a rehearsal's exchange keeps time, as fast as you say: write a --speed above 0, such as 60, not max", USAGE
        )


def mode_of(args: argparse.Namespace, config: Config) -> Mode:
    """What kind of session is asked for."""
    if args.rehearse is not None:
        return "rehearse"
    mode = config.session.mode
    if args.demo or args.scenario is not None or mode == "demo":
        return "demo"
    if mode != "auto":
        return mode
    from engine.alpaca.key_places import keys_if_any
    from engine.alpaca.keys import KeysError

    try:
        return "demo" if keys_if_any("paper") is None else "paper"
    except KeysError as error:
        raise CommandError(f"{error}; --demo needs no keys", NO_AUTH) from None


def compose_at_alpaca(
    args: argparse.Namespace, config: Config, mode: LiveMode, *, stay: bool, on_tick: OnTick
) -> Composed:
    """A session of today."""
    if args.speed is not None:
        raise CommandError("a market has its own pace: --speed goes with --demo and --rehearse", USAGE)
    from engine.alpaca.key_check import in_the_clear
    from engine.session.live_compose import compose_live
    from strategies.registry import REGISTRY

    url = config.alpaca.live_url if mode == "live" else config.alpaca.trading_url
    if (wrong := in_the_clear(url)) is not None:
        raise CommandError(wrong, CONFIG)
    return _told(
        url,
        lambda: compose_live(
            config,
            REGISTRY,
            mode,
            stay=stay,
            fresh=args.fresh,
            on_tick=on_tick,
            limit_sources=lambda: limit_sources(args),
            typed=getattr(args, "typed_suffix", None) if mode == "live" else None,
        ),
        "live" if mode == "live" else "paper",
    )


def confirm_live(args: argparse.Namespace) -> None:
    """Where a live session is asked for, ask a person to name the account; kept in ``args.typed_suffix``."""
    from zdte_tui.arming import live_confirmation
    from zdte_tui.interactive import require_terminal

    config = load_config(args)
    if mode_of(args, config) == "live":
        require_terminal(lambda: None)
        args.typed_suffix = live_confirmation(config)


def compose_rehearsal(args: argparse.Namespace, config: Config, *, stay: bool, on_tick: OnTick) -> Composed:
    """A session on a local exchange, which is started for it and ends with it."""
    from engine.calendar import session
    from engine.config import state_dir
    from engine.session.live_compose import compose_live
    from engine.session.rehearsal import ACCOUNT, LocalExchange, NoExchange, beginning, rehearsed
    from strategies.registry import REGISTRY

    speed = config.demo.speed if args.speed is None else args.speed
    source = _source(args, config)
    begins = beginning(session(source.day), speed)
    try:
        exchange = LocalExchange(config, source, speed, begins, args.faults, state_dir() / "exchange-keys")
    except NoExchange as error:
        raise CommandError(str(error), UNAVAILABLE) from None
    try:
        settings = rehearsed(config, source, exchange.port, speed)
        composed = _told(
            settings.alpaca.trading_url,
            lambda: compose_live(
                settings,
                REGISTRY,
                "paper",
                stay=stay,
                fresh=True,
                on_tick=on_tick,
                limit_sources=lambda: limit_sources(args),
                keys=exchange.keys,
                account_called=ACCOUNT,
            ),
        )
    except BaseException:
        exchange.close()
        raise
    composed.ends = (*composed.ends, exchange.close)
    composed.holds = "with the session"
    begun = f"paper session {composed.name}, journal {composed.writer.path}"
    composed.greeting = f"rehearsal: {begun}; SIMULATED exchange at port {exchange.port}, {speed:g}x"
    return composed


def _source(args: argparse.Namespace, config: Config) -> Source:
    """The day that is rehearsed."""
    from engine.session.source import TapeSource, demo_source

    if args.rehearse == DEMO_DAY:
        return demo_source(config)
    from engine.config import data_dir
    from engine.tape import Store, StoreError
    from zdte_tui.commands.stored import stored_day

    store, root = Store(data_dir(config)), config.session.roots[0]
    try:
        stored_day(store, root, args.rehearse, args.source)
    except StoreError as error:
        raise CommandError(str(error), DATA) from None
    return TapeSource(store, root, args.rehearse, args.source)


def _told(url: str, compose: Callable[[], Composed], kind: Literal["paper", "live"] = "paper") -> Composed:
    """What keeps a session from beginning, in a line."""
    from engine.alpaca.failures import AlpacaError
    from engine.alpaca.keys import KeysError
    from engine.session.live_compose import NoMarket, NotArmed
    from zdte_tui.commands.account import CODES, refusal

    try:
        return compose()
    except (KeysError, NotArmed) as error:
        raise CommandError(str(error), NO_AUTH) from None
    except NoMarket as error:
        raise CommandError(f"{error}; --demo plays a simulated day, --rehearse trades one", UNAVAILABLE) from None
    except AlpacaError as error:
        raise CommandError(refusal(error, kind, url, "the session"), CODES.get(error.kind, UNAVAILABLE)) from None


def _day(text: str) -> object:
    return text if text == DEMO_DAY else day(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0")
    return int(text)
