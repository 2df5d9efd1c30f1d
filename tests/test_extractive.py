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
    quoted = written(
        "What dose of warfarin do poor metabolisers of CYP2C9 need?", WARFARIN, "Aspirin is an acid drug."
    )
    assert quoted[0] == "Poor metabolisers of CYP2C9 need a lower dose of warfarin."
    assert "Tablets come in several colours." not in quoted


def test_every_sentence_is_a_quotation_and_cited() -> None:
    items = evidence(WARFARIN, "In poor metabolisers a lower dose of warfarin is enough for most.")
    for sentence in Extractive(HashEncoder(256)).write("warfarin dose in poor metabolisers", items):
        assert sentence.citations
        assert check(sentence, items).verdict == "supported"


def test_the_same_fact_cites_both_sources_once() -> None:
    fact = "Poor metabolisers of CYP2C9 need a lower dose of warfarin."
    items = evidence(
        fact, "An unrelated passage about something else entirely here.", fact + " More follows on it here."
    )
    sentences = list(Extractive(HashEncoder(256)).write("warfarin dose in CYP2C9 poor metabolisers", items))
    assert sentences[0].text == fact
    assert sentences[0].citations == (1, 3)
    assert [s.text for s in sentences].count(fact) == 1


def candidate(n: int, text: str) -> Candidate:
    return Candidate(n, text, tuple(text.lower().rstrip(".!").split()))


def test_other_numbers_are_another_fact() -> None:
    pool = [
        candidate(1, "Give 5 mg of warfarin daily."),
        candidate(2, "Give 5 mg of warfarin daily!"),
        candidate(3, "Give 50 mg of warfarin daily."),
    ]
    assert cite(0, pool) == (1, 2)


def test_pick_keeps_near_the_best_and_says_nothing_twice() -> None:
    texts = ["a b c d", "a b c", "e f g", "h i j", "k l m"]
    pool = [candidate(n, text) for n, text in enumerate(texts, start=1)]
    assert pick([1.0, 0.99, 0.9, 0.8, 0.5], pool) == [0, 2, 3]


def test_a_new_number_is_something_new() -> None:
    pool = [candidate(1, "a b c is 5 mg"), candidate(2, "a b c is 7 mg")]
    assert pick([1.0, 0.9], pool) == [0, 1]


def test_a_sentence_that_points_back_does_not_lead() -> None:
    text = "Metformin is a biguanide used in diabetes. It is a biguanide metformin used in diabetes."
    assert written("metformin biguanide used in diabetes", text)[0].startswith("Metformin")


def test_a_sentence_that_is_cut_off_does_not_lead() -> None:
    whole = "Metformin is a drug that many adults with diabetes take."
    assert written("metformin drug diabetes adults", "Metformin is a drug for adults with", whole)[0] == whole


@pytest.mark.parametrize("passages", [(), ("Too short.",)])
def test_no_evidence_no_answer(passages: tuple[str, ...]) -> None:
    assert written("warfarin", *passages) == []


def test_candidates_are_spans_of_the_text() -> None:
    items = evidence(WARFARIN)
    assert all(c.text in WARFARIN for c in candidates(items))
    assert len(candidates(items)) == 3
