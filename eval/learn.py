"""`assistant eval fit`: the weights of a fusion, learned from a labelled folder and kept with where from."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from assistant.config import Settings
from eval import rank
from eval.corpus import library
from eval.data import load
from eval.fit import Fit, fit_fusion
from eval.online import PREFIX, fetch
from eval.trec import write_text
from ingest.run import Progress as Ingested
from rerankers import load as load_reranker
from rerankers.fusion import FORMAT, Weights, place


def fit(
    folder: Path,
    split: str,
    settings: Settings,
    *,
    reranker: str,
    out: Path | None = None,
    depth: int = 100,
    limit: int | None = None,
    seed: int | None = None,
    ingesting: Callable[[Ingested], None] | None = None,
    progress: rank.Progress = lambda stage, done, total: None,
) -> tuple[Fit, Path]:
    """`assistant eval fit`: rerank the hybrid pools of a split, learn, and write the weights to `out`, by
    default to where `fusion(RERANKER)` looks for them.

    The runs are kept in the cache folder, so an interrupted call goes on. Raises what reading the split, the
    index and the reranker raise.
    """
    model = load_reranker(reranker, settings)
    if str(folder).startswith(PREFIX):
        folder = fetch(str(folder).removeprefix(PREFIX), split)
    dataset = load(folder, split, limit=limit, seed=seed)
    path = out or place(model.name, settings)
    with library(dataset, settings, progress=ingesting) as corpus:
        runs = settings.cache / "fit" / corpus.key / dataset.split
        marks = {"library": corpus.key, "depth": depth, "passages": depth * rank.PASSAGES}
        pool = rank.freeze(
            dataset,
            corpus.search,
            "hybrid",
            depth=depth,
            path=runs / "pool.jsonl",
            fingerprint=marks,
            progress=progress,
        )
        reranked = rank.rerank(
            dataset,
            pool,
            model,
            lambda: corpus.lookup({hit.chunk for entry in pool.values() for hit in entry.hits}),
            stage=model.name,
            path=runs / f"{place(model.name, settings).stem}.jsonl",
            fingerprint={**marks, "reranker": model.name, "revision": model.revision},
            progress=progress,
        )
        encoder = f"{corpus.encoder.name}@{corpus.encoder.revision}"
    found = fit_fusion(dataset.qrels, pool, reranked, reranker=model.name, revision=model.revision)
    learned_on = {
        "dataset": dataset.name,
        "split": dataset.split,
        "corpus": dataset.digest,
        "questions": found.queries,
        "depth": depth,
        "encoder": encoder,
        "ranked_by": dict(Counter(entry.ranked_by for entry in reranked.values())),
        "degraded": dict(Counter(reason for entry in reranked.values() for reason in entry.degraded)),
    }
    save(path, found, learned_on)
    return found, path


def save(path: Path, found: Fit, learned_on: Mapping[str, object]) -> None:
    """What `rerankers.fusion.read` reads, and on what and how well it was learned. Raises InputError."""
    content = {
        "format": FORMAT,
        "weights": _stages(found.weights),
        "reranker": found.weights.reranker,
        "revision": found.weights.revision,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "learned_on": learned_on,
        "folds": [{**asdict(fold), "weights": _stages(fold.weights)} for fold in found.folds],
        "held_out": dict(found.held_out),
        "gains": [asdict(gain) for gain in found.gains],
    }
    write_text(path, [json.dumps(content, indent=1, ensure_ascii=False), "\n"])


def _stages(weights: Weights) -> dict[str, float]:
    return {"bm25": weights.bm25, "dense": weights.dense, "rerank": weights.rerank}
