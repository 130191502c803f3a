"""Refusals as Alpaca words them: an HTTP status, a code of eight digits that begins with it, and a message."""

from __future__ import annotations

from typing import Any

BAD_REQUEST = 40010000
NOT_UNIQUE = 40010001
FORBIDDEN = 40310000
NOT_FOUND = 40410000
UNPROCESSABLE = 42210000
INTERNAL = 50010000


class Refused(Exception):
    """A request is refused.

    Args:
        status: HTTP. code: in the body; none where Alpaca's body has none. more: further fields of the body.
    """

    def __init__(self, status: int, code: int | None, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {**({} if code is None else {"code": code}), "message": message, **more}


def forbidden(message: str, **more: Any) -> Refused:
    """403/40310000: the account may not."""
    return Refused(403, FORBIDDEN, message, **more)


def unprocessable(message: str, **more: Any) -> Refused:
    """422/42210000: the request makes no sense as it stands."""
    return Refused(422, UNPROCESSABLE, message, **more)


def malformed(message: str, **more: Any) -> Refused:
    """422/40010001: a field is missing, of the wrong kind, or used before."""
    return Refused(422, NOT_UNIQUE, message, **more)


def not_found(message: str, **more: Any) -> Refused:
    """404/40410000."""
    return Refused(404, NOT_FOUND, message, **more)
