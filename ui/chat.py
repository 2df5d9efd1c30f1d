"""A question asked on the page: pipeline events -> what the page shows, step by step."""

import logging
import queue
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.errors import AssistantError
from assistant.events import Answered, Event, Ranked, Stage, StageName, Wrote, last
from assistant.turns import in_turn
from assistant.types import Answer, Sentence
from ui import render

Ask = Callable[[str], Iterator[Event]]
Describe = Callable[[], render.LibraryCard]

POLL = 0.1  # seconds until a stop is noticed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Frame:
    """The turn and the status line as they stand now; `unanswered`: the question goes back into the box."""

    turn: str
    status: str = ""
    unanswered: bool = False


def events(ask: Ask, question: str, stopped: Callable[[], bool] = lambda: False) -> Iterator[Event]:
    """The events of one question until it is stopped; no two questions compute at the same time."""
    yield from in_turn(ask(question), stopped)


def frames(
    ask: Ask, describe: Describe, question: str, key: str, stopped: threading.Event | None = None
) -> Iterator[Frame]:
    """What to show after each event. Nothing is raised: a failure or a stop is the last frame, one line."""
    sentences: list[Sentence] = []
    stage: StageName = "searching"
    found = ""
    stopped = stopped or threading.Event()
    yield Frame(render.writing(key, question, ()), render.progress(stage))
    try:
        for event in arriving(ask, question, stopped):
            match event:
                case Stage(name):
                    stage = name
                case Ranked(ranking):
                    found = f"{len(ranking.hits)} passages, ranked by {ranking.ranked_by}"
                case Wrote(sentence):
                    sentences.append(sentence)
                case Answered(answer):
                    yield Frame(render.answer(key, answer, describe()))
                    return
            yield Frame(render.writing(key, question, sentences), render.progress(stage, found))
        if not stopped.is_set():
            raise RuntimeError("the pipeline ended without an answer")
        end = render.line("Stopped. The question is back in the box.", "quiet")
    except Exception as error:
        end = render.line(explain(error))
    yield Frame(render.turn(key, question, end), unanswered=True)


def arriving(ask: Ask, question: str, stopped: threading.Event) -> Iterator[Event]:
    """The events, computed in a thread of their own, so that a stop need not wait for a step to end.

    Leaving this iterator, for whatever reason, ends the question after its present step.
    """
    made: queue.SimpleQueue[Event | Exception | None] = queue.SimpleQueue()
    left = threading.Event()

    def compute() -> None:
        try:
            for event in events(ask, question, lambda: stopped.is_set() or left.is_set()):
                made.put(event)
            made.put(None)
        except Exception as error:
            made.put(error)

    threading.Thread(target=compute, name="question", daemon=True).start()
    try:
        while not stopped.is_set():
            try:
                event = made.get(timeout=POLL)
            except queue.Empty:
                continue
            if event is None:
                return
            if isinstance(event, Exception):
                raise event
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
