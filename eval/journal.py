"""What a retrieval run has done so far, a line a query: the raw run at its end."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from assistant.types import Hit, Ranks, Scores, Usage
from eval.kept import Kept


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage of the pool: its chunk, the document of the corpus, and what brought it there."""

    chunk: str
    document: str
    scores: Scores
    ranks: Ranks


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One query's ranking, best first. `warm`: not among the first of its process. `pool`: the digest of
    the pool that was reranked, "" for the pool itself."""

    query: str
    question: str
    hits: tuple[Candidate, ...]
    milliseconds: float
    warm: bool
    ranked_by: str
    degraded: tuple[str, ...] = ()
    egress: tuple[str, ...] = ()  # services that were called
    usage: Usage | None = None  # of services
    memory_mb: float | None = None
    pool: str = ""


class Journal(Kept[Entry]):
    def key(self, entry: Entry) -> str:
        return entry.query

    def fields(self, entry: Entry) -> dict[str, Any]:
        return {**asdict(replace(entry, hits=())), "hits": [_row(hit) for hit in entry.hits]}

    def entry(self, fields: Any) -> Entry:
        fields["hits"] = tuple(
            Candidate(chunk, document, Scores(**scores), Ranks(**ranks))
            for chunk, document, scores, ranks in fields["hits"]
        )
        fields["degraded"], fields["egress"] = tuple(fields["degraded"]), tuple(fields["egress"])
        fields["usage"] = None if fields["usage"] is None else Usage(**fields["usage"])
        return Entry(**fields)


def candidate(hit: Hit, document: str) -> Candidate:
    return Candidate(chunk=hit.chunk.id, document=document, scores=hit.scores, ranks=hit.ranks)


def _row(hit: Candidate) -> list[object]:
    """What is None is not written: pools are long."""
    known = [{k: v for k, v in asdict(part).items() if v is not None} for part in (hit.scores, hit.ranks)]
    return [hit.chunk, hit.document, *known]
