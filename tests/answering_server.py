"""A real server on this machine that answers what a test tells it to, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Any]
"""A status, and what is sent as JSON; text is sent as it is, ``DROP`` hangs up instead, ``MUTE`` says nothing."""
DROP: Answer = (0, "drop")
MUTE: Answer = (0, "mute")


@dataclass
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass
class Told:
    """What a server says, and what it was asked. ``answers`` are by ``GET /v2/clock``; the last of a list stays."""

    answers: dict[str, Any]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    def count(self, what: str) -> int:
        """How often it was asked that."""
        return sum(1 for each in self.asked if f"{each.method} {each.path}" == what)

    def answer(self, asked: Asked) -> Answer:
        """What is said now."""
        found = self.answers.get(f"{asked.method} {asked.path}", (404, "<html>no such page</html>"))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        return found(asked) if callable(found) else found


@contextmanager
def answering(answers: dict[str, Any | Callable[[Asked], Answer]]) -> Iterator[Told]:
    """The server, as long as the block runs."""
    told = Told(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            asked = Asked(self.command, parts.path, query, json.loads(body) if body else None, dict(self.headers))
            told.asked.append(asked)
            answer = told.answer(asked)
            if answer == MUTE:
                told.ended.wait(20)
            if answer in (DROP, MUTE):
                self.close_connection = True
                return
            status, what = answer
            content = b"" if what is None else what.encode() if isinstance(what, str) else json.dumps(what).encode()
            self.send_response_only(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = do_PATCH = _take  # noqa: N815 - the names are the library's

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        told.url = f"http://127.0.0.1:{listening.server_port}"
        thread = threading.Thread(target=lambda: listening.serve_forever(0.01), daemon=True)
        thread.start()
        try:
            yield told
        finally:
            told.ended.set()
            listening.shutdown()
            thread.join()
