"""`/v1/chat/completions` as other chat front ends speak it. The wire format is OpenAI's chat completions.

The last message of the user is the question, those before it are the history; system messages and sampling
parameters change nothing, since an answer rests on the library alone. The content is Markdown in which
nothing of a source is markup: citations as [n], the sources below them, and annotations (url_citation).
"""

import hmac
import json
import secrets
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from assistant.errors import UsageError
from assistant.events import Answered, Event, Stage, Wrote, last
from assistant.pipeline import asked
from assistant.types import Answer
from ui import cited
from ui.access import Secret, Tries
from ui.chat import arriving, explain
from ui.desk import Programs

MODEL = "clinical-assistant"
AT_ONCE = 24  # answers under way
MOST_MESSAGES = 200
FINISH = {"answered": "stop", "abstained": "stop", "blocked": "content_filter"}


class Part(BaseModel):
    type: str
    text: str = ""


class Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None


class StreamOptions(BaseModel):
    include_usage: bool = False


class Body(BaseModel):
    """What is read of a request. Other fields are let pass."""

    model: str = MODEL
    messages: list[Message]
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int | None = None
    tools: list[Any] | None = None


class Refused(Exception):
    """A request that cannot be served, in the words and with the status of the wire format."""

    def __init__(self, status: int, message: str, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.param = status, code, param

    def json(self) -> dict[str, Any]:
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        return {"error": {"message": str(self), "type": kind, "param": self.param, "code": self.code}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    question: str
    history: tuple[str, ...]
    stream: bool
    usage: bool  # told at the end of a stream


def routes(programs: Programs, key: Secret | None) -> list[Route]:
    """The two routes; with a `key`, only for who shows it as "Authorization: Bearer ..."."""
    door = Door(key)
    under_way: set[str] = set()

    async def models(request: Request) -> Response:
        try:
            await door.pass_(request)
        except Refused as refused:
            return refusal(refused)
        entry = {"id": MODEL, "object": "model", "created": 0, "owned_by": "local"}
        return JSONResponse({"object": "list", "data": [entry]})

    async def completions(request: Request) -> Response:
        try:
            await door.pass_(request)
            call = read(await request.body())
            if len(under_way) >= AT_ONCE:
                raise Refused(
                    429, f"{AT_ONCE} questions are under way; ask again later", "rate_limit_exceeded"
                )
        except Refused as refused:
            return refusal(refused)
        name, stopped = f"chatcmpl-{secrets.token_hex(12)}", threading.Event()
        events = arriving(lambda q: programs.events(q, call.history), call.question, stopped)

        async def sent() -> AsyncIterator[str]:
            under_way.add(name)  # here, since a reader who left before the first line never comes in here
            lines = streamed(events, Stamp(name, int(time.time())), call.usage)
            try:
                while (line := await run_in_threadpool(next, lines, None)) is not None:
                    if line:
                        yield line
            finally:
                stopped.set()
                under_way.discard(name)

        if call.stream:
            return StreamingResponse(sent(), media_type="text/event-stream")
        under_way.add(name)
        try:
            answer = await run_in_threadpool(last, events)
            return JSONResponse(completion(answer, Stamp(name, int(time.time()))))
        except Exception as error:
            return refusal(failed(error))
        finally:
            under_way.discard(name)

    return [
        Route("/v1/models", models, methods=["GET"]),
        Route("/v1/chat/completions", completions, methods=["POST"]),
    ]


class Door:
    """Lets callers with the key pass. A key that was right once is known by a fast hash, salted anew here."""

    def __init__(self, key: Secret | None) -> None:
        self._key = key
        self._salt = secrets.token_bytes(32)
        self._known = b""
        self._tries = Tries()

    async def pass_(self, request: Request) -> None:
        """Raises Refused: 401 for no key or a wrong one, 429 after many wrong ones."""
        if self._key is None:
            return
        address = request.client.host if request.client else ""
        if wait := self._tries.wait(address):
            raise Refused(429, f"too many wrong keys; wait {int(wait) + 1} s", "rate_limit_exceeded")
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        mark = hmac.digest(self._salt, given.encode("utf-8", "surrogatepass"), "sha256")
        if scheme.lower() == "bearer" and hmac.compare_digest(mark, self._known):
            return
        if scheme.lower() != "bearer" or not await run_in_threadpool(self._key.matches, given):
            self._tries.wrong(address)
            raise Refused(
                401, "send the key of this assistant as: Authorization: Bearer KEY", "invalid_api_key"
            )
        self._known = mark
        self._tries.right(address)


def read(body: bytes) -> Call:
    """The question and its history. Raises Refused, naming the field, for what cannot be served."""
    try:
        given = Body.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or None
        raise Refused(400, f"{place or 'the body'}: {first['msg']}", "invalid_request", place) from None
    if len(given.messages) > MOST_MESSAGES:
        raise Refused(400, f"more than {MOST_MESSAGES} messages", "invalid_request", "messages")
    if given.n not in (None, 1):
        raise Refused(400, "one answer to a question: leave n out", "unsupported_value", "n")
    if given.tools:
        raise Refused(400, "this assistant calls no tools: leave tools out", "unsupported_value", "tools")
    said = [text(message) for message in given.messages if message.role == "user"]
    if not said or given.messages[-1].role != "user":
        raise Refused(400, "the last message has to be the user's question", "invalid_request", "messages")
    try:
        question = asked(said[-1])
    except UsageError as error:
        raise Refused(400, str(error), "invalid_request", "messages") from None
    usage = given.stream_options is not None and given.stream_options.include_usage
    return Call(question=question, history=tuple(said[:-1]), stream=given.stream, usage=usage)


def text(message: Message) -> str:
    """The words of a message. Raises Refused for an image, a sound or a file (C1)."""
    if isinstance(message.content, list):
        for part in message.content:
            if part.type != "text":
                raise Refused(
                    400, f"text only: no {part.type[:40]!r} is read", "unsupported_value", "messages"
                )
        return "\n".join(part.text for part in message.content)
    return message.content or ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every object of one answer carries."""

    id: str
    created: int

    def json(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": MODEL}


def completion(answer: Answer, stamp: Stamp) -> dict[str, Any]:
    """The whole answer as a chat.completion."""
    content, annotations = cited.content(answer), cited.annotations(answer)
    message = {"role": "assistant", "content": content, "refusal": None, "annotations": annotations}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": FINISH[answer.status]}
    return {**stamp.json("chat.completion"), "choices": [choice], "usage": usage(answer)}


def streamed(events: Iterator[Event | None], stamp: Stamp, tell_usage: bool) -> Iterator[str]:
    """The lines of the event stream as the answer comes; "" where there is nothing to send yet."""

    def data(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event({**stamp.json("chat.completion.chunk"), "choices": [choice]})

    written = 0
    yield data({"role": "assistant", "content": ""})
    try:
        for step in events:
            match step:
                case Stage(name):
                    yield f": {name}\n\n"
                case Wrote(sentence):
                    yield data({"content": (" " if written else "") + cited.sentence(sentence)})
                    written += 1
                case Answered(answer):
                    rest = cited.content(answer)[len(cited.body(answer.sentences[:written])) :]
                    yield data({"content": rest, "annotations": cited.annotations(answer)})
                    yield data({}, FINISH[answer.status])
                    if tell_usage:
                        end = {**stamp.json("chat.completion.chunk"), "choices": []}
                        yield event({**end, "usage": usage(answer)})
                case _:
                    yield ""
    except Exception as error:
        yield event(failed(error).json())
    yield "data: [DONE]\n\n"


def event(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def usage(answer: Answer) -> dict[str, int]:
    """Tokens that a service counted; 0 where none was asked."""
    read = answer.usage.input_tokens if answer.usage else 0
    written = answer.usage.output_tokens if answer.usage else 0
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def failed(error: Exception) -> Refused:
    return Refused(400 if isinstance(error, UsageError) else 500, explain(error), "failed")


def refusal(refused: Refused) -> JSONResponse:
    return JSONResponse(refused.json(), refused.status)
