"""Learn the weights of a fusion on a labelled split, and say what they are worth on questions not learned on.

The weights are the ones of a grid over the simplex (steps of 0.05) with the highest mean nDCG@10: three
weights have so few combinations that all are tried, so the best is the best. Cross-validation: for each fold
they are chosen on the others and measured on it; every question is so measured once by weights that did not
see it. The weights kept are chosen on all questions.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.errors import UsageError
from eval import rank
from eval.data import Qrels
from eval.journal import Entry
from eval.metrics import MAIN, mean, per_query
from eval.significance import compare_all
from rerankers.fusion import DEFAULT, Weights, standardised

CUTOFF = 10  # of nDCG
STEPS = 20  # of the grid, to a weight of 1
FOLDS = 5
FUSION, ALONE, POOL, UNLEARNED = "fusion", "reranker alone", "first stage", "default weights"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fold:
    """Weights learned on the other folds, and the mean nDCG@10 on this one's `queries` questions."""

    queries: int
    weights: Weights
    ndcg: float
    reranker_alone: float  # the same measure of the reranker's own order


@dataclass(frozen=True, slots=True)
class Gain:
    """Mean held-out nDCG@10 of the fusion minus that of `over`, on the same questions."""

    over: str
    delta: float
    ci95: tuple[float, float]
    p: float  # corrected for the three comparisons


@dataclass(frozen=True, slots=True)
class Fit:
    """`held_out`: mean nDCG@10 by system; the fusion's is of weights that had not seen the question."""

    weights: Weights
    queries: int
    folds: tuple[Fold, ...]
    held_out: Mapping[str, float]
    gains: tuple[Gain, ...]

    def text(self) -> str:
        """For the terminal."""
        w = self.weights
        return "\n".join(
            (
                f"{w.reranker}: bm25 {w.bm25:.2f}, dense {w.dense:.2f}, rerank {w.rerank:.2f}; "
                f"{self.queries} questions, {len(self.folds)} folds, held-out nDCG@{CUTOFF}:",
                *(f"  {name:16} {value:.3f}" for name, value in self.held_out.items()),
                *(
                    f"  over {g.over}: {g.delta:+.3f} [{g.ci95[0]:+.3f}, {g.ci95[1]:+.3f}], p = {g.p:.4f}"
                    + ("" if g.p < 0.05 else ", not significant")
                    for g in self.gains
                ),
            )
        )


def fit_fusion(
    qrels: Qrels,
    pool: Mapping[str, Entry],
    reranked: Mapping[str, Entry],
    *,
    reranker: str = "",
    revision: str = "",
    folds: int = FOLDS,
    seed: int = 0,
) -> Fit:
    """From two saved runs: the pools with their first-stage scores, and the same pools reranked.

    Raises UsageError with fewer than two questions a fold.
    """
    queries = [query for query in qrels if query in pool]
    if folds < 2 or len(queries) < 2 * folds:
        raise UsageError(f"{len(queries)} judged questions are too few for {folds} folds of two or more")
    grid = _grid()
    table = np.array([_ndcg(qrels[query], pool[query], reranked[query], grid) for query in queries])
    alone, unlearned = table[:, _column(grid, (0, 0, 1))], table[:, _column(grid, _values(DEFAULT))]
    learned = np.zeros(len(queries))
    measured = []
    shuffled = np.random.default_rng(seed).permutation(len(queries))
    for part in np.array_split(shuffled, folds):
        best = int(table[np.setdiff1d(shuffled, part)].mean(axis=0).argmax())
        learned[part] = table[part, best]
        measured.append(
            Fold(len(part), _weights(grid[best]), float(learned[part].mean()), float(alone[part].mean()))
        )
    fused = {query: [document for document, _ in rank.documents(pool[query], "fused")] for query in queries}
    first = per_query({query: qrels[query] for query in queries}, fused, (MAIN,))[MAIN]
    systems = {FUSION: learned, ALONE: alone, UNLEARNED: unlearned}
    values = {name: dict(zip(queries, map(float, of), strict=True)) for name, of in systems.items()}
    values[POOL] = first
    pairs = [(name, FUSION) for name in values if name != FUSION]
    return Fit(
        weights=_weights(grid[int(table.mean(axis=0).argmax())], reranker, revision),
        queries=len(queries),
        folds=tuple(measured),
        held_out={name: mean(of) for name, of in values.items()},
        gains=tuple(Gain(c.a, c.delta, c.ci95, c.p_corrected) for c in compare_all(values, pairs=pairs)),
    )


def _ndcg(grades: Mapping[str, int], pool: Entry, reranked: Entry, grid: Floats) -> Floats:
    """nDCG@10 of a question under each row of `grid`, by the rules of `eval.metrics`; a document stands where
    its best passage stands, and ties keep the pool's order."""
    ideal = sum(_gain(g, i) for i, g in enumerate(sorted(grades.values(), reverse=True)[:CUTOFF], start=1))
    if not pool.hits or ideal <= 0:
        return np.zeros(len(grid))
    own = {hit.chunk: hit.scores.rerank for hit in reranked.hits}
    stages = np.array(
        [
            standardised([hit.scores.bm25 for hit in pool.hits]),
            standardised([hit.scores.dense for hit in pool.hits]),
            standardised([own[hit.chunk] for hit in pool.hits]),
        ]
    )
    order = np.argsort(-(stages.T @ grid.T), axis=0, kind="stable")
    ranks = np.argsort(order, axis=0)  # of each passage, under each row
    numbers = {document: i for i, document in enumerate(dict.fromkeys(hit.document for hit in pool.hits))}
    first = np.full((len(numbers), len(grid)), len(pool.hits))
    np.minimum.at(first, [numbers[hit.document] for hit in pool.hits], ranks)
    found = np.zeros(len(grid))
    for document, grade in grades.items():
        if grade > 0 and document in numbers:
            rank = 1 + (first < first[numbers[document]]).sum(axis=0)
            found += np.where(rank <= CUTOFF, grade / np.log2(rank + 1), 0.0)
    return found / ideal


def _gain(grade: int, rank: int) -> float:
    return max(grade, 0) / math.log2(rank + 1)


def _grid() -> Floats:
    """Rows (bm25, dense, rerank) that sum to 1, the nearest to the default ones first: they win ties."""
    rows = [
        (i / STEPS, j / STEPS, (STEPS - i - j) / STEPS)
        for i in range(STEPS + 1)
        for j in range(STEPS + 1 - i)
    ]
    return np.array(sorted(rows, key=lambda row: math.dist(row, _values(DEFAULT))))


def _column(grid: Floats, values: tuple[float, ...]) -> int:
    return int(np.abs(grid - np.array(values)).sum(axis=1).argmin())


def _values(weights: Weights) -> tuple[float, float, float]:
    return weights.bm25, weights.dense, weights.rerank


def _weights(row: Floats, reranker: str = "", revision: str = "") -> Weights:
    bm25, dense, own = map(float, row)
    return Weights(bm25=bm25, dense=dense, rerank=own, reranker=reranker, revision=revision)
