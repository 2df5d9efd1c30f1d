"""A question asked on the page: pipeline events -> what the page shows, step by step."""

import logging
import queue
import threading
import traceback
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TypeVar

from assistant.errors import AssistantError
from assistant.events import Answered, Event, Ranked, Rewritten, Stage, StageName, Waiting, Wrote, last
from assistant.turns import in_turn
from assistant.types import Answer, Sentence
from ui import render

Ask = Callable[[str], Iterator[Event]]
Describe = Callable[[], render.LibraryCard]
_E = TypeVar("_E")

POLL = 0.1  # seconds until a stop is noticed
LONG = 8  # of these without any event
WAITS = "waiting for others, or for a service"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Frame:
    """The turn and the status line as they stand now; `unanswered`: the question goes back into the box.
    `answer`: at the end, unless it failed or was stopped."""

    turn: str
    status: str = ""
    unanswered: bool = False
    answer: Answer | None = None


def events(
    ask: Callable[[str], Iterator[_E]], question: str, stopped: Callable[[], bool] = lambda: False
) -> Iterator[_E]:
    """The events of one question until it is stopped; no two questions compute at the same time."""
    yield from in_turn(ask(question), stopped)


def frames(
    ask: Ask,
    describe: Describe,
    question: str,
    key: str,
    stopped: threading.Event | None = None,
    pinned: Collection[str] = (),
) -> Iterator[Frame]:
    """What to show after each event. Nothing is raised: a failure or a stop is the last frame, one line.
    `pinned`: ids of passages that the reader keeps."""
    sentences: list[Sentence] = []
    stage: StageName = "searching"
    searched, found, waiting = "", "", False
    stopped = stopped or threading.Event()
    yield Frame(render.writing(key, question, ()), render.progress(stage))
    try:
        for event in arriving(ask, question, stopped):
            match event:
                case Rewritten(standalone, _):
                    searched = standalone
                case Stage(name):
                    stage, waiting = name, False
                case Ranked(ranking):
                    found = f"{len(ranking.hits)} passages, ranked by {ranking.ranked_by}"
                case Waiting():
                    if waiting:
                        continue
                    waiting = True
                case Wrote(sentence):
                    sentences.append(sentence)
                    waiting = False
                case Answered(answer):
                    shown = render.answer(key, answer, describe(), pinned=pinned)
                    yield Frame(shown, unanswered=answer.status == "blocked", answer=answer)
                    return
            status = render.progress(stage, WAITS if waiting else found)
            yield Frame(render.writing(key, question, sentences, searched), status)
        if not stopped.is_set():
            raise RuntimeError("the pipeline ended without an answer")
        end = render.line("Stopped. The question is back in the box.", "quiet")
    except Exception as error:
        end = render.line(explain(error))
    yield Frame(render.turn(key, question, end), unanswered=True)


def arriving(
    ask: Callable[[str], Iterator[_E]], question: str, stopped: threading.Event
) -> Iterator[_E | Waiting]:
    """The events, computed in a thread of their own, so that a stop need not wait for a step to end.
    Where the first is long in coming, Waiting comes before it.

    Leaving this iterator, for whatever reason, ends the question after its present step.
    """
    made: queue.SimpleQueue[_E | Exception | None] = queue.SimpleQueue()
    left = threading.Event()

    def compute() -> None:
        try:
            for event in events(ask, question, lambda: stopped.is_set() or left.is_set()):
                made.put(event)
            made.put(None)
        except Exception as error:
            made.put(error)

    threading.Thread(target=compute, name="question", daemon=True).start()
    silent = 0
    try:
        while not stopped.is_set():
            try:
                event = made.get(timeout=POLL)
            except queue.Empty:
                silent += 1
                if silent == LONG:
                    yield Waiting()
                continue
            if event is None:
                return
            if isinstance(event, Exception):
                raise event
            silent = LONG
            yield event
    finally:
        left.set()


def final(ask: Ask, question: str) -> Answer:
    """The answer alone; raises what the pipeline raises."""
    return last(events(ask, question))


def explain(error: Exception) -> str:
    """One line for a reader. Of an unknown error only its kind: its message may hold anything (C10, C12)."""
    if isinstance(error, AssistantError):
        return str(error)
    kind = type(error).__name__
    stack = reversed(traceback.extract_tb(error.__traceback__))
    log.error("a question failed: %s at %s", kind, " < ".join(f"{f.name}:{f.lineno}" for f in stack))
    return f"Something failed ({kind}); the log says where. The question was not lost."
