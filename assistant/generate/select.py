"""Which sentences make the answer: the one that answers first, then only what adds to it.

Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998) over sentences, with a bound on how far
a further sentence may stand behind the first: a short answer is better than a padded one.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from assistant.encoders import Vectors
from assistant.generate.candidates import Candidate
from assistant.generate.question import Kind, form
from assistant.generate.stance import stance

# Beside a cosine of weight 1. Chosen on 418 questions of BioASQ 7b to 9b.
COVERAGE = 0.45  # the share of the question's words, rare ones weighing more
PLACE = 0.4  # divided by the passage's rank: who ranked it read the whole passage
OPEN = 0.1  # a sentence without its full stop may have been cut
LEANS = 0.1  # a sentence that points back costs its predecessor's room as well
FORM = 0.1  # the form of answer that was asked for
PLANS = 0.1  # what was intended, reviewed or unknown is near the question and no answer
REPORTS = 0.05  # what was found or concluded

KEEP = 0.8  # a further sentence needs this share of the first one's score
BEARS = 0.7  # and of what is its own in it: a good passage has sentences that answer nothing
OPPOSES = 0.2  # a sentence of another passage that takes the other side: both are shown
ALIKE = 0.3  # what likeness to a chosen sentence takes from a further one's score
REPEATS = 0.5  # share of its words that a chosen sentence has, from which another one adds too little
SAME = 0.75  # share of common words (Jaccard) from which two sentences state one fact, if their numbers agree

LIMIT = MappingProxyType[Kind, int](
    {
        "yes/no": 2,
        "quantity": 2,
        "time": 2,
        "factoid": 3,
        "comparison": 3,
        "definition": 3,
        "list": 3,
        "summary": 3,
    }
)

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_PLANS = re.compile(
    r"""
    \b(?:aims?|aimed|objectives?|purpose|goal)\b.{0,40}\b(?:was|is|were|of|to)\b | \bwhether\b
    | \bwe\ (?:sought|investigated|evaluated|assessed|examined|review|discuss|studied|compared
        |hypothesi[sz]ed|describe)\b
    | \b(?:this|the\ present|present)\ (?:study|review|article|paper)\ (?:aim|was|review|discuss|describe
        |summari[sz]|investigat
        |evaluat|examin)\w*
    | \bto\ (?:determine|evaluate|assess|investigate|examine|explore)\b
    | ^(?:background|objectives?|aims?|purpose|methods?|introduction|study\ design|design|setting)\b
    | \b(?:is|are|was|were|been|being)\ (?:currently\ )?(?:reviewed|discussed|described|investigated
        |studied|evaluated|assessed)\b
    | \b(?:unknown|unclear|not\ known|poorly\ understood|remains?\ to\ be)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_REPORTS = re.compile(
    r"\bconclu|^(?:results?|conclusions?|findings|interpretation)\b|\b(?:we|results?|findings|data|stud(?:y"
    r"|ies)|evidence|trials?)\b"
    r".{0,30}\b(?:show|demonstrat|suggest|indicat|found|reveal|confirm|report)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    kind: Kind
    words: tuple[str, ...]


def lexical(asked: Asked, pool: Sequence[Candidate]) -> list[float]:
    """What can be told of each sentence without its vector."""
    words = set(asked.words)
    found = [words & set(c.words) for c in pool]
    counts = Counter(word for seen in found for word in seen)
    weight = {w: math.log(1 + (len(pool) - counts[w] + 0.5) / (counts[w] + 0.5)) for w in words}
    total = sum(weight.values()) or 1.0
    return [
        COVERAGE * sum(weight[w] for w in seen) / total
        + PLACE / c.n
        - OPEN * c.open
        - LEANS * c.leans
        - PLANS * bool(_PLANS.search(c.text))
        + REPORTS * bool(_REPORTS.search(c.text))
        + FORM * form(asked.kind, asked.question, c.text)
        for c, seen in zip(pool, found, strict=True)
    ]


def select(asked: Asked, pool: Sequence[Candidate], scores: Sequence[float], vectors: Vectors) -> list[int]:
    """Indices in the order in which they are told: the answer first, then what adds to it or contradicts it.

    `scores`: -inf for what is not to be chosen. `vectors`: unit length, one a candidate. A sentence that
    points back is told right after its predecessor; without one that stands by itself it is not told.
    """
    order = sorted((i for i in range(len(pool)) if stands(i, pool)), key=lambda i: -scores[i])
    chosen = order[:1]
    own = [score - PLACE / c.n for score, c in zip(scores, pool, strict=True)]
    left = [
        i
        for i in order[1:]
        if scores[i] >= KEEP * scores[order[0]] and own[i] >= BEARS * own[order[0]] and scores[i] > -math.inf
    ]
    while len(chosen) < LIMIT[asked.kind]:
        left = [i for i in left if all(repeated(pool[i], pool[j]) < REPEATS for j in chosen)]
        if not left:
            break
        gains = [
            scores[i]
            - ALIKE * max(float(vectors[i] @ vectors[j]) for j in chosen)
            + OPPOSES * opposed(asked.question, pool[i], pool[chosen[0]])
            for i in left
        ]
        chosen.append(left.pop(int(np.argmax(gains))))
    return told(chosen, pool)


def stands(i: int, pool: Sequence[Candidate]) -> bool:
    """Whether a sentence can be understood, if need be with its predecessor."""
    before = pool[i].before
    return not pool[i].leans or (before is not None and not pool[before].leans)


def told(chosen: Sequence[int], pool: Sequence[Candidate]) -> list[int]:
    """The chosen ones in order, each right after its predecessor where that is told, or has to be."""
    order: list[int] = []
    for i in chosen:
        before = pool[i].before
        if i in order:
            continue
        if before is not None and before in order:
            order.insert(order.index(before) + 1, i)
        else:
            order += [before, i] if before is not None and pool[i].leans else [i]
    return order


def opposed(question: str, one: Candidate, other: Candidate) -> bool:
    """Whether two passages take different sides on a yes/no question."""
    sides = {stance(question, [one.text]), stance(question, [other.text])}
    return one.n != other.n and sides == {"yes", "no"}


def repeated(new: Candidate, told: Candidate) -> float:
    """The share of the new sentence's words that the told one has; 0 where it has other numbers."""
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
