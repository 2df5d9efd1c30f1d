"""The Ask tab: a question, its answer as it is written, and the evidence beside it."""

import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ui import render
from ui.api import AT_ONCE
from ui.chat import explain, frames
from ui.desk import Desk
from ui.parts import html

EXAMPLES = (
    "How should warfarin be dosed in a carrier of CYP2C9*3?",
    "Can metformin be continued when the eGFR falls below 30?",
    "Which antibiotic should be given first in febrile neutropenia?",
)
TURNS = 20  # answers kept on the page


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


def tab(desk: Desk, blocks: Any) -> None:
    """The tab's content, inside the open gr.Blocks."""
    import gradio as gr

    running: dict[str, threading.Event] = {}

    def greet() -> tuple[Any, ...]:
        try:
            card = desk.describe()
        except Exception as error:
            return render.line(explain(error)) + render.line(render.NOTICE, "quiet"), gr.skip()
        return render.welcome(card), gr.update(visible=card.chunks > 0)

    def run(question: str, session: Session) -> Iterator[tuple[Any, ...]]:
        question = question.strip()
        if not question:
            yield tuple(gr.skip() for _ in outputs)
            return
        session = session.begin()
        stopped = running[session.token] = threading.Event()
        past, back = "".join(session.past), ""
        try:
            for frame in frames(desk.ask, desk.describe, question, session.key, stopped):
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

    hidden = gr.update(visible=False)
    session = gr.State(Session())
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
    foot = "For health professionals; not for emergencies. Check the source before you act."
    html(render.line(foot, "foot"), "foot")

    outputs = [box, go, halt, welcome, examples, past, current, status, session]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    shared: dict[str, Any] = {**quiet, "concurrency_limit": AT_ONCE, "concurrency_id": "ask"}
    for trigger, source in [(box.submit, box), (go.click, box), *((b.click, b) for b in buttons)]:
        trigger(run, [source, session], outputs, **shared)
    halt.click(stop, session, None, concurrency_limit=None, **quiet)
    blocks.load(greet, None, [welcome, examples], **quiet)
