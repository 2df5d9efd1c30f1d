"""`assistant eval retrieval`: a labelled folder, the product's own chain, and what came of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

from assistant.build import versions
from assistant.config import Settings
from assistant.errors import UsageError
from assistant.index.store import Where
from assistant.progress import counting, ingesting
from assistant.retrieve import retrieve
from assistant.types import Hit, Ranking, RetrieverName
from eval.data import load
from eval.library import open_library
from eval.results import Results
from eval.run import evaluate
from rerankers import load as load_reranker


def retrieval(
    folder: Path,
    split: str,
    settings: Settings,
    *,
    retrievers: Sequence[str],
    rerankers: Sequence[str],
    depth: int,
    out: Path,
    limit: int | None = None,
    seed: int | None = None,
) -> Results:
    """Ingest (or reopen) the corpus, then search, rerank, measure and report into `out`."""
    names = [_retriever(name) for name in retrievers]
    dataset = load(folder, split, limit=limit, seed=seed)
    with ingesting() as told:
        index, encoder = open_library(dataset, settings, told)
    everything = Where(include_retracted=True)
    with index, counting() as progress:

        def search(question: str, retriever: RetrieverName, passages: int) -> Ranking:
            return retrieve(question, index, encoder, retriever=retriever, depth=passages, where=everything)

        def lookup(chunks: set[str]) -> Mapping[str, Hit]:
            return {hit.chunk.id: hit for hit in index.hits() if hit.chunk.id in chunks}

        return evaluate(
            dataset,
            search,
            lookup,
            lambda spec: load_reranker(spec, settings),
            retrievers=names,
            rerankers=rerankers,
            depth=depth,
            out=out,
            library=index.manifest.content,
            versions=versions(index, encoder),
            progress=progress,
        )


def _retriever(name: str) -> RetrieverName:
    for known in get_args(RetrieverName):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise UsageError(f"no retriever {name!r}; known are {', '.join(get_args(RetrieverName))}")


def table(found: Results) -> str:
    """One line a run, for the terminal."""
    lines = [
        f"{found.dataset} {found.split}: {found.n_queries} queries, pools of {found.depth}",
        f"{'run':32} {'nDCG@10':>8} {'P@5':>7} {'R@100':>7} {'p50 ms':>8} {'p95 ms':>8}",
    ]
    for run in found.runs:
        shown = [run.metrics[m] for m in ("ndcg@10", "p@5", "recall@100")]
        times = [run.latency_ms.get(p) for p in ("p50", "p95")]
        cells = "".join(f"{v:8.3f}" for v in shown) + "".join(
            "      -  " if t is None else f"{t:9.1f}" for t in times
        )
        lines.append(f"{run.retriever + ' ' + run.reranker:32} {cells}")
    return "\n".join(lines)
