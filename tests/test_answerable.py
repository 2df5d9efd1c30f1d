import math

import pytest

from assistant.answerable import UNRELATED, WITH_COSINE, WORDS_ONLY, coverage, probability
from assistant.encoders import HashEncoder
from assistant.types import Scores
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


def test_one_passage_by_hand() -> None:
    hits = [hit("warfarin", title="", scores=Scores(dense=0.5, bm25=3.0))]
    fit = WITH_COSINE
    logit = fit.bias + fit.gap * (0.5 - UNRELATED) + fit.coverage + fit.lead
    assert probability("warfarin?", hits, HashEncoder()) == pytest.approx(sigmoid(logit))


def test_the_background_is_what_stands_behind_the_fifth() -> None:
    cosines = [0.9, 0.8, 0.8, 0.8, 0.8, 0.4, 0.2]
    hits = [hit("warfarin", document=str(i), title="", scores=Scores(dense=c)) for i, c in enumerate(cosines)]
    logit = WITH_COSINE.bias + WITH_COSINE.gap * (0.9 - 0.3) + WITH_COSINE.coverage
    assert probability("warfarin?", hits, HashEncoder()) == pytest.approx(sigmoid(logit))


def test_without_cosines_the_words_decide() -> None:
    hits = [hit("warfarin", title="", scores=Scores(bm25=2.0))]
    logit = WORDS_ONLY.bias + WORDS_ONLY.coverage + WORDS_ONLY.lead
    assert probability("warfarin?", hits, HashEncoder()) == pytest.approx(sigmoid(logit))


@pytest.mark.parametrize("question", ["", "what is the", "高血压", "tungsten"])
def test_nothing_to_go_by(question: str) -> None:
    assert probability(question, [hit("warfarin", scores=Scores(dense=0.9))], HashEncoder()) == 0.0
    assert probability("warfarin", [], HashEncoder()) == 0.0


def test_a_passage_that_stands_out_is_likelier_to_answer() -> None:
    def asked(best: float) -> float:
        text = "warfarin dose in renal failure"
        rest = [hit("warfarin", document=str(i), scores=Scores(dense=0.3)) for i in range(20)]
        return probability(text, [hit(text, scores=Scores(dense=best)), *rest], HashEncoder())

    assert asked(0.8) > 0.5 > asked(0.3)
