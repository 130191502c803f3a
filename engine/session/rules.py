"""What a configuration and an account must be like before a session on a real market begins: refused, or only told.

Pure: facts in, a line each out, which says how to mend it. Nothing here decides during a session.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal
from urllib.parse import urlsplit

from engine.alpaca.parse import Account
from engine.calendar import Session, TimeOfDay, clock_text
from engine.config import Config
from engine.exchange import NEVER, Cutoffs, flat_by
from engine.feed.alpaca.labels import is_local
from engine.strategy import Planned, needs_of
from engine.types import product

Mode = Literal["paper", "live", "shadow"]

_LIVE_HOST, _PAPER_HOST = "api.alpaca.markets", "paper-api.alpaca.markets"
ALPACA_LEGS = 4
_UNPROVEN = "whether Alpaca lets it is not proven"
UNRELIABLE = (
    "stops are UNRELIABLE: option quotes come from the indicative feed, which modifies them; "
    'alpaca.option_feed = "opra" where your plan has it'
)


def as_at_alpaca(config: Config) -> Config:
    """The configuration as a session at Alpaca trades it, whatever ``[broker]`` says of others."""
    most = min(config.broker.max_legs, ALPACA_LEGS)
    taken = {"kind": "alpaca", "profile": "alpaca", "replaces": False, "max_legs": most}
    return config.model_copy(update={"broker": config.broker.model_copy(update=taken)})


def as_in_shadow(config: Config) -> Config:
    """The same, but that the exchange inside fills: what a shadow session does is what it would do at Alpaca."""
    broker = as_at_alpaca(config).broker.model_copy(update={"kind": "inside"})
    return config.model_copy(update={"broker": broker})


def refusals(
    config: Config, mode: Mode, planned: Sequence[Planned], session: Session, account: Account | None = None
) -> list[str]:
    """Why such a session does not begin, a line each; empty where it may.

    Args:
        config: as it is traded: with ``broker.profile`` as the session has it. planned: its strategies, those that are
            switched on. account: as Alpaca shows it; ``None`` where it is not asked, as by a shadow session.
    """
    found = list(_addresses(config, mode))
    if mode == "live" and config.alpaca.option_feed == "indicative":
        found.append(
            "live trading refuses the indicative option feed, whose quotes are not the market's: "
            'set alpaca.option_feed = "opra", or trade paper'
        )
    found += [text for each in planned for text in _held_too_long(config, mode, each, session)]
    if account is not None:
        found += _of_the_account(account, mode, planned)
    return list(dict.fromkeys(found))


def warnings(config: Config, mode: Mode, session: Session) -> list[str]:
    """What a person should know of such a session beside its checklist, a line each, for its log."""
    found: list[str] = []
    if config.alpaca.option_feed == "indicative" and not is_local(config.alpaca.stream_url):
        found.append(UNRELIABLE)
    for root in config.session.roots:
        if mode != "shadow" and not config.cutoffs.rows(root, session.day):
            found.append(f"no cutoffs of {root} are known on {session.day}: add a row to cutoffs.schedule")
        if mode != "shadow" and flat_by(config, session, root) == NEVER:
            found.append(f"nothing closes {root} before the broker does: cutoffs.flat_minutes is 0")
        if mode == "shadow" and flat_by(config, session, root) == NEVER:
            found.append(
                f"nothing closes {root} before the cutoffs: cutoffs.flat_minutes is 0; at Alpaca the broker would, and "
                "a strategy that leaves later is refused there"
            )
    return list(dict.fromkeys(found))


def _addresses(config: Config, mode: Mode) -> Iterator[str]:
    """Real money has one address, paper another, and keys go nowhere unencrypted."""
    name = "live_url" if mode == "live" else "trading_url"
    url = config.alpaca.live_url if mode == "live" else config.alpaca.trading_url
    host = urlsplit(url).hostname or ""
    if mode != "live" and host == _LIVE_HOST:
        yield f"alpaca.trading_url is {url}, where real money is: set it to https://{_PAPER_HOST}"
    if mode == "live" and host == _PAPER_HOST:
        yield f"alpaca.live_url is {url}, where paper money is: set it to https://{_LIVE_HOST}"
    for key, address in ((name, url), ("data_url", config.alpaca.data_url), ("stream_url", config.alpaca.stream_url)):
        if urlsplit(address).scheme in ("http", "ws") and not is_local(address):
            yield f"alpaca.{key} is {address}, which is not encrypted, and keys go there: write {_SAFE[key]}"


_SAFE = {"trading_url": "https://", "live_url": "https://", "data_url": "https://", "stream_url": "wss://"}


def _held_too_long(config: Config, mode: Mode, planned: Planned, session: Session) -> Iterator[str]:
    """A strategy that would still hold what expires today when the broker, or settlement, takes it."""
    name, root = planned.kind.name, planned.root
    if _holds(planned):
        mend = f"set strategies.{name}.hold_to_settlement = false"
        if product(root).settlement == "physical":
            yield f"strategies.{name}.hold_to_settlement is refused for {root}, which settles in shares: {mend}"
        elif mode != "shadow":
            yield f"strategies.{name}.hold_to_settlement is refused for {root} at Alpaca, {_UNPROVEN}: {mend}"
        return
    leaves, earliest = _exit(planned, session), min(Cutoffs(config.cutoffs, session).of(root))
    if mode == "shadow" or leaves is None or leaves[0] < earliest or flat_by(config, session, root) < earliest:
        return
    yield (
        f"strategies.{name}.exit_time = {leaves[1].text} is {clock_text(leaves[0], False)}, and the earliest cutoff of "
        f"{root} {clock_text(earliest, False)}: leave before it, or set cutoffs.flat_minutes = 15"
    )


def _holds(planned: Planned) -> bool:
    needs = needs_of(planned.settings)
    return (needs is not None and needs.exit is None) or getattr(planned.settings, "hold_to_settlement", False) is True


def _exit(planned: Planned, session: Session) -> tuple[int, TimeOfDay] | None:
    """When a strategy closes all of a day; ``None`` where it does not say."""
    needs = needs_of(planned.settings)
    time = None if needs is None else needs.exit
    return None if time is None else (time.on(session.day, session.open, session.close), time)


def _of_the_account(account: Account, mode: Mode, planned: Sequence[Planned]) -> Iterator[str]:
    if account.status.lower() != "active" or account.blocks:
        why = "; ".join([f"its status is {account.status}"] * (account.status.lower() != "active") + [*account.blocks])
        yield f"account {account.number} may not trade: {why}: ask Alpaca"
    wanted = {each.kind.name: needs.level for each in planned if (needs := needs_of(each.settings)) is not None}
    for name, level in wanted.items():
        if account.level is None and mode == "live":
            yield f"account {account.number}: its options level is not told, and {name} needs {level}: zdte-tui account"
        elif account.level is not None and account.level < level:
            yield (
                f"account {account.number} has options level {account.level}, and {name} needs {level}: apply for it "
                f"at Alpaca, or set strategies.{name}.enabled = false"
            )
