"""An answer without a language model: the sentences of the evidence that answer, to the letter, cited."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rank_bm25 import BM25Plus

from assistant.encoders import Encoder, Vectors
from assistant.generate.base import Generator
from assistant.index.bm25 import tokenise
from assistant.text import sentences
from assistant.types import Evidence, Sentence, passage

SENTENCES = 3
SAME = 0.75  # share of common words (Jaccard) from which two sentences state one fact, if their numbers agree
REPEATS = 0.7  # share of its words that a chosen sentence has, from which another one adds too little
WORDS = 0.35  # weight of shared words beside a cosine of weight 1
FIRST = 0.10  # bonus of the best passage over the last
DANGLING = 0.15  # malus of a sentence that points back at one that is not quoted
FRAGMENT = 0.25  # malus of a question, or of a piece of a sentence
KEEP = 0.72  # a further sentence needs this share of the best score

_POINTS_BACK = re.compile(
    r"(it|its|this|these|those|that|they|their|he|she|such|however|therefore|thus|moreover|furthermore|"
    r"in addition|also|both|neither|then|otherwise|instead)\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"(?![a-z]{2}).*[.!][)\]\"'”’]*", re.DOTALL)  # no question, not cut off at either end
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class Candidate:
    n: int
    text: str
    words: tuple[str, ...]


class Extractive(Generator):
    """Quotes up to three sentences; the same fact in another source adds that source's number."""

    name = "extractive"

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    def write(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Sentence]:
        pool = candidates(evidence)
        if not pool:
            return
        titles = {item.n: item.hit.metadata.title for item in evidence}
        vectors = unit(self.encoder.embed_documents([passage(titles[c.n], "", c.text) for c in pool]))
        asked = unit(self.encoder.embed_queries([question]))[0]
        scores = score(question, pool, vectors @ asked, last=evidence[-1].n)
        for i in pick(scores, pool):
            yield Sentence(text=pool[i].text, citations=cite(i, pool))


def candidates(evidence: Sequence[Evidence]) -> list[Candidate]:
    """Every sentence of the evidence with at least four words, in order."""
    found = []
    for item in evidence:
        text = item.hit.chunk.text
        for start, end in sentences(text):
            words = tuple(tokenise(text[start:end]))
            if len(text[start:end].split()) >= 4 and "\n" not in text[start:end]:
                found.append(Candidate(item.n, text[start:end], words))
    return found


def score(question: str, pool: Sequence[Candidate], cosine: Vectors, last: int) -> list[float]:
    """Meaning, shared words (BM25+ over these few sentences), the passage's place, and standing alone."""
    asked = tokenise(question)
    shared = np.zeros(len(pool))
    if asked and any(c.words for c in pool):
        shared = np.asarray(BM25Plus([list(c.words) or [""] for c in pool]).get_scores(asked))
        floor, top = shared.min(), shared.max()
        shared = (shared - floor) / (top - floor) if top > floor else np.zeros(len(pool))
    return [
        float(cosine[i])
        + WORDS * float(shared[i])
        + FIRST * (last - c.n) / max(last - 1, 1)
        - DANGLING * bool(_POINTS_BACK.match(c.text))
        - FRAGMENT * (not _WHOLE.fullmatch(c.text))
        for i, c in enumerate(pool)
    ]


def pick(scores: Sequence[float], pool: Sequence[Candidate]) -> list[int]:
    """Indices best first; a further sentence must score near the best and say something new."""
    order = sorted(range(len(pool)), key=lambda i: -scores[i])
    chosen = order[:1]
    for i in order[1:]:
        if len(chosen) == SENTENCES or scores[i] < KEEP * scores[order[0]]:
            break
        if all(repeated(pool[i], pool[j]) < REPEATS for j in chosen):
            chosen.append(i)
    return chosen


def repeated(new: Candidate, told: Candidate) -> float:
    """The share of the new sentence's words that the told one has; 0 where the numbers differ."""
    if numbers(new) - numbers(told):
        return 0.0
    return len(set(new.words) & set(told.words)) / max(len(set(new.words)), 1)


def cite(i: int, pool: Sequence[Candidate]) -> tuple[int, ...]:
    """The sentence's own passage first, then those that state the same fact with the same numbers."""
    own = set(pool[i].words)
    same = {
        c.n
        for c in pool
        if numbers(c) == numbers(pool[i])
        and len(own & set(c.words)) >= SAME * max(len(own | set(c.words)), 1)
    }
    return (pool[i].n, *sorted(same - {pool[i].n}))


def numbers(candidate: Candidate) -> set[str]:
    return set(_NUMBER.findall(candidate.text))


def unit(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms == 0, 1, norms), dtype=np.float32)
