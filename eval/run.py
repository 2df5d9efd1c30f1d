"""Every retriever with every reranker over one frozen pool each, measured and compared.

OUT/runs/RETRIEVER.RERANKER.jsonl  the raw runs (chunks, scores, times), written query by query
OUT/runs/RETRIEVER.RERANKER.trec   the documents; every number below is made from these files
OUT/results.json, OUT/report.html, OUT/report.md
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

from assistant.errors import (
    AssistantError,
    EgressRefused,
    ModelError,
    PackageMissing,
    ServiceError,
    UsageError,
)
from assistant.types import Hit, RetrieverName
from eval import rank, report, result_file, trec
from eval.data import Dataset
from eval.journal import Entry
from eval.measure import compare_runs, measure
from eval.metrics import MAIN, Ranked
from eval.moves import Passage, moves
from eval.results import NONE, Failed, Move, Results, RunResult
from rerankers.base import Reranker

_STAGE: Mapping[RetrieverName, str] = {"bm25": "bm25", "dense": "dense", "hybrid": "fused"}
_EXCERPT = 600  # characters of a passage in results.json

Lookup = Callable[[set[str]], Mapping[str, Hit]]
Runs = dict[tuple[RetrieverName, str], tuple[dict[str, Entry], dict[str, Entry]]]  # -> pool, entries


def evaluate(
    dataset: Dataset,
    search: rank.Search,
    lookup: Lookup,
    make: Callable[[str], Reranker],
    *,
    retrievers: Sequence[RetrieverName],
    rerankers: Sequence[str],
    depth: int,
    out: Path,
    library: str,
    notes: Sequence[str] = (),
    versions: Mapping[str, str] | None = None,
    progress: rank.Progress = lambda stage, done, total: None,
) -> Results:
    """Measure, save and report. `none`, the pool's own order, is always among the runs.

    `search(question, retriever, passages)` is the first stage, `lookup(chunk ids)` gives their hits,
    `make(spec)` a reranker; `library` names the content of the index. What an earlier call with the same
    library, depth, reranker and revision left in `out` is not computed again, so an interrupted one goes on.

    Raises UsageError on an empty list or an unknown reranker before anything runs, InputError when `out`
    cannot be written. A reranker that fails costs its own runs alone: the others are finished and
    reported, then AssistantError names the failed ones.
    """
    if not retrievers or depth < 1 or not dataset.queries:
        raise UsageError("an evaluation needs a retriever, a depth of at least 1 and a judged query")
    specs = [NONE, *(spec for spec in dict.fromkeys(rerankers) if spec != NONE)]
    for spec in specs[1:]:
        make(spec)
    made: Runs = {}
    failed: list[Failed] = []
    base = {"library": library, "depth": depth, "passages": depth * rank.PASSAGES}
    for retriever in dict.fromkeys(retrievers):
        pool = rank.freeze(
            dataset,
            search,
            retriever,
            depth=depth,
            path=_path(out, retriever, NONE, "jsonl"),
            fingerprint={**base, "retriever": retriever},
            progress=progress,
        )
        made[retriever, NONE] = (pool, pool)

    @cache
    def hits() -> Mapping[str, Hit]:
        return lookup({hit.chunk for pool, _ in made.values() for e in pool.values() for hit in e.hits})

    for spec in specs[1:]:
        reranker = make(spec)
        for retriever in dict.fromkeys(retrievers):
            pool = made[retriever, NONE][0]
            try:
                entries = rank.rerank(
                    dataset,
                    pool,
                    reranker,
                    hits,
                    stage=f"{retriever}.{spec}",
                    path=_path(out, retriever, spec, "jsonl"),
                    fingerprint={
                        **base,
                        "retriever": retriever,
                        "reranker": spec,
                        "revision": reranker.revision,
                        "code": _code(),
                    },
                    progress=progress,
                )
                made[retriever, spec] = (pool, entries)
            except (ModelError, ServiceError, EgressRefused, PackageMissing) as error:
                failed.append(Failed(run=f"{retriever}.{spec}", reason=str(error)))
    runs: list[RunResult] = []
    ranked: dict[str, Ranked] = {}
    for (retriever, spec), (pool, entries) in made.items():
        name, stage = f"{retriever}.{spec}", _STAGE[retriever] if spec == NONE else "rerank"
        path = _path(out, retriever, spec, "trec")
        trec.save(
            path, {query: rank.documents(e, stage) for query, e in entries.items()}, re.sub(r"\s", "", name)
        )
        ranked[name] = trec.ranked(trec.load(path))
        pooled, file = ranked[f"{retriever}.{NONE}"], path.relative_to(out).as_posix()
        runs.append(measure(dataset, retriever, spec, ranked[name], pooled, pool, entries, file))
    every = Results(
        dataset=dataset.name,
        split=dataset.split,
        n_queries=len(dataset.queries),
        depth=depth,
        runs=tuple(runs),
        comparisons=tuple(compare_runs(runs)),
        failed=tuple(failed),
        moves=tuple(_moves(dataset, runs, ranked, made, hits)),
        notes=(*dataset.notes, *notes),
        skipped=tuple(f"{s.source} {s.place}: {s.reason}" for s in dataset.skipped),
        versions=versions,
    )
    result_file.save(out / "results.json", every)
    report.write(out)
    if failed:
        rest = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise AssistantError(
            f"{failed[0].run} failed: {failed[0].reason}{rest}; the other runs stand in {out / 'report.html'}"
        )
    return every


def _moves(
    dataset: Dataset,
    runs: Sequence[RunResult],
    ranked: Mapping[str, Mapping[str, Sequence[str]]],
    made: Runs,
    hits: Callable[[], Mapping[str, Hit]],
) -> Iterable[Move]:
    """For each retriever its own order against its best reranker."""
    for before in (run for run in runs if run.reranker == NONE):
        others = [run for run in runs if run.retriever == before.retriever and run is not before]
        if others:
            after = max(others, key=lambda run: run.metrics[MAIN])
            yield from moves(
                (before.name, after.name),
                (before.per_query, after.per_query),
                (ranked[before.name], ranked[after.name]),
                dataset,
                partial(_passage, made[after.retriever, after.reranker][1], hits),
            )


def _passage(
    entries: Mapping[str, Entry], hits: Callable[[], Mapping[str, Hit]], query: str, document: str
) -> Passage:
    """The best passage of a ranked document."""
    hit = hits()[next(hit.chunk for hit in entries[query].hits if hit.document == document)]
    text = hit.chunk.text
    return hit.metadata.title, text if len(text) <= _EXCERPT else text[:_EXCERPT] + " …"


def _path(out: Path, retriever: str, spec: str, suffix: str) -> Path:
    """A spec may hold what a file name may not; its digest then keeps two of them apart."""
    name = re.sub(r"[^A-Za-z0-9._+-]+", "_", spec)
    if name != spec or len(name) > 60:
        name = f"{name[:60]}-{hashlib.sha256(spec.encode()).hexdigest()[:8]}"
    return out / "runs" / f"{retriever}.{name}.{suffix}"


def _code() -> str:
    return version("clinical-assistant")
