"""Fusion: the weighted sum by hand, missing scores, and where the weights come from."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

import rerankers
from assistant.config import Settings
from assistant.errors import ConfigError
from assistant.types import Hit, Scores
from rerankers.fusion import DEFAULT, Fusion, Weights, place, read, standardised
from tests.test_combine import Table
from tests.test_rerankers import hits

ROOT = math.sqrt(1.5)  # the z-scores of 1, 2, 3 are -ROOT, 0, ROOT


def pool(*first_stage: tuple[float | None, float | None]) -> list[Hit]:
    return [
        replace(hit, scores=Scores(bm25=bm25, dense=dense))
        for hit, (bm25, dense) in zip(hits(*"abcde"), first_stage, strict=False)
    ]


def weights_file(path: Path, **changes: object) -> Path:
    content = {
        "format": "fusion/1",
        "weights": {"bm25": 0.5, "dense": 0.0, "rerank": 0.5},
        "reranker": "table",
        "revision": "r1",
        **changes,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 2.0, 3.0], [-ROOT, 0.0, ROOT]),
        ([3.0, None, 1.0, 2.0], [ROOT, -ROOT, -ROOT, 0.0]),
        ([10.0, 0.0], [1.0, -1.0]),
        ([5.0, 5.0, None], [0.0, 0.0, 0.0]),
        ([None, None], [0.0, 0.0]),
        ([7.0], [0.0]),
        ([], []),
    ],
)
def test_z_scores_by_hand(values: list[float | None], expected: list[float]) -> None:
    assert standardised(values) == pytest.approx(expected)


@hypothesis(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(-1e200, 1e200)), max_size=20), st.floats(0.001, 1000))
def test_z_scores_are_finite_and_keep_the_order(values: list[float | None], scale: float) -> None:
    found = standardised(values)
    assert all(map(math.isfinite, found))
    known = [i for i, value in enumerate(values) if value is not None]
    for i in known:
        for j in known:
            if (values[i] or 0.0) < (values[j] or 0.0):
                assert found[i] <= found[j]
    for i in set(range(len(values))) - set(known):
        assert found[i] == min(found)


def test_fusion_by_hand(tmp_path: Path) -> None:
    """bm25 says c b a; dense a, then b and c alike, since it did not see c; the reranker b c a."""
    part = Table(a=1.0, b=3.0, c=2.0)
    ranking = Fusion(part, Settings(models=tmp_path)).rerank("q", pool((1.0, 4.0), (2.0, 2.0), (3.0, None)))
    expected = {  # dense: 4 and 2 are 1 and -1, and c has the lowest
        "a": 0.25 * -ROOT + 0.25 * 1 + 0.5 * -ROOT,
        "b": 0.25 * 0 + 0.25 * -1 + 0.5 * ROOT,
        "c": 0.25 * ROOT + 0.25 * -1 + 0.5 * 0,
    }
    assert {h.chunk.text: h.scores.rerank for h in ranking.hits} == pytest.approx(expected)
    assert [h.chunk.text for h in ranking.hits] == ["b", "c", "a"]
    assert ranking.ranked_by == "fusion(table)"
    assert ranking.notes == ("fusion weights of table are the default ones, not learned: assistant eval fit",)


def test_without_first_stage_scores_the_reranker_ranks_alone(tmp_path: Path) -> None:
    part = Table(a=1.0, b=3.0)
    fusion = Fusion(part, Settings(models=tmp_path))
    ranking = fusion.rerank("q", hits("a", "b"))
    assert [h.scores.rerank for h in ranking.hits] == [3.0, 1.0] == fusion.score("q", ["b", "a"])
    assert ranking.ranked_by == "table"
    assert ranking.degraded == ("the passages have no first-stage scores: ranked by the reranker alone",)


def test_one_stage_alone_is_enough(tmp_path: Path) -> None:
    fusion = Fusion(Table(a=1.0, b=1.0), Settings(models=tmp_path))
    assert fusion.judge("q", pool((1.0, None), (2.0, None))).scores == (-0.25, 0.25)


def test_stored_weights_are_taken_for_their_reranker(tmp_path: Path) -> None:
    settings = Settings(models=tmp_path)
    weights_file(place("table", settings))
    ranking = Fusion(Table(revision="r1", a=1.0, b=3.0), settings).rerank("q", pool((2.0, 1.0), (1.0, 2.0)))
    assert [h.scores.rerank for h in ranking.hits] == [0.0, 0.0]
    assert (ranking.notes, ranking.degraded) == ((), ())
    other = Fusion(Table("other", a=1.0, b=3.0), settings)
    assert other.weights is DEFAULT


def test_weights_of_another_revision_are_used_and_said(tmp_path: Path) -> None:
    settings = Settings(models=tmp_path)
    weights_file(place("table", settings))
    ranking = Fusion(Table(revision="r2", a=1.0, b=3.0), settings).rerank("q", pool((2.0, 1.0), (1.0, 2.0)))
    assert ranking.degraded == ("fusion weights were learned with another table: assistant eval fit",)


def test_a_file_of_weights_by_spec(tmp_path: Path) -> None:
    file = weights_file(tmp_path / "my weights.json")
    fusion = rerankers.load(f'fusion(none,"{file}")', Settings(models=tmp_path))
    assert isinstance(fusion, Fusion)
    assert fusion.weights == Weights(bm25=0.5, dense=0.0, rerank=0.5, reranker="table", revision="r1")
    with pytest.raises(ConfigError, match=r"no file gone.json; make one: assistant eval fit"):
        rerankers.load("fusion(none,gone.json)", Settings(models=tmp_path))


def test_the_revision_changes_with_the_weights(tmp_path: Path) -> None:
    settings = Settings(models=tmp_path)
    before = Fusion(Table(revision="r1", a=1.0), settings).revision
    weights_file(place("table", settings))
    after = Fusion(Table(revision="r1", a=1.0), settings).revision
    assert (before, after) == ("r1|0.25,0.25,0.5", "r1|0.5,0,0.5")


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "fusion/0"},
        {"weights": {"bm25": 0.5}},
        {"weights": {"bm25": 0.5, "dense": -0.1, "rerank": 0.5}},
        {"weights": {"bm25": 0, "dense": 0, "rerank": 0}},
        {"weights": {"bm25": "x", "dense": 0, "rerank": 0}},
        {"weights": {"bm25": float("nan"), "dense": 0, "rerank": 1}},
        {"weights": None},
    ],
)
def test_a_file_that_is_no_weights_is_an_error(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="not a file of fusion weights"):
        read(weights_file(tmp_path / "w.json", **changes))


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"3"])
def test_a_file_of_something_else_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "w.json").write_bytes(content)
    with pytest.raises(ConfigError, match=r"w\.json: not a file of fusion weights"):
        read(tmp_path / "w.json")
