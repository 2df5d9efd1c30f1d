"""`assistant eval retrieval`: a labelled folder, the product's own chain, and what came of it."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import get_args

from assistant.build import versions
from assistant.config import Settings
from assistant.errors import UsageError
from assistant.privacy import gate
from assistant.progress import counting, ingesting
from assistant.types import RetrieverName
from eval.corpus import library
from eval.data import load
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
    make = partial(load_reranker, settings=settings, gate=gate)
    for spec in rerankers:
        make(spec)
    if str(folder).startswith(PREFIX):
        folder = fetch(str(folder).removeprefix(PREFIX), split)
    dataset = load(folder, split, limit=limit, seed=seed)
    with ExitStack() as stack:
        with ingesting() as told:
            corpus = stack.enter_context(library(dataset, settings, progress=told))
        sys.stderr.write(f"The index of the corpus is kept in {corpus.place}\n")
        progress = stack.enter_context(counting())
        return evaluate(
            dataset,
            corpus.search,
            corpus.lookup,
            make,
            retrievers=names,
            rerankers=rerankers,
            depth=depth,
            out=out,
            library=corpus.key,
            notes=corpus.notes,
            versions=versions(corpus.index, corpus.encoder),
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
        f"{'run':32}{'nDCG@10':>9}{'P@5':>8}{'R@100':>8}{'p50 ms':>9}{'p95 ms':>9}",
    ]
    for run in found.runs:
        scores = "".join(f"{run.metrics[m]:8.3f}" for m in ("ndcg@10", "p@5", "recall@100"))
        times = [run.latency_ms.get(p) for p in ("p50", "p95")]
        lines.append(
            f"{run.retriever + ' ' + run.reranker:32} {scores}"
            + "".join(f"{'-':>9}" if t is None else f"{t:9.1f}" for t in times)
        )
    return "\n".join(lines)
