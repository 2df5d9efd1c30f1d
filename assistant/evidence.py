"""Ranked hits -> the numbered evidence that an answer may use."""

from collections import Counter
from collections.abc import Iterable, Sequence

from assistant.types import Evidence, Hit

PER_DOCUMENT = 2


def pinned_first(hits: Sequence[Hit], pinned: Sequence[Hit]) -> tuple[Hit, ...]:
    """The passages that a reader pinned, in the order of `hits`, then the others."""
    ids = {hit.chunk.id for hit in pinned}
    return tuple(sorted(hits, key=lambda hit: hit.chunk.id not in ids))


def with_pinned(pool: Sequence[Hit], pinned: Sequence[Hit]) -> tuple[Hit, ...]:
    """The pool, and behind it the pinned passages that the search did not find again."""
    ids = {hit.chunk.id for hit in pool}
    return (*pool, *(Hit(chunk=h.chunk, metadata=h.metadata) for h in pinned if h.chunk.id not in ids))


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
