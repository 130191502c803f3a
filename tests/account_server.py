"""As much of Alpaca's trading API as a check of keys asks: one account, and its ways to fail. A keyring in a file."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

KEY_ID = "PKCANARY7Q2W9XKZ"
SECRET = "sEcReTcAnArY/41f+zz"
LIVE_ID = "AKCANARY3M5N8RTV"
LIVE_SECRET = "lIvEcAnArY/77q+yy"
HTML = "<html><body><h1>502</h1>a proxy's page</body></html>"

ACCOUNT: dict[str, Any] = {
    "id": "e6fe16f3-64a4-4921-8928-cadf02f92f98",
    "account_number": "010203ABCD",
    "status": "ACTIVE",
    "options_trading_level": "3",
    "trading_blocked": False,
    "account_blocked": False,
    "trade_suspended_by_user": False,
}


@dataclass
class AccountServer:
    """What it answers may be changed while it runs; ``asked`` holds path, id and secret of every request."""

    account: Any = field(default_factory=lambda: dict(ACCOUNT))
    status: int = 200
    body: str | None = None
    trickle: float = 0.0
    silent: bool = False
    location: str = ""
    known: dict[str, str] = field(default_factory=lambda: {KEY_ID: SECRET, LIVE_ID: LIVE_SECRET})
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    url: str = ""
    over: Event = field(default_factory=Event)


@contextmanager
def account_server() -> Iterator[AccountServer]:
    """Serves on a free port of this machine until the block ends."""
    answers = AccountServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key_id, secret = self.headers["APCA-API-KEY-ID"], self.headers["APCA-API-SECRET-KEY"]
            answers.asked.append((self.path, key_id, secret))
            if answers.silent:
                answers.over.wait()
                return
            status, text = answers.status, answers.body
            if text is None and (self.path != "/v2/account" or answers.known.get(key_id) != secret):
                status, text = 401, '{"code": 40110000, "message": "request is not authorized"}'
            body = (json.dumps(answers.account) if text is None else text).encode()
            self.send_response(status)
            if answers.location:
                self.send_header("Location", answers.location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                for at in range(0, len(body), 1 if answers.trickle else len(body) or 1):
                    self.wfile.write(body[at : at + (1 if answers.trickle else len(body))])
                    if answers.trickle and answers.over.wait(answers.trickle):
                        return

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    answers.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield answers
    finally:
        answers.over.set()
        server.shutdown()
        server.server_close()


def closed_port() -> str:
    """An address at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    return f"http://127.0.0.1:{port}"


RING = '''
import json, os, time
from pathlib import Path
from keyring.backend import KeyringBackend

HOME = Path(__file__).parent
WAY = HOME / "way"

class Ring(KeyringBackend):
    """A keyring in a file, which misbehaves as `way` says."""

    priority = 1

    def _all(self):
        way = WAY.read_text() if WAY.exists() else ""
        if way == "hang":
            time.sleep(60)
        if way == "talk":
            print("a backend that prints")
            raise RuntimeError("words of its own")
        if way == "window":
            import secretstorage
            secretstorage.Collection.unlock(None)
        if way == "die":
            os._exit(3)
        kept = HOME / "kept.json"
        return json.loads(kept.read_text()) if kept.exists() else {}

    def _keep(self, every):
        (HOME / "kept.json").write_text(json.dumps(every))

    def get_password(self, service, username):
        return self._all().get(f"{service}/{username}")

    def set_password(self, service, username, password):
        if (WAY.read_text() if WAY.exists() else "") == "no secret" and username.endswith("secret"):
            raise OSError("refused")
        if not (WAY.exists() and WAY.read_text() == "forgets"):
            self._keep({**self._all(), f"{service}/{username}": password})

    def delete_password(self, service, username):
        every = self._all()
        del every[f"{service}/{username}"]
        self._keep(every)
'''


@dataclass(frozen=True)
class Ring:
    """A real keyring of its own, kept in a file, and the environment that chooses it."""

    folder: Any

    @property
    def environ(self) -> dict[str, str]:
        return {"PYTHON_KEYRING_BACKEND": "ring_of_a_test.Ring", "PYTHONPATH": str(self.folder)}

    @property
    def kept(self) -> dict[str, str]:
        path = self.folder / "kept.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def misbehave(self, way: str) -> None:
        (self.folder / "way").write_text(way)


def make_ring(folder: Any) -> Ring:
    """Put the backend there."""
    folder.mkdir(parents=True)
    (folder / "ring_of_a_test.py").write_text(RING)
    return Ring(folder)
