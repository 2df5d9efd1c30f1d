"""What the pipeline yields while it answers, in this order."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from assistant.types import Answer, Ranking, Sentence

StageName = Literal["searching", "reranking", "reading", "checking"]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A follow-up was made to stand alone: first of all, before `question` is searched."""

    question: str
    asked: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage begins."""

    name: StageName


@dataclass(frozen=True, slots=True)
class Ranked:
    """The reranked pool, best first."""

    ranking: Ranking


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing yet from a service. It may come any number of times; a reader can leave here."""


@dataclass(frozen=True, slots=True)
class Wrote:
    """One checked sentence of the answer, in order."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Answered:
    """The end: everything, once."""

    answer: Answer


Event = Rewritten | Stage | Ranked | Waiting | Wrote | Answered


def last(events: Iterable[Event | None]) -> Answer:
    """The answer alone; raises what the pipeline raises."""
    return [event.answer for event in events if isinstance(event, Answered)][-1]
