"""From a question to an answer: one visible line per stage, yielded as it happens."""

import time
from collections import abc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.answerable import probability
from assistant.audit import Audit
from assistant.compose import Composed, compose, merged
from assistant.config import Settings
from assistant.conversation import Standalone, rewrite
from assistant.encoders import Encoder
from assistant.errors import EgressBlocked, ModelMissing, ServiceError, UsageError
from assistant.events import Answered, Event, Ranked, Rewritten, Stage, Waiting, Wrote
from assistant.evidence import choose, pinned_first, with_pinned
from assistant.generate.base import Account, Generator
from assistant.generate.judge import Judge
from assistant.generate.rewrite import Rewriter
from assistant.index.store import Index, Where, spoken
from assistant.privacy import gate
from assistant.retrieve import retrieve
from assistant.scope import outside
from assistant.text import clean
from assistant.types import Answer, Egress, Evidence, Hit, Ranking, Sentence, Status
from assistant.verify import check
from rerankers.base import Reranker
from rerankers.prices import total

LONGEST_QUESTION = 2000


Events = abc.Generator[Event, None, None]  # closing it ends what is under way


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What `ask` works with; `build.parts` makes it from Settings."""

    settings: Settings
    index: Index
    encoder: Encoder
    reranker: Reranker
    generator: Generator
    rewriter: Rewriter | None = None  # None: follow-ups are rewritten by rules
    judge: Judge | None = None  # None: each sentence is read once
    asks: tuple[Egress, ...] = ()  # what each search sends away, behind the gate
    versions: Mapping[str, str] = field(default_factory=dict)
    audit: Audit | None = None


def ask(
    question: str,
    parts: Parts,
    where: Where | None = None,
    history: Sequence[str] = (),
    pinned: Sequence[Hit] = (),
) -> Events:
    """Search, rerank, read, check; the last event is the answer.

    `history`: the questions before this one, oldest first; a follow-up takes its topic from them, and
    says so before it is searched. `pinned`: passages that come first in the evidence, whatever their rank.
    What may not leave is answered with status "blocked".

    Raises UsageError on an empty question or one of more than 2,000 characters, ModelMissing or ServiceError
    when the settings are fail-closed and the first-choice reranker or writer did not do it all.
    """
    typed = asked(question)
    for event in unrecorded(typed, parts, where, history, pinned):
        if parts.audit is not None and isinstance(event, Answered):
            event = Answered(parts.audit.recorded(event.answer, parts.reranker))
        yield event


def unrecorded(
    typed: str, parts: Parts, where: Where | None, history: Sequence[str], pinned: Sequence[Hit]
) -> Iterator[Event]:
    """The same, not yet in the audit. What is out of scope is not searched."""
    beyond = outside(typed)
    if beyond is not None:
        yield Answered(unanswered(typed, "abstained", beyond.note, parts))
        return
    try:
        yield from answering(typed, parts, where, history, pinned)
    except EgressBlocked as found:
        yield Answered(unanswered(typed, "blocked", str(found), parts))


def unanswered(question: str, status: Status, note: str, parts: Parts) -> Answer:
    """An answer without sentences, for which nothing was searched or kept."""
    return Answer(
        question=question,
        status=status,
        sentences=(),
        evidence=(),
        ranked_by="",
        note=note,
        versions=parts.versions,
    )


def answering(
    typed: str, parts: Parts, where: Where | None, history: Sequence[str], pinned: Sequence[Hit]
) -> Iterator[Event]:
    """The stages. Raises EgressBlocked where something was about to leave that must not."""
    clock = Clock()
    settings = parts.settings

    question, talk = typed, Account()
    for said in standing_alone(typed, history, parts):
        if isinstance(said, Account):
            talk = said
        elif said is None:
            yield Waiting()
        elif said.rewritten:
            question = said.question
            yield Rewritten(question, typed)

    yield Stage("searching")
    pool = search(question, parts, where)
    clock.lap("searching")

    yield Stage("reranking")
    ranking = joined(pool, parts.reranker.rerank(question, with_pinned(pool.hits, pinned)))
    if settings.fail_closed and ranking.degraded:
        raise ModelMissing(f"not answered, since fail_closed is set: {'; '.join(ranking.degraded)}")
    clock.lap("reranking")
    yield Ranked(ranking)

    yield Stage("reading")
    evidence = choose(pinned_first(ranking.hits, pinned), settings.top_k)
    fits = settings.models / "answerable.json"
    likely = probability(question, ranking.hits, parts.encoder, ranking.ranked_by, fits)
    sentences: list[Sentence] = []
    done = Composed(account=Account())
    for item in reading(question, evidence, parts) if likely >= settings.abstain_below else ():
        if item is None:
            yield Waiting()
        elif isinstance(item, Composed):
            done = item
        else:
            if not sentences:
                clock.lap("reading")
                yield Stage("checking")
            sentences.append(item)
            yield Wrote(item)
    if not sentences:
        clock.lap("reading")
        yield Stage("checking")
    clock.lap("checking")

    spent = merged([talk, done.account])
    if settings.fail_closed and spent.degraded:
        raise ServiceError(f"not answered, since fail_closed is set: {'; '.join(spent.degraded)}")
    yield Answered(
        Answer(
            question=question,
            asked=typed,
            status="answered" if sentences else "abstained",
            sentences=tuple(sentences),
            evidence=evidence,
            ranked_by=ranking.ranked_by,
            narrowed=spoken(where) if where else "",
            note=done.note
            if sentences
            else done.note or abstention(likely, bool(evidence), done.account.declined),
            degraded=(*ranking.degraded, *spent.degraded),
            notes=(*ranking.notes, *spent.notes),
            egress=tuple(dict.fromkeys((*ranking.egress, *spent.egress))),
            usage=total((ranking.usage, spent.usage)),
            timings_ms=clock.laps,
            versions=parts.versions,
        )
    )


def standing_alone(
    question: str, history: Sequence[str], parts: Parts
) -> Iterator[Standalone | Account | None]:
    """The question as it will be searched, by rules or, where there is one, by the rewriter."""
    by_rules = rewrite(question, history)
    if parts.rewriter is None or not by_rules.rewritten:
        yield by_rules
    else:
        yield from parts.rewriter.rewrite(question, history, by_rules)


def reading(
    question: str, evidence: Sequence[Evidence], parts: Parts
) -> Iterator[Sentence | Composed | None]:
    """The checked sentences of the answer, and the account of them."""
    return compose(
        question,
        evidence,
        parts.generator,
        check,
        parts.judge,
        withhold=parts.settings.withhold_unsupported,
    )


def search(question: str, parts: Parts, where: Where | None = None) -> Ranking:
    """The candidate pool, retracted sources left out unless the settings include them.

    Raises EgressBlocked where the search would send a question away that must not leave.
    """
    settings = parts.settings
    if parts.asks:
        gate([question])
    pool = retrieve(
        question,
        parts.index,
        parts.encoder,
        retriever=settings.retriever,
        depth=settings.depth,
        where=where or Where(include_retracted=settings.include_retracted),
    )
    return replace(pool, egress=parts.asks)


def joined(pool: Ranking, ranking: Ranking) -> Ranking:
    """The reranking, with what the search before it sent away and lacked."""
    return replace(
        ranking, degraded=(*pool.degraded, *ranking.degraded), egress=(*pool.egress, *ranking.egress)
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


def abstention(likely: float, found: bool, read: bool = False) -> str:
    """What a reader is told in place of an answer. `read`: a model read the passages and found none."""
    if read:
        return "The passages found were read, and none answers this question. They are listed."
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
