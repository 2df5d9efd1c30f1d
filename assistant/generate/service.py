"""Text from an OpenAI-compatible service as it comes: bounded in time and size, ended when nobody listens.

The wire format is `chat/completions` with `stream`: server-sent events, a JSON object a line. It is read
here and not by the provider's package, since a stream that is cut, endless, silent or none at all has to be
told apart, and the connection has to go down at once when the reader leaves.
"""

import ipaddress
import json
import queue
import socket
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from assistant.config import Settings
from assistant.errors import ServiceError
from assistant.generate.prompts import Messages
from assistant.turns import TURNS
from assistant.types import Egress, Usage
from rerankers import prices
from rerankers.llm import allowed
from rerankers.service import attempt, retry_after

POLL = 0.1  # seconds until it is noticed that the reader left
LONGEST_LINE = 1_000_000  # bytes of one event
REFUSED = (400, 422)  # a parameter that the service does not know: asked again without the optional ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds and characters."""

    connect: float = 5.0
    silence: float = 60.0  # until the next bytes; the first ones wait for the whole prompt to be read
    total: float = 180.0
    characters: int = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a call ended. `finish` is the service's own word, "" when it broke off."""

    finish: str = ""
    problem: str = ""
    tokens: tuple[int, int] | None = None  # read, written; None where the service does not count
    calls: int = 0  # that were not refused
    sent: bool = False  # whether anything may have left


Pieces = Generator[str | Outcome | None, None, None]


class ChatService:
    """Raises EgressRefused when made, unless the settings allow "llm" and name its address and model."""

    def __init__(self, settings: Settings, limits: Limits | None = None, pause: float = 0.5) -> None:
        self.url, self.model = allowed(settings)
        self.limits, self.pause = limits or Limits(), pause
        self._settings = settings

    @property
    def here(self) -> bool:
        """Whether the address is this machine's own."""
        host = httpx.URL(self.url).host
        try:
            return host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    def stream(self, messages: Messages, longest: int) -> Pieces:
        """Pieces of text, None while there is none, and at the end an Outcome. `longest` in tokens.

        Problems that may pass are tried three times, as long as no text has come. Nothing is raised. Closing
        the iterator ends the connection at once.
        """
        line = _Line(self, messages, longest)
        line.start()
        deadline = time.monotonic() + self.limits.total
        try:
            while True:
                try:
                    with TURNS.aside():
                        item = line.made.get(timeout=POLL)
                except queue.Empty:
                    item = None
                if isinstance(item, str | None) and time.monotonic() > deadline:
                    item = line.outcome("it was not done in time")
                yield item
                if isinstance(item, Outcome):
                    return
        finally:
            line.hang_up()

    def say(self, messages: Messages, longest: int) -> Pieces:
        """As `stream`, but the text in one piece, and none unless it is whole."""
        told: list[str] = []
        for item in self.stream(messages, longest):
            if isinstance(item, str):
                told.append(item)
                continue
            if isinstance(item, Outcome) and item.finish == "stop":
                yield "".join(told)
            yield item

    def bill(self, outcome: Outcome, what: str) -> tuple[tuple[Egress, ...], Usage | None]:
        """What left this machine, and what it cost; money is None where tokens or price are not known."""
        if not outcome.sent:
            return (), None
        where = " (to an address of this machine)" if self.here else ""
        egress = (Egress(service="llm", what=what + where),)
        if not outcome.calls:
            return egress, None
        read, written = outcome.tokens or (0, 0)
        usage = Usage(calls=outcome.calls, input_tokens=read, output_tokens=written)
        if outcome.tokens is not None and outcome.calls == 1:
            usage = prices.load(self._settings.prices).priced(self.model, usage)
        return egress, usage

    def client(self, **more: Any) -> httpx.Client:
        key = self._settings.llm_api_key
        return httpx.Client(
            headers={"Accept-Encoding": "identity"}  # or a few bytes could unpack to any size
            | ({} if key is None else {"Authorization": f"Bearer {key.get_secret_value()}"}),
            timeout=httpx.Timeout(self.limits.silence, connect=self.limits.connect),
            follow_redirects=False,
            trust_env=not self.here,  # or a proxy would be handed what is meant for this machine
            **more,
        )


class _Line(threading.Thread):
    """One conversation over HTTP, read in a thread of its own so that its reader can leave at any time."""

    def __init__(self, service: ChatService, messages: Messages, longest: int) -> None:
        super().__init__(name="service", daemon=True)
        self.made: queue.SimpleQueue[str | Outcome] = queue.SimpleQueue()
        self._service = service
        self._messages = messages
        self._optional: dict[str, object] = {
            "temperature": 0,
            "max_tokens": longest,
            "stream_options": {"include_usage": True},
        }
        self._left = threading.Event()
        self._socket: socket.socket | None = None
        self._calls, self._characters, self._sent = 0, 0, False
        self._finish = ""
        self._tokens: tuple[int, int] | None = None

    def run(self) -> None:
        problem = ""
        try:
            with self._service.client() as client:
                attempt(lambda: self._talk(client), self._explain, self._service.pause)
        except ServiceError as error:
            problem = str(error)
        except Exception as error:  # an address or a key that httpx cannot even write down
            problem = f"the call could not be made ({type(error).__name__}); check address and key"
        self.made.put(self.outcome(problem))

    def outcome(self, problem: str) -> Outcome:
        return Outcome(
            finish=self._finish,
            problem=problem,
            tokens=self._tokens,
            calls=self._calls,
            sent=self._sent,
        )

    def hang_up(self) -> None:
        """Shutting the socket down wakes a thread that waits for it; closing it would not."""
        self._left.set()
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _talk(self, client: httpx.Client) -> None:
        if self._left.is_set():
            return
        body = {"model": self._service.model, "messages": self._messages, "stream": True, **self._optional}
        url = self._service.url.rstrip("/") + "/chat/completions"
        with client.stream("POST", url, json=body, extensions={"trace": self._trace}) as response:
            if response.is_success:
                self._read(response)
                return
            self._calls -= 1  # what is refused is not charged
            if response.status_code not in REFUSED or not self._optional:
                raise httpx.HTTPStatusError("", request=response.request, response=response)
            self._optional = {}
        self._talk(client)

    def _read(self, response: httpx.Response) -> None:
        kind = response.headers.get("content-type", "")
        if not kind.startswith("text/event-stream"):
            raise ServiceError(f"a malformed reply: not a stream of events but {kind[:40] or 'nothing'!r}")
        for data in events(response.iter_bytes()):
            if self._left.is_set():
                return
            text, finish, tokens = chunk(data)
            self._finish, self._tokens = finish or self._finish, tokens or self._tokens
            if text:
                self._characters += len(text)
                self.made.put(text)
            if self._characters > self._service.limits.characters:
                raise ServiceError("it wrote without an end")

    def _trace(self, name: str, info: dict[str, Any]) -> None:
        if name in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")
            if self._left.is_set():
                self.hang_up()
        if name.endswith(".send_request_headers.started"):
            self._calls, self._sent = self._calls + 1, True

    def _explain(self, error: Exception) -> tuple[ServiceError, float | None]:
        problem, wait = explain(error)
        again = problem.retryable and not self._characters and not self._left.is_set()
        return ServiceError(str(problem), retryable=again), wait


def events(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The data lines of a stream of events, until "[DONE]". Raises ServiceError on an endless line."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            if line.startswith(b"data:"):
                data = line[5:].strip()
                if data == b"[DONE]":
                    return
                yield data
        if len(rest) > LONGEST_LINE:
            raise ServiceError("a malformed reply: a line without an end")


def chunk(data: bytes) -> tuple[str, str, tuple[int, int] | None]:
    """Text, finish reason and token counts of one event. Raises ServiceError on another form."""
    try:
        body = json.loads(data)
        if body.get("error"):
            raise ServiceError("the service reported an error while it answered")
        choice = (body.get("choices") or [{}])[0]
        text = (choice.get("delta") or {}).get("content") or ""
        finish = choice.get("finish_reason") or ""
        usage = body.get("usage") or {}
        read, written = usage.get("prompt_tokens"), usage.get("completion_tokens")
    except (ValueError, AttributeError, LookupError, TypeError, RecursionError):
        raise ServiceError("a malformed reply: not an event of a chat") from None
    if not isinstance(text, str) or not isinstance(finish, str):
        raise ServiceError("a malformed reply: not an event of a chat")
    if type(read) is not int or type(written) is not int or read < 0 or written < 0:
        return text, finish, None
    return text, finish, (read, written)


def explain(error: Exception) -> tuple[ServiceError, float | None]:
    """Our error for one of httpx's, and the seconds the service asks to wait."""
    if isinstance(error, ServiceError):
        return error, None
    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
        if status in (401, 403):
            return ServiceError(f"the service refused the key ({status}); check it"), None
        if status == 404:
            return ServiceError("no such model or address (404); check both"), None
        if status == 429 or status >= 500:
            busy = ServiceError(f"the service is busy or failing ({status}); try again later", retryable=True)
            return busy, retry_after(error.response.headers)
        return ServiceError(f"the request was refused ({status})"), None
    if isinstance(error, httpx.TimeoutException):
        return ServiceError("no answer in time", retryable=True), None
    if isinstance(error, httpx.TransportError):
        return ServiceError(f"the connection failed ({type(error).__name__})", retryable=True), None
    return ServiceError(f"a malformed reply: {type(error).__name__}"), None
