import math

import pytest

from assistant.answerable import WITH_COSINE, WORDS_ONLY, coverage, probability
from assistant.encoders import HashEncoder
from assistant.types import Scores
from tests.build import hit


def test_coverage_by_hand() -> None:
    hits = [hit("warfarin apixaban", document="a", title=""), hit("warfarin", document="b", title="")]
    rare, common = math.log(1 + 1.5 / 1.5), math.log(1 + 0.5 / 2.5)
    assert coverage({"warfarin", "apixaban"}, hits) == pytest.approx(1.0)
    unseen = math.log(1 + 2.5 / 0.5)
    expected = (common + rare) / (common + rare + unseen)
    assert coverage({"warfarin", "apixaban", "tungsten"}, hits) == pytest.approx(expected)


def test_probability_by_hand() -> None:
    hits = [hit("warfarin", title="", scores=Scores(dense=0.5))]
    logit = WITH_COSINE.bias + 0.5 * WITH_COSINE.cosine + WITH_COSINE.coverage
    assert probability("warfarin?", hits, HashEncoder()) == pytest.approx(1 / (1 + math.exp(-logit)))


def test_without_cosines_the_words_decide() -> None:
    logit = WORDS_ONLY.bias + WORDS_ONLY.coverage
    hits = [hit("warfarin", title="")]
    assert probability("warfarin?", hits, HashEncoder()) == pytest.approx(1 / (1 + math.exp(-logit)))


@pytest.mark.parametrize("question", ["", "what is the", "高血压"])
def test_nothing_to_go_by(question: str) -> None:
    assert probability(question, [hit("warfarin")], HashEncoder()) < 0.2
    assert probability("warfarin", [], HashEncoder()) == 0.0


def test_a_better_match_is_likelier_to_answer() -> None:
    near = [hit("warfarin dose in renal failure", scores=Scores(dense=0.8))]
    far = [hit("the history of surgery", scores=Scores(dense=0.2))]
    asked = "warfarin dose in renal failure"
    assert probability(asked, near, HashEncoder()) > 0.5 > probability(asked, far, HashEncoder())
