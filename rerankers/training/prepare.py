"""A judged folder -> the lists and passages of one source, and what of it was left out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import InputError
from assistant.types import Hit, hit_passage
from eval.corpus import Library
from eval.data import Dataset
from eval.rank import document_of
from rerankers.base import Reranker
from rerankers.training.batches import Pool
from rerankers.training.mine import NEAR, Mined, Progress, mine_all, untitled
from rerankers.training.plan import Plan, Source
from rerankers.training.tasks import conclusions, digests, relevant, tasks, titles_are_questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    pool: Pool
    summary: Mapping[str, object]  # for the record
    notes: tuple[str, ...]
    encoder: str


def prepare(
    source: Source,
    dataset: Dataset,
    library: Library,
    teachers: Sequence[Reranker],
    plan: Plan,
    *,
    path: Path,
    left_out: int,
    progress: Progress,
) -> Prepared:
    """Tasks, mined lists (kept in `path`) and the passages that they name.

    Raises InputError when there is no list to learn from.
    """
    name = f"{dataset.name}:{source.split}"
    answers = relevant(dataset)
    if not answers:
        reason = (
            f"its {left_out} questions are those of the dev set" if left_out else "nothing is judged relevant"
        )
        raise InputError(f"{name}: nothing to learn from, {reason}")
    documents = _chunks(dataset, library, {d for docs in answers.values() for d in docs})
    titles = {d: hits[0].metadata.title for d, hits in documents.items()}
    bare = titles_are_questions(dataset, titles)
    texts = {d: hits[0].chunk.text for d, hits in documents.items()}
    todo = list(tasks(dataset, texts, conclusions(dataset), plan.kinds, plan.seed))
    sha = digests(dataset)
    mined = mine_all(
        todo,
        dataset,
        library,
        documents,
        teachers,
        candidates=plan.candidates,
        bare=bare,
        path=path,
        made_of={
            "library": library.key,
            "judgements": sha["judgements"],
            "queries": sha["queries"],
            "kinds": plan.kinds,
            "seed": plan.seed,
            "candidates": plan.candidates,
            "near": NEAR,
            "teachers": [f"{t.name}@{t.revision}" for t in teachers],
        },
        progress=progress,
    )
    lists = [m for m in mined if m.usable]
    if not lists:
        raise InputError(
            f"{name}: nothing to learn from, none of its {len(todo)} queries has positives and negatives"
        )
    hits = library.lookup({i for m in lists for i in (*m.positives, *m.negatives)})
    passages = {i: hit_passage(untitled(h) if bare else h) for i, h in hits.items()}
    notes = [*dataset.notes, *library.notes]
    if dataset.skipped:
        place, reason = dataset.skipped[0].place, dataset.skipped[0].reason
        notes.append(f"{len(dataset.skipped)} lines could not be read, first {place}: {reason}")
    if bare:
        notes.append("its titles are the questions and were left out of the passages")
    if left_out:
        notes.append(f"{left_out} questions stand in a dev set and were left out")
    if len(lists) < len(todo):
        notes.append(f"{len(todo) - len(lists)} of {len(todo)} queries have no passage to learn from")
    return Prepared(
        pool=Pool(name=name, weight=source.weight, lists=lists, passages=passages),
        summary={
            "name": dataset.name,
            "split": dataset.split,
            "licence": source.licence,
            "weight": source.weight,
            "questions": len(answers),
            "lists": dict(Counter(m.kind for m in lists)),
            "left_out": {"near": _sum(mined, "near"), "above": _sum(mined, "above")},
            "sha256": sha,
        },
        notes=tuple(notes),
        encoder=f"{library.encoder.name}@{library.encoder.revision}",
    )


def _chunks(dataset: Dataset, library: Library, wanted: set[str]) -> dict[str, list[Hit]]:
    """The chunks of the wanted documents, in their order."""
    found: dict[str, list[Hit]] = {}
    for hit in library.index.hits():
        document = document_of(hit, dataset)
        if document in wanted:
            found.setdefault(document, []).append(hit)
    return {d: sorted(hits, key=lambda h: (h.chunk.section, h.chunk.start)) for d, hits in found.items()}


def _sum(mined: Sequence[Mined], what: str) -> int:
    return sum(getattr(m, what) for m in mined)
