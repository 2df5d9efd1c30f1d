"""Hard negatives: what the project's own hybrid search finds for a query and is not judged relevant.

Unjudged is not irrelevant: candidates that nearly repeat a relevant passage are left out, and those that the
teachers, where there are any, hold for better than the relevant ones (denoising: Qu et al., NAACL 2021).
"""

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from assistant.encoders.base import Vectors, unit
from assistant.types import Hit
from eval.corpus import Library
from eval.data import Dataset
from eval.rank import document_of
from rerankers.base import Reranker
from rerankers.training.store import Lines
from rerankers.training.tasks import Task, normal

NEAR = 0.9  # the cosine from which a candidate repeats a relevant passage
POSITIVES = 8  # relevant passages of a list, at most
SHARPNESS = 3.0  # standard deviations of a teacher's scores -> logits

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mined:
    """Chunk ids for one query; `negatives` as they were found, best first.

    `teacher`: the target of each positive, then of each negative, on the scale of logits; () without a
    teacher. `near`, `above`: candidates left out as repetitions, and as better in the teachers' eyes.
    `said`: what the teachers could not do, and whom they asked.
    """

    task: str
    kind: str
    query: str
    positives: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    teacher: tuple[float, ...] = ()
    near: int = 0
    above: int = 0
    said: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        return bool(self.positives and self.negatives)


def mine_all(
    tasks: Sequence[Task],
    dataset: Dataset,
    library: Library,
    documents: Mapping[str, Sequence[Hit]],
    teachers: Sequence[Reranker],
    *,
    candidates: int,
    bare: bool,
    path: Path,
    made_of: Mapping[str, object],
    progress: Progress = lambda stage, done, total: None,
) -> list[Mined]:
    """A Mined for each task, in order; from `path` as far as they are there. `documents`: chunks of the
    relevant ones, by the corpus's ids."""
    with Lines(path, made_of) as kept:
        found = [_mined(record) for record in kept.records]
        for number, task in enumerate(tasks[len(found) :], start=len(found)):
            progress(f"Mining {dataset.name}", number, len(tasks))
            mined = mine(task, dataset, library, documents, teachers, candidates=candidates, bare=bare)
            kept.append(asdict(mined))
            found.append(mined)
        progress(f"Mining {dataset.name}", len(tasks), len(tasks))
    return found


def mine(
    task: Task,
    dataset: Dataset,
    library: Library,
    documents: Mapping[str, Sequence[Hit]],
    teachers: Sequence[Reranker],
    *,
    candidates: int,
    bare: bool = False,
) -> Mined:
    """A relevant document stands with the passage that is nearest to the query. `bare`: the teachers read
    the passages without titles, as the model will."""
    drawn = _some(task.relevant, task.id)
    positives = [_nearest(task.query, documents[d], library) for d in drawn if documents.get(d)]
    if not positives:
        return Mined(task=task.id, kind=task.kind, query=task.query)
    ranking = library.search(task.query, "hybrid", 2 * candidates + len(task.judged))
    found = [hit for hit in ranking.hits if document_of(hit, dataset) not in task.judged]
    hits = one_each(found)[: candidates + candidates // 2]
    repeated = [documents[d][0] for d in sorted(task.judged) if documents.get(d)]
    model = [*positives, *repeated]
    vectors = unit(library.index.vectors([h.chunk.id for h in (*hits, *model)]))
    fresh = distinct(task.query, hits, model, vectors)
    negatives = fresh[:candidates]
    judged = [untitled(hit) if bare else hit for hit in (*positives, *negatives)]
    target, said = ensemble(task.query, judged, teachers) if teachers else ((), ())
    kept = (
        worse(target[: len(positives)], target[len(positives) :]) if target else list(range(len(negatives)))
    )
    return Mined(
        task=task.id,
        kind=task.kind,
        query=task.query,
        positives=tuple(h.chunk.id for h in positives),
        negatives=tuple(negatives[i].chunk.id for i in kept),
        teacher=(*target[: len(positives)], *(target[len(positives) + i] for i in kept)) if target else (),
        near=len(hits) - len(fresh),
        above=len(negatives) - len(kept),
        said=said,
    )


def untitled(hit: Hit) -> Hit:
    return replace(hit, metadata=replace(hit.metadata, title=""))


def one_each(hits: Sequence[Hit]) -> list[Hit]:
    """The first passage of each document."""
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.chunk.document_id, hit)
    return list(first.values())


def distinct(query: str, hits: Sequence[Hit], relevant: Sequence[Hit], vectors: Vectors) -> list[Hit]:
    """Those of `hits` that repeat no relevant passage: another text, a cosine below NEAR, and another title
    than the query. `vectors`: unit length, a row for each of `hits`, then of `relevant`."""
    nearest = (vectors[: len(hits)] @ vectors[len(hits) :].T).max(axis=1, initial=-1.0)
    texts = {normal(hit.chunk.text) for hit in relevant}
    asked = normal(query)
    return [
        hit
        for hit, cosine in zip(hits, nearest, strict=True)
        if cosine < NEAR and normal(hit.chunk.text) not in texts and normal(hit.metadata.title) != asked
    ]


def ensemble(
    query: str, hits: Sequence[Hit], teachers: Sequence[Reranker]
) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """The mean over the teachers of their scores, each standardised over these hits and times SHARPNESS; and
    what they said. Standardised, because teachers differ in scale: one gives logits, another 0 to 1."""
    told: list[str] = []
    columns = []
    for teacher in teachers:
        scored = teacher.judge(query, hits).checked(len(hits))
        told += [*scored.degraded, *(f"{e.service} was sent {e.what}" for e in scored.egress)]
        mean, deviation = statistics.fmean(scored.scores), statistics.pstdev(scored.scores)
        columns.append([(score - mean) / deviation if deviation else 0.0 for score in scored.scores])
    return tuple(SHARPNESS * statistics.fmean(row) for row in zip(*columns, strict=True)), tuple(told)


def worse(positives: Sequence[float], negatives: Sequence[float]) -> list[int]:
    """The numbers of the negatives that score no higher than the positives do on average."""
    bar = statistics.fmean(positives)
    return [i for i, score in enumerate(negatives) if score <= bar]


def _some(documents: Sequence[str], seed: str) -> list[str]:
    if len(documents) <= POSITIVES:
        return list(documents)
    return random.Random(seed).sample(documents, POSITIVES)


def _nearest(query: str, hits: Sequence[Hit], library: Library) -> Hit:
    if len(hits) == 1:
        return hits[0]
    vectors = unit(library.index.vectors([hit.chunk.id for hit in hits]))
    return hits[int((vectors @ library.encoder.embed_queries([query])[0]).argmax())]


def _mined(record: dict[str, object]) -> Mined:
    return Mined(**{k: tuple(v) if isinstance(v, list) else v for k, v in record.items()})  # type: ignore[arg-type]
