"""BM25 and vectors, searched apart and fused, so that each hit knows what brought it here."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant.encoders import Encoder
from assistant.errors import ServiceError
from assistant.index.store import Index, Where
from assistant.types import Hit, Ranking, RetrieverName

RRF_K = 60


def retrieve(
    question: str,
    index: Index,
    encoder: Encoder,
    *,
    retriever: RetrieverName = "hybrid",
    depth: int = 50,
    where: Where | None = None,
) -> Ranking:
    """The best `depth` hits, best first; `hybrid` fuses two lists of twice that depth.

    Where an encoder's service fails, `hybrid` is BM25 alone and says so, and `dense` raises ServiceError.
    """
    begin = time.perf_counter()
    where = where or Where()
    wide = depth * 2 if retriever == "hybrid" else depth
    lists: list[list[Hit]] = []
    if retriever != "dense":
        lists.append(index.search_bm25(question, wide, where))
    degraded: tuple[str, ...] = ()
    if retriever != "bm25":
        try:
            vector = encoder.embed_queries([question])[0]
        except ServiceError:
            if retriever == "dense":
                raise
            degraded = ("the embedding service did not answer: searched by words alone",)
        else:
            lists.append(index.search_dense(vector, wide, where))
    hits = fuse(lists)[:depth] if retriever == "hybrid" else tuple(lists[0])
    spent = (time.perf_counter() - begin) * 1000
    return Ranking(
        hits=hits, ranked_by="bm25" if degraded else retriever, degraded=degraded, milliseconds=spent
    )


def fuse(lists: Iterable[Sequence[Hit]], k: int = RRF_K) -> tuple[Hit, ...]:
    """Reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009): sum of 1 / (k + rank).

    A hit in several lists keeps the scores and ranks of each. Ties keep the order of first appearance.
    """
    merged: dict[str, Hit] = {}
    points: dict[str, float] = {}
    for hits in lists:
        for rank, hit in enumerate(hits, start=1):
            key = hit.chunk.id
            points[key] = points.get(key, 0.0) + 1 / (k + rank)
            merged[key] = _join(merged[key], hit) if key in merged else hit
    order = sorted(merged, key=lambda key: -points[key])
    return tuple(
        replace(
            merged[key],
            scores=replace(merged[key].scores, fused=points[key]),
            ranks=replace(merged[key].ranks, fused=rank),
        )
        for rank, key in enumerate(order, start=1)
    )


def _join(one: Hit, other: Hit) -> Hit:
    return replace(
        one,
        scores=replace(
            one.scores,
            bm25=one.scores.bm25 if other.scores.bm25 is None else other.scores.bm25,
            dense=one.scores.dense if other.scores.dense is None else other.scores.dense,
        ),
        ranks=replace(
            one.ranks,
            bm25=one.ranks.bm25 if other.ranks.bm25 is None else other.ranks.bm25,
            dense=one.ranks.dense if other.ranks.dense is None else other.ranks.dense,
        ),
    )
