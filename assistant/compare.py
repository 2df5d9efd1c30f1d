"""One question, one frozen pool, several rerankers side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from scipy.stats import kendalltau

from assistant.types import Hit, Ranking
from rerankers.base import Reranker

OVERLAP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Two rankings of one pool: Kendall's tau-b (-1 to 1), and the share of the top five in common."""

    a: str
    b: str
    kendall: float
    overlap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    question: str
    pool: tuple[Hit, ...]
    rankings: Mapping[str, Ranking]  # by the name that was asked for
    agreements: tuple[Agreement, ...]

    def move(self, name: str, hit: Hit) -> int:
        """How many places a hit rose from the pool's order; negative where it fell."""
        before = next(i for i, h in enumerate(self.pool) if h.chunk.id == hit.chunk.id)
        after = next(i for i, h in enumerate(self.rankings[name].hits) if h.chunk.id == hit.chunk.id)
        return before - after


def compare(question: str, pool: Sequence[Hit], rerankers: Mapping[str, Reranker]) -> Comparison:
    """Each reranker on the same pool. A reranker's error is raised: a comparison without it would mislead."""
    return side_by_side(question, pool, {name: r.rerank(question, pool) for name, r in rerankers.items()})


def side_by_side(question: str, pool: Sequence[Hit], rankings: Mapping[str, Ranking]) -> Comparison:
    """Rankings of one pool that are there already."""
    return Comparison(
        question=question,
        pool=tuple(pool),
        rankings=dict(rankings),
        agreements=tuple(agree(a, b, rankings[a], rankings[b]) for a, b in combinations(rankings, 2)),
    )


def agree(a: str, b: str, one: Ranking, other: Ranking) -> Agreement:
    ids = [h.chunk.id for h in one.hits]
    place = {h.chunk.id: i for i, h in enumerate(other.hits)}
    tau = 1.0
    if len(ids) > 1:
        tau = float(kendalltau(range(len(ids)), [place[i] for i in ids]).statistic)
    top = min(OVERLAP, len(ids))
    common = {h.chunk.id for h in one.hits[:top]} & {h.chunk.id for h in other.hits[:top]}
    return Agreement(a=a, b=b, kendall=tau, overlap=len(common) / top if top else 1.0)


def comparison_json(found: Comparison) -> dict[str, Any]:
    """The fields of `compare --json`."""
    return {
        "question": found.question,
        "pool": [h.chunk.id for h in found.pool],
        "rerankers": [
            {
                "reranker": name,
                "ranked_by": ranking.ranked_by,
                "degraded": list(ranking.degraded),
                "ms": round(ranking.milliseconds, 2),
                "hits": [
                    {
                        "rank": rank,
                        "move": found.move(name, hit),
                        "chunk_id": hit.chunk.id,
                        "document_id": hit.chunk.document_id,
                        "title": hit.metadata.title,
                        "score": hit.scores.rerank,
                    }
                    for rank, hit in enumerate(ranking.hits, start=1)
                ],
            }
            for name, ranking in found.rankings.items()
        ],
        "agreement": [
            {"a": g.a, "b": g.b, "kendall": round(g.kendall, 4), f"overlap@{OVERLAP}": g.overlap}
            for g in found.agreements
        ],
    }


def comparison_text(found: Comparison, top: int = 10, width: int = 46) -> str:
    """The first places side by side, each with its move against the pool's order."""
    names = list(found.rankings)
    lines = ["    " + "".join(f"{_cut(name, width - 2):{width}}" for name in names)]
    for place in range(min(top, len(found.pool))):
        cells = []
        for name in names:
            hit = found.rankings[name].hits[place]
            title = hit.metadata.title or hit.chunk.text
            cells.append(f"{_arrow(found.move(name, hit)):>4} {_cut(title, width - 7):{width - 5}}")
        lines.append(f"{place + 1:3} " + "".join(cells))
    lines += [f"{n}: {r.milliseconds:.0f} ms, ranked by {r.ranked_by}" for n, r in found.rankings.items()]
    lines += [f"{n}: degraded: {d}" for n, r in found.rankings.items() for d in r.degraded]
    lines += [
        f"{g.a} and {g.b}: Kendall {g.kendall:.2f}, {g.overlap:.0%} of the top {OVERLAP} in common"
        for g in found.agreements
    ]
    return "\n".join(lines)


def _arrow(move: int) -> str:
    return "=" if move == 0 else f"{'▲' if move > 0 else '▼'}{abs(move)}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
