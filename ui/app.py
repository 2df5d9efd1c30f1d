"""The chat page and its named endpoint, as one ASGI application."""

import asyncio
import hmac
import os
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from fastapi import FastAPI

from assistant.errors import AssistantError
from assistant.present import answer_json
from ui import render
from ui.chat import Ask, Describe, explain, final, frames
from ui.headers import Headers

TITLE = "Clinical assistant"
EXAMPLES = (
    "How should warfarin be dosed in a carrier of CYP2C9*3?",
    "Can metformin be continued when the eGFR falls below 30?",
    "Which antibiotic should be given first in febrile neutropenia?",
)
TURNS = 20  # answers kept on the page
AT_ONCE = 4  # questions under way; ui.chat computes one step at a time
WAITING = 16  # questions that may wait behind them
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Ubuntu", "sans-serif")


@dataclass(frozen=True, slots=True)
class Session:
    """One open page: its finished turns and the latest one."""

    past: tuple[str, ...] = ()
    current: str = ""
    count: int = 0
    token: str = ""  # of the running question: what Stop stops

    def begin(self) -> "Session":
        past = (*self.past, self.current)[-TURNS:] if self.current else self.past
        return Session(past, "", self.count + 1, secrets.token_hex(8))

    @property
    def key(self) -> str:
        return f"t{self.count}"


def create(ask: Ask, describe: Describe, *, password: str | None = None) -> FastAPI:
    """The page at /, the endpoint "ask" beside it. With a password nothing is shown before the login."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read by Gradio while it builds; see C10
    # each lock that Gradio makes outside a running event loop would leave a loop of its own open
    return asyncio.run(mounted(ask, describe, password))


async def mounted(ask: Ask, describe: Describe, password: str | None) -> FastAPI:
    import gradio as gr

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Headers)
    gr.mount_gradio_app(
        app,
        page(ask, describe),
        path="/",
        auth=None if password is None else gate(password),
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
    return app


def head() -> str:
    """Our style and script, inline: Gradio's css parameter rewrites selectors and loses media queries."""
    static = files("ui") / "static"
    style, script = ((static / name).read_text("utf-8") for name in ("app.css", "app.js"))
    return f"<style>{style}</style><script>{script}</script>"


def gate(password: str) -> Callable[[str, str], Awaitable[bool]]:
    """Any user name with this password; a wrong one waits a second."""

    async def allowed(_: str, given: str) -> bool:
        right = hmac.compare_digest(given.encode(), password.encode())
        if not right:
            await asyncio.sleep(1)
        return right

    return allowed


def page(ask: Ask, describe: Describe) -> Any:
    """The Gradio page. Text from sources reaches it through ui.render alone."""
    import gradio as gr

    running: dict[str, threading.Event] = {}

    def html(value: str = "", name: str | None = None, **more: Any) -> Any:
        # gr.HTML evaluates its template in the browser, which the content policy forbids; Markdown sanitises
        return gr.Markdown(value, elem_id=name, latex_delimiters=[], container=False, **more)

    def describe_page() -> tuple[Any, ...]:
        try:
            card = describe()
        except Exception as error:
            return render.line(explain(error)), render.line(render.NOTICE, "quiet"), gr.skip()
        return render.header(card), render.welcome(card), gr.update(visible=card.chunks > 0)

    def run(question: str, session: Session) -> Iterator[tuple[Any, ...]]:
        question = question.strip()
        if not question:
            yield tuple(gr.skip() for _ in outputs)
            return
        session = session.begin()
        stopped = running[session.token] = threading.Event()
        past, back = "".join(session.past), ""
        try:
            for frame in frames(ask, describe, question, session.key, stopped):
                session, back = replace(session, current=frame.turn), question if frame.unanswered else ""
                yield (*busy(), hidden, hidden, past, frame.turn, frame.status, session)
                past = gr.skip()
            yield (*idle(back), gr.skip(), gr.skip(), gr.skip(), gr.skip(), "", session)
        finally:
            running.pop(session.token, None)

    def stop(session: Session) -> None:
        if asked := running.get(session.token):
            asked.set()

    def busy() -> tuple[Any, ...]:
        return gr.update(value="", interactive=False), gr.update(visible=False), gr.update(visible=True)

    def idle(text: str) -> tuple[Any, ...]:
        return gr.update(value=text, interactive=True), gr.update(visible=True), gr.update(visible=False)

    def answer(question: str) -> dict[str, Any]:
        """The answer to one clinical question: the fields of `assistant ask --json`."""
        try:
            return answer_json(final(ask, question))
        except AssistantError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except Exception as error:
            raise gr.Error(explain(error), print_exception=False) from None

    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as blocks:
        hidden = gr.update(visible=False)
        session = gr.State(Session())
        header = html(name="header")
        welcome = html(name="welcome")
        with gr.Row(elem_id="examples", visible=False) as examples:
            buttons = [gr.Button(text, variant="secondary", size="md") for text in EXAMPLES]
        past = html(name="past")
        with gr.Column(elem_id="now"):
            current = html(name="current")
            status = html(name="status")
        with gr.Row(elem_id="ask"):
            box = gr.Textbox(
                lines=1,
                max_lines=6,
                autofocus=True,
                container=False,
                show_label=False,
                scale=1,
                label="Clinical question",
                placeholder="Ask a clinical question",
                elem_id="box",
            )
            go = gr.Button("Ask", variant="primary", elem_id="go", scale=0, min_width=88)
            halt = gr.Button("Stop", variant="stop", elem_id="halt", scale=0, min_width=88, visible=False)
        html(
            render.line(
                "For health professionals; not for emergencies. Check the source before you act.", "foot"
            ),
            "foot",
        )

        outputs = [box, go, halt, welcome, examples, past, current, status, session]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        shared: dict[str, Any] = {**quiet, "concurrency_limit": AT_ONCE, "concurrency_id": "ask"}
        for trigger, source in [(box.submit, box), (go.click, box), *((b.click, b) for b in buttons)]:
            trigger(run, [source, session], outputs, **shared)
        halt.click(stop, session, None, concurrency_limit=None, **quiet)
        blocks.load(describe_page, None, [header, welcome, examples], **quiet)
        gr.events.api(answer, api_name="ask", concurrency_limit=AT_ONCE, concurrency_id="ask")
    blocks.queue(max_size=WAITING, default_concurrency_limit=1, api_open=False)
    return blocks
