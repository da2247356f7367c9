"""A local HTTP server that keeps what it was sent, and can misbehave as servers do."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

CUT, HANG = "cut", "hang"


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]
    body: bytes
    at_s: float

    @property
    def json(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class LocalServer:
    """A context manager. `script`: what to do with the next requests instead of answering well."""

    hangs_s = 30.0

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.script: list[Response | str] = []
        self.on_request: list[Any] = []
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._serve(self)

            do_GET = do_PUT = do_POST

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, method: str, request: Request) -> Response:
        return Response(200, b"{}")

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        request = Request(handler.path, dict(handler.headers.items()), body, time.monotonic())
        self.requests.append(request)
        for act in self.on_request:
            act(request)
        what = self.script.pop(0) if self.script else self.answer(handler.command, request)
        if what == HANG:
            self._stopping.wait(self.hangs_s)
        if isinstance(what, str):
            handler.close_connection = True
            return
        handler.send_response(what.status)
        for name, value in what.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(what.body)))
        handler.end_headers()
        handler.wfile.write(what.body)
