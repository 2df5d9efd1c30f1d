"""The Ask tab: a question, its answer as it is written, and the evidence beside it."""

import json
import threading
from collections.abc import Iterator
from html import escape
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
Shown = dict[Any, Any]  # a component -> what it shows now
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

    def run(asked: Asked, now: Session) -> Iterator[Shown]:
        if not asked.question:
            yield {session: now}
            return
        now = now.begin(asked)
        stopped = running[now.token] = threading.Event()
        pinned = frozenset(hit.chunk.id for hit in asked.pinned)
        back, told = "", ""
        try:
            yield busy() | {past: "".join(now.past), after: gr.update(visible=False)}
            for frame in frames(
                lambda question: events(question, asked),
                desk.describe,
                asked.question,
                now.key,
                stopped,
                pinned,
            ):
                now = now.showing(frame)
                back = asked.question if frame.unanswered else ""
                yield {current: frame.turn, status: frame.status, session: now}
            if (answer := now.answer) is not None:
                now, failed = kept(now, answer)
                told = failed + render.ready(answer)
            yield idle(back) | whole(now) | {status: told}
        finally:
            running.pop(now.token, None)

    def events(question: str, asked: Asked) -> Iterator[Any]:
        if desk.programs is None:
            return desk.ask(question)
        return desk.programs.events(question, asked.history, asked.where, asked.pinned)

    def kept(now: Session, answer: Answer) -> tuple[Session, str]:
        """The answer in the store of conversations; what may hold a patient's data never comes there."""
        if desk.conversations is None or answer.status == "blocked":
            return now, ""
        try:
            now = now.named(now.conversation or desk.conversations.new())
            desk.conversations.append(now.conversation, answer)
        except Exception as error:
            return now, render.line(f"This answer is not kept: {explain(error)}", "quiet")
        return now, ""

    def stop(now: Session) -> None:
        if asked := running.get(now.token):
            asked.set()

    def typed(question: str, now: Session) -> Iterator[Shown]:
        yield from run(now.asking(question), now)

    def clicked(said: str, now: Session) -> Iterator[Shown]:
        """Something of the current answer that asks its question again."""
        yield from run(again(parsed(said), now), now)

    def filtered(
        chosen: list[str], since: float | None, until: float | None, now: Session
    ) -> Iterator[Shown]:
        years = (None if since is None else int(since), None if until is None else int(until))
        yield from run(now.narrowed(Where(designs=tuple(chosen), years=years)), now)

    def pinned_or_opened(said: str, now: Session) -> Shown:
        """A pin, or a link that opens a conversation: nothing is asked."""
        match parsed(said):
            case {"do": "pin", "n": n}:
                return {session: now.pin(n)}
            case {"do": "open", "id": str(conversation)}:
                return opened(conversation)
        return {session: now}

    def opened(conversation: str) -> Shown:
        try:
            answers = desk.conversations.load(conversation) if desk.conversations else ()
            now = reopened(conversation, answers, desk.describe())
        except Exception as error:
            return unopened(conversation, render.line(explain(error)))
        return idle("") | whole(now) if answers else unopened(conversation, render.line(GONE, "quiet"))

    def unopened(conversation: str, why: str) -> Shown:
        mark = f'<span class="thread id- not-{escape(conversation)}"></span>'
        return fresh() | {status: why, thread: mark}

    def fresh() -> Shown:
        return idle("") | whole(Session())

    def whole(now: Session) -> Shown:
        """The page of a session in which nothing runs."""
        where = now.asked.where
        return {
            past: "".join(now.past),
            current: now.current,
            status: "",
            session: now,
            thread: f'<span class="thread id-{now.conversation}"></span>',
            after: gr.update(visible=bool(now.current)),
            narrow: gr.update(visible=now.answer is not None and bool(now.answer.ranked_by)),
            designs: list(where.designs),
            first: where.years[0],
            last: where.years[1],
        }

    def busy() -> Shown:
        return {
            box: gr.update(value="", interactive=False),
            go: gr.update(visible=False),
            halt: gr.update(visible=True),
        }

    def idle(text: str) -> Shown:
        return {
            box: gr.update(value=text, interactive=True),
            go: gr.update(visible=True),
            halt: gr.update(visible=False),
        }

    session = gr.State(Session())
    welcome = html(name="welcome")
    with gr.Row(elem_id="examples", visible=False) as examples:
        buttons = [gr.Button(text, variant="secondary", size="md") for text in EXAMPLES]
    past = html(name="past")
    with gr.Column(elem_id="now"):
        current = html(name="current")
        status = html(name="status")
        with gr.Row(elem_id="after", visible=False) as after:
            with gr.Accordion("Filter the evidence and ask again", open=False, elem_id="narrow") as narrow:
                names = [name for name in DESIGNS if name != "notice"]
                designs = gr.CheckboxGroup(names, label="Study design", elem_id="designs")
                with gr.Row():
                    year: dict[str, Any] = {
                        "precision": 0,
                        "minimum": 1500,
                        "maximum": 2100,
                        "min_width": 120,
                    }
                    first = gr.Number(None, label="Published from", **year)
                    last = gr.Number(None, label="Published up to", **year)
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
    thread = html(name="thread")  # the conversation's id, which ask.js writes into the address
    with gr.Row(elem_classes="bridge"):  # what ask.js says to Python
        message = gr.Textbox(elem_id="message", label="From the page")
        say_ask = gr.Button("Ask again", elem_id="say-ask")
        say_set = gr.Button("Set", elem_id="say-set")

    outputs = [box, go, halt, past, current, status, session, thread, after, narrow, designs, first, last]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    shared: dict[str, Any] = {**quiet, "concurrency_limit": AT_ONCE, "concurrency_id": "ask"}
    for trigger, source in [(box.submit, box), (go.click, box), *((b.click, b) for b in buttons)]:
        trigger(typed, [source, session], outputs, **shared)
    say_ask.click(clicked, [message, session], outputs, **shared)
    renew.click(filtered, [designs, first, last, session], outputs, **shared)
    halt.click(stop, session, None, concurrency_limit=None, **quiet)
    say_set.click(pinned_or_opened, [message, session], outputs, concurrency_limit=None, **quiet)
    afresh.click(fresh, None, outputs, concurrency_limit=None, **quiet)
    blocks.load(greet, None, [welcome, examples], **quiet)


def parsed(message: str) -> dict[str, Any]:
    """What the page's script said; {} for anything else."""
    try:
        said = json.loads(message)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
