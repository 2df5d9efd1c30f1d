"""results.json of an evaluation of answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.types import Usage
from eval import result_file
from eval.abstention import Abstention
from eval.results import Failed
from eval.significance import Comparison

ALL = "all"
OWN = "answer"  # the system that is measured, among the baselines


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """Over `n` questions, with the 95 % bootstrap interval over them."""

    value: float
    ci95: tuple[float, float]
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One writer's ROUGE. `metrics` over every question that has a reference, where an abstention scores 0;
    `answered` over those that the measured system answered."""

    name: str
    metrics: Mapping[str, Mean]
    answered: Mapping[str, Mean]
    words: float  # of an answer, on average over those given


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The questions of one type, or all. A metric is there where there is something to count: a mean over the
    answered questions, but for `answered`, which is over all."""

    type: str
    questions: int
    answered: int
    metrics: Mapping[str, Mean]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Over all answers."""

    sentences: int
    supported: int
    citations: int
    invalid_citations: int
    uncited_sentences: int
    quotations: int
    altered_quotations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """A sentence that is not supported, as a reader sees it."""

    query: str
    question: str
    text: str
    verdict: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerResults:
    dataset: str
    split: str
    n_queries: int
    generator: str
    reranker: str
    judge: str
    counts: Counts
    groups: tuple[Group, ...]  # all first, then by type
    systems: tuple[System, ...]
    comparisons: tuple[Comparison, ...]
    abstained: int
    blocked: int
    abstention: Abstention | None  # None: nothing was held out
    latency_ms: Mapping[str, float]
    cost: Usage | None
    egress: Mapping[str, int]
    ranked_by: Mapping[str, int]
    degraded: Mapping[str, int]
    flagged: tuple[Flagged, ...]
    per_query: Mapping[str, Mapping[str, float]]  # query -> metric -> value
    failed: tuple[Failed, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    versions: Mapping[str, str] | None = None


def load(path: Path) -> AnswerResults:
    """Raises InputError, FormatError."""
    return result_file.load(path, AnswerResults, "assistant eval answers")
