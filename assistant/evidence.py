"""Ranked hits -> the numbered evidence that an answer may use."""

from collections import Counter
from collections.abc import Iterable

from assistant.types import Evidence, Hit

PER_DOCUMENT = 2


def choose(hits: Iterable[Hit], top_k: int) -> tuple[Evidence, ...]:
    """The first `top_k` hits in their order, numbered from 1.

    At most two passages of one document, so that one long source does not stand for all; a passage whose
    words were already taken (the same abstract from two files) is left out.
    """
    chosen: list[Evidence] = []
    of_document: Counter[str] = Counter()
    seen: set[str] = set()
    for hit in hits:
        words = " ".join(hit.chunk.text.lower().split())
        if words in seen or of_document[hit.chunk.document_id] >= PER_DOCUMENT:
            continue
        seen.add(words)
        of_document[hit.chunk.document_id] += 1
        chosen.append(Evidence(n=len(chosen) + 1, hit=hit))
        if len(chosen) == top_k:
            break
    return tuple(chosen)
