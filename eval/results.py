"""results.json: what an evaluation found, in the terms that the report and the gate read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.types import RetrieverName, Usage
from eval import result_file
from eval.significance import Comparison

NONE = "none"  # the reranker that keeps the pool's order
RULE = "p@3"  # what the rule of keeping a reranker reads


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """One retriever with one reranker. Metrics and intervals are of the mean over all judged queries."""

    retriever: RetrieverName
    reranker: str
    file: str  # the TREC run, relative to results.json
    metrics: Mapping[str, float]
    latency_ms: Mapping[str, float]  # p50, p95 of a query; with retrieve_ and rerank_ before it, of a stage
    per_query: Mapping[str, float]  # query -> ndcg@10
    intervals: Mapping[str, tuple[float, float]]  # metric -> 95 % interval
    values: Mapping[str, list[float]]  # other metric -> values in the order of per_query
    pool_recall: float  # the bound of every reranker's recall
    passages: float  # scored for a query, on average
    ranked_by: Mapping[str, int]  # who ranked -> queries
    degraded: Mapping[str, int]  # what was passed over, and why -> queries
    egress: Mapping[str, int]  # service -> calls
    memory_mb: float | None = None  # resident memory of the process, at its highest
    cost: Usage | None = None  # None: no service was asked

    def __post_init__(self) -> None:
        if any(len(values) != len(self.per_query) for values in self.values.values()):
            raise ValueError("values and per_query differ in length")

    @property
    def name(self) -> str:
        return f"{self.retriever}.{self.reranker}"

    def of(self, metric: str) -> dict[str, float]:
        """The metric's value for each query. KeyError when it was not kept."""
        if metric in self.values:
            return dict(zip(self.per_query, self.values[metric], strict=True))
        if metric != "ndcg@10":
            raise KeyError(metric)
        return dict(self.per_query)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A run that could not be finished, and why."""

    run: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedPassage:
    document: str
    grade: int
    rank_a: int | None  # 1-based; None: not in the ranking
    rank_b: int | None
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A query whose nDCG@10 differs between runs a and b, and the passages that made it so."""

    a: str
    b: str
    query: str
    text: str
    before: float
    after: float
    passages: tuple[MovedPassage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    dataset: str
    split: str
    n_queries: int
    depth: int  # documents in the pool of a query
    runs: tuple[RunResult, ...]
    comparisons: tuple[Comparison, ...]
    failed: tuple[Failed, ...] = ()
    moves: tuple[Move, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    versions: Mapping[str, str] | None = None


def load(path: Path) -> Results:
    """Raises InputError, FormatError."""
    return result_file.load(path, Results, "assistant eval retrieval")
