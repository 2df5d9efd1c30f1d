import json
import math
from pathlib import Path

import pytest

from assistant.answerable import (
    UNRELATED,
    Fit,
    built_in,
    choose,
    coverage,
    parse,
    probability,
    read,
    saved,
    signals,
)
from assistant.encoders import HashEncoder
from assistant.errors import ConfigError
from assistant.types import Ranks, Scores
from tests.build import hit


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_coverage_by_hand() -> None:
    hits = [hit("warfarin apixaban", document="a", title=""), hit("warfarin", document="b", title="")]
    rare, common = math.log(1 + 1.5 / 1.5), math.log(1 + 0.5 / 2.5)
    assert coverage({"warfarin", "apixaban"}, hits) == pytest.approx(1.0)
    unseen = math.log(1 + 2.5 / 0.5)
    expected = (common + rare) / (common + rare + unseen)
    assert coverage({"warfarin", "apixaban", "tungsten"}, hits) == pytest.approx(expected)


def test_the_signals_by_hand() -> None:
    best = hit(
        "warfarin", title="", scores=Scores(dense=0.5, bm25=3.0, rerank=7.0), ranks=Ranks(bm25=3, dense=4)
    )
    found = signals("warfarin dose?", [best], HashEncoder())
    assert found == {
        "coverage": pytest.approx(coverage({"warfarin", "dose"}, [best])),
        "unseen": 0.5,
        "gap": pytest.approx(0.5 - UNRELATED),
        "agree": 0.5,
        "best": 7.0,
        "margin": 0.0,
    }


def test_a_fused_reranker_is_judged_by_its_model_s_own_scores() -> None:
    hits = [
        hit("warfarin", document=str(i), scores=Scores(rerank=1.0, own=float(own)))
        for i, own in enumerate([9, 8, 8, 8, 8, 3, 1])
    ]
    found = signals("warfarin?", hits, HashEncoder())
    assert (found["best"], found["margin"]) == (9.0, 7.0)
    assert "gap" not in found


def test_the_background_is_what_stands_behind_the_fifth() -> None:
    cosines = [0.9, 0.8, 0.8, 0.8, 0.8, 0.4, 0.2]
    hits = [hit("warfarin", document=str(i), title="", scores=Scores(dense=c)) for i, c in enumerate(cosines)]
    assert signals("warfarin?", hits, HashEncoder())["gap"] == pytest.approx(0.6)


@pytest.mark.parametrize("question", ["", "what is the", "高血压", "tungsten"])
def test_nothing_to_go_by(question: str) -> None:
    assert probability(question, [hit("warfarin", scores=Scores(dense=0.9))], HashEncoder()) == 0.0
    assert probability("warfarin", [], HashEncoder()) == 0.0


def test_a_passage_that_stands_out_is_likelier_to_answer() -> None:
    def asked(best: float) -> float:
        text = "warfarin dose in renal failure"
        rest = [hit("warfarin", document=str(i), scores=Scores(dense=0.3)) for i in range(20)]
        first = hit(text, scores=Scores(dense=best), ranks=Ranks(bm25=1, dense=1))
        return probability(text, [first, *rest], HashEncoder())

    assert asked(0.8) > 0.5
    assert asked(0.8) > asked(0.3)


def fit(reranker: str, bias: float = 0.0, **weights: float) -> Fit:
    return Fit(reranker=reranker, bias=bias, weights=weights, about={})


def test_a_fit_by_hand() -> None:
    assert fit("", -1.0, gap=2.0, coverage=0.5).probability({"gap": 0.25, "coverage": 1.0, "best": 9}) == 0.5
    assert fit("", 900.0).probability({}) == pytest.approx(1.0)
    assert fit("", -900.0).probability({}) == pytest.approx(0.0)


def test_the_reranker_s_own_fit_goes_first_and_mine_before_the_built_in(tmp_path: Path) -> None:
    file = tmp_path / "answerable.json"
    file.write_text(saved([fit("mine", 1.0, best=1.0), fit("", 2.0, coverage=1.0)]))
    known = {"coverage": 1.0, "unseen": 0.0, "gap": 0.1, "agree": 1.0, "best": 1.0, "margin": 1.0}
    assert choose(known, "mine", file).bias == 1.0
    assert choose(known, "another", file).bias == 2.0
    assert choose({"coverage": 1.0}, "mine", file).bias == 2.0
    assert choose(known, "another", tmp_path / "none.json") in built_in()
    assert choose(known, "another").reranker == ""


def test_what_is_saved_reads_back(tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    made = [Fit(reranker="x", bias=-0.1, weights={"gap": 1 / 3}, about={"date": "2026-11-21"})]
    file.write_text(saved(made))
    assert read(file) == tuple(made)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": "x", "fits": []}', '{"format": "answerable/1", "fits": [{}]}', "\x00"],
)
def test_a_file_that_is_none(text: str) -> None:
    with pytest.raises(ConfigError, match="assistant eval calibrate"):
        parse(text, "f.json")


def test_weights_are_finite() -> None:
    with pytest.raises(ConfigError, match="not finite"):
        parse(saved([fit("", math.inf)]), "f.json")


def test_the_built_in_fits_say_where_they_come_from() -> None:
    fits = built_in()
    assert {frozenset(f.weights) for f in fits if not f.reranker} == {
        frozenset({"coverage", "unseen", "gap", "agree"}),
        frozenset({"coverage", "unseen", "agree"}),
    }
    for one in fits:
        about = one.about
        assert {"date", "encoder", "revision", "learned_on", "cross_validated", "depth"} <= set(about)
        assert all(len(s["corpus"]) == 64 and s["questions"] > 0 for s in about["learned_on"])
        assert "10b" not in {s["split"] for s in about["learned_on"]}
        assert 0.5 < about["cross_validated"]["auc"] <= 1
    json.loads(saved(fits))
