"""Questions that a run is judged by while it goes on: their pools are frozen, and never learned from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.types import hit_passage
from eval import rank
from eval.corpus import Library
from eval.data import Dataset, Qrels
from eval.metrics import MAIN, mean, per_query
from rerankers.base import Reranker

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its pool in the order of the hybrid search."""

    text: str
    documents: tuple[str, ...]  # of each passage
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dev:
    name: str
    questions: dict[str, Asked]
    qrels: Qrels

    def measure(self, reranker: Reranker) -> float:
        """Mean nDCG@10 over all questions; a document stands where its best passage does."""
        run = {}
        for query, asked in self.questions.items():
            scores = reranker.score(asked.text, asked.passages) if asked.passages else []
            order = sorted(range(len(scores)), key=lambda i: -scores[i])
            run[query] = list(dict.fromkeys(asked.documents[i] for i in order))
        return mean(per_query(self.qrels, run, (MAIN,))[MAIN])


def freeze(dataset: Dataset, library: Library, *, depth: int, path: Path, progress: Progress) -> Dev:
    """The top `depth` documents of the hybrid for each question, from `path` as far as they are there."""
    marks = {"library": library.key, "depth": depth}
    pool = rank.freeze(
        dataset, library.search, "hybrid", depth=depth, path=path, fingerprint=marks, progress=progress
    )
    hits = library.lookup({hit.chunk for entry in pool.values() for hit in entry.hits})
    questions = {
        query: Asked(
            text=dataset.queries[query],
            documents=tuple(hit.document for hit in entry.hits),
            passages=tuple(hit_passage(hits[hit.chunk]) for hit in entry.hits),
        )
        for query, entry in pool.items()
    }
    return Dev(name=f"{dataset.name}:{dataset.split}", questions=questions, qrels=dataset.qrels)


def measure(sets: Sequence[Dev], reranker: Reranker) -> dict[str, float]:
    """Set -> nDCG@10."""
    return {dev.name: dev.measure(reranker) for dev in sets}
