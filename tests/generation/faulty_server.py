"""An OpenAI-compatible server that fails to order.

It answers a prompt with ``answer to`` and the prompt's first line, so that a test can tell whether an answer
went to its own prompt.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from select import select
from typing import Any

MODEL = "m"


@dataclass
class Request:
    """A request that came.

    Attributes:
        path: Below the server's root.
        body: Its JSON, empty for GET.
        headers: Names in lower case.
        at: Seconds of the monotonic clock.
    """

    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)

    @property
    def prompt(self) -> str:
        """The text that is to be continued, or the last message."""
        return str(self.body.get("prompt") or self.body["messages"][-1]["content"])


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: FaultyServer

    def do_GET(self) -> None:
        self._handle({})

    def do_POST(self) -> None:
        self._handle(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _handle(self, body: dict[str, Any]) -> None:
        if self.server.dead:
            return self.hang_up()
        request = Request(self.path, body, {key.lower(): value for key, value in self.headers.items()})
        server = self.server
        with server.lock:
            server.requests.append(request)
            generates = self.path.endswith("/completions")
            faults = server.faults[request.prompt] if generates else server.faults[self.path]
            fault = faults.popleft() if faults else None
            server.under_way += generates
            server.most_under_way = max(server.most_under_way, server.under_way)
        try:
            if fault:
                fault(self, request)
            elif generates:
                self.answer(answer_to(request))
            elif self.path in server.routes:
                status, content = server.routes[self.path](body)
                self.reply(status, json.dumps(content))
            else:
                self.reply(404, '{"detail":"Not Found"}')
        except OSError:
            self.close_connection = True  # the client went away
        finally:
            with server.lock:
                server.under_way -= generates

    def answer(self, content: object) -> None:
        """A usual answer."""
        self.reply(200, json.dumps(content))

    def reply(self, status: int, text: str | bytes, headers: Mapping[str, str] | None = None) -> None:
        """Any answer."""
        raw = text.encode() if isinstance(text, str) else text
        self.send_response(status)
        for key, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(key, value)
        if "Content-Length" not in (headers or {}):
            self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def hang_up(self) -> None:
        """The connection is reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def gone(self, within: float) -> bool:
        """Whether the client closes the connection within some seconds."""
        ready, _, _ = select([self.connection], [], [], within)
        return bool(ready) and self.connection.recv(1, socket.MSG_PEEK) == b""

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


Fault = Callable[[Handler, Request], None]


class FaultyServer(ThreadingHTTPServer):
    """Runs from ``with`` to the end of its block.

    Args:
        faults: For a prompt (or a path such as ``/v1/models``) what happens to the first requests with it;
            later ones are answered.
        routes: What other paths answer: a function from body to status and JSON.
        models: Entries of ``/v1/models``.
        port: Where it listens; any free one by default.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        faults: Mapping[str, Iterable[Fault]] | None = None,
        routes: Mapping[str, Callable[[dict[str, Any]], tuple[int, object]]] | None = None,
        models: Iterable[Mapping[str, object]] = ({"id": MODEL},),
        port: int = 0,
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.dead = False
        self.lock = threading.Lock()
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.faults.update({key: deque(its) for key, its in (faults or {}).items()})
        listed = list(models)
        self.routes = {"/v1/models": lambda _: (200, {"object": "list", "data": listed}), **(routes or {})}
        self.requests: list[Request] = []
        self.under_way = self.most_under_way = 0

    @property
    def address(self) -> str:
        """The base of the API."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def generations(self) -> list[Request]:
        """The requests that were to generate."""
        return [request for request in self.requests if request.path.endswith("/completions")]

    @property
    def asked(self) -> Counter[str]:
        """How often each prompt came."""
        return Counter(request.prompt for request in self.generations)

    def __enter__(self) -> FaultyServer:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """Broken connections are what this is about."""


def text_for(prompt: str) -> str:
    """The right answer to a prompt."""
    return f" answer to {prompt.splitlines()[0]}"


def answer_to(request: Request, **changes: object) -> dict[str, Any]:
    """A right answer, with changes to its choice."""
    text = text_for(request.prompt)
    chat = request.path.endswith("/chat/completions")
    said = {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
    return {
        "object": "chat.completion" if chat else "text_completion",
        "model": request.body["model"],
        "choices": [{"index": 0, "finish_reason": "stop", **said, **changes}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14},
    }


def status(code: int, message: str = "no", *, error_code: str | None = None, **headers: str) -> Fault:
    """An error; headers with ``_`` for ``-``."""
    content = json.dumps({"error": {"message": message, "code": error_code}})
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return lambda handler, _: handler.reply(code, content, named)


def body(text: str | bytes, **headers: str) -> Fault:
    """200 with any text."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return lambda handler, _: handler.reply(200, text, named)


def choice(**changes: object) -> Fault:
    """An answer with a changed choice."""
    return lambda handler, request: handler.answer(answer_to(request, **changes))


def truncated(handler: Handler, request: Request) -> None:
    """Whole by its length, but half a JSON."""
    handler.reply(200, json.dumps(answer_to(request))[:-20])


def cut(handler: Handler, request: Request) -> None:
    """Less than was announced, then the connection ends."""
    text = json.dumps(answer_to(request))
    handler.reply(200, text[:-20], {"Content-Length": str(len(text))})
    handler.close_connection = True


def reset(handler: Handler, _: Request) -> None:
    """The connection is reset before a word is said."""
    handler.hang_up()


def death(handler: Handler, _: Request) -> None:
    """The server is gone, with all its connections."""
    handler.server.dead = True
    handler.server.__exit__()
    handler.hang_up()


def late(seconds: float) -> Fault:
    """A right answer, after some seconds."""

    def fault(handler: Handler, request: Request) -> None:
        time.sleep(seconds)
        handler.answer(answer_to(request))

    return fault


def dripping(seconds: float) -> Fault:
    """White space, again and again, as some services send it to keep a connection alive."""

    def fault(handler: Handler, request: Request) -> None:
        handler.reply(200, " ", {"Content-Length": "100000"})
        for _ in range(int(seconds / 0.02)):
            if handler.gone(0.02):
                raise OSError
            handler.wfile.write(b" ")

    return fault
