"""The seam of every reranker: one method to write, everything else is here."""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.errors import ModelError
from assistant.types import Egress, Hit, Ranking, Usage, hit_passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Scores in the order of the hits, who gave them, what was passed over, and what left this machine.

    `degraded`: what makes this ranking worse than it was asked for. `notes`: how it was made, where nothing
    was lost (passages scored by windows). `own`: the scores of the model, where `scores` are made of them
    and of others.
    """

    scores: tuple[float, ...]
    ranked_by: str
    degraded: tuple[str, ...] = ()
    egress: tuple[Egress, ...] = ()
    notes: tuple[str, ...] = ()
    usage: Usage | None = None
    own: tuple[float, ...] | None = None

    def checked(self, count: int) -> "Scored":
        """Itself. Raises ModelError when the scores are not `count` finite numbers."""
        if len(self.scores) != count:
            raise ModelError(f"{self.ranked_by}: {len(self.scores)} scores for {count} passages")
        if not all(map(math.isfinite, self.scores)):
            raise ModelError(f"{self.ranked_by}: a score is not a finite number; check the model's files")
        return self


class Reranker(ABC):
    """Question and passages -> scores. Constructing one loads nothing; the first use does.

    `pointwise`: the score of a passage depends on nothing but the question and the passage.
    """

    name: str
    pointwise: bool = True

    @property
    def revision(self) -> str:
        """What else decides the scores, beside the name: weights, settings. May read files, and raise what
        the first use raises."""
        return ""

    @abstractmethod
    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        """One score a passage, in order; higher is better. A passage is what `types.passage` wrote."""

    def judge(self, query: str, hits: Sequence[Hit]) -> Scored:
        """Scores with their author. Wrappers that choose, or read first-stage scores, override this."""
        return Scored(scores=tuple(self.score(query, [hit_passage(h) for h in hits])), ranked_by=self.name)

    def rerank(self, query: str, hits: Sequence[Hit], top_k: int | None = None) -> Ranking:
        """The hits by descending score, cut to `top_k`. Ties keep the incoming order.

        Raises ModelError when the scores are not one finite number a hit.
        """
        begin = time.perf_counter()
        scored = self.judge(query, hits) if hits else Scored(scores=(), ranked_by=KeepOrder.name)
        scored.checked(len(hits))
        order = sorted(range(len(hits)), key=lambda i: -scored.scores[i])[:top_k]
        ranked = tuple(
            replace(
                hits[i],
                scores=replace(
                    hits[i].scores, rerank=scored.scores[i], own=scored.own[i] if scored.own else None
                ),
                ranks=replace(hits[i].ranks, rerank=rank),
            )
            for rank, i in enumerate(order, start=1)
        )
        spent = (time.perf_counter() - begin) * 1000
        return Ranking(
            hits=ranked,
            ranked_by=scored.ranked_by,
            degraded=scored.degraded,
            egress=scored.egress,
            notes=scored.notes,
            usage=scored.usage,
            milliseconds=spent,
        )


class KeepOrder(Reranker):
    """No reranker: the order that came in stays."""

    name = "none"
    pointwise = False

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        return [-float(i) for i in range(len(passages))]


class WordOverlap(Reranker):
    """The deterministic fake for tests: how many of the query's words a passage has."""

    name = "overlap"

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        words = set(query.lower().split())
        return [float(len(words & set(p.lower().split()))) for p in passages]
