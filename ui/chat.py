"""A question asked on the page: pipeline events -> what the page shows, step by step."""

import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.errors import AssistantError
from assistant.events import Answered, Event, Ranked, Stage, StageName, Wrote
from assistant.types import Answer, Sentence
from ui import render

Ask = Callable[[str], Iterator[Event]]
Describe = Callable[[], render.LibraryCard]

log = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()  # a stopped question may still be in its last step


@dataclass(frozen=True, slots=True)
class Frame:
    """The turn and the status line as they stand now; `failed`: the question goes back into the box."""

    turn: str
    status: str = ""
    failed: bool = False


def events(ask: Ask, question: str) -> Iterator[Event]:
    """The events of one question, no two questions computing at the same time."""
    running = ask(question)
    while True:
        with _one_at_a_time:
            event = next(running, None)
        if event is None:
            return
        yield event


def frames(ask: Ask, describe: Describe, question: str, key: str) -> Iterator[Frame]:
    """What to show after each event. Nothing is raised: a failure is the last frame, in one line."""
    sentences: list[Sentence] = []
    stage: StageName = "searching"
    found = ""
    try:
        yield Frame(render.writing(key, question, ()), render.progress(stage))
        for event in events(ask, question):
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
        raise RuntimeError("the pipeline ended without an answer")
    except Exception as error:
        yield Frame(render.turn(key, question, render.line(explain(error))), failed=True)


def final(ask: Ask, question: str) -> Answer:
    """The answer alone; raises what the pipeline raises."""
    answers = [event.answer for event in events(ask, question) if isinstance(event, Answered)]
    return answers[-1]


def explain(error: Exception) -> str:
    """One line for a reader. Of an unknown error only its kind: its message may hold anything (C10, C12)."""
    if isinstance(error, AssistantError):
        return str(error)
    kind = type(error).__name__
    stack = reversed(traceback.extract_tb(error.__traceback__))
    log.error("a question failed: %s at %s", kind, " < ".join(f"{f.name}:{f.lineno}" for f in stack))
    return f"Something failed ({kind}); the log says where. The question was not lost."
