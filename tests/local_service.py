"""A local HTTP server that answers as a hosted service would, well or badly."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SILENT, CUT = 0, -1  # for a status: says nothing until the test is over; breaks off in the middle

Reply = Callable[[dict[str, Any]], tuple[int, bytes, dict[str, str]]]  # body -> status, content, headers


@dataclass
class Server:
    url: str = ""
    replies: list[Reply] = field(default_factory=list)  # in turn; the last one stays
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def fails(status: int, **headers: str) -> Reply:
    told = json.dumps({"message": "no"}).encode()
    return lambda body: (status, told, {k.replace("_", "-"): v for k, v in headers.items()})


@contextmanager
def serving(path: str, good: Reply) -> Iterator[Server]:
    """Takes POST on `path` alone."""
    state = Server(replies=[good])
    turn = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with turn:
                state.asked.append(body)
                state.headers.append({k.lower(): v for k, v in self.headers.items()})
                reply = state.replies.pop(0) if len(state.replies) > 1 else state.replies[0]
            status, content, headers = reply(body) if self.path == path else (404, b"{}", {})
            if status == SILENT:
                state.over.wait(5)
                return
            self.send_response(200 if status == CUT else status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if status == CUT else content)

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        state.over.set()
        httpd.shutdown()
        thread.join()
        httpd.server_close()
