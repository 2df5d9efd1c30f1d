"""Turned away before anything reads it: other sites' requests, large bodies, hasty log-ins. Pure ASGI."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui import uploads
from ui.access import Tries

LARGEST_BODY = 1 << 20  # bytes; ui.uploads has a bound of its own, and keeps no body in memory
LOGIN = ("/login", "/login/")


class Guard:
    """A page of another site can use neither a browser's log-in nor loopback: its Origin is not our Host."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.tries = Tries()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        address = (scope.get("client") or ("",))[0]
        login = scope["method"] == "POST" and scope["path"] in LOGIN
        if not own_origin(headers):
            await PlainTextResponse("Requests from other sites are refused", 403)(scope, receive, send)
            return
        if login and (wait := self.tries.wait(address)):
            seconds = {"Retry-After": str(int(wait) + 1)}
            await PlainTextResponse("Too many wrong passwords; wait", 429, seconds)(scope, receive, send)
            return
        if scope["path"] == uploads.PATH:
            if fits(headers, uploads.LARGEST):
                await self.app(scope, receive, send)
            else:
                told = f"larger than {uploads.LARGEST >> 20} MiB"
                await PlainTextResponse(told, 413)(scope, receive, send)
            return
        body = await bounded(receive, headers) if scope["method"] not in ("GET", "HEAD") else b""
        if body is None:
            told = f"The request is larger than {LARGEST_BODY:,} bytes"
            await PlainTextResponse(told, 413)(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                (self.tries.right if message["status"] == 200 else self.tries.wrong)(address)
            await send(message)

        await self.app(scope, replayed(body, receive), counted if login else send)


def own_origin(headers: Headers) -> bool:
    """Whether the request is from no page, or from a page of this server."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


def fits(headers: Headers, largest: int) -> bool:
    """Whether the body is as long as may be, by what it says of itself."""
    length = headers.get("content-length", "0")
    return length.isascii() and length.isdigit() and int(length[:15]) <= largest


async def bounded(receive: Receive, headers: Headers) -> bytes | None:
    """The whole body, None when it is too large."""
    if not fits(headers, LARGEST_BODY):
        return None
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            return None
        if message["type"] != "http.request" or not message.get("more_body"):
            return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
