"""One address that messages go to, through Apprise. What it is called shows its service and nothing else of it."""

from __future__ import annotations

import logging
import re
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apprise import NotifyBase

_STATUS = re.compile(r"\berror=(\d{3})\b")
_APPRISE, _TRANSPORT = "apprise", "urllib3"
THREAD = "push"
"""How the names of all threads begin that send: what libraries log there quotes addresses, and reaches no log."""


class Address:
    """See the module.

    Attributes:
        name: such as ``address 1 (Telegram)``.
    """

    def __init__(self, number: int, url: str) -> None:
        from apprise import Apprise, AppriseAsset

        _hush()
        asset = AppriseAsset(app_id="zdte-tui", app_desc="zdte-tui", async_mode=False, secure_logging=True)
        found = Apprise(asset=asset)
        # The service itself: Apprise would send on threads that nothing ends, and wait a minute for them.
        self._service: NotifyBase | None = found[0] if found.add(url) and len(found) == 1 else None
        service = "no service of Apprise's" if self._service is None else str(self._service.service_name)
        self.name = f"address {number} ({service})"

    @property
    def understood(self) -> bool:
        """Whether Apprise knows such an address."""
        return self._service is not None

    def send(self, title: str, text: str, grave: bool) -> str:
        """Send once, and wait for what comes of it, some seconds at most: why it was not taken in words, or empty."""
        from apprise import NotifyFormat, NotifyType

        if self._service is None:
            return "Apprise knows no such address"
        kind = NotifyType.FAILURE if grave else NotifyType.INFO
        heard = _Heard()
        logging.getLogger(_APPRISE).addHandler(heard)
        try:
            if self._service.notify(body=text, title=title, notify_type=kind, body_format=NotifyFormat.TEXT):
                return ""
        except Exception as error:
            return f"Apprise failed with {type(error).__name__}"  # whose words may quote the address
        finally:
            logging.getLogger(_APPRISE).removeHandler(heard)
        return f"refused with HTTP {heard.status}" if heard.status else "not reached, or refused"


class _Heard(logging.Handler):
    """Hears the status that Apprise logs of this thread's message; nothing else of it is kept."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._thread = threading.get_ident()
        self.status = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread and (found := _STATUS.search(record.getMessage())):
            self.status = found[1]


class _NotOfPush(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.threadName or "").startswith((THREAD, "heartbeat"))


_NOT_OF_PUSH = _NotOfPush()


def _hush() -> None:
    """Libraries quote addresses in what they log: none of that reaches the program's log."""
    logging.getLogger(_APPRISE).propagate = False
    for name in (
        _TRANSPORT,
        f"{_TRANSPORT}.connectionpool",
        f"{_TRANSPORT}.util.retry",
        "requests",
        "charset_normalizer",
    ):
        logger = logging.getLogger(name)
        if _NOT_OF_PUSH not in logger.filters:
            logger.addFilter(_NOT_OF_PUSH)
