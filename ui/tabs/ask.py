"""The Ask tab: a question, its answer as it is written, and the evidence beside it."""

import json
import threading
from collections.abc import Iterator
from typing import Any

from assistant.index.engine import Where
from assistant.studies import DESIGNS
from assistant.types import Answer
from ui import render
from ui.api import AT_ONCE
from ui.chat import explain, frames
from ui.desk import Desk
from ui.parts import html
from ui.session import Asked, Session, again, reopened

EXAMPLES = (
    "How should warfarin be dosed in a carrier of CYP2C9*3?",
    "Can metformin be continued when the eGFR falls below 30?",
    "Which antibiotic should be given first in febrile neutropenia?",
)
FOOT = "For health professionals; not for emergencies. Check the source before you act."
GONE = "This conversation is not on this machine any more. Ask, and a new one begins."


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

    def run(asked: Asked, session: Session) -> Iterator[tuple[Any, ...]]:
        if not asked.question:
            yield tuple(gr.skip() for _ in outputs)
            return
        session = session.begin(asked)
        stopped = running[session.token] = threading.Event()
        past, back, status = "".join(session.past), "", ""
        pinned = frozenset(hit.chunk.id for hit in asked.pinned)
        try:
            for frame in frames(
                lambda question: events(question, asked),
                desk.describe,
                asked.question,
                session.key,
                stopped,
                pinned,
            ):
                session = session.showing(frame)
                back = asked.question if frame.unanswered else ""
                yield (
                    *busy(),
                    past,
                    frame.turn,
                    frame.status,
                    session,
                    gr.skip(),
                    *(gr.skip() for _ in narrowing),
                )
                past = gr.skip()
            if (answer := session.answer) is not None:
                session, failed = kept(session, answer)
                status = failed + render.ready(answer)
            done = gr.update(visible=True)
            yield (
                *idle(back),
                gr.skip(),
                gr.skip(),
                status,
                session,
                thread(session),
                done,
                *shown(asked.where),
            )
        finally:
            running.pop(session.token, None)

    def events(question: str, asked: Asked) -> Iterator[Any]:
        if desk.programs is None:
            return desk.ask(question)
        return desk.programs.events(question, asked.history, asked.where, asked.pinned)

    def kept(session: Session, answer: Answer) -> tuple[Session, str]:
        """The answer in the store of conversations; what may hold a patient's data never comes there."""
        if desk.conversations is None or answer.status == "blocked":
            return session, ""
        try:
            session = session.named(session.conversation or desk.conversations.new())
            desk.conversations.append(session.conversation, answer)
        except Exception as error:
            return session, render.line(f"This answer is not kept: {explain(error)}", "quiet")
        return session, ""

    def stop(session: Session) -> None:
        if asked := running.get(session.token):
            asked.set()

    def told(message: str, session: Session) -> Iterator[tuple[Any, ...]]:
        """A click on a source of the current answer that asks again."""
        yield from run(again(parsed(message), session), session)

    def filtered(
        designs: list[str], first: float | None, last: float | None, session: Session
    ) -> Iterator[Any]:
        years = (None if first is None else int(first), None if last is None else int(last))
        yield from run(session.narrowed(Where(designs=tuple(designs), years=years)), session)

    def quietly(message: str, session: Session) -> tuple[Any, ...]:
        """A pin, or a link that reopens a conversation: nothing is asked."""
        said = parsed(message)
        if said.get("do") == "pin":
            return (
                *(gr.skip() for _ in range(6)),
                session.pin(said.get("n")),
                *(gr.skip() for _ in range(5)),
            )
        try:
            answers = desk.conversations.load(str(said.get("id"))) if desk.conversations else ()
            card = desk.describe() if answers else None
        except Exception as error:
            return fresh(render.line(explain(error)))
        if card is None:
            return fresh(render.line(GONE, "quiet"))
        opened = reopened(str(said.get("id")), answers, card)
        past = "".join(opened.past)
        return (
            *idle(""),
            past,
            opened.current,
            "",
            opened,
            thread(opened),
            gr.update(visible=True),
            *shown(Where()),
        )

    def fresh(status: str = "") -> tuple[Any, ...]:
        session = Session()
        return (
            *idle(""),
            "",
            "",
            status,
            session,
            thread(session),
            gr.update(visible=False),
            *shown(Where()),
        )

    def thread(session: Session) -> str:
        """What the page's script writes into the address."""
        return f'<span class="thread id-{session.conversation}"></span>'

    def busy() -> tuple[Any, ...]:
        return gr.update(value="", interactive=False), gr.update(visible=False), gr.update(visible=True)

    def idle(text: str) -> tuple[Any, ...]:
        return gr.update(value=text, interactive=True), gr.update(visible=True), gr.update(visible=False)

    def shown(where: Where) -> tuple[Any, ...]:
        return list(where.designs), *where.years

    session = gr.State(Session())
    welcome = html(name="welcome")
    with gr.Row(elem_id="examples", visible=False) as examples:
        buttons = [gr.Button(text, variant="secondary", size="md") for text in EXAMPLES]
    past = html(name="past")
    with gr.Column(elem_id="now"):
        current = html(name="current")
        status = html(name="status")
        with gr.Row(elem_id="after", visible=False) as after:
            with gr.Accordion("Filter the evidence and ask again", open=False, elem_id="narrow"):
                designs = gr.CheckboxGroup(
                    [name for name in DESIGNS if name != "notice"], label="Study design", elem_id="designs"
                )
                with gr.Row():
                    first = gr.Number(
                        None, label="Published from", precision=0, minimum=1500, maximum=2100, min_width=120
                    )
                    last = gr.Number(
                        None, label="Published up to", precision=0, minimum=1500, maximum=2100, min_width=120
                    )
                renew = gr.Button("Ask again with these filters", elem_id="renew")
            afresh = gr.Button("Start afresh", elem_id="afresh", scale=0, min_width=120)
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
    html(render.line(FOOT, "foot"), "foot")
    named = html(name="thread")
    with gr.Row(elem_classes="bridge"):  # what ask.js says to Python
        message = gr.Textbox(elem_id="message", label="From the page")
        ask_again, quiet_one = gr.Button("Ask again", elem_id="say-ask"), gr.Button("Set", elem_id="say-set")

    narrowing = [after, designs, first, last]
    outputs = [box, go, halt, past, current, status, session, named, *narrowing]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    shared: dict[str, Any] = {**quiet, "concurrency_limit": AT_ONCE, "concurrency_id": "ask"}

    def typed(question: str, session: Session) -> Iterator[tuple[Any, ...]]:
        yield from run(session.asking(question), session)

    for trigger, source in [(box.submit, box), (go.click, box), *((b.click, b) for b in buttons)]:
        trigger(typed, [source, session], outputs, **shared)
    ask_again.click(told, [message, session], outputs, **shared)
    renew.click(filtered, [designs, first, last, session], outputs, **shared)
    halt.click(stop, session, None, concurrency_limit=None, **quiet)
    quiet_one.click(quietly, [message, session], outputs, concurrency_limit=None, **quiet)
    afresh.click(fresh, None, outputs, concurrency_limit=None, **quiet)
    blocks.load(greet, None, [welcome, examples], **quiet)


def parsed(message: str) -> dict[str, Any]:
    """What the page's script said; {} for anything else."""
    try:
        said = json.loads(message)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
