"""From a question to an answer: one visible line per stage, yielded as it happens."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from assistant.answerable import probability
from assistant.config import Settings
from assistant.encoders import Encoder
from assistant.errors import ModelMissing, UsageError
from assistant.events import Answered, Event, Ranked, Stage, Wrote
from assistant.evidence import choose
from assistant.generate.base import Generator
from assistant.index.store import Index, Where
from assistant.retrieve import retrieve
from assistant.text import clean
from assistant.types import Answer, Ranking, Sentence
from assistant.verify import check
from rerankers.base import Reranker

LONGEST_QUESTION = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What `ask` works with; `build.parts` makes it from Settings."""

    settings: Settings
    index: Index
    encoder: Encoder
    reranker: Reranker
    generator: Generator
    versions: Mapping[str, str] = field(default_factory=dict)


def ask(question: str, parts: Parts, where: Where | None = None) -> Iterator[Event]:
    """Search, rerank, read, check; the last event is the answer.

    Raises UsageError on an empty question or one of more than 2,000 characters, ModelMissing when the
    settings are fail-closed and the first-choice reranker did not rank.
    """
    question = asked(question)
    clock = Clock()
    settings = parts.settings

    yield Stage("searching")
    pool = search(question, parts, where)
    clock.lap("searching")

    yield Stage("reranking")
    ranking = parts.reranker.rerank(question, pool.hits)
    if settings.fail_closed and ranking.degraded:
        raise ModelMissing(f"not answered, since fail_closed is set: {'; '.join(ranking.degraded)}")
    clock.lap("reranking")
    yield Ranked(ranking)

    yield Stage("reading")
    evidence = choose(ranking.hits, settings.top_k)
    likely = probability(question, ranking.hits, parts.encoder)
    drafts = tuple(parts.generator.write(question, evidence)) if likely >= settings.abstain_below else ()
    clock.lap("reading")

    yield Stage("checking")
    sentences: list[Sentence] = []
    for draft in drafts:
        sentences.append(check(draft, evidence))
        yield Wrote(sentences[-1])
    clock.lap("checking")

    yield Answered(
        Answer(
            question=question,
            status="answered" if sentences else "abstained",
            sentences=tuple(sentences),
            evidence=evidence,
            ranked_by=ranking.ranked_by,
            note="" if sentences else abstention(likely, bool(evidence)),
            degraded=ranking.degraded,
            notes=ranking.notes,
            egress=ranking.egress,
            usage=ranking.usage,
            timings_ms=clock.laps,
            versions=parts.versions,
        )
    )


def search(question: str, parts: Parts, where: Where | None = None) -> Ranking:
    """The candidate pool, retracted sources left out unless the settings include them."""
    settings = parts.settings
    return retrieve(
        question,
        parts.index,
        parts.encoder,
        retriever=settings.retriever,
        depth=settings.depth,
        where=where or Where(include_retracted=settings.include_retracted),
    )


def asked(question: str) -> str:
    """The question cleaned; UsageError when nothing is left of it or it is too long."""
    if len(question) > LONGEST_QUESTION:
        raise UsageError(
            f"the question has {len(question):,} characters; ask in at most {LONGEST_QUESTION:,}"
        )
    question = " ".join(clean(question).split())
    if not question:
        raise UsageError('the question is empty; ask for example: assistant ask "metformin at an eGFR of 28"')
    return question


def abstention(likely: float, found: bool) -> str:
    """What a reader is told in place of an answer."""
    if not found or not likely:
        return "Nothing in the library shares a word with this question. Ask in English, or in other words."
    return (
        f"The library does not seem to answer this (probability {likely:.0%}). "
        "The nearest passages are listed; none is an answer by itself."
    )


class Clock:
    """Milliseconds since the last lap, by name."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = (now - self._last) * 1000
        self._last = now
