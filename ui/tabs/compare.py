"""The Compare tab: one question, one pool, two to four rerankers; and judgements by a click."""

import re
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistant.events import Waiting
from assistant.functions import MOST_RERANKERS
from assistant.workbench import Choice, Sides
from ui import comparison
from ui.api import AT_ONCE
from ui.chat import WAITS, arriving, explain
from ui.desk import Bench
from ui.judgements import Judgements
from ui.parts import html
from ui.render import folded, line

FAVOURITES = ("none", "late", "bundled-ce", "bundled")
SAYS = re.compile(r"(relevant|not|undo) ([1-9][0-9]{0,3})")  # what compare.js says, and of which passage


@dataclass(frozen=True, slots=True)
class Shown:
    """What one page compares: `token` is what its Stop stops."""

    token: str = ""
    sides: Sides | None = None


def tab(bench: Bench, judgements: Judgements, opened: Any) -> None:
    """The content of the open gr.Tab `opened`."""
    import gradio as gr

    running: dict[str, threading.Event] = {}
    choices = bench.choices()

    def run(question: str, names: list[str]) -> Iterator[tuple[Any, ...]]:
        if not question.strip():
            yield (
                gr.skip(),
                gr.skip(),
                line("Type a question first.", "quiet"),
                gr.skip(),
                gr.skip(),
                gr.skip(),
            )
            return
        shown = Shown(secrets.token_hex(8))
        stopped = running[shown.token] = threading.Event()
        yield *buttons(True), working("Searching"), "", "", shown
        end = ""
        try:
            for sides in arriving(lambda asked: bench.compare(asked, names), question, stopped):
                if isinstance(sides, Waiting):
                    yield gr.skip(), gr.skip(), working(WAITS.capitalize()), gr.skip(), gr.skip(), gr.skip()
                    continue
                shown = Shown(shown.token, sides)
                done = len(sides.found.rankings) + len(sides.failed)
                status = (
                    working(f"Ranking by {sides.running}, {done + 1} of {len(names)}")
                    if sides.running
                    else ""
                )
                yield *buttons(True), status, comparison.shown(sides), marks(sides), shown
            if stopped.is_set():
                end = line("Stopped. What had been ranked by then stands below.", "quiet")
        except Exception as error:
            end = line(explain(error))
        finally:
            running.pop(shown.token, None)
        yield *buttons(False), end, gr.skip(), gr.skip(), shown

    def stop(shown: Shown) -> None:
        if found := running.get(shown.token):
            found.set()

    def judge(message: str, shown: Shown) -> tuple[Any, ...]:
        """A click on a passage of the last comparison."""
        said, sides = SAYS.fullmatch(message), shown.sides
        if said is None or sides is None or int(said[2]) > len(sides.found.pool):
            return gr.skip(), gr.skip()
        hit = sides.found.pool[int(said[2]) - 1]
        relevant = {"relevant": True, "not": False, "undo": None}[said[1]]
        ids = list(dict.fromkeys(h.chunk.document_id for h in sides.found.pool))
        try:
            judgements.keep(sides.found.question, hit.chunk.document_id, relevant, lambda: bench.sources(ids))
            words = {"relevant": "Kept as relevant", "not": "Kept as not relevant", "undo": "Taken back"}
            return marks(sides), counted(f"{words[said[1]]}: {hit.metadata.title}")
        except Exception as error:
            return gr.skip(), line(explain(error))

    def marks(sides: Sides) -> str:
        try:
            return comparison.verdicts(sides.found.pool, judgements.of(sides.found.question))
        except Exception:
            return ""  # the line below the lists says why

    def counted(saved: str = "") -> str:
        try:
            return comparison.kept(judgements.count(), str(judgements.folder), saved)
        except Exception as error:
            return line(explain(error))

    def buttons(busy: bool) -> tuple[Any, ...]:
        return gr.update(visible=not busy), gr.update(visible=busy)

    html(
        '<p class="lead">The same passages in the order of two to four rerankers. Judge what you read: it '
        "becomes a query set of your own.</p>",
        "compare-lead",
    )
    with gr.Row(elem_id="compare-ask", elem_classes="asking"):
        box = gr.Textbox(
            lines=1,
            max_lines=4,
            label="Question to compare",
            placeholder="The question of the Ask tab stands here",
            elem_id="compare-box",
            scale=1,
        )
        go = gr.Button("Compare", variant="primary", elem_id="compare-go", scale=0, min_width=110)
        halt = gr.Button("Stop", elem_id="compare-halt", scale=0, min_width=110, visible=False)
    chosen = gr.CheckboxGroup(
        [choice.name for choice in choices if not choice.missing],
        value=favourites(choices),
        label=f"Rerankers (two to {MOST_RERANKERS})",
        elem_id="compare-choices",
        elem_classes="choosing",
    )
    html(folded("notes", "Not usable here, and why", [c.missing for c in choices if c.missing]))
    status, lists, verdicts = html(name="compare-status"), html(name="comparison"), html(name="verdicts")
    count = html(name="judged")
    shown = gr.State(Shown())
    with gr.Row(elem_classes="bridge"):  # what compare.js says to Python
        message = gr.Textbox(elem_id="compare-message", label="From the page")
        say = gr.Button("Judge", elem_id="compare-say")

    outputs = [go, halt, status, lists, verdicts, shown]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    for trigger in (box.submit, go.click):
        trigger(run, [box, chosen], outputs, concurrency_limit=AT_ONCE, concurrency_id="comparing", **quiet)
    halt.click(stop, shown, None, concurrency_limit=None, **quiet)
    say.click(
        judge, [message, shown], [verdicts, count], concurrency_limit=4, concurrency_id="judge", **quiet
    )
    opened.select(counted, None, count, **quiet)


def working(words: str) -> str:
    return f'<p class="working"><strong>{words}…</strong></p>'


def favourites(choices: tuple[Choice, ...]) -> list[str]:
    return [choice.name for name in FAVOURITES for choice in choices if choice == Choice(name)]
