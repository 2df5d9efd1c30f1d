"""What each response may load, and which of Gradio's routes exist here. Pure ASGI: streams stay streams."""

import re
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline';"
    " script-src 'self' 'unsafe-inline'; font-src 'self' data:; connect-src 'self'; object-src 'none';"
    " base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# No file is served here, and nothing is fetched for anybody: Gradio's upload, file, proxy, streaming and
# editing routes are closed, and so is whatever a later release adds. Files come in by our own route alone
# (ui.uploads). `token` would hand scripts the log-in, which none may read.
OPEN = re.compile(
    r"/(library/upload|v1/(chat/completions|models)|gradio_api/(info|openapi\.json|call/[\w/-]+|queue/(join|data)|heartbeat/\w+|startup-events|cancel|reset"
    r"|app_id|user|login_check|theme\.css)/?"
    r"|(login|logout|config|theme\.css|robots\.txt|manifest\.json|favicon\.ico)/?"
    r"|(static|assets|svelte|pwa_icon)(/.*)?)?"
)


class Headers:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                cookies = headers.getlist("set-cookie")
                del headers["set-cookie"]
                for cookie in cookies:
                    headers.append("set-cookie", own_site(cookie))
            await send(message)

        inner: Any = self.app if OPEN.fullmatch(scope["path"]) else PlainTextResponse("Not found", 404)
        await inner(scope, receive, with_headers)


def own_site(cookie: str) -> str:
    """The Set-Cookie header with SameSite=Lax: no other site's form or script sends it."""
    parts = [p for p in cookie.split("; ") if not p.lower().startswith("samesite")]
    return "; ".join([*parts, "SameSite=Lax"])
