"""The forms that a passage and a query come in.

Short questions over snippets alone teach a bias of length and form. So the same list is seen whole, by runs
of sentences and by single ones, with its head lines and without.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from assistant.text import Span, sentences
from assistant.types import split_passage
from rerankers.training.tasks import normal

Shape = Literal["whole", "run", "snippet"]

RUN = range(2, 7)  # sentences of a run
SHARES: dict[Shape, float] = {"whole": 0.5, "run": 0.3, "snippet": 0.2}
ALIKE = 0.5  # of the lists: all passages in one shape
HEADLESS = 0.15  # of the lists: no head lines
PLAIN = 0.25  # of the queries: lower case, without the punctuation at the end


@dataclass(frozen=True, slots=True)
class Form:
    shape: Shape
    sentences: int  # of a run
    head: bool


def forms(count: int, rng: random.Random) -> list[Form]:
    """The forms of a list's passages. They depend on nothing but chance, so that none tells of relevance."""

    def one() -> tuple[Shape, int]:
        return rng.choices(list(SHARES), list(SHARES.values()))[0], rng.choice(RUN)

    drawn = [one()] * count if rng.random() < ALIKE else [one() for _ in range(count)]
    head = rng.random() >= HEADLESS
    return [Form(shape, sentences, head) for shape, sentences in drawn]


def formed(passage: str, query: str, form: Form) -> str:
    """The passage in a form: whole, or the run of whole sentences that shares most words with the query (a
    long passage is worth its best window, and that is what a model reads of it later)."""
    head, text = split_passage(passage)
    size = {"whole": 0, "run": form.sentences, "snippet": 1}[form.shape]
    spans = _sentences(text) if size else ()
    if 0 < size < len(spans):
        start, end = best_run(text, spans, size, query)
        text = text[start:end]
    return f"{head if form.head else ''}\n{text}"


def best_run(text: str, spans: Sequence[Span], size: int, query: str) -> Span:
    """The first of the runs of `size` sentences with most of the query's words."""
    asked = set(normal(query).split())
    words = [asked.intersection(normal(text[start:end]).split()) for start, end in spans]
    shared = [len(set().union(*words[i : i + size])) for i in range(len(spans) - size + 1)]
    first = shared.index(max(shared))
    return spans[first][0], spans[first + size - 1][1]


def phrased(query: str, rng: random.Random) -> str:
    """The query as it is, or as people type it."""
    return query.lower().rstrip("?.! ") or query if rng.random() < PLAIN else query


@lru_cache(maxsize=50_000)
def _sentences(text: str) -> tuple[Span, ...]:
    return tuple(sentences(text))
