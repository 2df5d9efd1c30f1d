"""A passage longer than a model reads at once -> one that fits, of the sentences nearest to the question.

A cross-encoder costs what it reads. Reading every window of a long passage costs more than all shorter
passages together, to find one window that counts; so the sentences are chosen before, by the words that they
share with the question (as query-biased summaries are: Tombros and Sanderson, SIGIR 1998). The choice depends
on nothing but the question, the passage and the room.
"""

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.index.bm25 import tokenise
from assistant.text import Span, trim
from assistant.types import split_passage

SHARE = 3  # the head line takes at most one part in so many of the room, and so does a sentence

# Where a sentence is likely to end. A wrong cut does no harm here, and syntok takes longer than the model.
_END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[^\sa-z])|\s*\n\s*")


def excerpt(terms: frozenset[str], passage: str, ends: Sequence[int], room: int) -> str:
    """At most `room` tokens of the passage: its head line, else its first sentence, and the sentences that
    say most of the question, in their order.

    `terms` are the question's, by `bm25.tokenise`; `ends` the end of each of the passage's tokens in it. A
    sentence's worth is the sum over its terms of ln(1 + sentences / sentences with the term), divided by how
    often the excerpt would then have the term; the first of equals is taken.
    """

    def tokens(span: Span) -> int:
        return bisect_right(ends, span[1]) - bisect_right(ends, span[0])

    head, text = split_passage(passage)
    longest = max(1, room // SHARE)
    if head:
        first = _cut(passage, (0, len(head)), ends, longest)
        rest = list(_units(passage, first[1], ends, longest))
    else:
        first, *rest = [*_units(passage, len(passage) - len(text), ends, longest)] or [(0, 0)]
    said = [tokenise(passage[a:b]) for a, b in rest]
    chosen = _chosen(said, list(map(tokens, rest)), terms, room - tokens(first))
    body = [passage[a:b] for a, b in (rest[i] for i in sorted(chosen))]
    opening = passage[first[0] : first[1]]
    return f"{opening}\n{' '.join(body)}" if head else " ".join([opening, *body])


def _chosen(
    found: Sequence[Sequence[str]], sizes: Sequence[int], terms: frozenset[str], room: int
) -> list[int]:
    """Numbers of sentences that together have at most `room` tokens, the most wanted first."""
    having = [terms.intersection(sentence) for sentence in found]
    common = Counter(term for some in having for term in some)
    worth = {term: math.log(1 + len(found) / count) for term, count in common.items()}
    taken: Counter[str] = Counter()
    left, chosen = list(range(len(found))), []
    while left := [i for i in left if sizes[i] <= room]:
        best = max(left, key=lambda i: sum(worth[t] / (1 + taken[t]) for t in sorted(having[i])))
        chosen.append(best)
        taken.update(having[best])
        room -= sizes[best]
        left.remove(best)
    return chosen


def _units(passage: str, start: int, ends: Sequence[int], most: int) -> Iterator[Span]:
    """Sentences from `start` on, trimmed, of at most `most` tokens each."""
    cuts = [start, *(gap.end() for gap in _END.finditer(passage, start)), len(passage)]
    for a, b in pairwise(cuts):
        rest = trim(passage, a, b)
        while rest[0] < rest[1]:
            unit = _cut(passage, rest, ends, most)
            yield unit
            rest = trim(passage, unit[1], rest[1])


def _cut(passage: str, span: Span, ends: Sequence[int], most: int) -> Span:
    """The beginning of a span, in whole words where one fits, of at most `most` tokens."""
    start, end = span
    before = bisect_right(ends, start)
    if bisect_right(ends, end) - before <= most:
        return span
    stop = ends[before + most - 1]
    space = passage.rfind(" ", start + 1, stop + 1)
    return start, stop if space < 0 else space
