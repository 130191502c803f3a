"""Where messages and the heartbeat go: addresses that are secrets, found as keys are, and never written anywhere.

Each of the two is looked for in the credentials of systemd, in ``push.toml`` beside the configuration, and in the
environment. The first place that holds something counts; one that cannot be trusted is an error, and nothing further
is looked at.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlsplit

from engine.alpaca.key_places import CREDENTIALS, exposed

NAME = "push.toml"
URLS_CREDENTIAL, BEAT_CREDENTIAL = "zdte-push-urls", "zdte-heartbeat-url"
URLS_VARIABLE, BEAT_VARIABLE = "ZDTE_PUSH_URLS", "ZDTE_HEARTBEAT_URL"
MOST_ADDRESSES = 20
_LARGEST = 64 * 1024
_HERE = ("127.0.0.1", "localhost", "::1")
_MEND = 'it holds urls = ["..."] and heartbeat_url = "..."'


class SecretsError(Exception):
    """Addresses that cannot be used: one line that quotes none of them."""


class Addresses:
    """Secrets that no print, log or dump shows; see ``engine.alpaca.keys.Keys``.

    Attributes:
        source: where the addresses of messages lie, in words; beat_source: that of the heartbeat.
    """

    __slots__ = ("_held", "beat_source", "source")

    def __init__(self, urls: tuple[str, ...] = (), beat: str = "", source: str = "", beat_source: str = "") -> None:
        self._held: Callable[[], tuple[tuple[str, ...], str]] = lambda: (urls, beat)
        self.source = source
        self.beat_source = beat_source

    @property
    def urls(self) -> tuple[str, ...]:
        """Of messages, as Apprise reads them."""
        return self._held()[0]

    @property
    def beat(self) -> str:
        """Of the heartbeat; empty for none."""
        return self._held()[1]

    def __repr__(self) -> str:
        return f"Addresses({len(self.urls)} hidden, heartbeat {'hidden' if self.beat else 'none'})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("addresses of messages are secrets and are not written down")


class _Found(NamedTuple):
    text: str
    where: str


def push_file() -> Path:
    """Where the file belongs; it need not exist."""
    import platformdirs

    return Path(platformdirs.user_config_dir("zdte-tui")) / NAME


def find_addresses(environ: Mapping[str, str] | None = None) -> Addresses:
    """The addresses that count. Raises ``SecretsError``."""
    env = os.environ if environ is None else environ
    path = push_file()
    kept = _kept(path)
    urls = _credential(env, URLS_CREDENTIAL) or _Found("\n".join(kept.get("urls", ())), str(path))
    if not urls.text:
        urls = _Found(env.get(URLS_VARIABLE, ""), f"the environment ({URLS_VARIABLE})")
    beat = _credential(env, BEAT_CREDENTIAL) or _Found(kept.get("heartbeat_url", ""), str(path))
    if not beat.text:
        beat = _Found(env.get(BEAT_VARIABLE, ""), f"the environment ({BEAT_VARIABLE})")
    return Addresses(_split(urls), _beat(beat), urls.where if urls.text else "", beat.where if beat.text else "")


def told_where(environ: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Who hears of what cannot wait, in words, and why addresses cannot be used; each may be empty."""
    try:
        found = find_addresses(environ)
    except SecretsError as error:
        return "", str(error)
    many = len(found.urls)
    messages = f"{many} address{'' if many == 1 else 'es'} in {found.source}" if many else ""
    beat = f"heartbeat in {found.beat_source}" if found.beat else "no heartbeat"
    return (f"{messages}; {beat}" if messages else f"no address of messages; {beat}" if found.beat else ""), ""


def _split(found: _Found) -> tuple[str, ...]:
    """One a line, or parted by spaces; what follows a # at the start of a line is a remark."""
    lines = [line for line in found.text.splitlines() if not line.lstrip().startswith("#")]
    urls = tuple(dict.fromkeys(word for line in lines for word in line.split()))
    if len(urls) > MOST_ADDRESSES:
        raise SecretsError(f"{found.where}: {len(urls)} addresses; {MOST_ADDRESSES} are the most")
    for number, url in enumerate(urls, 1):
        if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", url):
            raise SecretsError(
                f"{found.where}: address {number} of {len(urls)} is none of Apprise's: it begins with a word and ://"
            )
    return urls


def _beat(found: _Found) -> str:
    url = found.text.strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or any(character.isspace() for character in url):
        raise SecretsError(f"{found.where}: the heartbeat's address is no http:// or https:// one")
    if parts.scheme == "http" and host not in _HERE:
        raise SecretsError(f"{found.where}: the heartbeat's address is not encrypted: write https://")
    return url


def _kept(path: Path) -> dict[str, Any]:
    """What the file holds, checked; nothing of it is quoted."""
    text = _private(path, lambda status: _own_file(path, status))
    if text is None:
        return {}
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line \d+, column \d+", str(error))
        raise SecretsError(f"{path} is no TOML {where[0] if where else 'at its end'}: {_MEND}") from None
    urls, beat = found.pop("urls", []), found.pop("heartbeat_url", "")
    if found:
        raise SecretsError(f"{path} holds a name that is not known: {_MEND}")
    if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls) or not isinstance(beat, str):
        raise SecretsError(f"{path}: addresses are texts in quotes: {_MEND}")
    return {"urls": urls, "heartbeat_url": beat}


def _credential(env: Mapping[str, str], name: str) -> _Found | None:
    """What systemd keeps under a name; ``None`` where it keeps nothing."""
    folder = env.get(CREDENTIALS, "")
    if not folder:
        return None
    path = Path(folder) / name
    text = _private(path, lambda status: exposed(path, status))
    return None if text is None or not text.strip() else _Found(text, str(path))


def _own_file(path: Path, status: os.stat_result) -> str:
    mode = stat.S_IMODE(status.st_mode)
    if not stat.S_ISREG(status.st_mode):
        return f"{path} is no regular file: mv {path} {path}.old"
    if status.st_uid != os.geteuid():
        return f"{path} belongs to user {status.st_uid}, not to you: sudo chown {os.geteuid()} {path}"
    if mode & 0o077:
        return f"{path} has mode {mode:04o}, so others may read it; it is refused: chmod 600 {path}"
    return ""


def _private(path: Path, judge: Callable[[os.stat_result], str]) -> str | None:
    """The text of a file nobody else can read; ``None`` where there is none. What was opened is what is judged."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SecretsError(f"{path} cannot be read: {error.strerror}") from None
    try:
        if bad := judge(os.fstat(handle)):
            raise SecretsError(bad)
        content = os.read(handle, _LARGEST + 1)
    finally:
        os.close(handle)
    if len(content) > _LARGEST:
        raise SecretsError(f"{path} is larger than {_LARGEST // 1024} kB: that is no file of addresses")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise SecretsError(f"{path} is not text in UTF-8: {_MEND}") from None
