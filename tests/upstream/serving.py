"""A server of a few answers for tests, with TLS or without: an API server that says what it is told to."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import orjson

from tests.upstream.certificates import pair


@dataclass
class Answer:
    """What is answered at a path: a body, or one that depends on what was sent."""

    code: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    reply: Callable[[object], object] | None = None


@dataclass
class Server:
    """Where it listens, what it answers, and what it was asked: (path with query, headers)."""

    url: str
    answers: dict[str, Answer]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    watches: dict[str, object] = field(default_factory=dict)
    """The one event that a watch of a path tells before it ends; none if there is none."""


@contextmanager
def serving(answers: dict[str, Answer], *, tls: bool = True) -> Iterator[Server]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._answer(orjson.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def do_GET(self) -> None:
            self._answer(None)

        def _answer(self, given: object) -> None:
            server.asked.append((self.path, {name.lower(): one for name, one in self.headers.items()}))
            path = self.path.split("?")[0]
            answer = answers.get(path, Answer(404))
            if "watch=1" in self.path and answer.code == 200 and not answer.raw:
                event = server.watches.get(path)
                answer = Answer(raw=orjson.dumps(event) + b"\n" if event else b"\n")
            self.send_response(answer.code)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.close_connection = bool(answer.raw)
            body = answer.raw or orjson.dumps(answer.reply(given) if answer.reply else answer.body)
            if not answer.raw:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair().server, pair().server_key)
        http.socket = context.wrap_socket(http.socket, server_side=True)
    server = Server(f"{'https' if tls else 'http'}://127.0.0.1:{http.server_port}", answers)
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
