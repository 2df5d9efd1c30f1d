"""From rankings to numbers: one run's measures and times, and the comparisons between runs."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from assistant.types import RetrieverName
from eval.data import Dataset
from eval.journal import Entry
from eval.metrics import MAIN, mean, per_query, pool_recall
from eval.results import NONE, RULE, RunResult
from eval.significance import Comparison, compare_all, interval
from rerankers.prices import total


def measure(
    dataset: Dataset,
    retriever: RetrieverName,
    spec: str,
    run: Mapping[str, Sequence[str]],
    pool_run: Mapping[str, Sequence[str]],
    pool: Mapping[str, Entry],
    entries: Mapping[str, Entry],
    file: str,
) -> RunResult:
    """`run` and `pool_run` are what the TREC files hold, `pool` and `entries` give times and authors."""
    values = per_query(dataset.qrels, run)
    memory = [e.memory_mb for e in entries.values() if e.memory_mb is not None]
    return RunResult(
        retriever=retriever,
        reranker=spec,
        file=file,
        metrics={metric: mean(of) for metric, of in values.items()},
        latency_ms=_latency(pool, entries if spec != NONE else {}),
        per_query=values[MAIN],
        intervals={metric: interval(list(of.values())) for metric, of in values.items()},
        values={m: [round(v, 6) for v in of.values()] for m, of in values.items() if m != MAIN},
        pool_recall=mean(pool_recall(dataset.qrels, pool_run)),
        passages=mean({query: len(entry.hits) for query, entry in pool.items()}),
        ranked_by=dict(Counter(entry.ranked_by for entry in entries.values())),
        degraded=dict(Counter(reason for entry in entries.values() for reason in entry.degraded)),
        egress=dict(Counter(service for entry in entries.values() for service in entry.egress)),
        memory_mb=max(memory, default=None),
        cost=total(entry.usage for entry in entries.values()),
    )


def _latency(pool: Mapping[str, Entry], entries: Mapping[str, Entry]) -> dict[str, float]:
    """Milliseconds. Queries that a process met cold are left out, unless there are no others."""
    stages = {"retrieve_": pool, "rerank_": entries} if entries else {"retrieve_": pool}
    warm = [query for query in pool if all(stage[query].warm for stage in stages.values())]
    times = {
        name: np.array([stage[query].milliseconds for query in warm or pool])
        for name, stage in stages.items()
    }
    times[""] = np.sum(list(times.values()), axis=0)
    return {
        f"{name}p{p}": round(float(np.percentile(of, p)), 3) for name, of in times.items() for p in (50, 95)
    }


def compare_runs(runs: Sequence[RunResult]) -> list[Comparison]:
    """Every pair by nDCG@10; each reranker against its own pool's order by the precision the rule reads."""
    rule = [(f"{run.retriever}.{NONE}", run.name) for run in runs if run.reranker != NONE]
    return [
        *compare_all({run.name: run.per_query for run in runs}, metric=MAIN),
        *compare_all({run.name: run.of(RULE) for run in runs}, metric=RULE, pairs=rule),
    ]
