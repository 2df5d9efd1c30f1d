"""A local HTTP server that answers as a hosted service would, well or badly."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

RERANK, CHAT = "/v2/rerank", "/v1/chat/completions"  # what Cohere and OpenAI's kind listen on
SILENT, CUT = 0, -1  # for a status: says nothing until the test is over; breaks off in the middle

Reply = Callable[[dict[str, Any]], tuple[int, bytes, dict[str, str]]]  # body -> status, content, headers
Answer = Callable[[str, list[str]], str]  # question, passages -> what the model writes


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


# Cohere


def ranked(body: dict[str, Any], **more: object) -> dict[str, Any]:
    """What the service answers: best first, a score that falls with a document's length."""
    scored = [(1 / (1 + len(text)), i) for i, text in enumerate(body["documents"])]
    results = [{"index": i, "relevance_score": s} for s, i in sorted(scored, reverse=True)]
    meta = {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}
    return {"id": "8f2c", "results": results, "meta": meta, **more}


def good(body: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
    return 200, json.dumps(ranked(body)).encode(), {}


# A language model


def completion(text: object, **more: object) -> dict[str, Any]:
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "house-1-2026-11",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 2, "total_tokens": 102},
        **more,
    }


def asked(body: dict[str, Any]) -> tuple[str, list[str]]:
    """Question and passages, as a reader of the prompt's frame finds them."""
    user = body["messages"][1]["content"].split("\n")
    question = json.loads(user[0].removeprefix("Question: "))
    lines = [line for line in user[1:] if re.match(r"(Passage:|\[\d+\]) ", line)]
    return question, [json.loads(line.partition(" ")[2]) for line in lines]


def writes(answer: Answer) -> Reply:
    return lambda body: (200, json.dumps(completion(answer(*asked(body)))).encode(), {})


def by_length(question: str, passages: list[str]) -> str:
    """The longest first; one alone gets its length, 10 at most."""
    if len(passages) == 1:
        return str(min(10, len(passages[0])))
    order = sorted(range(len(passages)), key=lambda i: -len(passages[i]))
    return " > ".join(f"[{i + 1}]" for i in order)


# A language model that streams

Piece = bytes | float  # bytes to send, or seconds to be silent
Script = Callable[
    [dict[str, Any]], tuple[int, dict[str, str], list[Piece]]
]  # body -> status, headers, pieces
EVENTS = {"Content-Type": "text/event-stream"}


@dataclass
class Talking(Server):
    """`gone` is set when a client hung up before it had been told everything."""

    scripts: list[Script] = field(default_factory=list)  # in turn; the last one stays
    gone: threading.Event = field(default_factory=threading.Event)


def event(text: str | None = None, finish: str | None = None, **more: object) -> bytes:
    delta = {} if text is None else {"content": text}
    body = {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **more,
    }
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def counted(read: int, written: int) -> bytes:
    usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    return b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def streams(*texts: str, finish: str | None = "stop", usage: bool = True) -> Script:
    """The texts as one event each, then the finish reason, the counts and the end."""
    pieces: list[Piece] = [event(text) for text in texts]
    if finish:
        pieces.append(event(finish=finish))
    if usage:
        pieces.append(counted(100, 20))
    return lambda body: (200, EVENTS, [*pieces, DONE])


def said(body: dict[str, Any]) -> tuple[str, dict[int, dict[str, str]]]:
    """Question and sources by number, as a reader of the answer's prompt finds them."""
    lines = body["messages"][1]["content"].split("\n")
    found = {}
    for line in lines[2:-1]:
        number, _, source = line.partition(" ")
        found[int(number.strip("[]"))] = json.loads(source)
    return json.loads(lines[0].removeprefix("Question: ")), found


@contextmanager
def talking(*scripts: Script) -> Iterator[Talking]:
    """A streaming service on /v1/chat/completions; each piece of a script is one chunk on the wire."""
    state = Talking(scripts=list(scripts))
    turn = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with turn:
                state.asked.append(body)
                state.headers.append({k.lower(): v for k, v in self.headers.items()})
                script = state.scripts.pop(0) if len(state.scripts) > 1 else state.scripts[0]
            status, headers, pieces = script(body) if self.path == CHAT else (404, {}, [])
            self.close_connection = True
            try:
                if pieces and pieces[0] == float(SILENT):
                    self.watch(5)
                    return
                self.send_response(status)
                for name, value in {**headers, "Transfer-Encoding": "chunked"}.items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in pieces:
                    if piece == float(CUT):
                        return
                    if isinstance(piece, float):
                        self.watch(piece)
                    else:
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.write(b"0\r\n\r\n")
            except OSError:
                state.gone.set()

        def watch(self, seconds: float) -> None:
            """Silence, until it is over or the client hangs up."""
            self.connection.settimeout(seconds)
            try:
                if self.connection.recv(1) == b"":
                    raise ConnectionResetError
            except TimeoutError:
                self.connection.settimeout(None)

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()
