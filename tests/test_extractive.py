import numpy as np
import pytest

from assistant.encoders import HashEncoder
from assistant.generate.extractive import Candidate, Extractive, candidates, cite, pick
from assistant.verify import check
from tests.build import evidence

WARFARIN = (
    "Warfarin is metabolised by CYP2C9. Poor metabolisers of CYP2C9 need a lower dose of warfarin. "
    "Tablets come in several colours."
)


def written(question: str, *passages: str) -> list[str]:
    return [s.text for s in Extractive(HashEncoder(256)).write(question, evidence(*passages))]


def test_quotes_the_sentence_that_answers_first() -> None:
    quoted = written("What dose of warfarin do poor metabolisers of CYP2C9 need?", WARFARIN, "Aspirin is an acid drug.")
    assert quoted[0] == "Poor metabolisers of CYP2C9 need a lower dose of warfarin."
    assert "Tablets come in several colours." not in quoted


def test_every_sentence_is_a_quotation_and_cited() -> None:
    items = evidence(WARFARIN, "In poor metabolisers a lower dose of warfarin is enough for most.")
    for sentence in Extractive(HashEncoder(256)).write("warfarin dose in poor metabolisers", items):
        assert sentence.citations
        assert check(sentence, items).verdict == "supported"


def test_the_same_fact_cites_both_sources_once() -> None:
    fact = "Poor metabolisers of CYP2C9 need a lower dose of warfarin."
    items = evidence(fact, "An unrelated passage about something else entirely here.", fact + " More follows on it here.")
    sentences = list(Extractive(HashEncoder(256)).write("warfarin dose in CYP2C9 poor metabolisers", items))
    assert sentences[0].text == fact
    assert sentences[0].citations == (1, 3)
    assert [s.text for s in sentences].count(fact) == 1


def test_other_numbers_are_another_fact() -> None:
    pool = [
        Candidate(1, "Give 5 mg of warfarin daily.", ()),
        Candidate(2, "Give 5 mg of warfarin daily!", ()),
        Candidate(3, "Give 50 mg of warfarin daily.", ()),
    ]
    same = np.ones((3, 2), dtype=np.float32) / np.sqrt(2).astype(np.float32)
    assert cite(0, same, pool) == (1, 2)


def test_pick_keeps_near_the_best_and_says_nothing_twice() -> None:
    pool = [Candidate(n, f"sentence {n}", ()) for n in range(1, 6)]
    vectors = np.eye(5, dtype=np.float32)
    vectors[1] = vectors[0]
    assert pick([1.0, 0.99, 0.9, 0.8, 0.5], vectors, pool) == [0, 2, 3]


def test_a_sentence_that_points_back_does_not_lead() -> None:
    text = "Metformin is a biguanide used in diabetes. It is a biguanide metformin used in diabetes."
    assert written("metformin biguanide used in diabetes", text)[0].startswith("Metformin")


@pytest.mark.parametrize("passages", [(), ("Too short.",)])
def test_no_evidence_no_answer(passages: tuple[str, ...]) -> None:
    assert written("warfarin", *passages) == []


def test_candidates_are_spans_of_the_text() -> None:
    items = evidence(WARFARIN)
    assert all(c.text in WARFARIN for c in candidates(items))
    assert len(candidates(items)) == 3
