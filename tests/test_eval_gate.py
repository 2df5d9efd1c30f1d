from dataclasses import replace

import pytest

from assistant.errors import FormatError, InputError
from eval import result_file, results
from eval.gate import gate
from eval.results import Results, RunResult

METRICS = ("ndcg@10", "p@5")


def make(values, other=None, retriever="bm25", reranker="none") -> RunResult:
    per_query = {f"q{i}": v for i, v in enumerate(values)}
    other = list(values) if other is None else other
    return RunResult(
        retriever=retriever,
        reranker=reranker,
        file=f"runs/{retriever}.{reranker}.trec",
        metrics={"ndcg@10": sum(values) / len(values), "p@5": sum(other) / len(other)},
        latency_ms={"p50": 1.0, "p95": 2.0},
        per_query=per_query,
        intervals=dict.fromkeys(METRICS, (0.0, 1.0)),
        values={"p@5": other},
        pool_recall=1.0,
        passages=5.0,
        ranked_by={retriever: len(values)},
        degraded={},
        egress={},
    )


def of(*runs: RunResult, split="test") -> Results:
    return Results(
        dataset="tiny", split=split, n_queries=len(runs[0].per_query), depth=5, runs=runs, comparisons=()
    )


VALUES = [0.2 + (i * 7 % 40) / 50 for i in range(40)]
BASE = of(make(VALUES), make([v / 2 for v in VALUES], reranker="late"))


def test_a_run_against_itself_passes():
    found = gate(BASE, BASE)
    assert found.passed
    assert found.compared == 4


def test_a_fall_of_a_fifth_on_all_queries_fails():
    worse = of(*(make([v * 0.8 for v in run.per_query.values()], reranker=run.reranker) for run in BASE.runs))
    found = gate(BASE, worse)
    assert not found.passed
    assert found.failures[0].startswith("bm25.none: ndcg@10 fell from 0.590 to 0.472 (-0.118, 95% CI ")
    assert len(found.failures) == 4
    assert gate(worse, BASE).passed  # a rise is welcome


def test_a_fall_of_another_metric_alone_fails():
    worse = of(make(VALUES, other=[v * 0.8 for v in VALUES]), BASE.runs[1])
    assert [f.split(" fell")[0] for f in gate(BASE, worse).failures] == ["bm25.none: p@5"]


def test_noise_passes():
    shuffled = [v + (0.05 if i % 2 else -0.051) for i, v in enumerate(VALUES)]
    assert gate(of(make(VALUES)), of(make(shuffled))).passed


@pytest.mark.parametrize("queries", [1, 3, 5, 6])
def test_few_queries_do_not_hide_a_fall(queries):
    few = VALUES[:queries]
    assert gate(of(make(few)), of(make(few))).passed
    assert not gate(of(make(few)), of(make([v * 0.8 for v in few]))).passed


def test_missing_parts_fail():
    assert gate(BASE, of(BASE.runs[0])).failures == ("bm25.late: the run is missing",)
    short = of(make(VALUES[:30]), BASE.runs[1])
    assert gate(BASE, short).failures == ("bm25.none: 10 queries are missing, q30 among them",)
    bare = replace(BASE.runs[0], values={})
    assert gate(BASE, of(bare, BASE.runs[1])).failures == ("bm25.none: p@5 is missing",)
    assert "tiny test" in gate(BASE, replace(BASE, split="dev")).failures[0]
    assert not gate(replace(BASE, runs=()), BASE).passed


def test_more_runs_and_queries_are_no_failure():
    longer = of(make([*VALUES, 0.0]), BASE.runs[1], make(VALUES, reranker="new"))
    assert gate(BASE, longer).passed


def test_results_round_trip(tmp_path):
    path = tmp_path / "results.json"
    result_file.save(path, BASE)
    assert results.load(path) == BASE


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"depth": 5', '"depth": "deep"', "depth"),
        ('"dataset": "tiny",', "", "dataset"),
        ('"passages": 5.0', '"passages": NaN', "NaN is not a number"),
        ('"q0": 0.2,', "", "differ in length"),
        ("{", "", "not a results.json"),
    ],
)
def test_a_file_that_is_no_results(tmp_path, old, new, message):
    path = tmp_path / "results.json"
    result_file.save(path, BASE)
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(FormatError, match=message):
        results.load(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        results.load(tmp_path / "none.json")
