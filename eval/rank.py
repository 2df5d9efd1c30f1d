"""Pools frozen once for each retriever, and reranked by each reranker; query by query, resumable.

The pool of a question: its passages from the first stage, down to the one that brings the `depth`-th
document, of three times `depth` passages at most. Every reranker scores exactly these. A document's score
is that of its best passage (MaxP, Dai and Callan, SIGIR 2019).
"""

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from assistant.types import Hit, Ranking, Ranks, RetrieverName, Scores
from eval.data import Dataset
from eval.journal import Candidate, Entry, Journal, candidate
from rerankers.base import Reranker

Search = Callable[[str, RetrieverName, int], Ranking]  # question, retriever, passages -> hits
Progress = Callable[[str, int, int], None]  # stage, done, of

PASSAGES = 3  # the most that are searched, in multiples of `depth`
COLD = 3  # first queries of a process, whose times are not counted


def freeze(
    dataset: Dataset,
    search: Search,
    retriever: RetrieverName,
    *,
    depth: int,
    path: Path,
    fingerprint: Mapping[str, object],
    progress: Progress,
) -> dict[str, Entry]:
    """The pool of every query, from `path` as far as it is there."""
    with Journal(path, fingerprint) as journal:
        for query, question, warm in _left(dataset, journal, {}, retriever, progress):
            ranking = search(question, retriever, depth * PASSAGES)
            hits = tuple(_cut((candidate(h, document_of(h, dataset)) for h in ranking.hits), depth))
            journal.append(_record(query, question, hits, ranking, warm))
        return {query: journal.entries[query] for query in dataset.queries}


def rerank(
    dataset: Dataset,
    pool: Mapping[str, Entry],
    reranker: Reranker,
    hits: Callable[[], Mapping[str, Hit]],
    *,
    stage: str,
    path: Path,
    fingerprint: Mapping[str, object],
    progress: Progress,
) -> dict[str, Entry]:
    """Each pool in the reranker's order. `hits()` gives the passages by chunk id; called only when needed."""
    digests = {query: _digest(pool[query].hits) for query in dataset.queries}
    with Journal(path, fingerprint) as journal:
        for query, question, warm in _left(dataset, journal, digests, stage, progress):
            passages = hits()
            frozen = [replace(passages[c.chunk], scores=c.scores, ranks=c.ranks) for c in pool[query].hits]
            ranking = reranker.rerank(question, frozen)
            ordered = tuple(
                Candidate(h.chunk.id, document_of(h, dataset), Scores(rerank=h.scores.rerank), Ranks())
                for h in ranking.hits
            )
            journal.append(_record(query, question, ordered, ranking, warm, digests[query]))
        return {query: journal.entries[query] for query in dataset.queries}


def documents(entry: Entry, stage: str) -> list[tuple[str, float]]:
    """Documents with the score that `stage` (bm25, dense, fused, rerank) gave their best passage."""
    best: dict[str, float] = {}
    for hit in entry.hits:
        best.setdefault(hit.document, getattr(hit.scores, stage))
    return list(best.items())


def document_of(hit: Hit, dataset: Dataset) -> str:
    """The corpus's own _id: the index writes the corpus folder's name before it."""
    return hit.chunk.document_id.removeprefix(dataset.prefix)


def _left(
    dataset: Dataset, journal: Journal, pools: Mapping[str, str], stage: str, progress: Progress
) -> Iterable[tuple[str, str, bool]]:
    """Queries without a valid entry: id, question, and whether the process is warm by now."""
    total = len(dataset.queries)
    fresh = 0
    for number, (query, question) in enumerate(dataset.queries.items()):
        progress(stage, number, total)
        entry = journal.entries.get(query)
        if entry is None or (entry.question, entry.pool) != (question, pools.get(query, "")):
            yield query, question, fresh >= COLD
            fresh += 1
    progress(stage, total, total)


def _cut(candidates: Iterable[Candidate], depth: int) -> Iterable[Candidate]:
    seen: set[str] = set()
    for found in candidates:
        seen.add(found.document)
        if len(seen) > depth:
            return
        yield found


def _record(
    query: str, question: str, hits: tuple[Candidate, ...], ranking: Ranking, warm: bool, pool: str = ""
) -> Entry:
    return Entry(
        query=query,
        question=question,
        hits=hits,
        milliseconds=ranking.milliseconds,
        warm=warm,
        ranked_by=ranking.ranked_by,
        degraded=ranking.degraded,
        egress=tuple(egress.service for egress in ranking.egress),
        usage=ranking.usage,
        memory_mb=_resident_mb(),
        pool=pool,
    )


def _digest(hits: Iterable[Candidate]) -> str:
    return hashlib.sha256("\n".join(hit.chunk for hit in hits).encode()).hexdigest()[:16]


def _resident_mb() -> float | None:
    """This process's memory now; without /proc, at its highest so far; None on Windows."""
    if sys.platform == "win32":
        return None
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)
    except (OSError, ValueError, IndexError):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)
