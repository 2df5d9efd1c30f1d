"""The Evaluate tab: every chosen reranker over a judged set, while questions go on being answered."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.workbench import Set, Tell
from eval import results
from ui import measured
from ui.api import AT_ONCE
from ui.chat import explain
from ui.desk import Bench
from ui.evaluating import Job, Standing
from ui.judgements import Judgements
from ui.parts import html
from ui.render import line
from ui.tabs.compare import favourites

LOOK = 0.4  # seconds between two looks at a running evaluation
QUESTIONS = 50
IDLE = "No evaluation runs, and none has run since the assistant was started."
LARGEST = 4 << 20  # characters of a report that the page offers


def tab(bench: Bench, judgements: Judgements, opened: Any) -> None:
    """The content of the open gr.Tab `opened`. One evaluation at a time, which every page sees."""
    import gradio as gr

    job = Job()
    choices = bench.choices()

    def start(which: Set, names: list[str], limit: float | None) -> Iterator[tuple[Any, ...]]:
        if which == "judged" and (problem := nothing()):
            yield gr.skip(), gr.skip(), problem, gr.skip(), gr.skip()
            return

        def work(tell: Tell) -> Path:
            return bench.evaluate(which, names, int(limit) if limit else None, tell)

        job.start(work)
        yield gr.skip(), gr.skip(), measured.progress(job.standing), "", ""
        yield from watch()

    def nothing() -> str:
        try:
            if judgements.count().judgements:
                return ""
        except Exception as error:
            return line(explain(error))
        return line(
            "Nothing is judged yet: compare rerankers for a question, and judge what they found.", "quiet"
        )

    def watch() -> Iterator[tuple[Any, ...]]:
        """How it stands, until it is over; also for a page that was opened meanwhile."""
        seen = None
        while (now := job.standing).running:
            if now != seen:
                yield (
                    gr.update(visible=False),
                    gr.update(visible=True),
                    measured.progress(now),
                    gr.skip(),
                    gr.skip(),
                )
                seen = now
            time.sleep(LOOK)
        yield gr.update(visible=True), gr.update(visible=False), *ended(now)

    def ended(now: Standing) -> tuple[Any, ...]:
        if now.out is None:
            return line(now.problem or IDLE, "quiet"), gr.skip(), gr.skip()
        try:
            found = results.load(now.out / "results.json")
            report = (now.out / "report.html").read_text("utf-8")
        except Exception as error:
            return line(explain(error)), gr.skip(), gr.skip()
        report = report if len(report) <= LARGEST else ""
        return (
            line("The last evaluation stands below.", "quiet"),
            measured.shown(found, own=now.out.name == "judged", report=bool(report)),
            report,
        )

    html(
        '<p class="lead">Which reranker is worth its time? Each ranks the same pools of judged questions. '
        "Questions to the assistant go first, between any two of them.</p>",
        "evaluate-lead",
    )
    which = gr.Radio(
        [("The sample library's questions", "sample"), ("Our own judgements", "judged")],
        value="sample",
        label="Questions",
        elem_id="evaluate-set",
        elem_classes="choosing",
    )
    chosen = gr.CheckboxGroup(
        [choice.name for choice in choices if choice.name != "none" and not choice.missing],
        value=[name for name in favourites(choices) if name != "none"],
        label="Rerankers, each against the search alone",
        elem_id="evaluate-choices",
        elem_classes="choosing",
    )
    with gr.Row(elem_classes="asking"):
        limit = gr.Number(
            QUESTIONS,
            label="Questions at most (empty: all)",
            precision=0,
            minimum=1,
            elem_id="evaluate-limit",
        )
        go = gr.Button("Start", variant="primary", elem_id="evaluate-go", scale=0, min_width=110)
        halt = gr.Button("Stop", elem_id="evaluate-halt", scale=0, min_width=110, visible=False)
    status, found = html(name="evaluate-status"), html(name="evaluation")
    with gr.Row(elem_classes="bridge"):
        report = gr.Textbox(elem_id="evaluation-report", label="The report")

    outputs = [go, halt, status, found, report]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    watching: dict[str, Any] = {**quiet, "concurrency_limit": AT_ONCE, "concurrency_id": "evaluate"}
    go.click(start, [which, chosen, limit], outputs, **watching)
    halt.click(job.stop, None, None, concurrency_limit=None, **quiet)
    opened.select(watch, None, outputs, **watching)
