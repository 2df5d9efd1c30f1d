"""What is kept of an answered question, a line each: the answer, its evidence, and how it was judged."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from assistant.types import Status, Usage, Verdict
from eval.kept import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence of the answer. `entailed`: the verifier finds it supported by what it cites, taken together.
    `needed`, for each citation that exists: not irrelevant as ALCE defines it."""

    text: str
    citations: tuple[int, ...]
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    entailed: bool = False
    needed: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A piece of evidence."""

    n: int
    chunk: str
    document: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`milliseconds`: from the question to the answer, the judging left out. `warm`: not among the first of
    its process. `probability`: that the library answers it."""

    query: str
    question: str
    status: Status
    probability: float
    sentences: tuple[Said, ...]
    evidence: tuple[Read, ...]
    milliseconds: float
    timings_ms: dict[str, float]
    warm: bool
    ranked_by: str
    note: str = ""
    degraded: tuple[str, ...] = ()
    egress: tuple[str, ...] = ()
    usage: Usage | None = None

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)


_ADAPTER = TypeAdapter(Asked)


class Answers(Kept[Asked]):
    def key(self, entry: Asked) -> str:
        return entry.query

    def fields(self, entry: Asked) -> dict[str, Any]:
        return dict(_ADAPTER.dump_python(entry, mode="json"))

    def entry(self, fields: Any) -> Asked:
        return _ADAPTER.validate_python(fields)
