import math
import random

import pytest
import pytrec_eval

from eval.metrics import METRICS, mean, per_query, pool_recall

QRELS = {"q": {"a": 3, "b": 1, "c": 2, "d": 0, "e": -1}}
RUN = {"q": ["x", "b", "e", "a", "y", "z", "c"]}


def value(metric: str, qrels=QRELS, run=RUN) -> float:
    return per_query(qrels, run, [metric])[metric]["q"]


def test_ndcg_has_linear_gain():
    dcg = 1 / math.log2(3) + 3 / math.log2(5) + 2 / math.log2(8)
    ideal = 3 + 2 / math.log2(3) + 1 / math.log2(4)
    assert value("ndcg@10") == pytest.approx(dcg / ideal, abs=1e-12)
    assert value("ndcg@3") == pytest.approx((1 / math.log2(3)) / ideal, abs=1e-12)


def test_ideal_is_cut_at_k_too():
    qrels = {"q": {str(i): 1 for i in range(20)}}
    assert value("ndcg@10", qrels, {"q": [str(i) for i in range(10)]}) == pytest.approx(1)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("p@3", 1 / 3),
        ("p@5", 2 / 5),
        ("p@10", 3 / 10),  # a short ranking is padded with misses
        ("mrr@10", 1 / 2),
        ("mrr@1", 0.0),
        ("map", (1 / 2 + 2 / 4 + 3 / 7) / 3),
        ("recall@4", 2 / 3),
        ("recall@100", 1.0),
        ("success@1", 0.0),
        ("success@5", 1.0),
    ],
)
def test_values_by_hand(metric, expected):
    assert value(metric) == pytest.approx(expected, abs=1e-12)


def test_ties_keep_the_order_given():
    """The ranking is an order, not scores: nothing is left for a library to reorder by document id."""
    qrels = {"q": {"z": 1}}
    assert value("mrr@10", qrels, {"q": ["z", "a"]}) == 1.0
    assert value("mrr@10", qrels, {"q": ["a", "z"]}) == 0.5


def test_every_judged_query_counts():
    qrels = {"hit": {"a": 1}, "miss": {"a": 1}, "empty": {"a": 1}, "barren": {"a": 0}}
    run = {"hit": ["a"], "empty": [], "barren": ["a"], "unjudged": ["a"]}
    values = per_query(qrels, run)
    assert set(values) == set(METRICS)
    for metric in METRICS:
        assert list(values[metric]) == list(qrels)
        assert values[metric]["miss"] == values[metric]["empty"] == values[metric]["barren"] == 0
    assert mean(values["ndcg@10"]) == 0.25
    assert mean({}) == 0.0


def test_negative_grades_are_not_relevant():
    assert per_query({"q": {"a": -2, "b": 1}}, {"q": ["a", "b"]}) == per_query(
        {"q": {"a": 0, "b": 1}}, {"q": ["a", "b"]}
    )


def test_unretrieved_unknown_document_lowers_the_ideal():
    assert value("recall@100", {"q": {"a": 1, "gone": 1}}, {"q": ["a"]}) == 0.5


def test_rejects_repeated_documents_and_unknown_metrics():
    with pytest.raises(ValueError, match="twice"):
        per_query({"q": {"a": 1}}, {"q": ["a", "a"]})
    for name in ("bpref", "ndcg", "map@10", "p@0", "ndcg@x"):
        with pytest.raises(ValueError, match="unknown metric"):
            per_query(QRELS, RUN, [name])


def test_pool_recall():
    assert pool_recall({"q": {"a": 1, "b": 2, "c": 0}, "r": {"a": 1}}, {"q": ["a", "c"]}) == {
        "q": 0.5,
        "r": 0.0,
    }


def test_agrees_with_pytrec_eval_on_random_runs():
    chance = random.Random(7)
    docs = [f"d{i}" for i in range(300)]
    qrels = {
        f"q{i}": {doc: chance.choice([0, 0, 1, 2, 3]) for doc in chance.sample(docs, 40)} for i in range(40)
    }
    run = {query: chance.sample(docs, chance.randint(1, 200)) for query in qrels}
    scores = {q: {d: 1 / (i + 1) for i, d in enumerate(ranked)} for q, ranked in run.items()}
    theirs = pytrec_eval.RelevanceEvaluator(
        qrels, {"ndcg_cut.10", "P.3,5", "recall.10,100", "map", "recip_rank", "success.5"}
    ).evaluate(scores)
    ours = per_query(qrels, run)
    for query in qrels:
        first = theirs[query]["recip_rank"]
        expected = {
            "ndcg@10": theirs[query]["ndcg_cut_10"],
            "p@5": theirs[query]["P_5"],
            "p@3": theirs[query]["P_3"],
            "mrr@10": first if first >= 0.1 else 0.0,
            "map": theirs[query]["map"],
            "recall@10": theirs[query]["recall_10"],
            "recall@100": theirs[query]["recall_100"],
            "success@5": theirs[query]["success_5"],
        }
        for metric, number in expected.items():
            assert ours[metric][query] == pytest.approx(number, abs=1e-9), (metric, query)


def test_agrees_with_a_plain_definition_on_random_runs():
    chance = random.Random(11)
    docs = [str(i) for i in range(60)]
    qrels = {str(i): {doc: chance.randint(-1, 3) for doc in chance.sample(docs, 12)} for i in range(30)}
    run = {query: chance.sample(docs, 30) for query in qrels}
    ours = per_query(qrels, run)
    for query, grades in qrels.items():
        gains = [max(0, grades.get(doc, 0)) for doc in run[query]]
        best = sorted((max(0, grade) for grade in grades.values()), reverse=True)
        relevant = sum(gain > 0 for gain in best)
        ideal = sum(gain / math.log2(i + 2) for i, gain in enumerate(best[:10]))
        dcg = sum(gain / math.log2(i + 2) for i, gain in enumerate(gains[:10]))
        found = [i for i, gain in enumerate(gains, start=1) if gain]
        precision = sum(n / i for n, i in enumerate(found, start=1))
        assert ours["ndcg@10"][query] == pytest.approx(dcg / ideal if ideal else 0, abs=1e-9)
        assert ours["map"][query] == pytest.approx(precision / relevant if relevant else 0, abs=1e-9)
        assert ours["mrr@10"][query] == pytest.approx(
            1 / found[0] if found and found[0] <= 10 else 0, abs=1e-9
        )
