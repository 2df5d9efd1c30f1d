"""The page and its named endpoint, as one ASGI application."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request

from ui import api, downloads, openai_api, render, uploads
from ui.access import Access, Secret, Tokens
from ui.chat import explain
from ui.desk import Desk
from ui.guard import Guard
from ui.headers import Headers
from ui.parts import html
from ui.tabs import ask, compare, evaluate, history, library, status

TITLE = "Clinical assistant"
WAITING = 64  # questions that may wait behind those under way
STYLES = ("app.css", "history.css", "compare.css", "library.css")
SCRIPTS = ("cite.js", "app.js", "ask.js", "compare.js", "history.js", "library.js", "restart.js")
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Ubuntu", "sans-serif")


def create(desk: Desk, access: Access = Access()) -> FastAPI:  # noqa: B008
    """The page at /, the endpoints of ui.api beside it, and /v1 where `access` opens it. With a password
    nothing is shown before the login."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read by Gradio while it builds; see C10
    # each lock that Gradio makes outside a running event loop would leave a loop of its own open
    return asyncio.run(mounted(desk, access))


async def mounted(desk: Desk, access: Access) -> FastAPI:
    import gradio as gr

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard)
    app.add_middleware(Headers)
    if access.openai and desk.programs is not None:
        app.router.routes.extend(openai_api.routes(desk.programs, access.key))
    gr.mount_gradio_app(
        app,
        page(desk),
        path="/",
        auth=None if access.password is None else gate(access.password),
        auth_message="Any name, and the password that this assistant was started with.",
        footer_links=[],
        run_history=False,
        show_error=True,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        pwa=False,
        theme=gr.themes.Default(
            primary_hue="teal", neutral_hue="slate", font=FONTS, font_mono=("ui-monospace", "monospace")
        ),
        head=head(),
    )
    inner = app.router.routes[-1].app  # type: ignore[attr-defined]
    inner.tokens = Tokens(access.idle, access.lifetime)
    if desk.uploads is not None:
        app.router.routes.insert(0, uploads.route(desk.uploads, entrance(inner, access)))
    return app


def head() -> str:
    """Our style and script, inline: Gradio's css parameter rewrites selectors and loses media queries."""
    static = files("ui") / "static"
    styles = "".join((static / name).read_text("utf-8") for name in STYLES)
    scripts = ((static / name).read_text("utf-8") for name in SCRIPTS)
    return f"<style>{styles}</style>" + "".join(f"<script>{script}</script>" for script in scripts)


def entrance(inner: Any, access: Access) -> Callable[[Request], bool]:
    """Whether a request comes from a log-in of the page; without a password each does."""
    names = (f"access-token-{inner.cookie_id}", f"access-token-unsecure-{inner.cookie_id}")

    def known(request: Request) -> bool:
        found = (inner.tokens.get(request.cookies.get(name)) for name in names)
        return access.password is None or any(user is not None for user in found)

    return known


def gate(password: Secret) -> Callable[[str, str], Awaitable[bool]]:
    """Any user name with this password; a wrong one waits a second. They are checked one after the other."""
    one = asyncio.Lock()

    async def allowed(_: str, given: str) -> bool:
        async with one:
            right = await asyncio.to_thread(password.matches, given)
        if not right:
            await asyncio.sleep(1)
        return right

    return allowed


def page(desk: Desk) -> Any:
    """The Gradio page: one tab a file. Text from sources reaches it through ui.render alone."""
    import gradio as gr

    def describe() -> str:
        try:
            return render.header(desk.describe())
        except Exception as error:
            return render.line(explain(error))

    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as blocks:
        header = html(name="header")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Ask", id="ask", elem_id="tab-ask"):
                ask.tab(desk, blocks)
            if desk.bench is not None and desk.judgements is not None:
                with gr.Tab("Compare", id="compare", elem_id="tab-compare") as opened:
                    compare.tab(desk.bench, desk.judgements, opened)
            if desk.shelf is not None:
                with gr.Tab("Library", id="library", elem_id="tab-library") as shown:
                    library.tab(desk, blocks, shown)
            if desk.bench is not None and desk.judgements is not None:
                with gr.Tab("Evaluate", id="evaluate", elem_id="tab-evaluate") as opened:
                    evaluate.tab(desk.bench, desk.judgements, opened)
            if desk.conversations is not None:
                with gr.Tab("History", id="history", elem_id="tab-history") as shown:
                    history.tab(desk.conversations, shown)
            if desk.status is not None:
                with gr.Tab("Status", id="status", elem_id="tab-status") as shown:
                    status.tab(desk, shown)
        downloads.bridge()
        api.register(desk)
        blocks.load(describe, None, header, show_progress="hidden", api_visibility="private")
    blocks.queue(max_size=WAITING, default_concurrency_limit=1, api_open=False)
    return blocks
