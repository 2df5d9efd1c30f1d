"""`assistant eval retrieval`: a labelled folder, the product's own chain, and what came of it."""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import get_args

from assistant.build import versions
from assistant.config import Settings
from assistant.errors import UsageError
from assistant.progress import counting, ingesting
from assistant.types import RetrieverName
from eval.data import load
from eval.library import library
from eval.online import PREFIX, fetch
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
    """Ingest (or reopen) the corpus, then search, rerank, measure and report into `out`.

    `folder` may be "irds:NAME", a public collection. An unknown retriever or reranker is an error before
    anything is indexed.
    """
    names = [_retriever(name) for name in retrievers]
    make = partial(load_reranker, settings=settings)
    for spec in rerankers:
        make(spec)
    if str(folder).startswith(PREFIX):
        folder = fetch(str(folder).removeprefix(PREFIX), split)
    dataset = load(folder, split, limit=limit, seed=seed)
    with ExitStack() as stack:
        with ingesting() as told:
            source = stack.enter_context(library(dataset, settings, progress=told))
        progress = stack.enter_context(counting())
        return evaluate(
            dataset,
            source.search,
            source.lookup,
            make,
            retrievers=names,
            rerankers=rerankers,
            depth=depth,
            out=out,
            library=source.key,
            notes=source.notes,
            versions=versions(source.index, source.encoder),
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
