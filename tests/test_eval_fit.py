"""Learning fusion weights: the measure against the library's, the search, the folds, the whole command."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import rerankers
from assistant import encoders
from assistant.config import Settings
from assistant.encoders.base import HashEncoder
from assistant.errors import ConfigError, UsageError
from assistant.types import Ranks, Scores
from eval.fit import _grid, _ndcg, fit_fusion
from eval.journal import Candidate, Entry
from eval.learn import fit
from eval.metrics import per_query
from rerankers.base import Reranker, WordOverlap
from rerankers.fusion import Fusion, Weights, place, read
from tests.test_combine import Table
from tests.test_rerankers import hits


def entry(query: str, *candidates: Candidate) -> Entry:
    return Entry(query=query, question=query, hits=candidates, milliseconds=1, warm=True, ranked_by="x")


def made(seed: int, informative: str, queries: int = 40) -> tuple[dict, dict, dict]:
    """Pools of 12 passages of 8 documents with random scores; only one stage knows the right document."""
    draw = random.Random(seed)
    qrels, pool, reranked = {}, {}, {}
    for number in range(queries):
        query, right = f"q{number}", f"d{draw.randrange(8)}"
        found = []
        for i in range(12):
            document = f"d{i % 8}"
            scores = {stage: draw.gauss(0, 1) for stage in ("bm25", "dense", "rerank")}
            scores[informative] += 4 * (document == right)
            if draw.random() < 0.2 and informative != "bm25":
                del scores["bm25"]
            own = scores.pop("rerank")
            found.append(
                (Candidate(f"c{i}", document, Scores(**scores, fused=-float(i)), Ranks(fused=i + 1)), own)
            )
        qrels[query] = {right: 2, "d99": 1, "d1": 0 if right != "d1" else 2}
        pool[query] = entry(query, *(c for c, _ in found))
        best = sorted(found, key=lambda f: -f[1])
        reranked[query] = entry(query, *(replace(c, scores=Scores(rerank=own)) for c, own in best))
    return qrels, pool, reranked


def test_ndcg_by_hand() -> None:
    """The reranker alone: d2 (grade 1), d1 (0), d3 (2). DCG = 1 + 2/2 = 2, ideal = 2 + 1/log2(3)."""
    stage = [("a", "d1", 3.0), ("b", "d2", 1.0), ("c", "d2", 9.0), ("d", "d3", 2.0)]
    pool = entry("q", *(Candidate(c, d, Scores(bm25=1.0), Ranks()) for c, d, _ in stage))
    reranked = entry("q", *(Candidate(c, d, Scores(rerank=s), Ranks()) for c, d, s in stage))
    found = _ndcg({"d2": 1, "d3": 2, "d4": -1}, pool, reranked, np.array([[0.0, 0.0, 1.0]]))
    assert found == pytest.approx([2 / (2 + 1 / np.log2(3))])
    assert _ndcg({"d1": 0}, pool, reranked, _grid()).sum() == 0
    assert _ndcg({"d1": 1}, entry("q"), entry("q"), _grid()).sum() == 0


@pytest.mark.parametrize("seed", range(3))
def test_ndcg_is_the_library_s_of_what_the_fusion_ranks(seed: int, tmp_path: Path) -> None:
    qrels, pool, reranked = made(seed, "dense", queries=5)
    grid = _grid()
    row = random.Random(seed).randrange(len(grid))
    bm25, dense, own = grid[row]
    file = tmp_path / "w.json"
    weights = {"bm25": bm25, "dense": dense, "rerank": own}
    file.write_text(json.dumps({"format": "fusion/1", "weights": weights, "reranker": "", "revision": ""}))
    for query, before in pool.items():
        passages = [
            replace(h, scores=c.scores)
            for h, c in zip(hits(*(c.chunk for c in before.hits)), before.hits, strict=True)
        ]
        table = Table(**{c.chunk: c.scores.rerank for c in reranked[query].hits})
        ranking = Fusion(table, Settings(models=tmp_path), str(file)).rerank("q", passages)
        documents = {c.chunk: c.document for c in before.hits}
        run = list(dict.fromkeys(documents[h.chunk.text] for h in ranking.hits))
        expected = per_query({query: qrels[query]}, {query: run}, ["ndcg@10"])["ndcg@10"][query]
        assert _ndcg(qrels[query], before, reranked[query], grid)[row] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("informative", ["bm25", "dense", "rerank"])
def test_the_stage_that_knows_gets_the_weight(informative: str) -> None:
    found = fit_fusion(*made(1, informative), reranker="x", revision="r")
    weights = {stage: getattr(found.weights, stage) for stage in ("bm25", "dense", "rerank")}
    assert max(weights, key=lambda stage: weights[stage]) == informative
    assert weights[informative] >= 0.6
    assert sum(weights.values()) == pytest.approx(1)
    assert (found.weights.reranker, found.weights.revision, found.queries) == ("x", "r", 40)
    gains = {gain.over: gain for gain in found.gains}
    assert gains["first stage"].ci95[0] > 0
    assert gains["first stage"].p < 0.05
    if informative == "rerank":
        assert abs(gains["reranker alone"].delta) < 0.05
    else:
        assert gains["reranker alone"].delta > 0.2
    assert f"over first stage: {gains['first stage'].delta:+.3f} [" in found.text()


def test_nothing_to_learn_is_no_gain() -> None:
    """No stage knows anything: what was learned on the other folds does not help on the held-out one."""
    _, pool, reranked = made(5, "rerank", queries=60)
    draw = random.Random(0)
    found = fit_fusion({query: {f"d{draw.randrange(8)}": 1} for query in pool}, pool, reranked)
    assert all(gain.p > 0.05 for gain in found.gains)
    assert found.text().count("not significant") == 3


def test_a_fold_s_weights_have_not_seen_its_questions() -> None:
    """Other judgements for the questions of a fold change what it measures, not its weights."""
    qrels, pool, reranked = made(7, "dense")
    before = fit_fusion(qrels, pool, reranked)
    first = np.array_split(np.random.default_rng(0).permutation(len(qrels)), 5)[0]
    for number in first:
        qrels[f"q{number}"] = {"d0": 1}
    after = fit_fusion(qrels, pool, reranked)
    assert after.folds[0].weights == before.folds[0].weights
    assert after.folds[0].ndcg != before.folds[0].ndcg
    assert [fold.queries for fold in after.folds] == [8] * 5


def test_too_few_questions_are_refused() -> None:
    with pytest.raises(UsageError, match="9 judged questions are too few for 5 folds"):
        fit_fusion(*made(0, "dense", queries=9))


DRUGS = ["aspirin", "statin", "warfarin", "insulin", "metformin", "heparin", "digoxin", "lithium"]
DRUGS += ["codeine", "iron", "zinc", "folate"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "set"
    (root / "qrels").mkdir(parents=True)
    corpus = [
        {"_id": f"d{i}", "title": "", "text": f"The dose of {d} is small."} for i, d in enumerate(DRUGS)
    ]
    (root / "corpus.jsonl").write_text("".join(json.dumps(d) + "\n" for d in corpus))
    queries = [{"_id": f"q{i}", "text": f"which {drug} dose"} for i, drug in enumerate(DRUGS)]
    (root / "queries.jsonl").write_text("".join(json.dumps(q) + "\n" for q in queries))
    (root / "qrels" / "train.tsv").write_text("".join(f"q{i}\td{i}\t1\n" for i in range(len(DRUGS))))
    return root


def test_the_command_learns_keeps_and_is_found_by_name(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Counting(WordOverlap):
        revision = "r1"

        def score(self, query, passages):
            asked.append(query)
            return super().score(query, passages)

    def load(spec: str, settings: Settings) -> Reranker:
        return Counting() if spec == "overlap" else rerankers.load(spec, settings)

    monkeypatch.setattr(encoders, "load", lambda name, settings: HashEncoder())
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda app: str(tmp_path / "cache"))
    monkeypatch.setattr("eval.learn.load_reranker", load)
    settings = Settings(models=tmp_path / "models", index=tmp_path / "own")
    found, path = fit(folder, "train", settings, reranker="overlap", depth=5)
    assert path == place("overlap", settings)
    assert (
        read(path)
        == found.weights
        == Weights(
            bm25=found.weights.bm25,
            dense=found.weights.dense,
            rerank=found.weights.rerank,
            reranker="overlap",
            revision="r1",
        )
    )
    stored = json.loads(path.read_text())
    assert stored["learned_on"]["dataset"] == "set"
    assert (stored["learned_on"]["split"], stored["learned_on"]["questions"]) == ("train", 12)
    assert stored["learned_on"]["ranked_by"] == {"overlap": 12}
    assert len(stored["folds"]) == 5
    assert {gain["over"] for gain in stored["gains"]} == {"reranker alone", "default weights", "first stage"}
    assert Fusion(Counting(), settings).weights == found.weights
    assert len(asked) == 12
    again, other = fit(folder, "train", settings, reranker="overlap", depth=5, out=tmp_path / "w.json")
    assert (len(asked), again, other) == (12, found, tmp_path / "w.json")


def test_an_unknown_reranker_is_said_before_anything_is_indexed(folder: Path, tmp_path: Path) -> None:
    settings = Settings(models=tmp_path / "models", cache=tmp_path / "cache")
    with pytest.raises(ConfigError, match="no such reranker"):
        fit(folder, "train", settings, reranker="bert4ever")
    assert not (tmp_path / "cache").exists()
