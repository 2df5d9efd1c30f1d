"""results.json of an evaluation of answers."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant.errors import FormatError, InputError
from assistant.types import Usage
from eval.abstention import Abstention
from eval.results import Failed
from eval.significance import Comparison
from eval.trec import write_text

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


_ADAPTER = TypeAdapter(AnswerResults)


def save(path: Path, found: AnswerResults) -> None:
    """Raises InputError when it cannot be written."""
    write_text(path, [json.dumps(asdict(found), indent=1, ensure_ascii=False, allow_nan=False), "\n"])


def load(path: Path) -> AnswerResults:
    """Raises InputError when it cannot be read, FormatError when it is none."""
    try:
        return _ADAPTER.validate_python(json.loads(path.read_bytes()))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"{'.'.join(map(str, first['loc'])) or 'top'}: {first['msg']}"
    except ValueError as error:
        reason = str(error)
    raise FormatError(f"{path}: not a results.json of 'assistant eval answers': {reason}")
