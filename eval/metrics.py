"""Retrieval measures of ranked documents against graded judgements, a value for each query.

Computed by ir_measures (pytrec_eval and its own providers). Linear gain as in trec_eval: a document of
grade g at rank i adds g / log2(i + 1) to DCG (Järvelin and Kekäläinen, TOIS 2002); for the other measures a
document is relevant when its grade is above 0. Grades below 0 count as 0.

Every judged query counts: one without hits, or without a relevant document, scores 0. The order is the
order given; there are no ties left to break.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from eval.data import Qrels

Ranked = Mapping[str, Sequence[str]]  # query id -> document ids, best first
Values = dict[str, float]  # query id -> value

METRICS = ("ndcg@10", "p@5", "p@3", "mrr@10", "map", "recall@10", "recall@100", "success@5")
MAIN = "ndcg@10"
_NAMES = {"ndcg": "nDCG", "p": "P", "mrr": "RR", "map": "AP", "recall": "R", "success": "Success"}


def per_query(qrels: Qrels, run: Ranked, metrics: Iterable[str] = METRICS) -> dict[str, Values]:
    """metric -> query -> value in 0..1, for each query of `qrels`, in its order.

    Raises ValueError on an unknown metric and on a document that a ranking holds twice.
    """
    import ir_measures

    names = {_measure(metric): metric for metric in metrics}
    judged = {q: {d: max(grade, 0) for d, grade in docs.items()} for q, docs in qrels.items()}
    scored: dict[str, dict[str, float]] = {}
    for query in judged:
        ranked = run.get(query, ())
        if len(set(ranked)) != len(ranked):
            raise ValueError(f"query {query}: a document stands twice in the ranking")
        if ranked:
            scored[query] = {doc: float(-i) for i, doc in enumerate(ranked)}
    values = {metric: dict.fromkeys(judged, 0.0) for metric in names.values()}
    for found in ir_measures.iter_calc(list(names), judged, scored):
        values[names[found.measure]][found.query_id] = float(found.value)
    return values


def mean(values: Mapping[str, float]) -> float:
    """Over every judged query; 0 for none."""
    return fmean(values.values()) if values else 0.0


def pool_recall(qrels: Qrels, pool: Ranked) -> Values:
    """The share of a query's relevant documents that its pool holds: no reranker can find the others."""
    recall = {}
    for query, docs in qrels.items():
        relevant = {doc for doc, grade in docs.items() if grade > 0}
        recall[query] = len(relevant.intersection(pool.get(query, ()))) / len(relevant) if relevant else 0.0
    return recall


def _measure(metric: str) -> Any:
    import ir_measures

    match = re.fullmatch(r"(ndcg|p|mrr|recall|success)@([1-9]\d*)|(map)", metric)
    if match is None:
        raise ValueError(f"unknown metric {metric!r}; known are {', '.join(METRICS)} at any cut-off")
    kind, cutoff, whole = match.groups()
    measure = getattr(ir_measures, _NAMES[kind or whole])
    return measure @ int(cutoff) if cutoff else measure
