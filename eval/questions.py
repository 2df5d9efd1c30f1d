"""Questions for abstention: found and ranked as the assistant does it, some of them unanswerable.

A collection may mark questions that it does not answer ("answerable": false in the metadata of its queries).
Learning then reads only one half of its questions, so that the other one can be reported. In a collection
without such marks the documents of every other judged question are left out of its pool. Both choices go by a
digest of the question's id: no seed, the same on every machine.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.answerable import signals
from assistant.types import Hit
from eval import rank
from eval.abstention import Example
from eval.corpus import Library
from eval.data import Dataset, lines
from rerankers.base import Reranker

DEPTH = 50  # as in the settings
SPARE = 4  # passages searched beyond the pool for each document that is left out


@dataclass(frozen=True, slots=True)
class Question:
    """`without`: documents that may not be in its pool."""

    query: str
    text: str
    answerable: bool
    without: frozenset[str] = frozenset()


def questions(dataset: Dataset, *, half: bool | None = None) -> list[Question]:
    """The judged questions and the marked ones. `half`: of a collection with marks, True takes the half that
    is learned from, False the other; of one without, it has no effect."""
    unanswerable = marked(dataset.corpus.parent)
    if unanswerable:
        every = [Question(query, text, True) for query, text in dataset.queries.items()]
        every += [
            Question(query, text, False)
            for query, text in unanswerable.items()
            if query not in dataset.queries
        ]
        return [q for q in every if half is None or even(q.query) == half]
    return [
        Question(
            query, text, not even(query), frozenset(dataset.qrels[query]) if even(query) else frozenset()
        )
        for query, text in dataset.queries.items()
        if any(grade > 0 for grade in dataset.qrels[query].values())
    ]


def marked(folder: Path) -> dict[str, str]:
    """Questions that the collection itself says it does not answer, by id."""
    found = {}
    for path in (folder / "queries.jsonl", folder / "queries.jsonl.gz"):
        for _, line in lines(path) if path.is_file() else ():
            try:
                record = json.loads(line)
                if record["metadata"]["answerable"] is False:
                    found[str(record["_id"])] = str(record["text"])
            except (ValueError, KeyError, TypeError):
                continue  # eval.data reports lines that cannot be read
    return found


def even(query: str) -> bool:
    return hashlib.sha256(query.encode("utf-8", "surrogatepass")).digest()[0] % 2 == 0


def examples(
    dataset: Dataset,
    asked: list[Question],
    corpus: Library,
    reranker: Reranker,
    progress: rank.Progress,
    depth: int = DEPTH,
) -> Iterator[Example]:
    """Each question as it is found and ranked."""
    for number, question in enumerate(asked):
        progress(f"{dataset.name} {dataset.split}", number, len(asked))
        ranking = reranker.rerank(question.text, pool(question, corpus, dataset, depth))
        yield Example(
            query=question.query,
            answerable=question.answerable,
            signals=signals(question.text, ranking.hits, corpus.encoder),
            ranked_by=ranking.ranked_by,
            set=dataset.name,
        )
    progress(f"{dataset.name} {dataset.split}", len(asked), len(asked))


def pool(question: Question, corpus: Library, dataset: Dataset, depth: int) -> tuple[Hit, ...]:
    """The first `depth` passages of the hybrid search that are not of documents to be left out."""
    wide = depth + SPARE * len(question.without)
    hits = corpus.search(question.text, "hybrid", wide).hits
    return tuple(h for h in hits if rank.document_of(h, dataset) not in question.without)[:depth]
