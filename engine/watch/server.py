"""``/healthz`` and ``/metrics`` over HTTP on this machine's own address. Threads of its own; it only tells."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
MOST_AT_ONCE = 8
"""Requests served at the same time; more are turned away."""
REQUEST_SECONDS = 5.0
"""How long a client may take to ask and to read."""
CLOSE_SECONDS = 2.0
TEXT = "text/plain; charset=utf-8"


class Page(NamedTuple):
    """An answer: its status, its type and its body."""

    status: HTTPStatus
    kind: str
    body: bytes


class WatchServer:
    """Serves pages by their paths until it is closed.

    Attributes:
        port: where it listens; 0 where it does not. problem: why it does not, in one line, or empty.
    """

    def __init__(self, port: int, pages: Mapping[str, Callable[[], Page]]) -> None:
        self.port = 0
        self.problem = ""
        self._server: _Server | None = None
        try:
            self._server = _Server((HOST, port), _Handler)
        except OSError as error:
            why = error.strerror or str(error)
            self.problem = f"health is not served: port {port} of {HOST}: {why}; set [health] port to a free one"
            log.error("%s", self.problem)
            return
        self._server.pages = pages
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more; who is being answered is not waited for."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(CLOSE_SECONDS)
            self._server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = MOST_AT_ONCE
    pages: Mapping[str, Callable[[], Page]]

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.room = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self.room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self.room.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """A client that hangs up is nobody's business."""
        log.debug("a client of /healthz or /metrics was dropped", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = REQUEST_SECONDS
    server_version = "zdte-tui"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        page = self._page()
        self.send_response(page.status)
        self.send_header("Content-Type", page.kind)
        self.send_header("Content-Length", str(len(page.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        if body:
            self.wfile.write(page.body)

    def _page(self) -> Page:
        # A page of the web that has its name point here (DNS rebinding) asks for that name, and is told nothing.
        name = self.headers.get("Host", HOST).rpartition(":")[0] or self.headers.get("Host", HOST)
        if name not in (HOST, "localhost"):
            return Page(HTTPStatus.FORBIDDEN, TEXT, f"ask for http://{HOST}\n".encode())
        make = self.server.pages.get(self.path.partition("?")[0])
        if make is None:
            return Page(HTTPStatus.NOT_FOUND, TEXT, f"there are {' and '.join(self.server.pages)}\n".encode())
        try:
            return make()
        except Exception as error:
            log.exception("a page of the health server cannot be made")
            text = f"it cannot be told: {type(error).__name__}\n"
            return Page(HTTPStatus.INTERNAL_SERVER_ERROR, TEXT, text.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Requests are no news."""
